package redfa

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// evil are expressions that take backtracking engines exponential or quadratic time, or DFAs exponential memory.
var evil = []struct{ expr, line string }{
	{`(a+)+$`, "a"},
	{`(a+)+$`, "aaaab"},
	{`(a|a)*b`, "a"},
	{`(a|aa)+$`, "aab"},
	{`(.*)*x`, "ab"},
	{`(x+x+)+y`, "x"},
	{`(?:a?){30}a{30}b`, "a"},
	{`a*b`, "a"},
	{`(.*)=(.*)=(.*);(.*)z`, "=;"},
	{`(\w+)+:`, "ab "},
	{`[A-Za-z]([A-Za-z0-9+.-]+)+://`, "ab"},
	{`(?:[ab]*)a[ab]{12}c`, "random"},
	{`(?:(a)|(b)|[ab]{9})*a[ab]{10}(c)`, "random"},
}

const evilLength = 100_000

func evilLine(of string) []byte {
	if of != "random" {
		return bytes.Repeat([]byte(of), evilLength/len(of))
	}
	r := rand.New(rand.NewPCG(9, 9))
	line := make([]byte, evilLength)
	for i := range line {
		line[i] = "ab"[r.IntN(2)]
	}
	return line
}

// The work on a line is bounded by its length times the nodes of the program, whatever the expression, and the memory
// of the states by the limit.
func TestLinear(t *testing.T) {
	for _, c := range evil {
		re, err := Compile(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		line := evilLine(c.line)
		ms := engines(re)
		delete(ms, "no cache") // one state at a time, with a flush for each: the same work with more overhead
		delete(ms, "small cache")
		for name, m := range ms {
			m.Match(line)
			// One pass tries the start, one searches.
			if most := 2 * (len(line) + 2) * len(m.gen.nodes); m.gen.sim.step.visited > most {
				t.Errorf("%q (%s): %d nodes visited, more than %d", c.expr, name, m.gen.sim.step.visited, most)
			}
			if slack := 64 << 10; m.gen.dfa.used > defaultLimit+slack {
				t.Errorf("%q (%s): states take %d bytes", c.expr, name, m.gen.dfa.used)
			}
		}
	}
}

// Lines as usual cost hardly a node per byte once the states are built.
func TestStatesAreReused(t *testing.T) {
	for _, c := range benchmarks {
		re := c.compile(t)
		m := re.NewMatcher()
		lines, size := c.lines()
		for _, line := range lines {
			m.Match(line)
		}
		before := m.gen.sim.step.visited
		for _, line := range lines {
			if m.Match(line) == nil {
				t.Errorf("%s: no match: %s", c.name, line)
			}
		}
		if n := m.gen.sim.step.visited - before; n > 0 {
			t.Errorf("%s: %d nodes visited for %d bytes seen before", c.name, n, size)
		}
	}
}

// Every way to run the grok expressions gives the same answers, on whole lines, cut lines and lines with more in front.
func TestGrokEngines(t *testing.T) {
	for _, c := range benchmarks {
		ms := engines(c.compile(t))
		lines, _ := c.lines()
		for i, line := range lines[:40] {
			line = slices.Concat([]byte(strings.Repeat("x 1.2 é", i%3)), line[:len(line)-i%5*len(line)/5])
			want := slices.Clone(ms["default"].Match(line))
			for name, m := range ms {
				if got := m.Match(line); !slices.Equal(got, want) {
					t.Errorf("%s on %q (%s): %v, not %v", c.name, line, name, got, want)
				}
			}
		}
	}
}

func TestConcurrent(t *testing.T) {
	re, err := CompileGrok(expand("%{COMBINED}"))
	if err != nil {
		t.Fatal(err)
	}
	lines, _ := benchmarks[2].lines()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			m := re.NewMatcher()
			for _, line := range lines {
				if m.Match(line) == nil {
					t.Errorf("no match: %s", line)
				}
			}
		})
	}
	wg.Wait()
}

// TestGoTestdata runs the expressions and texts of RE2's own search tests, which come with Go's sources.
func TestGoTestdata(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("no go command:", err)
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(root)), "src/regexp/testdata/re2-search.txt"))
	if err != nil {
		t.Skip("Go is installed without the test data of its sources:", err)
	}
	defer f.Close()
	var texts []string
	section, n := "", 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		switch line := sc.Text(); {
		case line == "strings":
			section, texts = line, nil
		case line == "regexps":
			section = line
		case !strings.HasPrefix(line, `"`):
		case section == "strings":
			texts = append(texts, unquote(t, line))
		default:
			expr := unquote(t, line)
			std, err := regexp.Compile(expr)
			if err != nil {
				continue
			}
			re, err := Compile(expr)
			if err != nil {
				t.Fatal(err)
			}
			ms := engines(re)
			for _, text := range texts {
				same(t, ms, std, []byte(text))
				n++
			}
		}
	}
	t.Logf("%d pairs", n)
}

func unquote(t *testing.T, s string) string {
	t.Helper()
	u, err := strconv.Unquote(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

package redfa

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// onigExpr returns an expression of Oniguruma's syntax; depth bounds its nesting.
func (g *generator) onigExpr(depth int) string {
	class := func() string {
		return pick(g.r, []string{"a", "b", "1", "[ab]", "[^a]", `\d`, `\w`, ".", `\h`, `\s`, "[0-9.]", `[a[b1]]`, `[\w&&[^a]]`,
			"-", `\.`, "é", "[^é]", "(?i:A)"})
	}
	set := func() string { return pick(g.r, []string{"a", "[ab]", `\d`, `\w`, "[^b]", "1", `[0-9.]`, "."}) }
	if depth == 0 {
		return class()
	}
	sub := func() string { return g.onigExpr(depth - 1) }
	switch g.r.IntN(14) {
	case 0:
		g.group++
		return "(?<g" + strconv.Itoa(g.group) + ">" + sub() + ")"
	case 1:
		return "(?:" + sub() + "|" + sub() + ")"
	case 2, 3:
		return "(?>" + sub() + "|" + sub() + ")"
	case 4:
		return "(?>" + sub() + ")"
	case 5:
		return set() + pick(g.r, []string{"*+", "++", "?+", "*", "+", "?", "*?", "+?", "{1,2}", "{2}", "{,2}", "{1,2}?", "{2}?", "{1,3}+"})
	case 6:
		return pick(g.r, []string{"(?=", "(?!", "(?<=", "(?<!"}) + set() + ")"
	case 7:
		return pick(g.r, []string{"(?=", "(?!"}) + sub() + ")"
	case 8:
		return pick(g.r, []string{"(?<=", "(?<!"}) + set() + set() + ")"
	case 9:
		return pick(g.r, []string{"^", "$", `\b`, `\B`, `\A`, `\z`, `\Z`})
	case 10:
		return "(?:" + class() + sub() + ")" + pick(g.r, []string{"*", "+", "?", "*+", "++", "?+", "{1,2}"})
	}
	s := sub()
	for range 1 + g.r.IntN(2) {
		s += sub()
	}
	return s
}

// sameAsReference reports how many lines were compared, and fails the test where an engine differs.
func sameAsReference(t *testing.T, expr string, lines [][]byte) (compared, gaveUp int) {
	t.Helper()
	ref := newReference(expr)
	re, err := CompileGrok(expr)
	if ref == nil || err != nil {
		return 0, 0
	}
	ms := engines(re)
	for _, line := range lines {
		want, known := ref.find(line)
		line = roomy(line)
		if !known {
			continue
		}
		for name, m := range ms {
			got := m.Match(line)
			if m.GaveUp() {
				gaveUp++
				continue
			}
			if compared++; !slices.Equal(got, want) {
				t.Fatalf("%q on %q (%s, straight %v):\n got %v\nwant %v", expr, line, name, re.Straight(), got, want)
			}
		}
	}
	return compared, gaveUp
}

func TestGrokAsReference(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(4, 5))}
	compared, gaveUp := 0, 0
	n := 3000
	if testing.Short() {
		n /= 10
	}
	for range n {
		g.group = 0
		expr := g.onigExpr(3)
		var lines [][]byte
		for range 10 {
			var line []byte
			for range g.r.IntN(10) {
				line = append(line, pick(g.r, []string{"a", "b", "1", "a", "b", "1", ".", "-", "\n", " ", "ab", "aab", "é", "\xff"})...)
			}
			lines = append(lines, line)
		}
		c, u := sameAsReference(t, expr, lines)
		compared, gaveUp = compared+c, gaveUp+u
	}
	t.Logf("%d answers compared, %d given up", compared, gaveUp)
	if compared < 20*n || gaveUp > compared/10_000 {
		t.Error("too few answers were compared, or too many given up")
	}
}

// FuzzGrok compares expressions made from a seed, and any the fuzzer finds, with the backtracking reference.
func FuzzGrok(f *testing.F) {
	f.Add(uint64(1), "", []byte("ab 12"))
	f.Add(uint64(2), `(?<![0-9.+-])(?>[+-]?(?:\d+(?:\.\d+)?|\.\d+))`, []byte("a-1.5.2 .7"))
	f.Add(uint64(3), `(?>(?<!\\)(?>"(?>\\.|[^\\"]+)+"|""))`, []byte(`x "a\"b" ""`))
	f.Add(uint64(4), `(?:(?>(?>(?>a++)|\A)|a?+)b)*`, []byte("aaaab"))
	f.Add(uint64(5), `(?=(?<m>.*))(?<w>\w++)\Z`, []byte("ab\n"))
	f.Fuzz(func(t *testing.T, seed uint64, expr string, line []byte) {
		g := &generator{r: rand.New(rand.NewPCG(seed, 3))}
		if expr == "" {
			expr = g.onigExpr(4)
		}
		if len(expr) > 100 || len(line) > 60 {
			return
		}
		sameAsReference(t, expr, [][]byte{line, g.line(), line})
	})
}

func TestGrokSyntax(t *testing.T) {
	for _, c := range []struct {
		expr, line string
		want       []int
	}{
		{`(?<n>(?<![0-9.+-])(?>[+-]?(?:(?:[0-9]+(?:\.[0-9]+)?)|(?:\.[0-9]+))))\.`, "x 1.5. 2.", []int{2, 6, 2, 5}},
		{`(?<n>(?>[0-9]+(?:\.[0-9]+)?))\.5`, "1.5", nil},
		{`(?<n>[0-9]+(?:\.[0-9]+)?)\.5`, "1.5", []int{0, 3, 0, 1}},
		{`^(?<a>.*)$`, "a\nb", []int{0, 3, 0, 3}},
		{`^(?-m:(?<a>.*))$`, "a\nb", []int{0, 1, 0, 1}},
		{`^b$`, "a\nb\nc", []int{2, 3}},
		{`a^`, "a\n", nil},
		{`\n^`, "a\n", nil},
		{`a\Z`, "a\n", []int{0, 1}},
		{`a\z`, "a\n", nil},
		{`(\h+)`, "xfaceg", []int{1, 5, 1, 5}},
		{`(a)(?<n>b)`, "ab", []int{0, 2, 1, 2}},
		{`(a)[(?<n>]`, "an", []int{0, 2, 0, 1}},
		{`(?<n>a)|(?<n>b)`, "b", []int{0, 1, -1, -1, 0, 1}},
		{`(?<[a][b]>x)(?<@c.d-e>y)`, "xy", []int{0, 2, 0, 1, 1, 2}},
		{`a{,2}b`, "aaab", []int{1, 4}},
		{`a{2}+b`, "aaaab", []int{0, 5}},
		{`x{a}`, "x{a}", []int{0, 4}},
		{`\bé\b`, "aé é", []int{4, 6}},
		{`\w`, "é", nil},
		{`[[:alpha:]]`, "é", []int{0, 2}},
		{`[[[:alnum:]]_%]+`, "+a_%1", []int{1, 5}},
		{`[a-z&&[^aeiou]]+`, "aebcde", []int{2, 5}},
		{`[]a]+`, "a]", []int{0, 2}},
		{`(?<=ab)c`, "abc", []int{2, 3}},
		{`(?<!ab)c`, "abc c", []int{4, 5}},
		{`(?=(?<all>.*))(?<w>\w+)`, "ab cd", []int{0, 2, 0, 5, 0, 2}},
		{`a(?!bc)`, "abc abd", []int{4, 5}},
		{`(?!<[0-9])[0-9]+`, "<12", []int{1, 3}},
		{`(?x) a b # comment
			c`, "abc", []int{0, 3}},
		{`a(?#comment)b`, "ab", []int{0, 2}},
		{`a(?i)b|c`, "aC", []int{0, 2}},
		{`\p{Upper}\p{^Greek}\P{L}`, "Ab1", []int{0, 3}},
		{`\x41\u0042\x{43}\t`, "ABC\t", []int{0, 4}},
		{`\/\-\"`, `/-"`, []int{0, 3}},
	} {
		re, err := CompileGrok(c.expr)
		if err != nil {
			t.Error(err)
			continue
		}
		for name, m := range engines(re) {
			if got := m.Match([]byte(c.line)); !slices.Equal(got, c.want) {
				t.Errorf("%q on %q (%s): %v, not %v", c.expr, c.line, name, got, c.want)
			}
		}
	}
}

func TestGrokRefuses(t *testing.T) {
	for _, c := range []struct {
		expr string
		pos  int
	}{
		{`a(?<n>b)\k<n>`, 8},
		{`(a)\1`, 3},
		{`ab\Kc`, 2},
		{`ab\Gc`, 2},
		{`a\Rb`, 1},
		{`a(?(1)b|c)`, 1},
		{`a(?~b)`, 1},
		{`a(b`, 1},
		{`ab)c`, 2},
		{`a[bc`, 1},
		{`a[]`, 1},
		{`*a`, 0},
		{`a|+`, 2},
		{`^*`, 1},
		{`(?=a)*`, 5},
		{`a{3,2}`, 1},
		{`a{100001}`, 7},
		{`(?<n n>a)`, 4},
		{`x\p{Klingon}`, 1},
		{`x[[:klingon:]]`, 2},
		{`x\xff`, 1},
		{`x\u12`, 1},
		{`x\x{d800}`, 1},
		{`[z-a]`, 1},
		{`a(?!(?<n>b))`, 1},
		{`a(?=b(?>c|cd)e(?!fg))`, 1},
		{`(?=ab)(?=cd)(?=ef)(?=gh)(?=ij)`, 24},
		{`(?:(?:a{1000}){1000}){1000}`, 0},
		{`ab` + "\xff", 2},
	} {
		_, err := CompileGrok(c.expr)
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%q: %v", c.expr, err)
			continue
		}
		if e.Pos != c.pos || e.Expr != c.expr {
			t.Errorf("%q: position %d, not %d: %v", c.expr, e.Pos, c.pos, e)
		}
	}
}

// Where atomic groups call for too many threads the matcher says that it does not know, in every way to run.
func TestGaveUp(t *testing.T) {
	re, err := CompileGrok(`(?:(?>(?>(?>a++)|\A)|a?+))*x`)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range engines(re) {
		if got := m.Match([]byte("baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaayx")); got != nil || !m.GaveUp() {
			t.Errorf("%s: %v, gave up %v", name, got, m.GaveUp())
		}
		if got := m.Match([]byte("ax")); !slices.Equal(got, []int{0, 2}) || m.GaveUp() {
			t.Errorf("%s: %v, gave up %v", name, got, m.GaveUp())
		}
	}
}

package redfa

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
)

// oracle compiles the expression with regexp, its groups renamed.
func oracle(expr string) (*regexp.Regexp, error) {
	r, err := renameGroups(expr)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(r.text)
}

// engines returns a matcher for each way to run the expression.
func engines(re *Regexp) map[string]*Matcher {
	of := func(limit, rest int) *Matcher {
		general := *re.general
		general.limit = limit
		m := (&Regexp{expr: re.expr, names: re.names, general: &general}).NewMatcher()
		m.gen.rest = rest
		return m
	}
	return map[string]*Matcher{
		"default":     re.NewMatcher(),
		"tagged DFA":  of(defaultLimit, 0),
		"small cache": of(3000, 0),
		"no cache":    of(0, 0),
		"simulation":  of(0, 1<<30),
	}
}

// roomy returns every other line with room behind it, in which the line stands again: vectors run where there is room.
func roomy(line []byte) []byte {
	if len(line)%2 == 0 {
		return line
	}
	return slices.Concat(line, line, make([]byte, maxPieceSet+maxPieceText))[:len(line)]
}

// same fails the test if the matcher does not answer as regexp does.
func same(t *testing.T, ms map[string]*Matcher, std *regexp.Regexp, line []byte) (matched bool) {
	t.Helper()
	want := std.FindSubmatchIndex(line)
	line = roomy(line)
	for name, m := range ms {
		got := m.Match(line)
		if !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Fatalf("%q on %q (%s, straight %v):\n got %v\nwant %v", m.re, line, name, m.re.Straight(), got, want)
		}
	}
	return want != nil
}

// pairs is the number of pairs of expression and line that TestAsRegexp compares.
const (
	linesPerPattern = 40
	pairs           = 200_000
)

func TestAsRegexp(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(1, 2))}
	straights, matches := 0, 0
	n := pairs / linesPerPattern
	if testing.Short() {
		n /= 10
	}
	for i := range n {
		expr := g.pattern()
		if i%3 == 0 {
			expr = g.fields()
		}
		std, err := oracle(expr)
		re, err2 := Compile(expr)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%q: regexp says %v, redfa %v", expr, err, err2)
		}
		if err != nil {
			continue
		}
		if re.Straight() {
			straights++
		}
		m := engines(re)
		for k := range linesPerPattern {
			line := g.line()
			if k%2 == 0 {
				line = g.lineFor(expr)
			}
			if same(t, m, std, line) {
				matches++
			}
		}
	}
	t.Logf("%d expressions, %d in straight-line mode; %d lines, %d with a match", n, straights, n*linesPerPattern, matches)
	if straights < n/10 || matches < n {
		t.Error("the generator makes too few expressions in straight-line mode or too few matches")
	}
}

// FuzzMatch compares expressions made from a seed, and any the fuzzer finds, with regexp on any line.
func FuzzMatch(f *testing.F) {
	f.Add(uint64(1), "", []byte("ab 12"))
	f.Add(uint64(2), accessLog, []byte(accessLine))
	f.Add(uint64(3), `(?P<a.b>\d+)(?:x|y*?)\b(é|日)*$`, []byte("1yyé日"))
	f.Add(uint64(4), `(a+)+$`, []byte("aaaab"))
	f.Fuzz(func(t *testing.T, seed uint64, expr string, line []byte) {
		g := &generator{r: rand.New(rand.NewPCG(seed, 3))}
		if expr == "" {
			expr = g.pattern()
		}
		if len(expr) > 200 {
			return
		}
		std, err := oracle(expr)
		if err != nil {
			return
		}
		re, err := Compile(expr)
		if err != nil {
			t.Fatalf("%q: %v", expr, err)
		}
		m := engines(re)
		for _, l := range [][]byte{line, g.line(), g.lineFor(expr), line} {
			same(t, m, std, l)
		}
	})
}

func TestStraight(t *testing.T) {
	for _, c := range []struct {
		expr     string
		straight bool
	}{
		{accessLog, true},
		{`^(\S+) (\S+)$`, true},
		{`^(.*)$`, true},
		{`(.*)`, true},
		{`^([^ ]*) (.*)`, true},
		{`^(\d{1,3})\.(\d{1,3})$`, true},
		{`^(?:-|(\d+)) x$`, true},
		{`^(a(?: b)?) c$`, false},
		{`^(a(?:-b)?) c$`, true},
		{`^(?:(\w+)=([^;]*);)*$`, true},
		{`^"(.*?)"$`, false},
		{`^"([^"]*?)"$`, true},
		{`^(.*) (.*)$`, false},
		{`a|ab`, false},
		{`(a+)+$`, false},
		{`(?i)error: (\d+)`, true},
		{`(a*)*`, false},
	} {
		re, err := Compile(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		if re.Straight() != c.straight {
			t.Errorf("%q: straight-line mode %v", c.expr, re.Straight())
		}
	}
}

// Tries that read on and on in vain are handed to the other engine, with the same answer.
func TestStraightGivesUp(t *testing.T) {
	const expr = `a*[bc]`
	re, err := Compile(expr)
	if err != nil {
		t.Fatal(err)
	}
	line := slices.Repeat([]byte("a"), 10_000)
	if got := re.straight.newMatcher(2).find(line); got != undecided {
		t.Errorf("outcome %v: the tries read more than they may", got)
	}
	std := regexp.MustCompile(expr)
	m := engines(re)
	same(t, m, std, line)
	same(t, m, std, append(line, 'b'))
}

func TestNames(t *testing.T) {
	expr := `(?P<http.request.method>\S+) (?<[a][b]>[(?P<x>]+)(\()\Q(?P<y>\E(?<@t-x>.)[]\](]`
	re, err := Compile(expr)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "http.request.method", "[a][b]", "", "@t-x"}; !slices.Equal(re.SubexpNames(), want) {
		t.Errorf("names %q", re.SubexpNames())
	}
	if re.NumSubexp() != 4 || re.String() != expr {
		t.Errorf("%d groups, %q", re.NumSubexp(), re)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		expr string
		pos  int
	}{
		{`(?P<a.b>x)(?P<c>[z-a])`, 17},
		{`(?P<a.b.c>x)+(?P<d>y`, 13},
		{`(?P<a.b.c>x))`, 12},
		{`ab(?P<a.b>x)(?P<a.b>y)`, 16},
		{`ab(?P<>x)`, 6},
		{`ab(?P<a b>x)`, 7},
		{`(?<long.name>a)**`, 15},
		{`(?<long.name>a)(?<!b)`, 15},
		{`(?P<long.name>a)(?P<b`, 16},
		{`(?<n.n>a)\8`, 9},
	} {
		_, err := Compile(c.expr)
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

package redfa

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own")
	}
	for _, c := range allocationCases {
		m, line := c.compile(t).NewMatcher(), []byte(c.line(nil))
		m.Match(line)
		if n := testing.AllocsPerRun(100, func() { m.Match(line) }); n != 0 {
			t.Errorf("%q: %v allocations per match", c.expr, n)
		}
	}
	for _, c := range benchmarks {
		m := c.compile(t).NewMatcher()
		lines, _ := c.lines()
		match := func() {
			for _, line := range lines {
				m.Match(line)
			}
		}
		match()
		if n := testing.AllocsPerRun(5, match); n != 0 {
			t.Errorf("%s: %v allocations for %d lines", c.name, n, len(lines))
		}
	}
}

func constant(line string) func(*rand.Rand) string {
	return func(*rand.Rand) string { return line }
}

var allocationCases = []benchmark{
	{"no match", false, accessLog, constant("no such line")},
	{"search", false, `(\d+)-(\d+)`, constant("abc 12-34")},
	{"ambiguous", false, `(.*) (.*)x(\w*)`, constant("abc 12-34x and so on")},
	{"runes", false, `(é|[a-zä]+)+ (\pL*?)$`, constant("éaä日 日本語")},
	{"gives up trying", false, `a*b`, constant(strings.Repeat("a", 1000))},
	{"look-around", true, `(?<a>\w+)(?=: b)(?<!xy).*(?!cd)(?<b>\d)`, constant("word: b cd 12")},
	{"look-ahead with groups", true, `(?=(?<all>.*))(?<w>\w+)`, constant("ab cd")},
	{"atomic", true, `(?<n>(?>[0-9]+(?:\.[0-9]+)?))\.x`, constant("1.5 2.5.x")},
}

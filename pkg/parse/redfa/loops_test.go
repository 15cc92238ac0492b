package redfa

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Characters that lead back to their state are passed together, with the same answers.
func TestLoops(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 11))
	for _, expr := range []string{
		`"(.*?)" "(.*?)"`, `(\S+) (?:-|(.*?)) (.*)`, `^(?:(\w+)|(\S+))x(.*)$`, `(.*)-(.*)(?:\n|z)`, `(?s)(a|.*)b(?P<rest>.*)`, `\b([^ ]+)\b.*?(\d+)`,
		`(?:x|[^"]*)"([^é]*)`,
	} {
		re, err := Compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		std, err := oracle(expr)
		if err != nil {
			t.Fatal(err)
		}
		ms := engines(re)
		for range 300 {
			var line []byte
			for range 1 + r.IntN(8) {
				line = append(line, bytes.Repeat([]byte(pick(r, genPieces)), 1+r.IntN(40)*r.IntN(2))...)
				line = append(line, pick(r, []string{"", " ", `"`, `" "`, "-", "é"})...)
			}
			same(t, ms, std, line)
		}
		for name, m := range ms {
			if d := m.gen.dfa; len(d.loops) > len(d.states) {
				t.Errorf("%q (%s): %d loops in %d states", expr, name, len(d.loops), len(d.states))
			}
		}
		if n := len(ms["tagged DFA"].gen.dfa.loops); n == 0 {
			t.Errorf("%q: no loop in %d states", expr, len(ms["tagged DFA"].gen.dfa.states))
		}
	}
}

// A loop in which there is hardly ever more than a character is given up.
func TestLoopsThatDoNotPay(t *testing.T) {
	re, err := CompileGrok(`(?<a>(?>x?)[a-z]+) (?<b>.*)`)
	if err != nil {
		t.Fatal(err)
	}
	m := re.NewMatcher()
	inLoops := func() (n int) {
		for _, trans := range m.gen.dfa.trans {
			if trans>>32 >= loops && trans>>32 < writes {
				n++
			}
		}
		return n
	}
	m.Match([]byte("thequickbrownfoxjumpsoverthelazydog thequickbrownfoxjumpsoverthelazydog"))
	before := inLoops()
	for range 200 {
		m.Match([]byte("ab ab"))
	}
	if after := inLoops(); before == 0 || after >= before {
		t.Errorf("%d transitions in loops, then %d", before, after)
	}
}

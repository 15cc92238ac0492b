package redfa

import (
	"bytes"
	"testing"
)

// A piece is guessed to be as long as it was before, until too many guesses were wrong; and again after a while.
func TestGuesses(t *testing.T) {
	if !hasVectors {
		t.Skip("no AVX2")
	}
	re, err := Compile(`^([^ ]*) (\d*) `)
	if err != nil {
		t.Fatal(err)
	}
	m := re.straight.newMatcher(6)
	e := &m.first.run[0]
	pass := func(n int) {
		line := append(bytes.Repeat([]byte("a"), n), " 1 "...)
		if m.find(roomy(append(line, bytes.Repeat([]byte("."), 1-len(line)%2)...))) != found {
			t.Fatalf("%q is no match", line)
		}
	}
	for n := range mostMisses - 1 {
		pass(n + 1)
		if e.guess != n+1 || e.misses != n+1 {
			t.Fatalf("guess %d with %d misses behind %d", e.guess, e.misses, n+1)
		}
		pass(n + 1)
	}
	for n := range guessless {
		pass(n % 70)
		if e.guess != -1 || e.misses != n-guessless {
			t.Fatalf("guess %d with %d misses, %d after too many", e.guess, e.misses, n)
		}
	}
	if pass(5); e.guess != 5 {
		t.Errorf("guess %d, not 5, after a while without", e.guess)
	}
}

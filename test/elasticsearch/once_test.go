//go:build elasticsearch

package elasticsearch_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestOnce ships a file again and again: with its checkpoints, where nothing is left to do, and without them, where
// Elasticsearch has every line already.
func TestOnce(t *testing.T) {
	n := manyLines
	s := newSetup(t, "*.log", "format: json", "")
	writeLines(t, filepath.Join(s.logs, "app.log"), 0, n)
	start := time.Now()
	s.once(t, 0)
	t.Logf("%d lines in %s", n, time.Since(start))
	wantLines(t, s.stream, n)
	s.once(t, 0)
	wantCount(t, s.stream, n)
	if err := os.RemoveAll(s.data); err != nil {
		t.Fatal(err)
	}
	s.once(t, 0)
	wantLines(t, s.stream, n)
	s.wantNoDeadLetters(t)
}

// TestKilled kills the agent at random points until it has had its share of crashes, and then lets it finish.
func TestKilled(t *testing.T) {
	const crashes = 6
	n := manyLines
	s := newSetup(t, "*.log", "format: json", "bulk: {max_size: 128KiB}")
	for i := range 4 {
		writeLines(t, filepath.Join(s.logs, string(rune('a'+i))+".log"), n*i/4, n*(i+1)/4)
	}
	delivered := 0
	for crash := range crashes {
		a := s.start(t, "--once")
		left := n - delivered
		point := rand.IntN(max(1, left/(crashes-crash))) // so that something is left for the crashes to come
		eventually(t, patience, "a point to crash at", func() (bool, any) {
			l, ok := a.ledger(s.dataset)
			return ok && l.done() >= point || a.ended(), l
		})
		a.kill()
		delivered = count(t, s.stream)
		t.Logf("crash %d after %d lines of this run: %d of %d are there", crash+1, point, delivered, n)
	}
	if delivered == n {
		t.Log("the last crash came too late to interrupt anything")
	}
	s.once(t, 0)
	wantLines(t, s.stream, n)
	s.wantNoDeadLetters(t)
}

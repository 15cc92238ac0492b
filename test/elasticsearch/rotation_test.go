//go:build elasticsearch

package elasticsearch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

const rotations = 50

// linesPerFile is what is written to a file before it is rotated.
const linesPerFile = 300

// TestRotation rotates a file again and again under a running agent, with a pattern that matches the rotated names, as
// fast as it goes.
func TestRotation(t *testing.T) {
	s := newSetup(t, "app.log*", "format: json", "bulk: {max_size: 64KiB}")
	a := s.start(t)
	path := filepath.Join(s.logs, "app.log")
	n := 0
	for i := range rotations {
		writeLines(t, path, n, n+linesPerFile)
		n += linesPerFile
		rename(t, path, fmt.Sprintf("%s.%d", path, i))
	}
	a.wantAll(s, n)
}

// TestRotationBySignal rotates as logrotate and services do: the file gets a name that no pattern matches, the service
// writes on into it for a while, and then opens the new file. Only a file that was never seen could be missed, so each is
// rotated only once its first line is there.
func TestRotationBySignal(t *testing.T) {
	s := newSetup(t, "app.log", "format: json", "bulk: {max_size: 64KiB}")
	a := s.start(t)
	path := filepath.Join(s.logs, "app.log")
	n := 0
	for i := range rotations {
		first := n
		writeLines(t, path, n, n+linesPerFile)
		n += linesPerFile
		eventually(t, patience, "the new file is being read", func() (bool, any) {
			hits, err := node.Search(s.stream, map[string]any{"query": map[string]any{"term": map[string]int{"seq": first}}})
			return len(hits) == 1, err
		})
		rotated := fmt.Sprintf("%s/old-%d", s.logs, i)
		rename(t, path, rotated)
		writeLines(t, rotated, n, n+late)
		n += late
	}
	a.wantAll(s, n)
}

// late is how many lines come after a file was renamed.
const late = 10

// TestRotationWhileStopped rotates a file that is not delivered to its end while the agent is not there.
func TestRotationWhileStopped(t *testing.T) {
	for name, glob := range map[string]string{"same pattern": "app.log*", "other name": "app.log"} {
		t.Run(name, func(t *testing.T) {
			s := newSetup(t, glob, "format: json", "")
			path := filepath.Join(s.logs, "app.log")
			writeLines(t, path, 0, 1000)
			s.once(t, 0)
			writeLines(t, path, 1000, 2000)
			rename(t, path, path+".1")
			writeLines(t, path, 2000, 3000)
			s.once(t, 0)
			wantLines(t, s.stream, 3000)
		})
	}
}

// wantAll waits until lines [0,n) have been indexed, stops the agent, and wants each of them exactly once.
func (a *agent) wantAll(s *setup, n int) {
	a.t.Helper()
	eventually(a.t, patience, fmt.Sprintf("all %d lines are indexed", n), func() (bool, any) {
		l, ok := a.ledger(s.dataset)
		return ok && l.done() >= n, l
	})
	a.terminate(patience)
	wantLines(a.t, s.stream, n)
	s.wantNoDeadLetters(a.t)
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

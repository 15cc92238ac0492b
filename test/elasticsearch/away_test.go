//go:build elasticsearch

package elasticsearch_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// writer appends lines to a file, a few at a time, until it is told to stop.
type writer struct {
	written atomic.Int64
	stop    chan struct{}
	done    chan error
}

// keepWriting begins with line number from.
func keepWriting(path string, from int) *writer {
	w := &writer{stop: make(chan struct{}), done: make(chan error, 1)}
	w.written.Store(int64(from))
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				w.done <- nil
				return
			case <-tick.C:
			}
			seq := int(w.written.Load())
			if err := appendLines(path, seq, seq+10); err != nil {
				w.done <- err
				return
			}
			w.written.Add(10)
		}
	}()
	return w
}

// end stops the writer and returns how many lines there are in all.
func (w *writer) end(t *testing.T) int {
	t.Helper()
	close(w.stop)
	if err := <-w.done; err != nil {
		t.Fatal(err)
	}
	return int(w.written.Load())
}

// wantNotReady waits until the agent says that Elasticsearch is away, and that it is well itself.
func (a *agent) wantNotReady() {
	a.t.Helper()
	eventually(a.t, patience, "the agent is not ready", func() (bool, any) {
		status, body, err := a.get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "elasticsearch"), err
	})
	if status, body, err := a.get("/healthz"); status != http.StatusOK || err != nil {
		a.t.Errorf("/healthz: %d %q %v", status, body, err)
	}
}

// TestAway lets Elasticsearch be absent at the start of an agent and at its end, and go away in the middle, while a
// service keeps writing.
func TestAway(t *testing.T) {
	s := newSetup(t, "*.log", "format: json", "bulk: {max_size: 64KiB}")
	w := keepWriting(filepath.Join(s.logs, "app.log"), 0)
	if err := node.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the other tests need it, whatever happens here
		if err := node.Restart(); t.Failed() && err != nil {
			t.Error(err)
		}
	})
	a := s.start(t)
	a.wantNotReady()
	a.terminate(2*time.Second + 3*time.Second) // shutdown_timeout, and time for a busy machine

	a = s.start(t)
	a.wantNotReady()
	if err := node.Restart(); err != nil {
		t.Fatal(err)
	}
	a.wantReady(s)
	if err := node.Restart(); err != nil { // in the middle
		t.Fatal(err)
	}
	a.wantReady(s)
	n := w.end(t)
	eventually(t, patience, "everything is delivered", func() (bool, any) {
		l, ok := a.ledger(s.dataset)
		return ok && l.done() == n, l
	})
	a.terminate(patience)
	wantLines(t, s.stream, n)
	s.wantNoDeadLetters(t)
}

// wantReady waits until documents are taken again.
func (a *agent) wantReady(s *setup) {
	a.t.Helper()
	before, _ := a.ledger(s.dataset)
	eventually(a.t, patience, "documents are taken again", func() (bool, any) {
		status, _, _ := a.get("/readyz")
		l, ok := a.ledger(s.dataset)
		return ok && status == http.StatusOK && l.done() > before.done(), l
	})
}

package detect

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// manyLines are of 20 services with 25 templates each; every second one has a duration, every tenth has failed.
func manyLines() []Line {
	all := make([]Line, 500)
	for i := range all {
		all[i] = Line{Time: begin.UnixNano(), Service: fmt.Appendf(nil, "service-%d", i%20), Template: fmt.Sprintf("%016x", i), Text: "a <num> b", Duration: int64(i%2)*1e6 - 1, Failed: i%10 == 0}
	}
	return all
}

// BenchmarkObserve is what a line costs, the Engine's part among it: both share one processor.
func BenchmarkObserve(b *testing.B) {
	e := New(Config{Learning: DefaultLearning}, Options{Workers: 1, Memory: 8 << 20})
	w := e.Watcher(b.Context(), nil)
	lines := manyLines()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l := &lines[i%len(lines)]
		l.Time += int64(time.Millisecond)
		if s := w.Observe(l); s != nil {
			s.Text = append(s.Text, "a line"...)
		}
		if len(e.queue) > 0 {
			e.drain()
		}
	}
}

// TestObserveNoAllocations: a line of a service and template that are known costs no memory.
func TestObserveNoAllocations(t *testing.T) {
	e := New(Config{Learning: DefaultLearning}, Options{Workers: 1, Memory: 8 << 20})
	w := e.Watcher(t.Context(), nil)
	lines := manyLines()
	all := func() {
		for i := range lines {
			w.Observe(&lines[i])
		}
		w.Flush()
		e.drain()
	}
	for range 20 {
		all()
	}
	if n := testing.AllocsPerRun(50, all); n > 0 {
		t.Errorf("%.1f allocations for %d lines", n, len(lines))
	}
}

// TestBounded: whatever services and templates come, memory is that of a bounded number of series.
func TestBounded(t *testing.T) {
	e := New(Config{Learning: DefaultLearning}, Options{Workers: 1, Memory: 2 << 20})
	w := e.Watcher(t.Context(), nil)
	for i := range 100_000 {
		w.Observe(&Line{Time: begin.UnixNano() + int64(i)*1e7, Service: fmt.Appendf(nil, "service-%d", i%1000), Template: fmt.Sprint(i), Duration: -1})
		if i%100 == 0 {
			w.Flush()
			e.drain()
		}
	}
	if n := e.Watched(); n > e.most+mostServices || e.Unwatched.Load() == 0 {
		t.Errorf("%d series, %d lines unwatched", n, e.Unwatched.Load())
	}
}

// TestWaiting: a Watcher without room waits for the Engine, and no longer than its context.
func TestWaiting(t *testing.T) {
	e := New(Config{Learning: DefaultLearning}, Options{Workers: 1, Memory: 8 << 20})
	ctx, cancel := context.WithCancel(t.Context())
	w := e.Watcher(ctx, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 10 * chunkLines {
			w.Observe(&Line{Time: begin.UnixNano() + int64(i), Service: []byte("a"), Duration: -1})
		}
	}()
	for len(e.queue) < 4 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
}

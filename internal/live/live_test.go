package live

import (
	"errors"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// added is a line as a worker adds it.
func added(w *Writer, text string, n int) {
	w.Begin(&event.Batch{Source: &event.Source{}, Path: "/a.log"})
	for i := range n {
		_ = w.Add(&event.Event{Raw: []byte(text), Offset: int64(i), Time: event.Time{Set: true, Sec: 1_700_000_000}})
	}
	_ = w.End()
}

// TestViewers: everybody who looks on sees every document, and nobody else costs anything.
func TestViewers(t *testing.T) {
	var h Hub
	w := h.Writer([]string{"app"}, "web-1")
	added(w, "before", 1)
	one, err := h.Watch()
	if err != nil {
		t.Fatal(err)
	}
	two, _ := h.Watch()
	added(w, "hello", 2)
	for _, v := range []*Viewer{one, two} {
		first, ok := v.Take()
		second, _ := v.Take()
		if _, more := v.Take(); !ok || more || len(first.ID) != 32 || first.ID == second.ID || v.Missed() != 0 {
			t.Errorf("%s %s", first.ID, second.ID)
		}
	}
	one.Close()
	added(w, "after", 1)
	if _, ok := one.Take(); ok {
		t.Error("a document for nobody")
	}
	two.Close()
	ev := &event.Event{Raw: []byte("x")}
	if n := testing.AllocsPerRun(100, func() { _ = w.Add(ev) }); n > 0 {
		t.Errorf("%v allocations though nobody looks", n)
	}
}

// TestSlowViewer: who cannot follow is told how much was missed, and holds up nobody.
func TestSlowViewer(t *testing.T) {
	var h Hub
	w := h.Writer([]string{"app"}, "web-1")
	v, _ := h.Watch()
	added(w, "x", waiting+7)
	if n := v.Missed(); n != 7 {
		t.Errorf("%d missed", n)
	}
	v.Take()
	added(w, string(make([]byte, maxWaiting)), 3) // one too large for its bound is shown, and no other beside it
	if n := v.Missed(); n != 2 {
		t.Errorf("%d missed", n)
	}
}

// TestCrowd: viewers are bounded.
func TestCrowd(t *testing.T) {
	var h Hub
	for range MaxViewers {
		if _, err := h.Watch(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Watch(); !errors.Is(err, ErrCrowded) {
		t.Error(err)
	}
}

package pipeline

import (
	"slices"
	"sync"

	"github.com/tailspan/tailspan/pkg/event"
)

// watermarks moves the committed position of each source up to the end of its contiguous acknowledged prefix. Requests
// are answered in any order; what is acknowledged ahead of a gap waits here until the gap closes.
type watermarks struct {
	mu    sync.Mutex
	ahead map[*event.Source][]event.Ack // sorted by From
}

// ack takes in what an output has delivered.
func (w *watermarks) ack(acks []event.Ack) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range acks {
		if a.From > a.Source.Committed.Load() {
			w.keep(a)
			continue
		}
		w.advance(a)
	}
}

func (w *watermarks) keep(a event.Ack) {
	if w.ahead == nil {
		w.ahead = map[*event.Source][]event.Ack{}
	}
	list := w.ahead[a.Source]
	i, _ := slices.BinarySearchFunc(list, a.From, func(b event.Ack, from int64) int { return int(min(max(b.From-from, -1), 1)) })
	w.ahead[a.Source] = slices.Insert(list, i, a)
}

func (w *watermarks) advance(a event.Ack) {
	committed := max(a.To, a.Source.Committed.Load())
	list, some := w.ahead[a.Source]
	n := 0
	for n < len(list) && list[n].From <= committed {
		committed = max(committed, list[n].To)
		n++
	}
	a.Source.Committed.Store(committed)
	if !some {
		return
	}
	if n == len(list) {
		delete(w.ahead, a.Source)
	} else {
		w.ahead[a.Source] = slices.Delete(list, 0, n)
	}
}

package pipeline

import (
	"cmp"
	"slices"
	"sync"

	"github.com/tailspan/tailspan/pkg/event"
)

// watermarks moves the committed position of each source up to the end of its contiguous acknowledged prefix. Requests
// are answered in any order, and lines that are held come later than those behind them; what is acknowledged ahead of a gap
// waits here until the gap closes, as no more ranges than there are gaps.
type watermarks struct {
	mu      sync.Mutex
	ahead   map[*event.Source]*ranges
	changed []*event.Source // by the acknowledgements that are being taken in
	spare   []*ranges
	merged  []span
}

// spareRanges bounds what is kept for files that come to have a gap.
const spareRanges = 64

// span is [from,to) of a file.
type span struct{ from, to int64 }

// ranges are what is acknowledged of one source.
type ranges struct {
	list []span // beyond the committed position; sorted, with gaps between them
	add  []span // that are not in list yet, in any order
}

// ack takes in what an output has delivered.
func (w *watermarks) ack(acks []event.Ack) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range acks {
		r := w.ahead[a.Source]
		if r == nil && a.From <= a.Source.Committed.Load() {
			a.Source.Committed.Store(max(a.To, a.Source.Committed.Load()))
			continue
		}
		if r == nil {
			r = w.keep(a.Source)
		}
		if len(r.add) == 0 {
			w.changed = append(w.changed, a.Source)
		}
		r.add = append(r.add, span{a.From, a.To})
	}
	for _, src := range w.changed {
		r := w.ahead[src]
		w.merge(r)
		r.advance(src)
		if len(r.list) == 0 {
			delete(w.ahead, src)
			if len(w.spare) < spareRanges {
				w.spare = append(w.spare, r)
			}
		}
	}
	clear(w.changed)
	w.changed = w.changed[:0]
}

// keep makes room for what is ahead of a gap.
func (w *watermarks) keep(src *event.Source) *ranges {
	if w.ahead == nil {
		w.ahead = map[*event.Source]*ranges{}
	}
	r := new(ranges)
	if n := len(w.spare); n > 0 {
		r, w.spare = w.spare[n-1], w.spare[:n-1]
	}
	w.ahead[src] = r
	return r
}

// merge puts what was added into the list. One pass does for all of it, however many gaps the lines of a request close.
func (w *watermarks) merge(r *ranges) {
	slices.SortFunc(r.add, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	if n := len(r.list); n == 0 || r.list[n-1].from <= r.add[0].from {
		for _, s := range r.add {
			r.list = join(r.list, s)
		}
		r.add = r.add[:0]
		return
	}
	all, list, add := w.merged[:0], r.list, r.add
	for len(list) > 0 && len(add) > 0 {
		if list[0].from <= add[0].from {
			all, list = join(all, list[0]), list[1:]
		} else {
			all, add = join(all, add[0]), add[1:]
		}
	}
	for _, s := range list {
		all = join(all, s)
	}
	for _, s := range add {
		all = join(all, s)
	}
	r.list, w.merged, r.add = all, r.list[:0], r.add[:0]
}

// join appends s, which does not begin before the last one of list, or lets that one grow.
func join(list []span, s span) []span {
	if n := len(list); n > 0 && s.from <= list[n-1].to {
		list[n-1].to = max(list[n-1].to, s.to)
		return list
	}
	return append(list, s)
}

// advance moves the committed position to where the first gap begins.
func (r *ranges) advance(src *event.Source) {
	committed, n := src.Committed.Load(), 0
	for n < len(r.list) && r.list[n].from <= committed {
		committed = max(committed, r.list[n].to)
		n++
	}
	src.Committed.Store(committed)
	r.list = slices.Delete(r.list, 0, n)
}

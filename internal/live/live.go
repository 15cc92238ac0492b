// Package live shows documents to whoever looks on while they are made. Nobody waits for it: who cannot follow misses documents, and is
// told how many. While nobody looks, a document costs one load of a counter.
package live

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

const (
	// MaxViewers bounds how many look on at once.
	MaxViewers = 16
	waiting    = 1024    // documents that a viewer may be behind
	maxWaiting = 8 << 20 // bytes of those
)

// ErrCrowded is why nobody else can look on.
var ErrCrowded = errors.New("too many look at the live documents already; close one of those pages")

// Hub hands documents to viewers. Its methods are for any goroutine.
type Hub struct {
	count   atomic.Int32 // of viewers
	mu      sync.RWMutex
	viewers []*Viewer
}

// Viewer is someone who looks on.
type Viewer struct {
	hub    *Hub
	seen   chan Document
	held   atomic.Int64 // bytes in seen
	missed atomic.Int64
}

// Document is one document. It may be kept, and must not be changed: other viewers have it as well.
type Document struct {
	ID   string          `json:"_id"`
	JSON json.RawMessage `json:"_source"`
}

// Watch begins to look on, until Close.
func (h *Hub) Watch() (*Viewer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.viewers) == MaxViewers {
		return nil, ErrCrowded
	}
	v := &Viewer{hub: h, seen: make(chan Document, waiting)}
	h.viewers = append(h.viewers, v)
	h.count.Store(int32(len(h.viewers)))
	return v, nil
}

// Close ends the looking on.
func (v *Viewer) Close() {
	h := v.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	h.viewers = slices.DeleteFunc(h.viewers, func(other *Viewer) bool { return other == v })
	h.count.Store(int32(len(h.viewers)))
}

// Show shows a document to all viewers.
func (h *Hub) Show(d Document) { h.each(func() Document { return d }) }

// each shows a document to all viewers that can follow; it is made when there is one.
func (h *Hub) each(make func() Document) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var d Document
	for _, v := range h.viewers {
		if !v.room() {
			continue
		}
		if d.JSON == nil {
			d = make()
		}
		v.show(d)
	}
}

// Take returns the next document; ok is false when there is none yet.
func (v *Viewer) Take() (d Document, ok bool) {
	select {
	case d = <-v.seen:
		v.held.Add(-int64(len(d.JSON)))
		return d, true
	default:
		return Document{}, false
	}
}

// Missed is how many documents were not shown since the last call, because there were too many.
func (v *Viewer) Missed() int64 { return v.missed.Swap(0) }

// room reports whether the viewer can follow; if not, it has missed a document.
func (v *Viewer) room() bool {
	if len(v.seen) < cap(v.seen) && v.held.Load() < maxWaiting {
		return true
	}
	v.missed.Add(1)
	return false
}

func (v *Viewer) show(d Document) {
	v.held.Add(int64(len(d.JSON)))
	select {
	case v.seen <- d:
	default: // another worker was faster
		v.held.Add(-int64(len(d.JSON)))
		v.missed.Add(1)
	}
}

// Writer copies documents for the viewers of a Hub. It belongs to one goroutine.
type Writer struct {
	hub      *Hub
	encoders []*ship.Encoder // by pipeline
	batch    *event.Batch
}

// Writer returns a writer for a worker, for the pipelines that have the datasets, on a host.
func (h *Hub) Writer(datasets []string, host string) *Writer {
	return &Writer{hub: h, encoders: ship.NewEncoders(datasets, host)}
}

// Begin starts the lines of a batch.
func (w *Writer) Begin(b *event.Batch) { w.batch = b }

// Add shows a document when someone looks on.
func (w *Writer) Add(ev *event.Event) error {
	if w.hub.count.Load() > 0 {
		w.show(ev)
	}
	return nil
}

func (w *Writer) show(ev *event.Event) {
	src := w.batch.Source
	w.hub.each(func() Document {
		return Document{string(ship.AppendID(nil, src, ev.Offset, ev.Raw)), w.encoders[src.Pipeline].AppendDocument(nil, ev, w.batch.Path)}
	})
}

// End does nothing: what was added is a copy.
func (w *Writer) End() error { return nil }

// Idle does nothing.
func (w *Writer) Idle() error { return nil }

// Flush does nothing.
func (w *Writer) Flush() error { return nil }

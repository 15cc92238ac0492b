// Package quiet keeps the agent's own log readable when something goes wrong ten thousand times a second: the same warning is
// written once a minute at most, with how often it was left out before. Errors and notices are always written: those that write
// them do so when something changes.
package quiet

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	every = time.Minute
	// most is how many different warnings are told apart within a minute. Beyond, one is as another with the same text.
	most = 100
)

// Handler passes records on to another handler.
type Handler struct {
	next  slog.Handler
	scope string // what WithAttrs and WithGroup have added
	state *state
}

// state is what the handlers of one log share.
type state struct {
	mu     sync.Mutex
	said   map[string]*warning
	waking bool // later is going to be called
}

// warning is one that was written, and what was left out since.
type warning struct {
	at   time.Time
	last slog.Record // of those left out
	out  int         // how many
	next slog.Handler
}

// NewHandler returns a Handler before next.
func NewHandler(next slog.Handler) *Handler {
	return &Handler{next: next, state: &state{said: map[string]*warning{}}}
}

// Enabled is that of the next handler.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// WithAttrs is that of the next handler; warnings with other attributes are other ones.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	scope := h.scope
	for _, a := range attrs {
		scope += "\x00" + a.String()
	}
	return &Handler{h.next.WithAttrs(attrs), scope, h.state}
}

// WithGroup is that of the next handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{h.next.WithGroup(name), h.scope + "\x00" + name, h.state}
}

// Handle writes the record, unless it is a warning that was written within the last minute. What was left out is told when
// that minute is over, so that the log never ends with better news than there are.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	h.state.mu.Lock()
	defer h.state.mu.Unlock()
	if r.Level == slog.LevelWarn && h.leftOut(r) {
		err := h.state.tell(ctx, r.Time)
		h.state.wake(r.Time)
		return err
	}
	if err := h.state.tell(ctx, r.Time); err != nil {
		return err
	}
	return h.next.Handle(ctx, r)
}

// leftOut reports whether a warning is one of those that are only counted.
func (h *Handler) leftOut(r slog.Record) bool {
	key := h.scope + "\x00" + r.Message
	if named := key + pathOf(r); len(h.state.said) < most || h.state.said[named] != nil {
		key = named
	}
	w := h.state.said[key]
	if w == nil || r.Time.Sub(w.at) >= every {
		if w != nil && w.out > 0 {
			w.last, w.out, w.next = r.Clone(), w.out+1, h.next
			return true // told with the count
		}
		h.state.said[key] = &warning{at: r.Time}
		return false
	}
	w.last, w.out, w.next = r.Clone(), w.out+1, h.next
	return true
}

// later tells what nothing else has told, and comes again as long as something is left out.
func (s *state) later() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.tell(context.Background(), time.Now()) // whoever writes next gets the error of this log, too
	s.waking = false
	s.wake(time.Now())
}

// wake has later called when the first minute is over in which something was left out.
func (s *state) wake(now time.Time) {
	next := time.Duration(0)
	for _, w := range s.said {
		if left := every - now.Sub(w.at); w.out > 0 && (next == 0 || left < next) {
			next = max(left, 1)
		}
	}
	if next > 0 && !s.waking {
		s.waking = true
		time.AfterFunc(next, s.later)
	}
}

// tell writes what was left out of warnings whose minute is over, and forgets those that did not come again.
func (s *state) tell(ctx context.Context, now time.Time) error {
	for key, w := range s.said {
		if now.Sub(w.at) < every {
			continue
		}
		if w.out == 0 {
			delete(s.said, key)
			continue
		}
		w.last.AddAttrs(slog.Int("times", w.out), slog.String("within", now.Sub(w.at).Round(time.Second).String()))
		err := w.next.Handle(ctx, w.last)
		w.at, w.out, w.last = now, 0, slog.Record{}
		if err != nil {
			return err
		}
	}
	return nil
}

// pathOf is the file that a record is about.
func pathOf(r slog.Record) (path string) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "path" {
			path = "\x00" + strings.Clone(a.Value.String())
		}
		return path == ""
	})
	return path
}

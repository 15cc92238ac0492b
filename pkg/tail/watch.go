package tail

import (
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// hints gathers what the file system says has changed. Hints are only ever a reason to look earlier: events get lost,
// some file systems send none, and a poll finds everything without them; only where none can be missing does it look less often (quiet.go).
type hints struct {
	mu     sync.Mutex
	paths  map[string]fsnotify.Op
	lost   bool // events were lost: look at everything
	wake   chan struct{}
	fs     notifier // nil when the system has none to give
	events <-chan fsnotify.Event
	errors <-chan error
	dirs   map[string]place // that are watched, and what they were then
	log    *slog.Logger
	warned bool
}

// notifier is what the system tells through.
type notifier interface {
	Add(dir string) error
	WatchList() []string
	Close() error
}

// settle is how long the watcher is left alone once it has nothing more to tell. The kernel merges an event with the one before it
// as long as nobody reads it, so a file written to ten thousand times a second wakes the agent at most two hundred times.
const settle = 5 * time.Millisecond

func newHints(watch bool, log *slog.Logger) *hints {
	h := &hints{paths: map[string]fsnotify.Op{}, wake: make(chan struct{}, 1), dirs: map[string]place{}, log: log}
	if !watch {
		return h
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("the system gives no file notifications; files are polled instead", "error", err)
		return h
	}
	h.hear(watcher, watcher.Events, watcher.Errors)
	return h
}

// hear begins to gather what comes from a notifier.
func (h *hints) hear(from notifier, events <-chan fsnotify.Event, errors <-chan error) {
	h.fs, h.events, h.errors = from, events, errors
	go h.gather()
}

// gather runs until the watcher is closed.
func (h *hints) gather() {
	for {
		select {
		case ev, ok := <-h.events:
			if !ok {
				return
			}
			h.note(ev)
			h.drain()
		case err, ok := <-h.errors:
			if !ok {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				h.log.Warn("file notifications failed; everything is looked at", "error", err)
			}
			h.mu.Lock()
			h.lost = true
			h.mu.Unlock()
		}
		select {
		case h.wake <- struct{}{}:
		default:
		}
		time.Sleep(settle)
	}
}

func (h *hints) note(ev fsnotify.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.paths[ev.Name] |= ev.Op
}

// drain takes what the watcher has read already: ten thousand files may have an event each.
func (h *hints) drain() {
	for range maxDrained {
		runtime.Gosched() // the watcher hands over one by one, and needs its turn for the next
		select {
		case ev, ok := <-h.events:
			if !ok {
				return
			}
			h.note(ev)
		default:
			return
		}
	}
}

// maxDrained is how many events are taken before somebody looks at them: as many as the kernel keeps by default.
const maxDrained = 16384

// take returns what was gathered since the last call.
func (h *hints) take() (paths map[string]fsnotify.Op, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	paths, lost = h.paths, h.lost
	h.paths, h.lost = map[string]fsnotify.Op{}, false
	return paths, lost
}

// watch asks for hints about a directory. Without room for another watch the poll has to do.
func (h *hints) watch(dir string) {
	if _, known := h.dirs[dir]; h.fs == nil || known {
		return
	}
	before, _, _ := placeAt(dir)
	if err := h.fs.Add(dir); err != nil {
		if !h.warned {
			h.warned = true
			h.log.Warn("a directory cannot be watched; it is polled instead", "dir", dir, "error", err)
		}
		return
	}
	after, _, _ := placeAt(dir)
	if !after.same(before) {
		after = place{} // nobody knows which of the two is watched
	}
	h.dirs[dir] = after
}

// on reports whether the directory that is there now is the one that is watched under that name. watched are those that the kernel tells
// of: it lets go of one that goes away, and of one with two names it tells under the first.
func (h *hints) on(dir string, now place, watched map[string]bool) bool {
	was, known := h.dirs[dir]
	return known && was.same(now) && watched[dir]
}

// watched are the directories that the kernel tells of.
func (h *hints) watched() map[string]bool {
	if h.fs == nil {
		return nil
	}
	all := map[string]bool{}
	for _, dir := range h.fs.WatchList() {
		all[dir] = true
	}
	return all
}

// forget lets a directory be watched anew: it went away, and the kernel dropped its watch.
func (h *hints) forget(dir string) { delete(h.dirs, dir) }

func (h *hints) close() {
	if h.fs != nil {
		_ = h.fs.Close() // nothing is owed to it
	}
}

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
// some file systems send none, and a poll finds everything without them.
type hints struct {
	mu     sync.Mutex
	paths  map[string]fsnotify.Op
	lost   bool // events were lost: look at everything
	wake   chan struct{}
	fs     *fsnotify.Watcher // nil when the system has none to give
	dirs   map[string]bool
	log    *slog.Logger
	warned bool
}

// settle is how long the watcher is left alone once it has nothing more to tell. The kernel merges an event with the one before it
// as long as nobody reads it, so a file written to ten thousand times a second wakes the agent at most two hundred times.
const settle = 5 * time.Millisecond

func newHints(watch bool, log *slog.Logger) *hints {
	h := &hints{paths: map[string]fsnotify.Op{}, wake: make(chan struct{}, 1), dirs: map[string]bool{}, log: log}
	if !watch {
		return h
	}
	var err error
	if h.fs, err = fsnotify.NewWatcher(); err != nil {
		log.Warn("the system gives no file notifications; files are polled instead", "error", err)
		return h
	}
	go h.gather()
	return h
}

// gather runs until the watcher is closed.
func (h *hints) gather() {
	for {
		select {
		case ev, ok := <-h.fs.Events:
			if !ok {
				return
			}
			h.note(ev)
			h.drain()
		case err, ok := <-h.fs.Errors:
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
		case ev, ok := <-h.fs.Events:
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
	if h.fs == nil || h.dirs[dir] {
		return
	}
	if err := h.fs.Add(dir); err != nil {
		if !h.warned {
			h.warned = true
			h.log.Warn("a directory cannot be watched; it is polled instead", "dir", dir, "error", err)
		}
		return
	}
	h.dirs[dir] = true
}

// forget lets a directory be watched anew: it went away, and the kernel dropped its watch.
func (h *hints) forget(dir string) { delete(h.dirs, dir) }

func (h *hints) close() {
	if h.fs != nil {
		_ = h.fs.Close() // nothing is owed to it
	}
}

package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/cespare/xxhash/v2"
)

// lookEvery is how often the configuration file is looked at. A look costs one call of stat as long as nothing changes. A
// notification would come a second sooner, and would have to be asked for anew whenever an editor, or Kubernetes with its
// links, puts another file in its place.
const lookEvery = time.Second

// reloadOn asks for a reload at SIGHUP, and when the file has another content, until end is called.
func reloadOn(file *watched, reloads chan<- struct{}) (end func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				file.seen()
			case <-tick.C:
				if !file.changed() {
					continue
				}
			}
			select {
			case reloads <- struct{}{}:
			default: // one is asked for already
			}
		}
	})
	return func() {
		signal.Stop(hangups)
		cancel()
		watching.Wait()
	}
}

// watched is a file whose content may change, in place or by another file in its place.
type watched struct {
	path string
	info os.FileInfo // at the last look; nil when it was not there
	hash uint64      // of the content that was reported last
	due  bool        // it differs, and is reported when the next look sees the same
}

func newWatched(path string) *watched {
	w := &watched{path: path}
	w.seen()
	return w
}

func (w *watched) sum() (uint64, bool) {
	data, err := os.ReadFile(w.path)
	return xxhash.Sum64(data), err == nil
}

// seen takes down that what the file says now is known.
func (w *watched) seen() {
	w.info, _ = os.Stat(w.path) // not there: nil
	w.hash, _ = w.sum()
	w.due = false
}

// changed reports whether the file has another content than when this was last true, and has not been written to since the
// call before: what is half written is not read.
func (w *watched) changed() bool {
	info, err := os.Stat(w.path)
	if err != nil {
		return false // on its way from one name to another, or taken away: nothing to take over
	}
	before := w.info
	w.info = info
	if before == nil || !os.SameFile(before, info) || !before.ModTime().Equal(info.ModTime()) || before.Size() != info.Size() {
		w.due = true
		return false
	}
	if !w.due {
		return false
	}
	w.due = false
	hash, ok := w.sum()
	if !ok || hash == w.hash {
		return false
	}
	w.hash = hash
	return true
}

package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/tail"
)

const (
	// lookEvery is how often the configuration file is looked at although nothing told of a change: no notification comes when a link
	// on the way to it leads elsewhere, or when another machine writes to it.
	lookEvery = 5 * time.Second
	// settled is how long the file must have been the same before it is read, and how often it is looked at until then. A look costs
	// one call of stat.
	settled = time.Second
)

// reloadOn asks for a reload at SIGHUP, and when the file has another content, until end is called.
func reloadOn(file *watched, reloads chan<- struct{}) (end func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	notices := tail.NewNotices()
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { file.follow(ctx, notices.C, notices.About, hangups, reloads) })
	return func() {
		signal.Stop(hangups)
		cancel()
		watching.Wait()
		notices.Close()
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

// follow asks for a reload at each hangup and each change until ctx is done. notices come of the file that had the path when about was
// called last, if that returned true.
func (w *watched) follow(ctx context.Context, notices <-chan struct{}, about func(path string) bool, hangups <-chan os.Signal, reloads chan<- struct{}) {
	told := about(w.path)
	look := time.NewTimer(0) // something may have happened since the file was read
	defer look.Stop()
	for {
		changed := false
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			w.seen()
			changed = true
		case <-notices:
			told = about(w.path) // it may be another file now
			if w.due {
				continue // a look will be taken
			}
			changed = w.changed()
		case <-look.C:
			changed = w.changed()
		}
		if w.due || w.info == nil || !told {
			told = about(w.path)
		}
		if w.due || w.info == nil || !told {
			look.Reset(settled)
		} else {
			look.Reset(lookEvery)
		}
		if changed {
			select {
			case reloads <- struct{}{}:
			default: // one is asked for already
			}
		}
	}
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
		w.info = nil // on its way from one name to another, or taken away: nothing to take over
		return false
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

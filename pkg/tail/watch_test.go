package tail

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TestManyFilesAreHeardAtOnce: events of different files, which the kernel cannot merge, do not wait for each other.
func TestManyFilesAreHeardAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const files = 10_000
		h := newHints(false, slog.New(slog.DiscardHandler))
		h.fs = &fsnotify.Watcher{Events: make(chan fsnotify.Event), Errors: make(chan error)}
		go h.gather()
		began := time.Now()
		for i := range files {
			h.fs.Events <- fsnotify.Event{Name: fmt.Sprint(i), Op: fsnotify.Write}
		}
		if took := time.Since(began); took > files*settle/10 {
			t.Errorf("%d events were taken in %v", files, took)
		}
		time.Sleep(2 * settle)
		close(h.fs.Events)
		synctest.Wait()
		if paths, lost := h.take(); len(paths) != files || lost {
			t.Errorf("%d paths, lost: %t", len(paths), lost)
		}
	})
}

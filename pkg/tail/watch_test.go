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
		events := make(chan fsnotify.Event)
		h.hear(nil, events, make(chan error))
		began := time.Now()
		for i := range files {
			events <- fsnotify.Event{Name: fmt.Sprint(i), Op: fsnotify.Write}
		}
		if took := time.Since(began); took > files*settle/10 {
			t.Errorf("%d events were taken in %v", files, took)
		}
		time.Sleep(2 * settle)
		close(events)
		synctest.Wait()
		if paths, lost := h.take(); len(paths) != files || lost {
			t.Errorf("%d paths, lost: %t", len(paths), lost)
		}
	})
}

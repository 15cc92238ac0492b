package detect

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestRun: the Engine looks at the clock every second while lines come or are still to be read, and else when a window ends.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{Learning: DefaultLearning}, Options{Workers: 1, Memory: 1 << 20})
		w := e.Watcher(t.Context(), nil)
		ctx, cancel := context.WithCancel(t.Context())
		var looks, lag, saves atomic.Int64
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			e.Run(ctx, func(now time.Time) time.Time { looks.Add(1); return now.Add(-time.Duration(lag.Load())) }, func([]byte) { saves.Add(1) })
		}()
		during := func(what string, d time.Duration, least, most int64, do func()) {
			t.Helper()
			looks.Store(0)
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
				do()
				synctest.Wait()
			}
			if n := looks.Load(); n < least || n > most {
				t.Errorf("%s: %d looks in %v, want %d to %d", what, n, d, least, most)
			}
		}
		during("nothing", 10*time.Minute, 58, 62, func() {})
		during("lines", time.Minute, 55, 62, func() {
			w.Observe(&Line{Time: time.Now().UnixNano(), Service: []byte("shop"), Duration: -1})
			w.Flush()
		})
		during("nothing any more", 10*time.Minute, 58, 62, func() {})
		lag.Store(int64(time.Hour))
		during("lines that are still to be read", time.Minute, 50, 61, func() {})
		if n := saves.Load(); n < 3 || n > 5 {
			t.Errorf("saved %d times within 22 minutes", n)
		}
		cancel()
		<-ended
	})
}

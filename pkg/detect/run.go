package detect

import (
	"context"
	"time"
)

const (
	tickEvery = time.Second // while lines come, or are still to be read
	saveEvery = 5 * time.Minute
)

// Run takes in what the Watchers hand over until ctx is done and nothing more comes: the Watchers must be finished then. read tells up to
// when everything that was written has been read; save gets what was learned, now and then, soon after each finding and at the end, and
// is waited for.
func (e *Engine) Run(ctx context.Context, read func(now time.Time) time.Time, save func(state []byte)) {
	tick := time.NewTimer(tickEvery)
	defer tick.Stop()
	saved, soon := time.Now(), true
	for {
		select {
		case c := <-e.queue:
			e.read(c)
			if !soon {
				soon = true
				tick.Reset(tickEvery)
			}
			continue
		case <-tick.C:
			now := time.Now()
			until := read(now)
			e.tick(now, until)
			if e.told.Swap(false) || now.Sub(saved) >= saveEvery {
				saved = now
				save(e.encode())
			}
			if soon = until.Before(now); soon {
				tick.Reset(tickEvery)
			} else {
				tick.Reset(time.Duration(window - now.UnixNano()%window)) // what comes of silence does so when a window ends
			}
			continue
		case <-ctx.Done():
		}
		e.drain()
		save(e.encode())
		return
	}
}

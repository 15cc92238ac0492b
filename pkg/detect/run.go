package detect

import (
	"context"
	"time"
)

const (
	tickEvery = time.Second
	saveEvery = 5 * time.Minute
)

// Run takes in what the Watchers hand over until ctx is done and nothing more comes: the Watchers must be finished then. read tells up to
// when everything that was written has been read; save gets what was learned, now and then, soon after each finding and at the end, and
// is waited for.
func (e *Engine) Run(ctx context.Context, read func(now time.Time) time.Time, save func(state []byte)) {
	ticks := time.NewTicker(tickEvery)
	defer ticks.Stop()
	saved := time.Now()
	for {
		select {
		case c := <-e.queue:
			e.read(c)
			continue
		case now := <-ticks.C:
			e.tick(now, read(now))
			if e.told.Swap(false) || now.Sub(saved) >= saveEvery {
				saved = now
				save(e.encode())
			}
			continue
		case <-ctx.Done():
		}
		e.drain()
		save(e.encode())
		return
	}
}

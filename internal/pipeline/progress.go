package pipeline

import (
	"sync"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// progress knows up to when every line that was written has been processed. What a line is held for is time in which other lines
// were seen: while an output is away nobody reads, and when it is back, a line must not have waited long enough before what its
// trace turned out to be has been read.
//
// Batches are handed on in two epochs by turns, and counted by theirs: when none is left of the one before, everything that had been
// handed on when the present one began is processed.
type progress struct {
	caught func() time.Time // up to when what was written has been handed on

	mu      sync.Mutex
	epoch   uint8
	under   [2]int    // batches under way, by epoch
	pending time.Time // what was handed on when the epoch began
	done    time.Time
}

// hand counts a batch that is handed on.
func (p *progress) hand(b *event.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b.Epoch = p.epoch
	p.under[p.epoch]++
}

// processed counts a batch that is processed.
func (p *progress) processed(b *event.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under[b.Epoch]--
}

// at is up to when; with each call it goes on to about where the call before was.
func (p *progress) at() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before := 1 - p.epoch; p.under[before] == 0 {
		p.done, p.pending, p.epoch = p.pending, p.caught(), before
	}
	return p.done
}

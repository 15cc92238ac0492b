package tail

import (
	"slices"
	"sync"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

const (
	fineness  = time.Second // sightings closer than this are one
	sightings = 64          // that are kept of one file; beyond, the closest ones are joined
)

// growth remembers when a file was seen to have grown to which size, as far back as something of it is not acknowledged: so it
// knows how long the oldest byte that is not delivered has been waiting. The zero value is ready; any goroutine may use it.
type growth struct {
	mu   sync.Mutex
	seen []sighting // in order; the bytes up to size were there at the time
}

type sighting struct {
	size int64
	at   time.Time
}

// note takes down the size of the file at a time, and up to where it is acknowledged.
func (g *growth) note(size, committed int64, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.drop(committed)
	n := len(g.seen)
	switch {
	case n > 0 && g.seen[n-1].size > size: // truncated
		g.seen = append(g.seen[:0], sighting{size, now})
	case size <= committed || n > 0 && g.seen[n-1].size == size:
	case n > 0 && now.Sub(g.seen[n-1].at) < fineness:
		g.seen[n-1].size = size
	default:
		if n == sightings {
			g.thin()
		}
		g.seen = append(g.seen, sighting{size, now})
	}
}

// drop forgets what is acknowledged.
func (g *growth) drop(committed int64) {
	n := 0
	for n < len(g.seen) && g.seen[n].size <= committed {
		n++
	}
	g.seen = append(g.seen[:0], g.seen[n:]...)
}

// thin joins two neighbours, where they stand closest; the earlier time counts.
func (g *growth) thin() {
	best := 0
	for i := 0; i+2 < len(g.seen); i++ {
		if g.seen[i+2].at.Sub(g.seen[i].at) < g.seen[best+2].at.Sub(g.seen[best].at) {
			best = i
		}
	}
	g.seen[best].size = g.seen[best+1].size
	g.seen = slices.Delete(g.seen, best+1, best+2)
}

// waiting is how long the oldest byte behind committed has been there.
func (g *growth) waiting(committed int64, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.seen {
		if s.size > committed {
			return now.Sub(s.at)
		}
	}
	return 0
}

// Following is one file that is being followed for one pipeline.
type Following struct {
	Pipeline  string
	Path      string
	Size      int64
	Committed int64         // bytes acknowledged
	Lag       int64         // bytes that are not; 0 for a compressed file, of which nobody knows
	Waiting   time.Duration // how long the oldest of those has been there, since the agent started
	Lines     event.Counts
}

// Following lists the files that are being followed. Any goroutine may call it.
func (t *Tailer) Following() []Following {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Following, 0, len(t.status))
	for _, f := range t.status {
		one := Following{Pipeline: f.input.name, Size: f.size.Load(), Committed: f.committed()}
		if src := f.mirror.Load(); src != nil {
			one.Lines = src.Ledger.Snapshot()
		}
		one.Path, one.Lag = t.store.whereabouts(f.rec, one.Size-one.Committed)
		if one.Lag > 0 {
			one.Waiting = f.growth.waiting(one.Committed, now)
		}
		all = append(all, one)
	}
	return all
}

// whereabouts returns where the file was seen last, and how much of it is left, of which nobody knows when it is compressed.
func (s *store) whereabouts(r *record, left int64) (path string, lag int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.Zipped {
		lag = max(0, left)
	}
	return r.Path, lag
}

// committed is up to where f is acknowledged. Any goroutine may call it.
func (f *file) committed() int64 {
	if src := f.mirror.Load(); src != nil {
		return src.Committed.Load()
	}
	return f.start.Load()
}

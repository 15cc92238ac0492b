package detect

import (
	"context"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/freelist"
)

// Line is what a Watcher is told of a log line. Its bytes are not kept.
type Line struct {
	Time     int64  // Unix nanoseconds
	Service  []byte // may be empty
	Template string // its id; empty for none
	Text     string // of the template
	Duration int64  // nanoseconds; below 0 for none
	Failed   bool
}

// observation is a line on its way to the Engine.
type observation struct {
	series   *series
	time     int64
	duration int64
	failed   bool
}

const (
	chunkLines   = 1024
	chunkSamples = 24   // of each kind
	cached       = 2048 // series that a Watcher finds without asking
	mostName     = 200  // bytes of a service's name that count
)

// chunk is observations of one Watcher, in order.
type chunk struct {
	lines   []observation
	samples []Sample
	of      []*series              // of each sample
	home    *freelist.List[*chunk] // where it goes when it was read
	count   [sampleKinds]int       // samples of each kind
	last    [sampleKinds]int       // and where the last of them is
}

// clear empties the chunk and gives it back.
func (c *chunk) clear() {
	c.lines, c.samples, c.of, c.count = c.lines[:0], c.samples[:0], c.of[:0], [sampleKinds]int{}
	c.home.Put(c)
}

// Watcher takes note of lines for one goroutine. It allocates nothing for a line of a service and template that it knows.
//
// Several goroutines may read one file by turns, ahead of one another; then the Engine must be given their lines in the file's order. So
// a Watcher keeps what it has until Flush, or until it has no more room, when it waits for its turn.
type Watcher struct {
	engine *Engine
	ctx    context.Context
	turn   func() // returns when earlier lines of the same file were handed over
	free   *freelist.List[*chunk]
	chunk  *chunk
	full   []*chunk        // in order
	known  [cached]*series // by key
}

// chunksOfWatcher are enough for a batch of ordinary lines.
const chunksOfWatcher = 4

// Watcher returns one for a goroutine; ctx ends its waiting. turn is called before lines are handed over; nil when they are always in order.
func (e *Engine) Watcher(ctx context.Context, turn func()) *Watcher {
	var chunks []*chunk
	for range chunksOfWatcher {
		chunks = append(chunks, &chunk{lines: make([]observation, 0, chunkLines), samples: make([]Sample, 0, sampleKinds*chunkSamples), of: make([]*series, 0, sampleKinds*chunkSamples)})
	}
	w := &Watcher{engine: e, ctx: ctx, turn: turn, free: freelist.New(chunks...)}
	for _, c := range chunks {
		c.home = w.free
	}
	return w
}

// Observe takes note of a line. When it returns a Sample, the line is worth one, and the caller fills it in; it is valid until the next
// call.
func (w *Watcher) Observe(l *Line) *Sample {
	if (w.chunk == nil || len(w.chunk.lines) == chunkLines) && !w.room() {
		return nil
	}
	s := w.find(l)
	if s == nil {
		return nil
	}
	c := w.chunk
	c.lines = append(c.lines, observation{s, l.Time, l.Duration, l.Failed})
	return c.sample(s, l)
}

// room takes another chunk; when all are full, it hands them over and waits for one: the Engine only computes, so that is never long.
func (w *Watcher) room() bool {
	if w.chunk != nil {
		w.full = append(w.full, w.chunk)
		w.chunk = nil
	}
	c, ok := w.free.TryTake()
	if !ok {
		w.Flush()
		taken, err := w.free.Take(w.ctx)
		c, ok = taken, err == nil
	}
	w.chunk = c
	return ok
}

// Flush hands over what there is, when it is its turn.
func (w *Watcher) Flush() {
	if w.chunk != nil && len(w.chunk.lines) > 0 {
		w.full = append(w.full, w.chunk)
		w.chunk = nil
	}
	if len(w.full) == 0 {
		return
	}
	if w.turn != nil {
		w.turn()
	}
	for _, c := range w.full {
		select {
		case w.engine.queue <- c:
		case <-w.ctx.Done():
			c.clear() // nobody will read it
		}
	}
	w.full = w.full[:0]
}

// find is the series of a line; nil when it is not watched.
func (w *Watcher) find(l *Line) *series {
	service := l.Service[:min(len(l.Service), mostName)]
	key := keyOf(service, l.Template)
	for _, slot := range [...]uint64{key % cached, key%cached ^ 1} {
		if s := w.known[slot]; s != nil && s.key == key && !s.gone.Load() {
			return s
		}
	}
	s := w.engine.lookup(key, service, l)
	if s != nil && s.key == key {
		w.known[key%cached], w.known[key%cached^1] = s, w.known[key%cached]
	}
	return s
}

func keyOf(service []byte, id string) uint64 {
	return xxhash.Sum64String(id)*31 + xxhash.Sum64(service)
}

// sample returns where a sample of the line goes when there is none of its kind in this window. In a chunk that has many of a kind
// the last one gives way: while old logs are read a chunk is of many windows.
func (c *chunk) sample(s *series, l *Line) *Sample {
	kind := uint8(plain)
	if slow := s.slow.Load(); l.Failed {
		kind = failing
	} else if slow > 0 && l.Duration > slow {
		kind = slowing
	}
	now, before := l.Time/window, s.sampled[kind].Load()
	if now <= before || !s.sampled[kind].CompareAndSwap(before, now) {
		return nil
	}
	n := c.last[kind]
	if c.count[kind] < chunkSamples {
		n = len(c.samples)
		c.samples, c.of = c.samples[:n+1], append(c.of, s)
		c.count[kind]++
		c.last[kind] = n
	}
	sample := &c.samples[n]
	c.of[n] = s
	sample.ID, sample.Trace, sample.Text = sample.ID[:0], sample.Trace[:0], sample.Text[:0]
	sample.time, sample.kind, sample.template = l.Time, kind, l.Text
	return sample
}

package pipeline

import (
	"sync"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/ship"
)

// holding is what a worker holds. It belongs to the worker's goroutine.
type holding struct {
	pipelines []*heldPipeline
	queues    []*hold.Queue // by pipeline
	encoders  []*ship.Encoder
	traces    *hold.Traces
	keepers   []keeper
	act       actor    // nil for none
	seeing    []writer // the outputs that are no keepers
	ack       func([]event.Ack)
	progress  *progress

	now     time.Time
	line    hold.Line
	parts   [3][]byte // of line, as they are encoded
	take    ship.Held
	dropped []event.Ack // of lines that are dropped, not yet given

	timer *time.Timer
	armed bool
	ended sync.Once
	read  *sync.WaitGroup // of all workers: none is going to read more
	rest  bool            // when nothing is read any more, what is held is decided
}

// newHolding makes that of a worker with the writers.
func newHolding(a *Agent, outputs []writer) *holding {
	h := &holding{pipelines: a.held, ack: a.marks.ack, progress: &a.read, read: &a.reading, timer: time.NewTimer(time.Hour),
		queues: make([]*hold.Queue, len(a.held)), encoders: ship.NewEncoders(datasets(a.cfg), a.cfg.Host.Name)}
	h.timer.Stop()
	for i, p := range a.held {
		if p != nil {
			h.queues[i] = hold.NewQueue(p.pool)
		}
	}
	for _, w := range outputs {
		k, ok := w.(keeper)
		if !ok {
			h.seeing = append(h.seeing, w)
			continue
		}
		h.keepers = append(h.keepers, k)
		if a, ok := w.(actor); ok {
			h.act = a
		}
	}
	return h
}

// begin starts the lines of a batch; nil when its pipeline does not hold.
func (h *holding) begin(pipeline int) *heldPipeline {
	if h == nil || h.pipelines[pipeline] == nil {
		return nil
	}
	h.now = time.Now()
	return h.pipelines[pipeline]
}

// fate decides about a line that was read, as far as it can.
func (h *holding) fate(p *heldPipeline, ev *event.Event) hold.Fate {
	if ev.TraceID == nil {
		return hold.Kept
	}
	key := hold.Key(ev.TraceID)
	h.line.Trace = key
	if p.rule.Tells(ev) {
		if h.traces.Keep(key, h.now) {
			p.counts.Late.Add(1)
		}
		p.counts.Kept.Add(1)
		return hold.Kept
	}
	if p.rule.Sampled(ev.TraceID) {
		p.counts.Sampled.Add(1)
		return hold.Kept
	}
	fate := h.traces.Fate(key, h.now)
	switch fate {
	case hold.Kept:
		p.counts.Kept.Add(1)
	case hold.Dropped:
		p.counts.Dropped.Add(1)
	}
	return fate
}

// see shows a line that is dropped or held to the outputs that are no keepers.
func (h *holding) see(ev *event.Event) {
	for _, w := range h.seeing {
		_ = w.Add(ev) // they never hold up anything; an error says only that they are closing
	}
}

// hold lets a line of b wait whose fate is not decided; the next one begins at the offset to. When there is no memory for it, the oldest
// lines are kept, or else the line itself.
func (h *holding) hold(p *heldPipeline, b *event.Batch, ev *event.Event, to int64) error {
	src := b.Source
	l, q := &h.line, h.queues[src.Pipeline]
	l.Source, l.From, l.To, l.Offset, l.Route, l.Until = src, ev.Offset, to, ev.Offset, ev.Route, time.Time{}
	if p.wait > 0 {
		l.Until = h.now.Add(p.wait)
	}
	h.parts[0] = h.parts[0][:0]
	if h.act != nil {
		h.parts[0] = h.act.AppendAction(h.parts[0], ev)
	}
	h.parts[1] = ship.AppendID(h.parts[1][:0], src, ev.Offset, ev.Raw)
	h.parts[2] = h.encoders[src.Pipeline].AppendDocument(h.parts[2][:0], ev, b.Path)
	l.Parts = h.parts
	for _, k := range h.keepers {
		if err := k.Skip(ev.Offset, to); err != nil {
			return err
		}
	}
	for !q.Push(l) {
		if q.Len() == 0 || !p.pool.Fits(l) {
			return h.let(p, l, hold.Spared)
		}
		if err := h.spare(p, q); err != nil {
			return err
		}
	}
	p.counts.Waiting.Add(1)
	return nil
}

// spare decides the oldest lines, until memory is free.
func (h *holding) spare(p *heldPipeline, q *hold.Queue) error {
	for freed := false; !freed; freed = q.Pop() {
		l := q.Oldest()
		fate := h.traces.Fate(l.Trace, h.now)
		if fate == hold.Undecided {
			fate = hold.Spared
		}
		p.counts.Waiting.Add(-1)
		if err := h.let(p, l, fate); err != nil {
			return err
		}
	}
	h.flush()
	return nil
}

// decide decides the lines that have waited long enough, by the clock and by what has been read meanwhile: all of them when everything
// is read.
func (h *holding) decide(now time.Time, all bool) error {
	h.now = now
	read := h.progress.at()
	for i, q := range h.queues {
		if q == nil {
			continue
		}
		p := h.pipelines[i]
		for l := q.Oldest(); l != nil && (all || !l.Until.IsZero() && !now.Before(l.Until) && !read.Before(l.Until)); l = q.Oldest() {
			p.counts.Waiting.Add(-1)
			if err := h.let(p, l, h.traces.Decide(l.Trace, now)); err != nil {
				return err
			}
			q.Pop()
		}
	}
	h.flush()
	return nil
}

// let gives a line its fate. It may not be in a batch, or comes right after Skip.
func (h *holding) let(p *heldPipeline, l *hold.Line, fate hold.Fate) error {
	switch fate {
	case hold.Dropped:
		p.counts.Dropped.Add(1)
		l.Source.Count(event.Dropped, 1)
		h.drop(l)
		return nil
	case hold.Spared: // all of the trace, so that it is whole
		h.traces.Keep(l.Trace, h.now)
		p.counts.Early.Add(1)
	default:
		p.counts.Kept.Add(1)
	}
	h.take = ship.Held{Source: l.Source, From: l.From, To: l.To, Offset: l.Offset, Route: l.Route, Action: l.Parts[0], ID: l.Parts[1], Document: l.Parts[2]}
	for _, k := range h.keepers {
		if err := k.Take(&h.take); err != nil {
			return err
		}
	}
	return nil
}

// mostDropped bounds how many acknowledgements are gathered.
const mostDropped = 1024

// drop acknowledges a line that is dropped; flush says so.
func (h *holding) drop(l *hold.Line) {
	h.dropped = event.AppendAck(h.dropped, l.Source, l.From, l.To)
	if len(h.dropped) == mostDropped {
		h.flush()
	}
}

// flush acknowledges what was dropped.
func (h *holding) flush() {
	if len(h.dropped) > 0 {
		h.ack(h.dropped)
		clear(h.dropped)
		h.dropped = h.dropped[:0]
	}
}

// lookEvery is the least time between two looks at what has waited long enough.
const lookEvery = 50 * time.Millisecond

// arm lets a look be taken when the oldest line has waited long enough.
func (h *holding) arm() {
	if h.armed {
		return
	}
	next := time.Time{}
	for _, q := range h.queues {
		if q == nil || q.Len() == 0 {
			continue
		}
		if until := q.Oldest().Until; !until.IsZero() && (next.IsZero() || until.Before(next)) {
			next = until
		}
	}
	if !next.IsZero() {
		h.timer.Reset(max(time.Until(next), lookEvery))
		h.armed = true
	}
}

// due sends when it is time to look; nil for a worker that holds nothing.
func (h *holding) due() <-chan time.Time {
	if h == nil {
		return nil
	}
	return h.timer.C
}

// look decides what has waited long enough.
func (h *holding) look(now time.Time) error {
	h.armed = false
	err := h.decide(now, false)
	h.arm()
	return err
}

// end decides what waits when everything is read: by then, every worker has seen what any line tells of a trace. When the agent is
// stopped, what waits is not acknowledged, and is read again.
func (h *holding) end() error {
	if h == nil {
		return nil
	}
	h.abandon()
	h.read.Wait()
	if !h.rest {
		return nil
	}
	return h.decide(time.Now(), true)
}

// abandon says that the worker reads no more.
func (h *holding) abandon() {
	if h != nil {
		h.timer.Stop()
		h.ended.Do(h.read.Done)
	}
}

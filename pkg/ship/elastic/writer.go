package elastic

import (
	"context"
	"time"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Target is where the documents of one pipeline go.
type Target struct {
	Dataset  string
	Index    *Name    // an index or data stream
	Stream   bool     // it is a data stream
	Pipeline string   // the ingest pipeline that its documents go through; empty: that of the index
	Routes   []Target // where documents go whose Route is 1, 2, ...
}

// all are the target and those of its routes, by event.Event.Route.
func (t *Target) all() []Target { return append([]Target{*t}, t.Routes...) }

// target is where a document goes.
func (o *Output) target(d *doc) *Target {
	t := &o.opts.Targets[d.source.Pipeline]
	if d.route > 0 {
		t = &t.Routes[d.route-1]
	}
	return t
}

// targets are those of all pipelines and routes.
func (o *Output) targets() []Target { return everyTarget(o.opts.Targets) }

// actions writes the action lines of one target, as far as the _id.
type actions struct {
	fixed   []byte // the same for every document; nil when the name is not
	name    *Name
	behind  []byte // what follows the name
	dataset string
	host    string
}

func newActions(t Target, host string) actions {
	behind := []byte{'"'}
	if t.Pipeline != "" {
		behind = jsontext.AppendString(append(behind, `,"pipeline":`...), t.Pipeline)
	}
	a := actions{name: t.Index, behind: behind, dataset: t.Dataset, host: host}
	if t.Index.Fixed() {
		a.fixed = append(jsontext.AppendString([]byte(`{"create":{"_index":`), t.Index.Pattern()), behind[1:]...)
	}
	return a
}

func (a *actions) append(dst []byte, ev *event.Event) []byte {
	if a.fixed != nil {
		return append(dst, a.fixed...)
	}
	dst = append(dst, `{"create":{"_index":"`...)
	return append(a.name.Append(dst, ev, a.dataset, a.host), a.behind...)
}

// Writer fills bulk requests for one worker. It belongs to that worker's goroutine.
type Writer struct {
	out      *Output
	ctx      context.Context
	encoders []*ship.Encoder // by pipeline
	actions  [][]actions     // by pipeline and route
	cur      *bulk
	fills    bool // the request before was full
	batch    *event.Batch
	ids      ship.IDs // of its lines
	from     int64    // of the batch, what is not yet noted in a request
	read     int64    // documents that are not yet counted
	timer    *time.Timer
	due      chan struct{}
}

// Begin starts the lines of a batch.
func (w *Writer) Begin(b *event.Batch) { w.batch, w.ids, w.from = b, ship.IDsOf(b.Source), b.From }

// Add appends the document of one line. It waits while as many requests are under way as may be, and returns an error
// only when the output is closing.
func (w *Writer) Add(ev *event.Event) error {
	if w.cur != nil && !w.full() {
		w.read++
	} else if ok, err := w.turn(ev.Offset); !ok {
		return err
	}
	src, b := w.batch.Source, w.cur
	w.reserve(b)
	start := len(b.buf)
	buf := w.actions[src.Pipeline][ev.Route].append(b.buf, ev)
	if w.out.exactlyOnce {
		buf = append(buf, `,"_id":"`...)
		buf = w.ids.Append(buf, ev.Offset, ev.Raw)
		buf = append(buf, "\"}}\n"...)
	} else {
		buf = append(buf, "}}\n"...)
	}
	body := len(buf)
	buf = append(w.encoders[src.Pipeline].AppendDocument(buf, ev, w.batch.Path), '\n')
	b.docs = append(b.docs, doc{start: start, body: body, end: len(buf), source: src, offset: ev.Offset, route: ev.Route})
	b.buf = buf
	return nil
}

// turn ends a request that is full before the line at offset, and makes sure that there is one to be filled.
func (w *Writer) turn(offset int64) (ok bool, err error) {
	if w.cur != nil {
		w.cur.ack(w.batch.Source, w.from, offset)
		w.from = offset
		if err := w.submit(); err != nil {
			return false, err
		}
	}
	return w.ready()
}

// AppendAction appends what Take wants of a line of the batch beside its _id and document.
func (w *Writer) AppendAction(dst []byte, ev *event.Event) []byte {
	return w.actions[w.batch.Source.Pipeline][ev.Route].append(dst, ev)
}

// Skip says that the lines of the batch before the offset from are done with, and that those in [from,to) are delivered in another way,
// or not at all: they are not acknowledged with the batch. The error says that the output is closing.
func (w *Writer) Skip(from, to int64) error {
	start := w.from
	w.from = to
	if start >= from {
		return nil
	}
	if w.cur == nil && !w.room() {
		return w.ctx.Err()
	}
	w.cur.ack(w.batch.Source, start, from)
	return nil
}

// Take adds the document of a line that was held. Within a batch it must come right after Skip.
func (w *Writer) Take(h *ship.Held) error {
	if w.cur != nil && w.full() {
		if err := w.submit(); err != nil {
			return err
		}
	}
	if ok, err := w.ready(); !ok {
		return err
	}
	b := w.cur
	w.reserve(b)
	d := doc{start: len(b.buf), source: h.Source, offset: h.Offset, route: h.Route}
	b.buf = append(b.buf, h.Action...)
	if w.out.exactlyOnce {
		b.buf = append(b.buf, `,"_id":"`...)
		b.buf = append(b.buf, h.ID...)
		b.buf = append(b.buf, '"')
	}
	b.buf = append(b.buf, "}}\n"...)
	d.body = len(b.buf)
	b.buf = append(append(b.buf, h.Document...), '\n')
	d.end = len(b.buf)
	b.docs = append(b.docs, d)
	b.ack(h.Source, h.From, h.To)
	return nil
}

// ready counts a document and makes sure that there is a request for it; a secondary output gives it up when there is none.
func (w *Writer) ready() (ok bool, err error) {
	w.read++
	if w.cur != nil && !w.full() || w.cur == nil && w.room() {
		return true, nil
	}
	if err := w.ctx.Err(); err != nil || !w.out.opts.Secondary {
		return false, err
	}
	w.count()
	w.out.Ledger[event.Dropped].Add(1)
	return false, nil
}

// count adds the documents since the last call to the ledger, before they can be given up or answered.
func (w *Writer) count() {
	w.out.Ledger[event.Read].Add(w.read)
	w.read = 0
}

// reserve makes room in a request for a document of usual length.
func (w *Writer) reserve(b *bulk) {
	if cap(b.buf)-len(b.buf) < usualDocument {
		b.reserve(w.out.cfg.Bulk.MaxSize+w.out.cfg.Bulk.MaxSize/8, w.fills)
	}
}

// End finishes the batch: everything of it is in a request now, and its memory may be used again.
func (w *Writer) End() error {
	w.count()
	from, to, src := w.from, w.batch.To, w.batch.Source
	w.batch = nil
	if from >= to {
		return nil
	}
	if w.cur == nil && !w.room() {
		return w.ctx.Err()
	}
	w.cur.ack(src, from, to)
	return nil
}

// Idle tells the writer that there are no more lines at the moment. What it holds is sent at once when no request is
// under way, else after the linger or when the last one is answered: a slow trickle is not delayed, a fast one gathers.
func (w *Writer) Idle() error {
	if w.cur == nil {
		return nil
	}
	if w.out.Stats.InFlight.Load() == 0 {
		return w.submit()
	}
	if w.timer == nil {
		w.timer = time.AfterFunc(w.out.cfg.Bulk.Linger, w.nudge)
	}
	return nil
}

// nudge asks for Flush.
func (w *Writer) nudge() {
	select {
	case w.due <- struct{}{}:
	default:
	}
}

// Flush sends what the writer holds.
func (w *Writer) Flush() error {
	if w.cur == nil {
		return nil
	}
	return w.submit()
}

// full reports whether the request being filled has reached a limit.
func (w *Writer) full() bool {
	return len(w.cur.buf) >= w.out.cfg.Bulk.MaxSize || len(w.cur.docs) >= w.out.cfg.Bulk.MaxDocs
}

// room takes a request to fill. A primary output waits for one; a secondary one does without.
func (w *Writer) room() bool {
	var b *bulk
	ok := true
	if w.out.opts.Secondary {
		b, ok = w.out.free.TryTake()
	} else if taken, err := w.out.free.Take(w.ctx); err == nil {
		b = taken
	} else {
		ok = false
	}
	if !ok {
		return false
	}
	w.cur = b
	return true
}

// submit gives the request to a sender. A secondary output keeps it when no sender is free.
func (w *Writer) submit() error {
	w.count()
	w.fills = w.full()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if w.out.opts.Secondary {
		select {
		case w.out.queue <- w.cur:
			w.cur = nil
		default:
			w.timer = time.AfterFunc(w.out.cfg.Bulk.Linger, w.nudge)
		}
		return nil
	}
	select {
	case w.out.queue <- w.cur:
		w.cur = nil
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

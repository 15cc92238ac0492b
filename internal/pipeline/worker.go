package pipeline

import (
	"errors"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/docker"
	"github.com/tailspan/tailspan/internal/kubernetes"
	"github.com/tailspan/tailspan/pkg/detect/template"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/parse"
)

// writer is what a worker needs of an output. Begin, Add and End are called for each batch; Idle when there is no other
// batch to go on with; Flush when the output asks for it. An error means that the output is closing or broken.
type writer interface {
	Begin(*event.Batch)
	Add(*event.Event) error
	End() error
	Idle() error
	Flush() error
}

// worker parses batches and hands the events to the output. Any worker may have any batch, so that all cores work on the backlog of
// one file; what a line needs of those before it comes with the batch's Turn. Batches are taken in the order in which they were
// read, so a worker never waits for one that nobody has.
type worker struct {
	in      chan *event.Batch // of all workers
	parsers []*parse.Parser   // by pipeline
	out     writer
	due     chan struct{} // the output asks for Flush
	ev      event.Event
	about   *kubernetes.Source // nil for none
	docker  *docker.Source     // the same
	taggers []*template.Tagger // by pipeline; nil where nobody asks for templates
	path    []byte             // of the batch
	batch   *event.Batch       // that is being processed
	past    *event.Past        // of its source, once it was asked for
	last    event.Time         // of the last line of the batch; not set before its end
	watch   *watch             // for the detectors; nil when there are none

	received []string // by pipeline, the type of its input; "" for files
	origins  origins
	held     *holding // nil when no pipeline holds lines
	read     *progress
}

// followed lets the worker's parsers ask for what earlier lines have left.
func (w *worker) followed() *worker {
	for _, p := range w.parsers {
		p.Follow(w.before)
	}
	return w
}

// fanout is a primary output and others, which never hold it up: their errors say only that they are closing.
type fanout struct {
	writer
	others []writer
}

func (f fanout) Begin(b *event.Batch) {
	f.writer.Begin(b)
	for _, w := range f.others {
		w.Begin(b)
	}
}

func (f fanout) Add(ev *event.Event) error {
	for _, w := range f.others {
		_ = w.Add(ev)
	}
	return f.writer.Add(ev)
}

func (f fanout) End() error   { return f.each(writer.End) }
func (f fanout) Idle() error  { return f.each(writer.Idle) }
func (f fanout) Flush() error { return f.each(writer.Flush) }

func (f fanout) each(do func(writer) error) error {
	for _, w := range f.others {
		_ = do(w)
	}
	return do(f.writer)
}

// run works until in is closed or the output gives up; it returns the output's error.
func (w *worker) run() error {
	for {
		more, err := true, error(nil)
		select {
		case b, ok := <-w.in:
			more, err = ok, w.take(b, ok)
		case now := <-w.held.due():
			err = w.held.look(now)
		default:
			if err := w.out.Idle(); err != nil { // another may have taken the last batch, so this is not asked behind one
				return err
			}
			select {
			case b, ok := <-w.in:
				more, err = ok, w.take(b, ok)
			case <-w.due:
				err = w.out.Flush()
			case now := <-w.held.due():
				err = w.held.look(now)
			}
		}
		if err != nil {
			w.held.abandon()
		}
		if err != nil || !more {
			return err
		}
	}
}

// take processes a batch; when there are no more, it sends what the output still has.
func (w *worker) take(b *event.Batch, more bool) error {
	if !more {
		return errors.Join(w.held.end(), w.out.Flush())
	}
	defer b.Release()
	defer w.read.processed(b)
	return w.process(b)
}

// process is the hot path: every line of every file goes through it.
func (w *worker) process(b *event.Batch) error {
	parser, src, ev := w.parsers[b.Source.Pipeline], b.Source, &w.ev
	var kind string
	if len(w.received) > 0 {
		kind = w.received[b.Source.Pipeline]
	}
	if kind != "" {
		b.Path = "" // the spool's says nothing
	}
	facts := w.about.Facts(b.Path)
	if facts == nil && w.docker != nil {
		facts = w.docker.Facts(b.Path, b.Read)
	}
	w.batch, w.past, w.last = b, nil, event.Time{}
	defer w.pass()
	w.out.Begin(b)
	w.path = append(w.path[:0], b.Path...)
	tagger, dropped, held := w.taggers[b.Source.Pipeline], 0, w.held.begin(src.Pipeline)
	var last event.Time
	for i, line := range b.Lines {
		ev.Raw, ev.Offset, ev.Cut = b.Data[line.Start:line.End], line.Offset, line.Cut
		if kind != "" && kind != "stdin" {
			facts = w.origins.take(ev, kind != "journald")
		}
		parser.Parse(ev)
		facts.Describe(ev)
		if !ev.Time.Set && !last.Set {
			last = w.before().Time
		}
		withTime(ev, &last, b.Read)
		if parser.Process(ev, w.path); ev.Dropped {
			dropped++
			continue
		}
		if tagger != nil {
			tagger.Tag(ev)
		}
		if w.watch != nil {
			w.watch.see(b, ev)
		}
		if held != nil {
			switch w.held.fate(held, ev) {
			case hold.Dropped:
				w.held.see(ev)
				dropped++
				continue
			case hold.Undecided:
				w.held.see(ev)
				if err := w.held.hold(held, b, ev, end(b, i)); err != nil {
					return err
				}
				continue
			}
		}
		if err := w.out.Add(ev); err != nil {
			return err
		}
	}
	if held != nil {
		w.held.arm()
	}
	if dropped > 0 {
		src.Count(event.Dropped, dropped)
	}
	w.last = last
	return w.out.End()
}

// end is where the next line of b begins, or else the next batch.
func end(b *event.Batch, line int) int64 {
	if line+1 < len(b.Lines) {
		return b.Lines[line+1].Offset
	}
	return b.To
}

// withTime gives an event without a time that of the line before it, or else the time when it was read.
func withTime(ev *event.Event, last *event.Time, read time.Time) {
	switch {
	case ev.Time.Set:
		*last = ev.Time
	case last.Set:
		ev.Time = *last
	default:
		ev.Time = parse.Reading(read)
	}
}

// before is what the batches of the source before this one have left. It waits for those that are at other workers.
func (w *worker) before() *event.Past {
	if w.past == nil {
		w.past = w.batch.Turn.Wait()
	}
	return w.past
}

// pass lets the next batch of the source have its turn. Only the detectors, who see batches in their order, wait for those before.
func (w *worker) pass() {
	if w.watch != nil {
		w.before()
		w.watch.Flush()
	}
	w.batch.Turn.Done(w.last)
}

// alone processes the next batch of a source that no other worker has batches of.
func (w *worker) alone(b *event.Batch) error {
	b.Turn = b.Source.Next(w)
	defer b.Release()
	return w.process(b)
}

// received are the types of the pipelines' inputs; "" for files.
func received(cfg *config.Config) []string {
	types := make([]string, len(cfg.Pipelines))
	for i, p := range cfg.Pipelines {
		if p.Input != nil {
			types[i] = p.Input.Type
		}
	}
	return types
}

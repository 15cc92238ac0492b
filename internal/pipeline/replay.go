package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/docker"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/tail"
)

// Replay ships a range of time again: what Elasticsearch has is left alone. It works beside a running agent.
type Replay struct {
	files    *tail.Rereading
	parsers  *worker
	window   *window
	target   replayTarget
	ctx      context.Context
	cancel   context.CancelFunc
	total    event.Ledger
	timeless atomic.Int64
}

// Replayed is what a Replay has done so far, in lines.
type Replayed struct {
	Files, AllFiles int   // read, and to be read
	Gone            int   // files that are known and not there any more
	Lines           int64 // looked at
	InRange         int64
	There           int64 // already
	Sent, Refused   int64
	WithoutTime     int64 // with no time in their file up to them, so that nobody knows whether they are in the range
}

// NewReplay finds the files of all pipelines of cfg, to ship them to the output, elasticsearch, local or jaeger, that is called
// name; from is in the range, to is not. ctx ends it.
func NewReplay(ctx context.Context, cfg *config.Config, name string, from, to time.Time, log *slog.Logger) (*Replay, error) {
	parsers, err := Parsers(cfg)
	if err != nil {
		return nil, err
	}
	r := new(Replay)
	r.files, err = tail.NewRereading(tail.Config{Host: cfg.Host.Name, Dir: cfg.DataDir, Inputs: countedBy(&r.total, cfg), Log: log, Batches: event.NewPool(1, arenaSize)})
	if err != nil {
		return nil, err
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	if r.target, err = r.open(cfg, name, log); err != nil {
		r.cancel()
		return nil, err
	}
	r.window = &window{writer: r.target, from: event.TimeOf(from), to: event.TimeOf(to), timeless: &r.timeless}
	known := newStatements(cfg, false, log)
	known.load(unchanging{})
	r.parsers = (&worker{parsers: parsers, taggers: known.taggers(), out: r.window, about: about(cfg, log), docker: new(docker.Source), received: received(cfg)}).followed()
	return r, nil
}

// Run reads everything once and waits until what was missing is there.
func (r *Replay) Run() error {
	defer r.cancel()
	go r.parsers.about.Run(r.ctx)
	err := r.files.Run(r.ctx, r.parsers.alone)
	if r.ctx.Err() == nil {
		err = errors.Join(err, r.window.Flush())
	}
	if failed := r.target.wait(); failed != nil {
		return failed // the other error only says that this one ended it
	}
	return err
}

// Done tells how far it is. Any goroutine may ask.
func (r *Replay) Done() Replayed {
	c := r.total.Snapshot()
	d := Replayed{Gone: r.files.Gone(), Lines: c[event.Read], InRange: c[event.Read] - c[event.Dropped], WithoutTime: r.timeless.Load()}
	d.There, d.Sent, d.Refused = r.target.done(c)
	d.Files, d.AllFiles = r.files.Files()
	return d
}

// window hands on the events of a range of time; to the ledger the others are dropped.
type window struct {
	writer
	from, to event.Time // from is in the range, to is not
	batch    *event.Batch
	timeless *atomic.Int64
}

func (w *window) Begin(b *event.Batch) {
	w.batch = b
	w.writer.Begin(b)
}

func (w *window) Add(ev *event.Event) error {
	switch {
	case ev.Time == parse.Reading(w.batch.Read): // that of the replay
		w.timeless.Add(1)
	case !before(ev.Time, w.from) && before(ev.Time, w.to):
		return w.writer.Add(ev)
	}
	w.batch.Source.Count(event.Dropped, 1)
	return nil
}

func before(a, b event.Time) bool { return a.Sec < b.Sec || a.Sec == b.Sec && a.Nsec < b.Nsec }

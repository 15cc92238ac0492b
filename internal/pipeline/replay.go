package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/tail"
)

// Replay ships a range of time again: what Elasticsearch has is left alone. It works beside a running agent.
type Replay struct {
	files    *tail.Rereading
	parsers  *worker
	window   *window
	sending  *elastic.Replay
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

// NewReplay finds the files of all pipelines of cfg; from is in the range, to is not. ctx ends it.
func NewReplay(ctx context.Context, cfg *config.Config, from, to time.Time, log *slog.Logger) (*Replay, error) {
	parsers, err := Parsers(cfg)
	if err != nil {
		return nil, err
	}
	r := new(Replay)
	inputs := make([]tail.Named, len(cfg.Pipelines))
	for i, p := range cfg.Pipelines {
		inputs[i] = tail.Named{Name: p.Name, Input: p.Tail, Total: &r.total}
	}
	r.files, err = tail.NewRereading(tail.Config{Host: cfg.Host.Name, Dir: cfg.DataDir, Inputs: inputs, Log: log, Batches: event.NewPool(1, arenaSize)})
	if err != nil {
		return nil, err
	}
	targets, names := Targets(cfg)
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.sending, err = elastic.NewReplay(r.ctx, r.cancel, *cfg.Output.Elasticsearch,
		elastic.Options{Host: cfg.Host.Name, Targets: targets, Names: names, Log: log})
	if err != nil {
		r.cancel()
		return nil, err
	}
	r.window = &window{writer: r.sending.Writer, from: event.TimeOf(from), to: event.TimeOf(to), timeless: &r.timeless}
	r.parsers = &worker{parsers: parsers, out: r.window}
	return r, nil
}

// Run reads everything once and waits until what was missing is there.
func (r *Replay) Run() error {
	defer r.cancel()
	err := r.files.Run(r.ctx, func(b *event.Batch) error {
		defer b.Release()
		return r.parsers.process(b)
	})
	if r.ctx.Err() == nil {
		err = errors.Join(err, r.window.Flush())
	}
	if failed := r.sending.Wait(); failed != nil {
		return failed // the other error only says that this one ended it
	}
	return err
}

// Done tells how far it is. Any goroutine may ask.
func (r *Replay) Done() Replayed {
	c := r.total.Snapshot()
	d := Replayed{Gone: r.files.Gone(), Lines: c[event.Read], InRange: c[event.Read] - c[event.Dropped], There: c[event.Duplicate],
		Sent: c[event.Indexed], Refused: c[event.Dead], WithoutTime: r.timeless.Load()}
	d.Files, d.AllFiles = r.files.Files()
	return d
}

// window hands on the events of a range of time; to the ledger the others are dropped.
type window struct {
	writer
	from, to event.Time // from is in the range, to is not
	src      *event.Source
	timeless *atomic.Int64
}

func (w *window) Begin(b *event.Batch) {
	w.src = b.Source
	w.writer.Begin(b)
}

func (w *window) Add(ev *event.Event) error {
	switch {
	case !w.src.Last.Set: // it has the time of reading, which is that of the replay
		w.timeless.Add(1)
	case !before(ev.Time, w.from) && before(ev.Time, w.to):
		return w.writer.Add(ev)
	}
	w.src.Count(event.Dropped, 1)
	return nil
}

func before(a, b event.Time) bool { return a.Sec < b.Sec || a.Sec == b.Sec && a.Nsec < b.Nsec }

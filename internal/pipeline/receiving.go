package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/receive"
	"github.com/tailspan/tailspan/pkg/receive/spool"
	"github.com/tailspan/tailspan/pkg/tail"
)

// spooled is the input of a pipeline as it is tailed: the files that it names, or the spool of what it receives.
func spooled(cfg *config.Config, p *config.Pipeline) tail.Input {
	in := p.Tail
	if p.Input == nil {
		return in
	}
	in.Paths = []string{config.Literal(spoolDir(cfg.DataDir, p.Name)) + "/*.log"}
	in.Exclude, in.IgnoreOlder, in.StartAt, in.AllowedRoots, in.Deleted = nil, 0, "beginning", nil, tail.Deleted{}
	if p.Input.Records() {
		in.MaxLine = receive.Longest(in.MaxLine)
	}
	return in
}

// spoolDir is where the lines are that a pipeline has received.
func spoolDir(dataDir, pipeline string) string {
	return filepath.Join(dataDir, "spool", url.PathEscape(pipeline))
}

// receivers are the inputs of an agent that are no files. They live on from one configuration to the next when theirs stays the
// same, so that nobody who sends notices.
type receivers struct {
	once   bool
	stdin  io.Reader
	log    *slog.Logger
	tailer *tail.Tailer
	fed    chan struct{} // closed when no more comes, which happens only with once

	mu     sync.Mutex
	byName map[string]*receiver
}

type receiver struct {
	*receive.Receiver
	cfg     receive.Config
	maxLine int
	stop    context.CancelFunc // nil: it has not begun
	ended   sync.WaitGroup
}

// refused counts what did not come in whole through the input of a pipeline, by reason; nil when it has files.
func (rs *receivers) refused(name string) map[string]int64 {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.byName[name]
	if r == nil {
		return nil
	}
	return map[string]int64{"no_room": r.Dropped.Load(), "too_long": r.Cut.Load(), "malformed": r.Malformed.Load(), "connection": r.Refused.Load()}
}

// set opens those that cfg names and closes those that it does not, or not so any more. Those that could not be opened are what
// the error is about; the others are there.
func (rs *receivers) set(cfg *config.Config) error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	wanted := map[string]*config.Pipeline{}
	for i := range cfg.Pipelines {
		if p := &cfg.Pipelines[i]; p.Input != nil && (!rs.once || !p.Input.Sockets()) {
			wanted[p.Name] = p
		}
	}
	for name, r := range rs.byName {
		if p := wanted[name]; p == nil || p.Tail.MaxLine != r.maxLine || !reflect.DeepEqual(*p.Input, r.cfg) {
			rs.end(r)
			delete(rs.byName, name)
		}
	}
	var errs []error
	for name, p := range wanted {
		if rs.byName[name] != nil {
			continue
		}
		r, err := rs.open(cfg, p)
		if err != nil {
			errs = append(errs, fmt.Errorf("pipeline %s: %s input: %w", name, p.Input.Type, err))
		}
		if r != nil {
			rs.byName[name] = r
		}
	}
	return errors.Join(errs...)
}

func (rs *receivers) open(cfg *config.Config, p *config.Pipeline) (*receiver, error) {
	kept, err := spool.Open(spoolDir(cfg.DataDir, p.Name), p.Input.Spool.MaxSize)
	if err != nil {
		return nil, err
	}
	r := &receiver{cfg: *p.Input, maxLine: p.Tail.MaxLine}
	r.Receiver, err = receive.New(*p.Input, receive.Options{Name: p.Name, MaxLine: p.Tail.MaxLine, FromEnd: p.Tail.StartAt == "end", Once: rs.once,
		Memory: cfg.Memory / 8, Stdin: rs.stdin, Log: rs.log, Spool: kept})
	return r, err
}

// run lets those begin that have not.
func (rs *receivers) run() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	var feeding []*receiver
	for _, r := range rs.byName {
		feeding = append(feeding, r)
		if r.stop != nil {
			continue
		}
		var ctx context.Context
		ctx, r.stop = context.WithCancel(context.Background())
		keeping, stopKeeping := context.WithCancel(ctx)
		r.ended.Go(func() {
			r.Run(ctx)
			if rs.once { // otherwise what a stream had that has ended is still to be delivered
				stopKeeping()
			}
		})
		r.ended.Go(func() {
			r.Spool.Keep(keeping, rs.tailer.Delivered, forgetting(ctx, rs.tailer), r.cfg.Type == "journald")
		})
	}
	if rs.once && rs.fed != nil {
		fed := rs.fed
		rs.fed = nil
		go func() {
			for _, r := range feeding {
				r.ended.Wait()
			}
			close(fed)
		}()
	}
}

// forgetting drops what is known of a segment that is gone, so that what is known does not grow with what has passed.
func forgetting(ctx context.Context, tailer *tail.Tailer) func(path string) {
	return func(path string) {
		ctx, done := context.WithTimeout(ctx, time.Second) // the reading loop may be waiting for an output
		defer done()
		_ = tailer.Forget(ctx, path) // then it is forgotten in a while, as every file is
	}
}

// close ends all of them.
func (rs *receivers) close() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, r := range rs.byName {
		rs.end(r)
	}
	clear(rs.byName)
}

// end closes one, and removes what is delivered of its spool: of the journal's not the last of it, which tells where to go on.
func (rs *receivers) end(r *receiver) {
	if r.stop != nil {
		r.stop()
		r.ended.Wait()
	} else {
		r.Abandon()
	}
	if err := r.Spool.Close(); err != nil {
		rs.log.Warn("the spool could not be closed", "pipeline", r.Name, "error", err)
	}
	r.Spool.Collect(rs.tailer.Delivered, forgetting(context.Background(), rs.tailer), r.cfg.Type == "journald")
}

// origins are the facts of lines by where they came from. They belong to one worker.
type origins struct {
	byText map[string]*event.Facts
	spare  []byte
}

// maxOrigins are remembered; then all are forgotten, and made anew.
const maxOrigins = 4096

// take makes ev the line that a record holds, and returns what is known of where it came from; nil for nothing.
func (o *origins) take(ev *event.Event, source bool) *event.Facts {
	var record spool.Record
	record, o.spare = spool.Split(ev.Raw, o.spare)
	ev.Raw, ev.Cut = record.Text, ev.Cut || record.Cut
	if !source || record.From == nil {
		return nil
	}
	facts := o.byText[string(record.From)]
	if facts == nil {
		if len(o.byText) >= maxOrigins || o.byText == nil {
			o.byText = map[string]*event.Facts{}
		}
		facts = receive.Facts(record.From)
		o.byText[string(record.From)] = facts
	}
	return facts
}

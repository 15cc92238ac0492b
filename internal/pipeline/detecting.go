package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/detect/webhook"
	"github.com/tailspan/tailspan/pkg/receive/spool"
	"github.com/tailspan/tailspan/pkg/tail"
)

const (
	findingsSize    = 16 << 20 // bytes of the spool of findings
	findingsWaiting = 256      // that the disk has not taken yet
)

// detection is what is learned of the logs of an agent, and where findings go. It lives on from one configuration to the next when
// its settings stay the same; else what was learned goes over the disk.
type detection struct {
	cfg    detect.Config
	dir    string
	log    *slog.Logger
	tailer *tail.Tailer
	engine *detect.Engine
	kept   *spool.Spool
	hook   *webhook.Hook // nil: nobody is told
	found  chan []byte   // lines for the spool

	stop   context.CancelFunc // nil: it has not begun
	ended  sync.WaitGroup
	saving sync.WaitGroup
}

// openDetection reads what was learned before; nil when nothing is to be detected.
func openDetection(cfg *config.Config, tailer *tail.Tailer, log *slog.Logger) (*detection, error) {
	if !cfg.Detect.On() {
		return nil, nil
	}
	kept, err := spool.Open(cfg.FindingsDir(), findingsSize)
	if err != nil {
		return nil, err
	}
	d := &detection{cfg: cfg.Detect, dir: cfg.DataDir, log: log, tailer: tailer, kept: kept, found: make(chan []byte, findingsWaiting)}
	if cfg.Detect.Webhook.URL != "" {
		d.hook = webhook.New(cfg.Detect.Webhook, log)
	}
	d.engine = detect.Load(cfg.Detect, detect.Options{Workers: workers(cfg), Memory: cfg.Memory / 8, Log: log, Found: d.report}, durable.OS{}, cfg.DataDir)
	return d, nil
}

// report hands a finding to those who wait for it. The Engine must not wait for the disk.
func (d *detection) report(f *detect.Finding) {
	d.log.Info("finding", "finding", f.Message, "rule", f.Rule.String(), "id", f.ID)
	select {
	case d.found <- append(f.AppendJSON(nil), '\n'):
	default:
		d.log.Error("the disk takes no findings; this one reaches no output", "finding", f.Message)
	}
	if d.hook != nil {
		d.hook.Tell(f.AppendNotice(nil))
	}
}

// run begins, once.
func (d *detection) run(ctx context.Context) {
	if d == nil || d.stop != nil {
		return
	}
	ctx, d.stop = context.WithCancel(ctx)
	detecting := make(chan struct{})
	d.ended.Go(func() {
		defer close(detecting)
		d.engine.Run(ctx, d.readUntil, d.save)
	})
	d.ended.Go(func() { d.keep(ctx, detecting) })
	d.ended.Go(func() { d.kept.Keep(ctx, d.tailer.Delivered, forgetting(ctx, d.tailer), false) })
	if d.hook != nil {
		d.ended.Go(func() { d.hook.Run(ctx) })
	}
}

// keep writes findings to the spool, the last ones too.
func (d *detection) keep(ctx context.Context, detecting <-chan struct{}) {
	write := func(line []byte) {
		if err := d.kept.Append(ctx, line, ctx.Err() == nil); err != nil && !errors.Is(err, context.Canceled) {
			d.log.Error("a finding was not written; it reaches no output", "error", err)
		}
	}
	for {
		select {
		case line := <-d.found:
			write(line)
			continue
		case <-detecting:
		}
		for len(d.found) > 0 {
			write(<-d.found)
		}
		return
	}
}

// readUntil is up to when everything that was written has been read: the oldest byte that is not acknowledged may be unread.
func (d *detection) readUntil(now time.Time) time.Time {
	longest := time.Duration(0)
	for _, f := range d.tailer.Following() {
		if f.Lag > 0 {
			longest = max(longest, f.Waiting)
		}
	}
	return now.Add(-longest)
}

// save writes what was learned beside the Engine, one at a time.
func (d *detection) save(state []byte) {
	d.saving.Wait()
	d.saving.Go(func() {
		if err := detect.Save(durable.OS{}, d.dir, state); err != nil {
			d.log.Warn("what the detectors have learned cannot be saved; it is tried again", "error", err)
		}
	})
}

// close ends it and saves. The workers that watch must have ended.
func (d *detection) close() error {
	if d == nil {
		return nil
	}
	if d.stop != nil {
		d.stop()
		d.ended.Wait()
		d.saving.Wait()
	}
	return d.kept.Close()
}

// detectAs lets the agent detect, with what an agent before it has learned.
func (a *Agent) detectAs(before *detection) error {
	d := before
	if before == nil || !reflect.DeepEqual(before.cfg, a.cfg.Detect) {
		err := before.close()
		var opening error
		if d, opening = openDetection(a.cfg, a.tailer, a.log); err != nil || opening != nil {
			return errors.Join(err, opening)
		}
	}
	if a.detecting = d; d == nil {
		return nil
	}
	for _, w := range a.workers {
		w.watch = newWatch(d.engine.Watcher(a.sending, func() { w.before() }), a.cfg)
	}
	return nil
}

// status tells of findings; nil when nothing is detected.
func (d *detection) status() *status.Detection {
	if d == nil {
		return nil
	}
	s := &status.Detection{Recent: d.engine.Recent(), Counts: d.engine.Counts(), Series: d.engine.Watched(), Late: d.engine.Late.Load(), Unwatched: d.engine.Unwatched.Load()}
	if d.hook != nil {
		s.Told, s.Untold = d.hook.Sent.Load(), d.hook.GivenUp.Load()
	}
	return s
}

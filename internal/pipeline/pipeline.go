// Package pipeline wires the rooms together: the tailer's batches go to workers, which parse them and hand the events to
// the output; what the output acknowledges moves the committed position of its file, which the tailer checkpoints.
//
// Memory is bounded by what exists, not by what is watched: batches come from a free-list of fixed size, and so do bulk
// requests. When Elasticsearch is slow requests run out, then batches, and then the tailer stops reading: the files are
// the queue.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/tail"
)

const (
	arenaSize = 256 << 10 // bytes of a batch: large enough that what a batch costs does not show, small enough to stay in cache
	queued    = 2         // batches that wait for a worker while it is busy
)

// Agent runs all pipelines of one configuration.
type Agent struct {
	cfg     *config.Config
	log     *slog.Logger
	tailer  *tail.Tailer
	workers []*worker
	elastic *elastic.Output          // nil without Elasticsearch
	opened  []opened                 // the outputs, the primary one first
	outputs map[string]*event.Ledger // by name
	letters *ship.DeadLetters
	marks   watermarks
	totals  []event.Ledger // by pipeline
	running atomic.Bool

	endSending context.CancelFunc
	sending    context.Context
}

// New makes everything ready and takes the lock of the data directory. documents is where the console output writes.
// Errors that the configuration is to blame for are those of config.Locate.
func New(cfg *config.Config, once bool, documents io.Writer, log *slog.Logger) (*Agent, error) {
	a := &Agent{cfg: cfg, log: log, totals: make([]event.Ledger, len(cfg.Pipelines)), outputs: map[string]*event.Ledger{}}
	for range max(1, min(runtime.GOMAXPROCS(0), 8)) {
		parsers, err := Parsers(cfg)
		if err != nil {
			return nil, err
		}
		a.workers = append(a.workers, &worker{in: make(chan *event.Batch, queued), due: make(chan struct{}, 1), parsers: parsers})
	}
	inputs := make([]tail.Named, len(cfg.Pipelines))
	for i, p := range cfg.Pipelines {
		inputs[i] = tail.Named{Name: p.Name, Input: p.Tail, Total: &a.totals[i]}
	}
	var err error
	a.tailer, err = tail.Open(tail.Config{Host: cfg.Host.Name, Dir: cfg.DataDir, Inputs: inputs, Once: once, Log: log,
		Batches: event.NewPool(int(max(4, cfg.Memory/16/arenaSize)), arenaSize)})
	if err != nil {
		return nil, err
	}
	a.sending, a.endSending = context.WithCancel(context.Background())
	if err := a.connect(documents); err != nil {
		a.endSending()
		return nil, errors.Join(err, a.tailer.Close())
	}
	return a, nil
}

// Parsers compiles the parser of each pipeline.
func Parsers(cfg *config.Config) ([]*parse.Parser, error) {
	parsers := make([]*parse.Parser, len(cfg.Pipelines))
	var errs []error
	for i := range cfg.Pipelines {
		var err error
		if parsers[i], err = parse.New(cfg.Pipelines[i].Parse); err != nil {
			errs = append(errs, confkey.Below(fmt.Sprintf("pipelines[%d]", i), err))
		}
	}
	return parsers, cfg.Locate(errors.Join(errs...))
}

// Run ships until ctx is done, or when the agent was made for once, until every file is delivered to its end. Then it
// waits for what is under way, not longer than the shutdown timeout when ctx is done, and writes the last checkpoint.
func (a *Agent) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	background.Go(func() { a.tailer.KeepSaving(a.sending) })
	commands, err := control.Serve(a.cfg.DataDir, a)
	if err != nil {
		a.log.Warn("commands cannot reach this agent", "error", err)
	}
	for _, out := range a.opened {
		out.start(a.sending)
	}
	var working sync.WaitGroup
	broken := make(chan error, len(a.workers))
	for _, w := range a.workers {
		working.Go(func() {
			if err := w.run(); err != nil && !errors.Is(err, context.Canceled) {
				broken <- err
				stop()
			}
		})
	}
	a.running.Store(true)
	err = a.tailer.Run(ctx, func(b *event.Batch) error {
		select {
		case a.workers[b.Source.ID%uint64(len(a.workers))].in <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	a.running.Store(false)
	a.drain(ctx, &working)
	background.Wait()
	if commands != nil {
		_ = commands.Close() // before the lock goes, so that the socket of the next agent is not taken away
	}
	err = errors.Join(err, a.tailer.Close(), a.letters.Close())
	select {
	case first := <-broken:
		err = errors.Join(first, err)
	default:
	}
	return err
}

// drain lets the workers and the output finish what was read. Once ctx is done that is bounded by the shutdown timeout:
// what is not delivered by then has not been acknowledged, and is read again after the next start.
func (a *Agent) drain(ctx context.Context, working *sync.WaitGroup) {
	undo := context.AfterFunc(ctx, func() {
		time.AfterFunc(a.cfg.ShutdownTimeout, func() {
			a.log.Warn("not everything could be delivered before the shutdown timeout; it will be sent after the next start")
			a.endSending()
		})
	})
	defer undo()
	for _, w := range a.workers {
		close(w.in)
	}
	if !a.await(working) {
		a.log.Warn("the output does not let go; stopping without it")
		return
	}
	a.closeOutputs()
	a.endSending()
}

// await waits for the workers; false after the shutdown timeout when one cannot be called off, as in a write to standard
// output that nobody reads. What it holds has not been acknowledged.
func (a *Agent) await(working *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		working.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-a.sending.Done():
	}
	select {
	case <-done:
		return true
	case <-time.After(time.Second): // for those that can be called off
		return false
	}
}

// Close gives up an agent that was never run.
func (a *Agent) Close() error {
	a.endSending()
	return a.tailer.Close()
}

// Dead is how many lines went to the dead letters, and where those are.
func (a *Agent) Dead() (lines int64, path string) {
	for i := range a.totals {
		lines += a.totals[i][event.Dead].Load()
	}
	return lines, a.letters.Path()
}

// Ready says why the agent is not ready to ship, or nil.
func (a *Agent) Ready() error {
	switch {
	case !a.running.Load():
		return errors.New("not reading files")
	case a.elastic != nil && !a.elastic.Up():
		return errors.New("output: Elasticsearch does not take documents")
	}
	return nil
}

// Turn returns when the reading loop has come round, or waits for an output; an error when ctx is done before that.
func (a *Agent) Turn(ctx context.Context) error { return a.tailer.Turn(ctx) }

// Names are those of the pipelines.
func (a *Agent) Names() []string {
	_, names := Targets(a.cfg)
	return names
}

// Ledger is the ledger of pipeline i.
func (a *Agent) Ledger(i int) *event.Ledger { return &a.totals[i] }

// Progress tells how far the files of each pipeline are delivered.
func (a *Agent) Progress() []tail.Progress { return a.tailer.Progress() }

// Files lists what is known of every file.
func (a *Agent) Files() []tail.FileStatus { return a.tailer.Files() }

// Verify compares the checkpoints with the files.
func (a *Agent) Verify() []string { return a.tailer.Verify() }

// Rewind lets reading of a file go on at an earlier offset.
func (a *Agent) Rewind(ctx context.Context, path string, offset int64) error {
	return a.tailer.Rewind(ctx, path, offset)
}

// Forget drops what is known of a file.
func (a *Agent) Forget(ctx context.Context, path string) error { return a.tailer.Forget(ctx, path) }

// SetAside gives the dead letters so far a file of their own.
func (a *Agent) SetAside() error { return a.letters.SetAside() }

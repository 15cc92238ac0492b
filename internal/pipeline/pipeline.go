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
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/docker"
	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/internal/kubernetes"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/tail"
)

const (
	arenaSize = 256 << 10 // bytes of a batch: large enough that what a batch costs does not show, small enough to stay in cache
	queued    = 2         // batches that wait for a worker while it is busy
)

// Agent runs all pipelines of one configuration.
type Agent struct {
	cfg       *config.Config
	log       *slog.Logger
	tailer    *tail.Tailer
	workers   []*worker
	opened    []opened // the outputs, the primary one first
	letters   *ship.DeadLetters
	marks     watermarks
	totals    []event.Ledger           // by pipeline
	past      map[string]*event.Ledger // of pipelines that earlier configurations had
	about     *kubernetes.Source
	inputs    *receivers
	known     *statements
	detecting *detection // nil: nothing is detected
	running   atomic.Bool
	asked     lazySource

	patience time.Duration // of workers with outputs for spans

	held    []*heldPipeline // by pipeline; nil when none holds lines
	read    progress
	traces  *hold.Traces
	reading sync.WaitGroup // workers that may read more; of use when lines are held

	endSending context.CancelFunc
	sending    context.Context
}

// start makes everything ready and takes the lock of the data directory.
func start(cfg *config.Config, once bool, stdin io.Reader, documents io.Writer, log *slog.Logger) (*Agent, error) {
	a, err := prepare(cfg, once, documents, log)
	if err != nil {
		return nil, err
	}
	var traces *hold.Traces // opened under the lock that Open takes
	a.inputs = &receivers{once: once, stdin: stdin, log: log, byName: map[string]*receiver{}, fed: make(chan struct{})}
	a.tailer, err = tail.Open(tail.Config{Host: cfg.Host.Name, Dir: cfg.DataDir, Inputs: a.named(), Once: once, Fed: a.inputs.fed, Log: log, Batches: a.batches(),
		Ahead: func() error { return traces.Save() }})
	if err != nil {
		a.abandon()
		return nil, err
	}
	a.read.caught = a.tailer.CaughtUp
	traces = hold.Open(durable.OS{}, cfg.DataDir, log)
	a.remember(traces)
	a.inputs.tailer = a.tailer
	a.known.load(durable.OS{}) // after the lock of the data directory, too
	a.tag()
	if !once {
		if err := a.detectAs(nil); err != nil {
			log.Error("nothing will be detected", "error", err)
		}
	}
	if err := a.inputs.set(cfg); err != nil { // after the lock of the data directory, which is also the spools'
		a.inputs.close()
		a.abandon()
		return nil, errors.Join(err, a.tailer.Close())
	}
	return a, nil
}

// prepare makes everything ready but the Tailer; nothing is read, written or sent. documents is where the console output
// writes; once says that files are read to their ends. Errors that the configuration is to blame for are those of config.Locate.
func prepare(cfg *config.Config, once bool, documents io.Writer, log *slog.Logger) (*Agent, error) {
	a := &Agent{cfg: cfg, log: log, totals: make([]event.Ledger, len(cfg.Pipelines)), past: map[string]*event.Ledger{}, about: about(cfg, log),
		known: newStatements(cfg, cfg.Detect.On() && !once, log), held: heldPipelines(cfg, once)}
	if once {
		a.patience = oncePatience
	}
	containers := new(docker.Source)
	n := workers(cfg)
	in := make(chan *event.Batch, queued*n)
	for range n {
		parsers, err := Parsers(cfg)
		if err != nil {
			return nil, err
		}
		a.workers = append(a.workers, (&worker{in: in, due: make(chan struct{}, 1), parsers: parsers, about: a.about, docker: containers, received: received(cfg), read: &a.read}).followed())
	}
	a.tag() // with what a new pipeline knows; what is there is loaded under the lock of the data directory
	a.sending, a.endSending = context.WithCancel(context.Background())
	if err := a.connect(documents); err != nil {
		a.abandon()
		return nil, err
	}
	return a, nil
}

// remember lets the workers know what became of traces.
func (a *Agent) remember(traces *hold.Traces) {
	a.traces = traces
	if a.held == nil {
		return
	}
	bound(traces, a.cfg)
	for _, w := range a.workers {
		w.held.traces = traces
	}
}

// index is where the pipeline with the name stands; -1 for nowhere.
func (a *Agent) index(name string) int {
	return slices.IndexFunc(a.cfg.Pipelines, func(p config.Pipeline) bool { return p.Name == name })
}

// Inputs are what the pipelines read.
func Inputs(cfg *config.Config) []tail.Named {
	inputs := make([]tail.Named, len(cfg.Pipelines))
	for i := range cfg.Pipelines {
		p := &cfg.Pipelines[i]
		inputs[i] = tail.Named{Name: p.Name, Input: spooled(cfg, p)}
	}
	return inputs
}

// countedBy are Inputs whose lines one ledger counts.
func countedBy(total *event.Ledger, cfg *config.Config) []tail.Named {
	inputs := Inputs(cfg)
	for i := range inputs {
		inputs[i].Total = total
	}
	return inputs
}

// named are the Inputs of the agent, with where their lines are counted.
func (a *Agent) named() []tail.Named {
	inputs := Inputs(a.cfg)
	for i := range inputs {
		inputs[i].Total = &a.totals[i]
	}
	return inputs
}

func (a *Agent) batches() *event.Pool {
	return event.NewPool(int(max(4, a.cfg.Memory/16/arenaSize)), arenaSize)
}

// about tells which pods files are from; nil when nobody wants to know.
func about(cfg *config.Config, log *slog.Logger) *kubernetes.Source {
	if cfg.Kubernetes == "off" {
		return nil
	}
	return kubernetes.New(kubernetes.InCluster(), log)
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

// ship ships until ctx is done, or when the agent was made for once, until every file is delivered to its end. Then it
// waits for what is under way, not longer than the shutdown timeout when ctx is done.
func (a *Agent) ship(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	background.Go(func() { a.tailer.KeepSaving(a.sending) })
	background.Go(func() { a.about.Run(a.sending) })
	background.Go(func() { a.known.keepSaving(a.sending) })
	for _, out := range a.opened {
		out.start(a.sending)
	}
	var working sync.WaitGroup
	a.reading.Add(len(a.workers))
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
	a.inputs.run()
	a.detecting.run(context.Background())
	err := a.tailer.Run(ctx, func(b *event.Batch) error { return a.hand(ctx, b) })
	a.running.Store(false)
	a.drain(ctx, &working)
	background.Wait()
	a.known.save()
	select {
	case first := <-broken:
		err = errors.Join(first, err)
	default:
	}
	return err
}

// hand gives a batch to whichever worker is free.
func (a *Agent) hand(ctx context.Context, b *event.Batch) error {
	b.Turn = b.Source.Next(a)
	a.read.hand(b)
	select {
	case a.workers[0].in <- b:
		return nil
	case <-ctx.Done():
		a.read.processed(b)
		b.Turn.Return()
		return ctx.Err()
	}
}

// workers is how many there are: as many as cores, but one for the console, where lines come in the order of their files.
func workers(cfg *config.Config) int {
	if cfg.Output.Console != nil {
		return 1
	}
	return max(1, min(runtime.GOMAXPROCS(0), 8))
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
	if !a.running.Load() {
		return errors.New("not reading files")
	}
	if primary := a.opened[0]; !primary.up() {
		return fmt.Errorf("output: %s does not take documents", primary.name)
	}
	return nil
}

// Turn returns when the reading loop has come round, or waits for an output; an error when ctx is done before that.
func (a *Agent) Turn(ctx context.Context) error { return a.tailer.Turn(ctx) }

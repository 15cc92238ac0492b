package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/internal/live"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/internal/systemd"
	"github.com/tailspan/tailspan/pkg/tail"
)

// Runner runs an Agent, and when the configuration changes the one for the new configuration in its place. The new one is
// made ready first, so that a configuration that does not do leaves the old one running. Then the old one delivers what it has
// read, and the new one goes on with its Tailer: the same lock, the same open files, the same positions. What the old one
// could not deliver before the shutdown timeout is read again.
type Runner struct {
	current   atomic.Pointer[Agent]
	documents io.Writer
	live      live.Hub
	log       *slog.Logger

	// taking is held while one agent takes the place of another, and by commands that change something.
	taking sync.RWMutex
	began  atomic.Int64 // when taking began, in Unix nanoseconds; 0: nothing is being taken over
	told   func()       // tells the service manager that the takeover is over; guarded by taking

	good atomic.Bool  // the last configuration that was read did
	at   atomic.Int64 // when one did, in Unix nanoseconds
}

// NewRunner makes the first agent ready and takes the lock of the data directory. stdin is what an
// input of that type reads, documents where the console output writes. Errors that the configuration is to blame for are those of config.Locate.
func NewRunner(cfg *config.Config, once bool, stdin io.Reader, documents io.Writer, log *slog.Logger) (*Runner, error) {
	first, err := start(cfg, once, stdin, documents, log)
	if err != nil {
		return nil, err
	}
	r := &Runner{documents: documents, log: log}
	first.show(&r.live)
	r.current.Store(first)
	r.loaded(nil)
	return r, nil
}

// Run ships until ctx is done, or when the Runner was made for once, until every file is delivered to its end. It answers
// commands meanwhile. Each message in reloads lets it read the configuration again.
func (r *Runner) Run(ctx context.Context, reloads <-chan struct{}) error {
	agent := r.Agent()
	limitMemory(agent.cfg)
	forgetStart()
	commands, err := control.Serve(agent.cfg.DataDir, r)
	if err != nil {
		r.log.Warn("commands cannot reach this agent", "error", err)
	}
	for next := agent; next != nil; {
		agent = next
		next, err = r.runUntilNext(ctx, agent, reloads)
	}
	if commands != nil {
		_ = commands.Close() // before the lock goes, so that the socket of the next agent is not taken away
	}
	return errors.Join(err, agent.letGo())
}

// headroom is how much of the heap may be garbage, in percent of what is in use: that is mostly buffers, which hold no pointers and cost a
// collection nothing, and little garbage comes of a line.
const headroom = 25

// limitMemory tells the runtime its bound; the rest is what it does not count, the program itself above all.
func limitMemory(cfg *config.Config) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(headroom)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(cfg.Memory * 3 / 4)
	}
}

// runUntilNext runs the agent until another one is to take its place; nil when there is none, and the running is over.
func (r *Runner) runUntilNext(ctx context.Context, agent *Agent, reloads <-chan struct{}) (next *Agent, err error) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- agent.ship(running) }()
	r.taken(running, agent)
	for {
		select {
		case err := <-ended:
			return nil, err
		case <-reloads:
		}
		told := systemd.Reloading(r.log)
		next := r.next(agent)
		if next == nil {
			told()
			continue
		}
		return r.takeOver(agent, next, told, func() error {
			stop()
			return <-ended
		})
	}
}

// next makes the agent for what the configuration says now, or logs why there is none, and returns nil.
func (r *Runner) next(agent *Agent) *Agent {
	cfg, err := agent.cfg.Reload()
	if err == nil {
		err = errors.Join(cfg.RunErrors(), unchangeable(agent.cfg, cfg))
	}
	var next *Agent
	if err == nil {
		next, err = prepare(cfg, false, r.documents, r.log)
	}
	r.loaded(err)
	if err == nil {
		next.show(&r.live)
		return next
	}
	for _, mistake := range flatten(err) {
		r.log.Error("the configuration was not taken over; the one from before goes on", "error", mistake)
	}
	return nil
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

// unchangeable says what differs that cannot while the agent runs.
func unchangeable(old, cfg *config.Config) error {
	var errs []error
	refuse := func(key, was, is string) {
		if was != is {
			errs = append(errs, confkey.Errorf(key, "was %q when the agent started and cannot change while it runs; restart it", was))
		}
	}
	refuse("data_dir", old.DataDir, cfg.DataDir)
	refuse("host.name", old.Host.Name, cfg.Host.Name)
	refuse("http.listen", old.HTTP.Listen, cfg.HTTP.Listen)
	if old.HTTP.Token != cfg.HTTP.Token {
		errs = append(errs, confkey.Errorf("http.token", "has changed and cannot while the agent runs; restart it"))
	}
	return cfg.Locate(errors.Join(errs...))
}

// loaded takes down what became of reading a configuration.
func (r *Runner) loaded(err error) {
	if r.good.Store(err == nil); err == nil {
		r.at.Store(time.Now().UnixNano())
	}
}

// takeOver stops an agent and puts the next one in its place. The error is that of the stop, and final.
func (r *Runner) takeOver(agent, next *Agent, told func(), stop func() error) (*Agent, error) {
	r.taking.Lock()
	r.began.Store(time.Now().UnixNano())
	r.told = told
	err := stop()
	if err == nil {
		err = next.follow(agent)
	}
	if err != nil {
		r.taking.Unlock()
		next.abandon()
		return nil, err
	}
	limitMemory(next.cfg)
	r.current.Store(next)
	return next, nil
}

// taken ends a takeover once the agent's loop has come round.
func (r *Runner) taken(running context.Context, agent *Agent) {
	if r.began.Load() == 0 {
		return
	}
	go func() {
		_ = agent.Turn(running) // when it has ended instead, that is said elsewhere
		r.told()
		r.began.Store(0)
		r.taking.Unlock()
		r.log.Info("the configuration was taken over", "pipelines", len(agent.cfg.Pipelines), "output", agent.cfg.Output.Primary)
	}()
}

// Close gives up a Runner that was never run.
func (r *Runner) Close() error { return r.Agent().letGo() }

// Reloaded is whether the configuration that was read last did, and when one did.
func (r *Runner) Reloaded() (good bool, at time.Time) {
	return r.good.Load(), time.Unix(0, r.at.Load())
}

// slack is how much longer than the shutdown timeout a takeover may last.
const slack = 10 * time.Second

// Turn is that of the agent. While one agent takes the place of another, which is bounded, nobody reads and all is well.
func (r *Runner) Turn(ctx context.Context) error {
	agent := r.Agent()
	err := agent.Turn(ctx)
	if began := r.began.Load(); err != nil && began > 0 && time.Since(time.Unix(0, began)) < agent.cfg.ShutdownTimeout+slack {
		return nil
	}
	return err
}

// Ready says why the agent is not ready to ship, or nil.
func (r *Runner) Ready() error {
	if r.began.Load() > 0 {
		return nil
	}
	return r.Agent().Ready()
}

// Dead is how many lines went to the dead letters, and where those are.
func (r *Runner) Dead() (lines int64, path string) { return r.Agent().Dead() }

// Source is where documents are asked for, by the configuration that runs now. It is closed with the agent that it is of.
func (r *Runner) Source() (search.Source, error) { return r.Agent().source() }

// Live shows documents as they are made, when there is a server that someone can look through.
func (r *Runner) Live() *live.Hub { return &r.live }

// Agent is the one that runs now. Another may have taken its place by the time its answers are used.
func (r *Runner) Agent() *Agent { return r.current.Load() }

// Files lists what is known of every file.
func (r *Runner) Files() []tail.FileStatus { return r.Agent().tailer.Files() }

// Examine says what stands between a file and the pipelines.
func (r *Runner) Examine(path string) tail.Examination {
	return tail.Examine(Inputs(r.Agent().cfg), path)
}

// Verify compares the checkpoints with the files.
func (r *Runner) Verify() []string { return r.Agent().tailer.Verify() }

// Rewind lets reading of a file go on at an earlier offset.
func (r *Runner) Rewind(ctx context.Context, path string, offset int64) error {
	r.taking.RLock()
	defer r.taking.RUnlock()
	return r.Agent().tailer.Rewind(ctx, path, offset)
}

// Forget drops what is known of a file.
func (r *Runner) Forget(ctx context.Context, path string) error {
	r.taking.RLock()
	defer r.taking.RUnlock()
	return r.Agent().tailer.Forget(ctx, path)
}

// SetAside gives the dead letters so far a file of their own.
func (r *Runner) SetAside() error {
	r.taking.RLock()
	defer r.taking.RUnlock()
	return r.Agent().letters.SetAside()
}

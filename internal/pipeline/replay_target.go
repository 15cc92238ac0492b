package pipeline

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/local"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
)

// replayTarget is an output that a range is shipped to again.
type replayTarget interface {
	writer
	wait() error // until what the writer was given is there, after its Flush; the error that ended it before
	done(src event.Counts) (there, sent, refused int64)
}

// open opens the output that is called name.
func (r *Replay) open(cfg *config.Config, name string, log *slog.Logger) (replayTarget, error) {
	switch name {
	case "jaeger":
		return newSpanReplay(r.ctx, cfg, log)
	case "local":
		return newLocalReplay(r.ctx, cfg, log), nil
	}
	targets, names := Targets(cfg)
	sending, err := elastic.NewReplay(r.ctx, r.cancel, *cfg.Output.Elasticsearch,
		elastic.Options{Host: cfg.Host.Name, Targets: targets, Names: names, Log: log})
	if err != nil {
		return nil, err
	}
	return documentReplay{sending.Writer, sending}, nil
}

// documentReplay ships to Elasticsearch. The sources' ledgers say what became of the lines.
type documentReplay struct {
	*elastic.Writer
	sending *elastic.Replay
}

func (d documentReplay) wait() error { return d.sending.Wait() }

func (d documentReplay) done(src event.Counts) (there, sent, refused int64) {
	return src[event.Duplicate], src[event.Indexed], src[event.Dead]
}

// replayTries are about a minute, at intervals that grow to five seconds.
const replayTries = 18

// spanReplay ships spans. Nobody is asked whether they are there already: the same lines make the same spans, and those
// the receiver has.
type spanReplay struct {
	*spanWriter
	spans *spanOutput
}

func newSpanReplay(ctx context.Context, cfg *config.Config, log *slog.Logger) (replayTarget, error) {
	out, err := otlp.New(*cfg.Output.Jaeger, otlp.Options{Tries: replayTries, Log: log})
	if err != nil {
		return nil, err
	}
	to := toReceiver(out)
	to.up = always // it is waited for
	spans := newSpanOutput(to, cfg.Host.Name, datasets(cfg), cfg.Memory, replayPatience, log)
	spans.start(ctx)
	return spanReplay{spans.writer(ctx), spans}, nil
}

func (s spanReplay) wait() error {
	s.spans.close()
	if lost := s.spans.ledger[event.Dropped].Load(); lost > 0 {
		return fmt.Errorf("the receiver did not answer: %d lines of spans were given up", lost)
	}
	return nil
}

func (s spanReplay) done(event.Counts) (there, sent, refused int64) {
	c := s.spans.ledger.Snapshot()
	return 0, c[event.Indexed], c[event.Dead]
}

// localReplay ships to the embedded store, also while the agent writes to it.
type localReplay struct {
	*local.Writer
	out *local.Output
}

func newLocalReplay(ctx context.Context, cfg *config.Config, log *slog.Logger) replayTarget {
	opts := localOptions(cfg, log)
	opts.Wait = true
	out := local.New(*cfg.Output.Local, opts)
	out.Start(ctx)
	return localReplay{out.Writer(ctx), out}
}

func (l localReplay) wait() error {
	l.out.Close()
	if lost := l.out.Ledger[event.Dropped].Load(); lost > 0 {
		return fmt.Errorf("the store did not take documents: %d lines were given up", lost)
	}
	return nil
}

func (l localReplay) done(event.Counts) (there, sent, refused int64) {
	c := l.out.Ledger.Snapshot()
	return c[event.Duplicate], c[event.Indexed], 0
}

package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/live"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/console"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/local"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
)

// opened is an output that is ready: what the agent has to do with it, whatever it is.
type opened struct {
	name    string
	ledger  *event.Ledger
	stats   *ship.Stats               // nil for an output without requests
	counts  *metrics.Output           // nil for any but the one that counts
	up      func() bool               // whether it takes what it is given
	writers []writer                  // one for each worker
	start   func(ctx context.Context) // ctx ends the sending
	close   func()                    // waits for what the writers handed over; they must be finished
}

// carry begins with what the same output of an agent before this one has counted.
func (o opened) carry(before opened) {
	o.ledger.Continue(before.ledger)
	if o.stats != nil && before.stats != nil {
		o.stats.Continue(before.stats)
	}
	if o.counts != nil && before.counts != nil {
		o.counts.Continue(before.counts)
	}
}

// openers open the outputs. A secondary output never holds up anything, and acknowledges nothing.
var openers = map[string]func(a *Agent, secondary bool, documents io.Writer) (opened, error){
	"elasticsearch": (*Agent).openElastic,
	"local":         (*Agent).openLocal,
	"console":       (*Agent).openConsole,
	"jaeger":        (*Agent).openJaeger,
	"metrics":       (*Agent).openMetrics,
}

// connect gives each worker its writers: to the primary output, and to the others, which never hold it up.
func (a *Agent) connect(documents io.Writer) error {
	a.letters = ship.NewDeadLetters(a.cfg.DataDir)
	primary := a.cfg.Output.Primary
	names := slices.DeleteFunc(a.cfg.Output.Present(), func(name string) bool { return name == primary })
	for i, name := range slices.Insert(names, 0, primary) {
		out, err := openers[name](a, i > 0, documents)
		if err != nil {
			return err
		}
		out.name = name
		a.opened = append(a.opened, out)
	}
	for i, w := range a.workers {
		w.out = a.opened[0].writers[i]
		var all []writer
		for _, out := range a.opened {
			all = append(all, out.writers[i])
		}
		if len(all) > 1 {
			w.out = fanout{all[0], all[1:]}
		}
		if a.held != nil {
			w.held = newHolding(a, all)
		}
	}
	return nil
}

// show lets viewers have a copy of each document, if there is a server that they can look through.
func (a *Agent) show(hub *live.Hub) {
	if a.cfg.HTTP.Listen == "" {
		return
	}
	for _, w := range a.workers {
		viewed := hub.Writer(datasets(a.cfg), a.cfg.Host.Name)
		if w.held != nil {
			w.held.seeing = append(w.held.seeing, viewed)
		}
		if fan, ok := w.out.(fanout); ok {
			fan.others = append(fan.others, viewed)
			w.out = fan
		} else {
			w.out = fanout{w.out, []writer{viewed}}
		}
	}
}

func (a *Agent) openConsole(secondary bool, documents io.Writer) (opened, error) {
	ack := a.marks.ack
	if secondary {
		ack = nil
	}
	out := console.New(documents, a.cfg.Host.Name, ack)
	o := opened{ledger: &out.Ledger, up: func() bool { return true }, start: func(context.Context) {}, close: func() { out.Close(a.sending.Done()) }}
	for range a.workers {
		o.writers = append(o.writers, out.Writer(datasets(a.cfg)))
	}
	return o, nil
}

// datasets are the datasets of the pipelines.
func datasets(cfg *config.Config) []string {
	targets, _ := Targets(cfg)
	all := make([]string, len(targets))
	for i, t := range targets {
		all[i] = t.Dataset
	}
	return all
}

func (a *Agent) openJaeger(bool, io.Writer) (opened, error) {
	out, err := otlp.New(*a.cfg.Output.Jaeger, otlp.Options{Log: a.log})
	if err != nil {
		return opened{}, err
	}
	spans := newSpanOutput(toReceiver(out), a.cfg.Host.Name, datasets(a.cfg), a.cfg.Memory, a.patience, a.log)
	return a.openSpans(spans, opened{ledger: &out.Ledger, stats: &out.Stats, up: out.Up}), nil
}

func (a *Agent) openMetrics(bool, io.Writer) (opened, error) {
	out := metrics.New(*a.cfg.Output.Metrics)
	spans := newSpanOutput(toMetrics(out), a.cfg.Host.Name, datasets(a.cfg), a.cfg.Memory/4, a.patience, a.log)
	return a.openSpans(spans, opened{ledger: &out.Ledger, counts: out, up: func() bool { return true }}), nil
}

// openSpans completes what is opened of an output for spans.
func (a *Agent) openSpans(spans *spanOutput, o opened) opened {
	o.start, o.close = spans.start, spans.close
	for range a.workers {
		o.writers = append(o.writers, spans.writer(a.sending))
	}
	return o
}

func (a *Agent) openLocal(secondary bool, _ io.Writer) (opened, error) {
	opts := localOptions(a.cfg, a.log)
	if !secondary {
		opts.Ack = a.marks.ack
	}
	out := local.New(*a.cfg.Output.Local, opts)
	o := opened{ledger: &out.Ledger, stats: &out.Stats, up: out.Up, start: out.Start, close: out.Close}
	for range a.workers {
		o.writers = append(o.writers, out.Writer(a.sending))
	}
	return o, nil
}

// localOptions are those of a secondary embedded store: what waits to be written gets an eighth of the memory.
func localOptions(cfg *config.Config, log *slog.Logger) local.Options {
	return local.Options{Dir: local.Dir(cfg.DataDir), Host: cfg.Host.Name, Sets: datasets(cfg), Memory: cfg.Memory / 8, Log: log}
}

func (a *Agent) openElastic(secondary bool, _ io.Writer) (opened, error) {
	targets, names := Targets(a.cfg)
	cfg := *a.cfg.Output.Elasticsearch
	// What is being filled and what is under way together get a twelfth of the memory: their compressed bodies, what is
	// parked, the arenas and the rest of the program need theirs, and a heap at its limit is collected all the time. By default
	// that makes bodies of two thirds of a megabyte; larger ones cost neither side less (docs/BENCHMARKS.md).
	buffers := int64(elastic.Buffers(cfg, len(a.workers)))
	cfg.Bulk.MaxSize = int(min(int64(cfg.Bulk.MaxSize), a.cfg.Memory/12/buffers))
	out, err := elastic.New(cfg, elastic.Options{Host: a.cfg.Host.Name, Targets: targets, Names: names, Workers: len(a.workers),
		Letters: a.letters, Ack: a.marks.ack, Secondary: secondary, Reload: a.reload, Log: a.log})
	if err != nil {
		return opened{}, err
	}
	o := opened{ledger: &out.Ledger, stats: &out.Stats, up: out.Up, start: out.Start, close: out.Close}
	for _, w := range a.workers {
		o.writers = append(o.writers, out.Writer(a.sending, w.due))
	}
	return o, nil
}

// reload reads what the configuration says of Elasticsearch now.
func (a *Agent) reload() (elastic.Config, error) {
	cfg, err := a.cfg.Reload()
	if err != nil {
		return elastic.Config{}, err
	}
	if cfg.Output.Elasticsearch == nil {
		return elastic.Config{}, errors.New("output.elasticsearch is not there any more")
	}
	return *cfg.Output.Elasticsearch, nil
}

// Targets tells where the documents of each pipeline go, and what the pipelines are called.
func Targets(cfg *config.Config) (targets []elastic.Target, names []string) {
	for i := range cfg.Pipelines {
		p := &cfg.Pipelines[i]
		target, err := cfg.Target(p)
		if err != nil { // only without Elasticsearch, when nothing asks for the name
			target.Index = new(elastic.Name)
		}
		targets, names = append(targets, target), append(names, p.Name)
	}
	return targets, names
}

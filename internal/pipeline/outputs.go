package pipeline

import (
	"errors"
	"io"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/console"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

// connect gives each worker its writers: to the primary output, and to the others, which never hold it up.
func (a *Agent) connect(documents io.Writer) error {
	a.letters = ship.NewDeadLetters(a.cfg.DataDir)
	primary, others := a.cfg.Output.Primary, []string(nil)
	for name, there := range map[string]bool{"elasticsearch": a.cfg.Output.Elasticsearch != nil, "console": a.cfg.Output.Console != nil} {
		if there && name != primary {
			others = append(others, name)
		}
	}
	fan := make([]fanout, len(a.workers))
	for n, name := range append([]string{primary}, others...) {
		writers, err := a.open(name, n > 0, documents)
		if err != nil {
			return err
		}
		for i, w := range writers {
			if n == 0 {
				fan[i].writer = w
			} else {
				fan[i].others = append(fan[i].others, w)
			}
		}
	}
	for i, w := range a.workers {
		if w.out = fan[i].writer; len(others) > 0 {
			w.out = fan[i]
		}
	}
	return nil
}

// open opens an output and returns a writer to it for each worker.
func (a *Agent) open(name string, secondary bool, documents io.Writer) ([]writer, error) {
	targets, names := Targets(a.cfg)
	writers := make([]writer, len(a.workers))
	if name == "console" {
		datasets := make([]string, len(targets))
		for i, t := range targets {
			datasets[i] = t.Dataset
		}
		ack := a.marks.ack
		if secondary {
			ack = nil
		}
		a.console = console.New(documents, a.cfg.Host.Name, ack)
		a.outputs[name] = &a.console.Ledger
		for i := range writers {
			writers[i] = a.console.Writer(datasets)
		}
		return writers, nil
	}
	cfg := *a.cfg.Output.Elasticsearch
	// What is being filled and what is under way together get a quarter of the memory: their compressed bodies, what is
	// parked, the arenas and the rest of the program need theirs, and a heap at its limit is collected all the time.
	buffers := int64(elastic.Buffers(cfg, len(a.workers)))
	cfg.Bulk.MaxSize = int(min(int64(cfg.Bulk.MaxSize), a.cfg.Memory/4/buffers))
	out, err := elastic.New(cfg, elastic.Options{Host: a.cfg.Host.Name, Targets: targets, Names: names, Workers: len(a.workers),
		Letters: a.letters, Ack: a.marks.ack, Secondary: secondary, Reload: a.reload, Log: a.log})
	if err != nil {
		return nil, err
	}
	a.elastic = out
	a.outputs[name] = &out.Ledger
	for i, w := range a.workers {
		writers[i] = out.Writer(a.sending, w.due)
	}
	return writers, nil
}

// Outputs tells, by output, what became of the lines it was given.
func (a *Agent) Outputs() map[string]*event.Ledger { return a.outputs }

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

// closeOutputs waits for the primary output as long as sending may go on, and for others no longer than the shutdown
// timeout: what they are missing can be sent to them again.
func (a *Agent) closeOutputs() {
	if a.elastic != nil && a.cfg.Output.Primary == "elasticsearch" {
		a.elastic.Close()
	}
	if len(a.outputs) > 1 {
		defer time.AfterFunc(a.cfg.ShutdownTimeout, a.endSending).Stop()
	}
	if a.elastic != nil && a.cfg.Output.Primary != "elasticsearch" {
		a.elastic.Close()
	}
	if a.console != nil {
		a.console.Close(a.sending.Done())
	}
}

// Elastic is the output to Elasticsearch, or nil.
func (a *Agent) Elastic() *elastic.Output { return a.elastic }

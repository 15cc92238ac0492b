package pipeline

import (
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/ship"
)

// keeper is an output for documents. A line that is held leaves a gap in its batch, and comes as a document that is ready when its trace
// is decided. Outputs for spans, and whoever looks on, are none: they see every line when it is read.
type keeper interface {
	writer
	Skip(from, to int64) error
	Take(*ship.Held) error
}

// actor is the keeper that wants more of a line than its document.
type actor interface {
	AppendAction(dst []byte, ev *event.Event) []byte
}

// heldPipeline is what the workers share of one pipeline that holds lines.
type heldPipeline struct {
	rule   hold.Rule
	wait   time.Duration // 0: until everything is read
	pool   *hold.Pool
	counts hold.Counts
}

func (p *heldPipeline) status() *status.Held {
	if p == nil {
		return nil
	}
	c := &p.counts
	return &status.Held{Waiting: c.Waiting.Load(), Bytes: p.pool.Used(), Kept: c.Kept.Load(), Sampled: c.Sampled.Load(), Early: c.Early.Load(),
		Dropped: c.Dropped.Load(), Late: c.Late.Load()}
}

// heldPipelines are those of a configuration, by pipeline, with nil for one that does not hold; nil when none does.
func heldPipelines(cfg *config.Config, once bool) (all []*heldPipeline) {
	for i := range cfg.Pipelines {
		c := cfg.Pipelines[i].Hold
		if c == nil {
			continue
		}
		if all == nil {
			all = make([]*heldPipeline, len(cfg.Pipelines))
		}
		all[i] = &heldPipeline{rule: hold.NewRule(c.Keep), wait: c.For, pool: hold.NewPool(c.Memory - remembered(c.Memory))}
		if once {
			all[i].wait = 0
		}
	}
	return all
}

// remembered is the part of a pipeline's memory that remembers traces.
func remembered(memory int64) int64 { return memory / 4 }

// bound gives the memory of traces its size.
func bound(traces *hold.Traces, cfg *config.Config) {
	var memory int64
	var wait time.Duration
	for i := range cfg.Pipelines {
		if c := cfg.Pipelines[i].Hold; c != nil {
			memory, wait = memory+remembered(c.Memory), max(wait, c.For)
		}
	}
	traces.Bound(memory, wait)
}

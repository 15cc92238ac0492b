// Package hold keeps lines of traces back until it is known what their trace turned out to be: traces in which something failed or
// was slow are kept whole, of the others a share that every host chooses alike, and the rest is dropped by the user's rule.
//
// # What is known when
//
// A line that is an error or slow makes its trace one that is kept, from then on and for the lines that wait. A trace whose id is
// in the share is kept from its first line on, so nothing of it ever waits. So only lines wait whose trace has shown nothing yet.
// They wait in order, in a Queue for each worker, as the documents that they will be; when a line has waited its time, the trace
// is decided for good: kept if anything was seen by then, else dropped. What is decided is remembered in Traces, which all workers
// and pipelines share.
//
// # What makes it right
//
// Wherever memory is spent, lines are kept: the oldest that wait are let through early, and when Traces has to forget a kept trace that lines
// may still wait for, every line that ends its waiting meanwhile is let through. A line that waits is not acknowledged, so it
// is read again after a crash. What made its trace one that is kept may have been acknowledged by then, and is not: therefore Traces
// is saved before a checkpoint is (see file.go).
package hold

import (
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
)

// Config is how a pipeline holds lines.
type Config struct {
	For    time.Duration `mapstructure:"for"`    // how long a line waits for its trace to show what it is; default 10s; with run --once until everything is read
	Memory int64         `mapstructure:"memory"` // bytes of lines that wait, as a part of memory at the top; default a quarter of that, shared by the pipelines that hold; when it is spent, the oldest lines are kept
	Keep   Keep          `mapstructure:"keep"`   // which traces are kept whole; lines without a trace always are
}

// Keep says which traces are kept.
type Keep struct {
	Errors     bool          `mapstructure:"errors"`      // those in which a line tells of a failure; default true
	SlowerThan time.Duration `mapstructure:"slower_than"` // those in which a line has an event.duration of at least so long; default none
	Sample     float64       `mapstructure:"sample"`      // the share of all others, 5% or 0.05, that hosts choose alike by trace id; default none
}

// Bounds of what makes sense: a checkpoint must not be held up for long, and a handful of chunks must fit.
const (
	DefaultFor = 10 * time.Second
	minFor     = 100 * time.Millisecond
	maxFor     = 5 * time.Minute
	minMemory  = 1 << 20
)

// Check says what is wrong with cfg, by its keys.
func (cfg Config) Check() error {
	switch k := cfg.Keep; {
	case cfg.For < minFor || cfg.For > maxFor:
		return confkey.Errorf("for", "%v is not possible; write %v to %v", cfg.For, minFor, maxFor)
	case cfg.Memory < minMemory:
		return confkey.Errorf("memory", "%d bytes are too little; write at least 1MiB", cfg.Memory)
	case k.Sample < 0 || k.Sample > 1:
		return confkey.Errorf("keep.sample", "%v is no share; write 0%% to 100%%, or 0 to 1", k.Sample)
	case !k.Errors && k.SlowerThan == 0 && k.Sample == 0:
		return confkey.Errorf("keep", "keeps no trace at all; write errors: true, slower_than: 500ms or sample: 5%%")
	}
	return nil
}

// Counts are what became of the lines of one pipeline that are of a trace, and of their traces. Any goroutine may use it.
type Counts struct {
	Kept    atomic.Int64 // lines of traces that failed or were slow
	Sampled atomic.Int64 // lines of traces that are in the share
	Early   atomic.Int64 // lines let through because memory was spent
	Dropped atomic.Int64 // lines
	Late    atomic.Int64 // traces that failed or were slow after they had been dropped
	Waiting atomic.Int64 // lines now
}

// Continue begins with what another pipeline of the name has counted. What waited there is read again.
func (c *Counts) Continue(before *Counts) {
	for _, pair := range [][2]*atomic.Int64{{&c.Kept, &before.Kept}, {&c.Sampled, &before.Sampled}, {&c.Early, &before.Early},
		{&c.Dropped, &before.Dropped}, {&c.Late, &before.Late}} {
		pair[0].Store(pair[1].Load())
	}
}

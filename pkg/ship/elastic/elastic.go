// Package elastic delivers documents to Elasticsearch with bulk requests, each document once.
//
// Every document is sent with op create and an _id made of where its line stands, so that sending it again is harmless:
// 409 says that it is there. Every document of a request gets a verdict of its own (see verdict.go); a request is
// finished, and its lines are acknowledged, when each document is indexed, already there, or on disk as a dead letter. As
// long as Elasticsearch is away or busy, requests wait and are tried again without end, and back-pressure does the rest.
package elastic

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/internal/freelist"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Options are what an Output needs beside its Config.
type Options struct {
	Host    string   // host.name of the documents
	Targets []Target // by pipeline
	Names   []string // of the pipelines
	Workers int      // how many Writers there will be
	Letters *ship.DeadLetters
	Ack     func([]event.Ack) // called by any goroutine; must not keep the slice
	// Secondary makes an output that never holds up anything: what it has no room for is given up and counted as dropped,
	// and a source's own ledger and acknowledgements are left to the primary output. Ack is not called.
	Secondary bool
	// Reload reads the configuration again, for credentials and certificates that were renewed; nil when it cannot be.
	Reload func() (Config, error)
	Log    *slog.Logger
}

// Output sends to one Elasticsearch cluster.
type Output struct {
	cfg         Config
	opts        Options
	log         *slog.Logger
	transport   esapi.Transport
	exactlyOnce bool
	free        *freelist.List[*bulk]
	compressors *freelist.List[*compressor]
	queue       chan *bulk
	limiter     *limiter
	parked      parked
	writers     []*Writer
	senders     sync.WaitGroup
	down        atomic.Bool // the last answer was a failure, and the log says so

	Stats  ship.Stats
	Ledger event.Ledger // of this output, over all sources
}

// New checks cfg and prepares the client. Nothing is sent before Start.
func New(cfg Config, opts Options) (*Output, error) {
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, fmt.Errorf("output.elasticsearch: %w", err)
	}
	o := &Output{cfg: cfg, opts: opts, log: opts.Log.With("output", "elasticsearch"), transport: transport,
		exactlyOnce: cfg.Delivery != "at_least_once"}
	if opts.Reload != nil {
		o.transport = &renewable{reload: opts.Reload, connect: newTransport, log: o.log, cfg: cfg, current: transport}
	}
	o.limiter = newLimiter(cfg.Bulk.InFlight, cfg.Bulk.InFlight*growth)
	bulks := make([]*bulk, Buffers(cfg, opts.Workers))
	for i := range bulks {
		bulks[i] = new(bulk)
	}
	o.free, o.queue = freelist.New(bulks...), make(chan *bulk)
	compressors := make([]*compressor, min(runtime.GOMAXPROCS(0), cfg.Bulk.InFlight*growth))
	for i := range compressors {
		compressors[i] = new(compressor)
	}
	o.compressors = freelist.New(compressors...)
	return o, nil
}

// Writer returns a new writer for a worker. ctx ends its waiting; a message in due, which has room for one, tells that
// Flush should be called. All writers must be made before Start.
func (o *Output) Writer(ctx context.Context, due chan struct{}) *Writer {
	w := &Writer{out: o, ctx: ctx, due: due}
	for _, t := range o.opts.Targets {
		w.encoders = append(w.encoders, ship.NewEncoder(t.Dataset, o.opts.Host))
		var routes []actions
		for _, r := range t.all() {
			routes = append(routes, newActions(r, o.opts.Host))
		}
		w.actions = append(w.actions, routes)
	}
	o.writers = append(o.writers, w)
	return w
}

// Start begins to send. When ctx is done, what is under way is given up; Close waits for that.
func (o *Output) Start(ctx context.Context) {
	ready := make(chan struct{})
	go func() {
		o.installTemplates(ctx)
		close(ready)
	}()
	for range o.cfg.Bulk.InFlight * growth {
		o.senders.Go(func() {
			s := newSender(o)
			for b := range o.queue {
				o.Stats.InFlight.Add(1)
				select {
				case <-ready:
					s.deliver(ctx, b)
				case <-ctx.Done():
				}
				b.reset(o.cfg.Bulk.MaxSize)
				o.free.Put(b)
				if o.Stats.InFlight.Add(-1) == 0 {
					o.nudge()
				}
			}
		})
	}
}

func newSender(o *Output) *sender {
	return &sender{out: o, parser: new(fastjson.Parser)}
}

// Buffers is how many bulk requests there are in memory, being filled or under way.
func Buffers(cfg Config, workers int) int { return cfg.Bulk.InFlight*growth + workers }

// nudge tells every writer that nothing is under way.
func (o *Output) nudge() {
	for _, w := range o.writers {
		w.nudge()
	}
}

// Up reports whether the last request was answered.
func (o *Output) Up() bool { return !o.down.Load() }

// Close waits until everything the writers submitted is delivered, or Start's ctx is done. The writers must be finished.
func (o *Output) Close() {
	close(o.queue)
	o.senders.Wait()
}

const (
	growth         = 2 // requests under way may become so many times what the configuration starts with
	firstWait      = 100 * time.Millisecond
	longestWait    = 5 * time.Second
	shardTimeout   = 5 * time.Second  // for an index without a shard Elasticsearch would hold a request, and what else is in it, for a minute
	requestTimeout = 90 * time.Second // for a whole answer
)

// Package metrics counts spans by service and operation: how often, how many failed, how long they took. It is an output for
// spans that nobody is connected to: who asks /metrics reads the counts.
//
// Names come from log lines and so from whoever writes them. There are no more than a bounded number of counts, whatever
// comes: an operation beyond that is counted as Other of its service, and one of a service that has none as Other of Other.
// How often that was is counted, too.
package metrics

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// Other stands for the names of all that is beyond the bound.
const Other = "other"

// Config is what is counted.
type Config struct {
	MaxOperations int       `mapstructure:"max_operations"` // operations with counts of their own, over all services; default 200; what comes later is counted as other
	Buckets       []float64 `mapstructure:"buckets"`        // upper bounds of the duration histogram in seconds, growing; default 0.001 to 30 in steps of 2 to 2.5
}

// DefaultMaxOperations is what counts when the configuration does not say; with the default buckets 3,600 series.
const DefaultMaxOperations = 200

// defaultBuckets reach from a call within a machine to what people give up waiting for.
var defaultBuckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}

// maxBuckets and maxOperations bound what may be asked for.
const (
	maxBuckets    = 50
	maxOperations = 10_000
)

// Check says what is wrong with cfg, by its keys.
func (cfg Config) Check() error {
	if cfg.MaxOperations < 1 || cfg.MaxOperations > maxOperations {
		return confkey.Errorf("max_operations", "%d is not possible; write 1 to %d", cfg.MaxOperations, maxOperations)
	}
	if len(cfg.Buckets) > maxBuckets {
		return confkey.Errorf("buckets", "%d are too many; write %d at most", len(cfg.Buckets), maxBuckets)
	}
	for i, bound := range cfg.Buckets {
		if !(bound > 0 && bound < 1e9) || i > 0 && bound <= cfg.Buckets[i-1] {
			return confkey.Errorf("buckets", "%g is out of order; write growing numbers of seconds above 0, as [0.01, 0.1, 1]", bound)
		}
	}
	return nil
}

// Key is what one count is of.
type Key struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Kind      string `json:"kind"` // server, client, producer, consumer or internal; empty when no line says so
}

// Operation is the counts of one operation at one moment.
type Operation struct {
	Key
	Failed    int64      `json:"failed"`
	Counts    []int64    `json:"counts"`  // by bucket, each for itself; the last has no bound
	Seconds   float64    `json:"seconds"` // all durations together
	Exemplars []Exemplar `json:"-"`       // the last span of each bucket that has a trace; an empty TraceID is none
}

// Exemplar is one span that was counted.
type Exemplar struct {
	TraceID string
	Seconds float64
	End     time.Time
}

// Snapshot is all counts at one moment.
type Snapshot struct {
	Buckets    []float64   `json:"buckets"`
	Operations []Operation `json:"operations"` // in the order in which they first came
	Folded     int64       `json:"folded"`     // spans that were counted as other
}

// Output counts. Any goroutine may use it.
type Output struct {
	Ledger event.Ledger // in log lines

	max     int
	buckets []float64

	mu         sync.Mutex
	operations []*Operation
	byKey      map[Key]*Operation
	services   map[string]bool
	folded     int64
}

// New returns an Output without counts. cfg must have passed Check.
func New(cfg Config) *Output {
	o := &Output{max: cfg.MaxOperations, buckets: cfg.Buckets, byKey: map[Key]*Operation{}, services: map[string]bool{}}
	if len(o.buckets) == 0 {
		o.buckets = defaultBuckets
	}
	return o
}

// Send counts spans.
func (o *Output) Send(_ context.Context, spans []event.Span) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range spans {
		o.count(&spans[i])
		o.Ledger[event.Indexed].Add(int64(spans[i].Lines))
	}
}

var kinds = [...]string{event.KindUnknown: "", event.KindInternal: "internal", event.KindServer: "server", event.KindClient: "client",
	event.KindProducer: "producer", event.KindConsumer: "consumer"}

func (o *Output) count(s *event.Span) {
	op := o.operation(Key{s.Service, s.Name, kinds[s.Kind]})
	seconds := time.Duration(s.Duration).Seconds()
	bucket, _ := slices.BinarySearch(o.buckets, seconds) // the first whose bound is not below
	op.Counts[bucket]++
	op.Seconds += seconds
	if s.Failed {
		op.Failed++
	}
	if s.TraceID != "" {
		op.Exemplars[bucket] = Exemplar{s.TraceID, seconds, time.Unix(0, s.End())}
	}
}

// operation is where spans with the key are counted.
func (o *Output) operation(key Key) *Operation {
	if op := o.byKey[key]; op != nil {
		return op
	}
	if len(o.operations) < o.max {
		o.services[key.Service] = true
		return o.add(key)
	}
	o.folded++
	if !o.services[key.Service] {
		key.Service = Other
	}
	key.Operation, key.Kind = Other, ""
	if op := o.byKey[key]; op != nil {
		return op
	}
	return o.add(key)
}

func (o *Output) add(key Key) *Operation {
	op := &Operation{Key: key, Counts: make([]int64, len(o.buckets)+1), Exemplars: make([]Exemplar, len(o.buckets)+1)}
	o.operations = append(o.operations, op)
	o.byKey[key] = op
	return op
}

// Snapshot returns the counts of this moment.
func (o *Output) Snapshot() *Snapshot {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &Snapshot{Buckets: o.buckets, Folded: o.folded}
	for _, op := range o.operations {
		copied := *op
		copied.Counts, copied.Exemplars = slices.Clone(op.Counts), slices.Clone(op.Exemplars)
		s.Operations = append(s.Operations, copied)
	}
	return s
}

// Continue begins with what another Output has counted, unless its buckets are others.
func (o *Output) Continue(before *Output) {
	s := before.Snapshot()
	if !slices.Equal(s.Buckets, o.buckets) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.folded = s.Folded
	for _, op := range s.Operations { // all of them, also where there may be fewer now: a counter does not go back
		o.services[op.Service] = true
		*o.add(op.Key) = op
	}
}

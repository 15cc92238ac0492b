package ship

import (
	"sync/atomic"
	"time"
)

// Stats are running totals over the requests of an output.
type Stats struct {
	Requests, Failed, Retried, Mended, Bytes, WireBytes atomic.Int64
	InFlight                                            atomic.Int64 // requests under way
	Latency                                             Latencies
}

// Continue begins with what an output before this one has counted.
func (s *Stats) Continue(before *Stats) {
	for _, pair := range [][2]*atomic.Int64{{&s.Requests, &before.Requests}, {&s.Failed, &before.Failed}, {&s.Retried, &before.Retried},
		{&s.Mended, &before.Mended}, {&s.Bytes, &before.Bytes}, {&s.WireBytes, &before.WireBytes}} {
		pair[0].Store(pair[1].Load())
	}
	s.Latency.Continue(&before.Latency)
}

// LatencyBounds are the upper bounds of the buckets of a Latency, in seconds. Elasticsearch answers a bulk request in tens of
// milliseconds when all is well, and in a minute at most.
var LatencyBounds = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}

// Latencies counts how long requests took. The zero value is ready; any goroutine may use it.
type Latencies struct {
	buckets [len(LatencyBounds) + 1]atomic.Int64
	nanos   atomic.Int64
}

// Latency is Latencies at one moment.
type Latency struct {
	Counts  [len(LatencyBounds) + 1]int64 `json:"counts"`  // by bucket, each for itself; the last has no bound
	Seconds float64                       `json:"seconds"` // all together
}

// Observe counts one request.
func (l *Latencies) Observe(took time.Duration) {
	i := 0
	for i < len(LatencyBounds) && took.Seconds() > LatencyBounds[i] {
		i++
	}
	l.buckets[i].Add(1)
	l.nanos.Add(int64(took))
}

// Snapshot returns the numbers of this moment.
func (l *Latencies) Snapshot() (now Latency) {
	for i := range l.buckets {
		now.Counts[i] = l.buckets[i].Load()
	}
	now.Seconds = time.Duration(l.nanos.Load()).Seconds()
	return now
}

// Continue begins with what others have counted.
func (l *Latencies) Continue(before *Latencies) {
	for i := range l.buckets {
		l.buckets[i].Store(before.buckets[i].Load())
	}
	l.nanos.Store(before.nanos.Load())
}

// Total is how many requests there were.
func (l Latency) Total() (n int64) {
	for _, count := range l.Counts {
		n += count
	}
	return n
}

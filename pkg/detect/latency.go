package detect

import (
	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// quantiles are those of durations that are watched.
var quantiles = [...]float64{0.5, 0.95, 0.99}

const (
	accuracy  = 0.03  // of a quantile, relative
	mostBins  = 256   // of a sketch: durations that differ by a factor of millions
	fading    = 0.994 // of what a sketch of the past holds, after a minute: half of it goes in two hours
	tolerance = 1.5   // what is slower than a quantile of before by less than this factor is as fast
	fewTimed  = 100   // durations before which nothing is known of a series
)

// latency is how long what a series is about took: sketches that keep quantiles within accuracy (DDSketch: Masson, Rim, Lee,
// PVLDB 12(12), 2019).
type latency struct {
	past       *ddsketch.DDSketch                   // without the last two minutes
	last, now  *ddsketch.DDSketch                   // the last minute, and the one under way
	above      [len(quantiles)]float64              // the quantiles of the past, and what is tolerated
	share      [len(quantiles)]float64              // of the past, that is above
	dispersion [len(quantiles)]float64              // of what is above, by what chance alone would let it; an average over an hour
	pending    [minutesKept][len(quantiles)]float32 // what the last minutes add to dispersion once they are long enough ago; ring
	minutes    int
}

func newLatency() *latency {
	l := &latency{past: newSketch(), last: newSketch(), now: newSketch()}
	for i := range l.dispersion {
		l.dispersion[i] = 1
	}
	return l
}

func bins() store.Store { return store.NewCollapsingLowestDenseStore(mostBins) }

func newSketch() *ddsketch.DDSketch {
	m, err := mapping.NewCubicallyInterpolatedMapping(accuracy)
	if err != nil {
		panic(err) // the accuracy is a constant
	}
	return ddsketch.NewDDSketch(m, bins(), store.NewSparseStore())
}

// add counts a duration in nanoseconds, and which quantiles of before it is above; slow is above p95.
func (l *latency) add(duration int64, c *counts) (slow bool) {
	d := float64(duration)
	_ = l.now.Add(d) // refuses only what is beyond floating point
	c.Timed++
	if !l.ready() {
		return false
	}
	for i, limit := range l.above {
		if d > limit {
			c.Above[i]++
		}
	}
	return d > l.above[1]
}

func (l *latency) ready() bool { return l.above[0] > 0 }

// push ends a minute: what was counted in it; known tells whether it may become a part of the past.
func (l *latency) push(c *counts, known bool) {
	aged := l.pending[l.minutes%minutesKept]
	for i, off := range aged {
		if off > 0 {
			l.dispersion[i] = max(1, l.dispersion[i]+(float64(off)-l.dispersion[i])/60)
		}
	}
	l.pending[l.minutes%minutesKept] = l.off(c, known)
	l.minutes++
	if known {
		_ = l.past.Reweight(fading)  // refuses only what is not above 0
		_ = l.past.MergeWith(l.last) // refuses only other mappings
	}
	l.last, l.now = l.now, l.last
	l.now.Clear()
	if l.past.GetCount() < fewTimed {
		return
	}
	for i, v := range values(l.past) {
		l.above[i] = v * tolerance
	}
	l.share = [len(quantiles)]float64{}
	l.past.ForEach(func(v, n float64) bool {
		for i, limit := range l.above {
			if v > limit {
				l.share[i] += n
			}
		}
		return false
	})
	for i, q := range quantiles { // never as if it could not happen
		l.share[i] = max(l.share[i]/l.past.GetCount(), (1-q)/5)
	}
}

// off is by how much what is above differs from what it was in the past: squared, by what chance alone would let it; 0 when
// that is unknown.
func (l *latency) off(c *counts, known bool) (off [len(quantiles)]float32) {
	if n := float64(c.Timed); known && l.ready() && n >= 5 {
		for i, p := range l.share {
			d := float64(c.Above[i]) - n*p
			off[i] = float32(d * d / max(n*p*(1-p), 0.5))
		}
	}
	return off
}

// forget leaves out what the last minutes would add to dispersion.
func (l *latency) forget() { l.pending = [minutesKept][len(quantiles)]float32{} }

// values are the quantiles of a sketch; zeros when it is empty.
func values(s *ddsketch.DDSketch) [len(quantiles)]float64 {
	var v [len(quantiles)]float64
	for i, q := range quantiles {
		v[i], _ = s.GetValueAtQuantile(q) // fails only for an empty one
	}
	return v
}

// recent are the quantiles of the minute under way and the one before.
func (l *latency) recent() [len(quantiles)]float64 {
	both := l.now.Copy()
	_ = both.MergeWith(l.last) // refuses only other mappings
	return values(both)
}

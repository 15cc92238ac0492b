package hold

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/event"
)

// Rule is Keep, ready to be asked.
type Rule struct {
	errors    bool
	slower    int64 // nanoseconds
	threshold uint64
}

// NewRule prepares k, which Check has found good.
func NewRule(k Keep) Rule {
	slower := int64(k.SlowerThan)
	if slower == 0 {
		slower = math.MaxInt64
	}
	return Rule{errors: k.Errors, slower: slower, threshold: threshold(k.Sample)}
}

// Tells reports whether a line alone makes its trace one that is kept.
func (r *Rule) Tells(ev *event.Event) bool {
	return ev.HasDuration && ev.Duration >= r.slower || r.errors && ev.Failed()
}

// Sampled reports whether the trace, of 32 hexadecimal digits in lower case, is in the share.
func (r *Rule) Sampled(trace []byte) bool { return randomness(trace) >= r.threshold }

// Key is what a trace is remembered by; never 0.
func Key(trace []byte) uint64 { return max(xxhash.Sum64(trace), 1) }

const (
	randomBits = 56
	allRandom  = 1 << randomBits // one more than the highest randomness
	precision  = 4               // significant digits of a threshold, as OpenTelemetry's samplers have by default
)

// threshold is what the randomness of a trace must reach to be in the share: consistent probability sampling as OpenTelemetry specifies
// it (Trace SDK, "TraceState: Probability Sampling"). The rejection threshold is the 56-bit fraction of traces that are not sampled,
// rounded to four hexadecimal digits behind leading zeros or fs, as the specification recommends; so the same traces are
// chosen as by a sampler or Collector with this share, and a smaller share chooses from those of a larger one.
func threshold(share float64) uint64 {
	if share <= 0 {
		return allRandom
	}
	if share >= 1 {
		return 0
	}
	digits := precision + max(leading(share), leading(1-share))
	t := allRandom - uint64(math.Round(share*allRandom))
	if shift := randomBits - 4*digits; shift > 0 {
		t = (t + 1<<(shift-1)) >> shift << shift
	}
	return t
}

// leading is how many hexadecimal digits behind the point of a fraction are zero.
func leading(fraction float64) (n int) {
	for ; fraction*16 < 1; n++ {
		fraction *= 16
	}
	return n
}

// randomness is that of a trace id: its lower 56 bits, as W3C's Trace Context (level 2) has it. An id of which the upper 24 of these are zero
// was most likely not drawn at random but counted, and is hashed, so that a share of counted ids is a share; of random ones
// that is one in 16 million.
func randomness(trace []byte) uint64 {
	var r uint64
	for _, c := range trace[len(trace)-randomBits/4:] {
		digit := uint64(c - '0')
		if c > '9' {
			digit = uint64(c-'a') + 10
		}
		r = r<<4 | digit
	}
	if r>>(randomBits-24) == 0 {
		return xxhash.Sum64(trace) >> (64 - randomBits)
	}
	return r
}

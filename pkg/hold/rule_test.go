package hold

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// TestThresholds: worked out by hand from the share of traces that are not sampled, in hexadecimal: 0.95 is 0.f333…, of which the leading f
// does not count among the four digits.
func TestThresholds(t *testing.T) {
	for share, want := range map[float64]uint64{
		0: 1 << 56, 1: 0, 0.5: 0x80000000000000, 0.25: 0xc0000000000000, 0.75: 0x40000000000000, 0.1: 0xe6660000000000, 0.05: 0xf3333000000000,
		0.01: 0xfd70a000000000, 0.001: 0xffbe7700000000, 1.0 / 3: 0xaaab0000000000, 2.0 / 3: 0x55550000000000, 0.99: 0x028f6000000000, 1.0 / (1 << 56): 1<<56 - 1,
	} {
		if got := threshold(share); got != want {
			t.Errorf("%g: %#x, want %#x", share, got, want)
		}
	}
}

func TestRandomness(t *testing.T) {
	for trace, want := range map[string]uint64{
		"4bf92f3577b34da6a3ce929d0e0e4736": 0xce929d0e0e4736, // the lower seven bytes
		"0000000000000000a3ce929d0e0e4736": 0xce929d0e0e4736, // of a 64-bit id, too
		"ffffffffffffffffff00000100000000": 0x00000100000000, // the least that is taken as drawn
	} {
		if got := randomness([]byte(trace)); got != want {
			t.Errorf("%s: %#x, want %#x", trace, got, want)
		}
	}
}

// TestShares: of random ids and of counted ones a share is a share, and a smaller one has no trace that a larger one has not.
func TestShares(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const n = 40_000
	for name, id := range map[string]func(i int) string{
		"random":  func(int) string { return fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64()) },
		"64 bits": func(int) string { return fmt.Sprintf("%032x", random.Uint64()) },
		"counted": func(i int) string { return fmt.Sprintf("%032x", i+1) },
		"UUIDs":   func(int) string { return fmt.Sprintf("%016x8%015x", random.Uint64(), random.Uint64()>>4) },
		"from a time": func(i int) string {
			return fmt.Sprintf("%08x%08x%016x", 1_700_000_000+i, random.Uint32(), random.Uint64())
		},
	} {
		for _, share := range []float64{0.01, 0.05, 0.5, 0.9} {
			r, more := NewRule(Keep{Sample: share}), NewRule(Keep{Sample: share + 0.05})
			kept := 0.0
			for i := range n {
				trace := []byte(id(i))
				if r.Sampled(trace) {
					kept++
					if !more.Sampled(trace) {
						t.Fatalf("%s: %s is in a share of %g and not in a larger one", name, trace, share)
					}
				}
			}
			if off := math.Abs(kept - share*n); off > 5*math.Sqrt(n*share*(1-share)) {
				t.Errorf("%s: %.0f of %d are sampled, want %g", name, kept, n, share)
			}
		}
	}
}

func TestTells(t *testing.T) {
	both, errors, slow := NewRule(Keep{Errors: true, SlowerThan: time.Second}), NewRule(Keep{Errors: true}), NewRule(Keep{SlowerThan: time.Second})
	failed, long := event.Event{Level: []byte("error")}, event.Event{HasDuration: true, Duration: int64(time.Second)}
	short := event.Event{HasDuration: true, Duration: int64(time.Second) - 1, Level: []byte("info")}
	for i, c := range []struct {
		rule Rule
		ev   *event.Event
		want bool
	}{
		{both, &failed, true}, {both, &long, true}, {both, &short, false}, {errors, &failed, true}, {errors, &long, false},
		{slow, &failed, false}, {slow, &long, true}, {slow, &short, false}, {slow, &event.Event{}, false},
	} {
		if got := c.rule.Tells(c.ev); got != c.want {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	good := Config{For: time.Second, Memory: minMemory, Keep: Keep{Errors: true}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Config){
		"too short": func(c *Config) { c.For = time.Millisecond }, "too long": func(c *Config) { c.For = time.Hour },
		"no memory": func(c *Config) { c.Memory = 1 }, "keeps nothing": func(c *Config) { c.Keep = Keep{} },
		"more than all": func(c *Config) { c.Keep.Sample = 1.1 }, "less than none": func(c *Config) { c.Keep.Sample = -0.1 },
	} {
		bad := good
		if spoil(&bad); bad.Check() == nil {
			t.Errorf("%s: nothing is wrong", name)
		}
	}
}

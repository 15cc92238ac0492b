package detect

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// stream is the lines of one template of a simulated service.
type stream struct {
	service, template string
	rate              float64       // lines a second
	every             time.Duration // instead: a heartbeat
	batch             int           // so many at every full hour, instead
	failing           float64       // share of failures
	took              float64       // median duration in milliseconds; 0: none
	drift             [3]float64    // of rate, failures and durations: what wanders about 0
	burst             burst
}

// burst is a time in which more comes, as is normal.
type burst struct {
	until  int
	factor float64
}

// injection is something unusual that a simulation is known to have.
type injection struct {
	kind     string
	from, to int // seconds
	template int // index of its stream; -1: all
	factor   float64
}

// world is services that write lines.
type world struct {
	rng     *rand.Rand
	streams []*stream
	begin   time.Time
	season  float64 // amplitude of the day
	inject  []injection
	pause   int // until when durations are long, as when memory is collected
	odd     int // templates of one line so far
}

// volumes are lines a second of a service.
var volumes = map[string]float64{"low": 0.5, "mid": 5, "high": 40}

// add gives the world a service: most of its lines are of a few templates, all of which wander and burst.
func (w *world) add(name string, perSecond float64) {
	share := []float64{0.45, 0.3, 0.15, 0.08, 0.02}
	for i, part := range share {
		s := &stream{service: name, template: fmt.Sprintf("%s-%d", name, i), rate: perSecond * part}
		if i < 3 {
			s.failing, s.took = 0.01*float64(i), 5+50*w.rng.Float64()
		}
		w.streams = append(w.streams, s)
	}
	w.streams = append(w.streams, &stream{service: name, template: name + "-beat", every: 30 * time.Second},
		&stream{service: name, template: name + "-hourly", batch: 20})
}

// lines yields all lines of a second, in order.
func (w *world) lines(second int, visit func(*Line)) {
	var all []Line
	at := w.begin.Add(time.Duration(second) * time.Second).UnixNano()
	day := 1 + w.season*math.Sin(2*math.Pi*float64(second)/86400)
	if w.rng.Float64() < 1.0/600 {
		w.pause = second + 2
	}
	for i, s := range w.streams {
		rate, failing, took := s.rate*day, s.failing, s.took
		if second%60 == 0 { // wanders with a memory of about ten minutes
			for k, size := range [...]float64{0.04, 0.1, 0.03} {
				s.drift[k] = 0.9*s.drift[k] + size*w.rng.NormFloat64()
			}
		}
		if second >= s.burst.until && w.rng.Float64() < 3.0/3600 {
			s.burst = burst{second + 5 + w.rng.IntN(40), 1.5 + 2.5*w.rng.Float64()}
		}
		if second < s.burst.until {
			rate *= s.burst.factor
		}
		rate *= math.Exp(s.drift[0])
		failing *= math.Exp(s.drift[1])
		took *= math.Exp(s.drift[2])
		if second < w.pause {
			took *= 6
		}
		beat, batch := s.every > 0 && second%int(s.every.Seconds()) == 0, s.batch
		for _, in := range w.inject {
			if second < in.from || second >= in.to || in.template >= 0 && in.template != i {
				continue
			}
			switch in.kind {
			case "step", "spike":
				rate *= in.factor
			case "ramp":
				rate *= 1 + (in.factor-1)*float64(second-in.from)/float64(in.to-in.from)
			case "silence":
				rate, beat, batch = 0, false, 0
			case "heartbeat":
				beat = false
			case "latency":
				took *= in.factor
			case "errors":
				if s.took > 0 {
					failing += in.factor
				}
			case "new": // the stream is there for it
				rate = in.factor
			}
		}
		n := poisson(w.rng, rate)
		if beat {
			n = 1
		}
		if batch > 0 && second%3600 < 2 {
			n = batch / 2
		}
		for range n {
			l := Line{Time: at + w.rng.Int64N(1e9), Service: []byte(s.service), Template: s.template, Text: "text of " + s.template, Duration: -1}
			l.Failed = w.rng.Float64() < failing
			if took > 0 {
				l.Duration = int64(1e6 * took * math.Exp(0.6*w.rng.NormFloat64()))
			}
			all = append(all, l)
		}
	}
	if w.rng.Float64() < 2.0/3600 { // an odd line, as there always is one
		w.odd++
		all = append(all, Line{Time: at, Service: []byte(w.streams[0].service), Template: fmt.Sprint("odd-", w.odd), Duration: -1})
	}
	slices.SortFunc(all, func(a, b Line) int { return cmp.Compare(a.Time, b.Time) })
	for i := range all {
		visit(&all[i])
	}
}

func poisson(rng *rand.Rand, mean float64) int {
	if mean > 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*rng.NormFloat64())))
	}
	n := 0
	for p := rng.Float64(); p > math.Exp(-mean); n++ {
		p *= rng.Float64()
	}
	return n
}

// seeds is how many worlds of a kind there are.
var seeds = flag.Uint64("seeds", 1, "worlds that detectors are tried on")

// begin is a Monday.
var begin = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func newWorld(seed uint64) *world {
	return &world{rng: rand.New(rand.NewPCG(seed, 11)), begin: begin}
}

// run lets a world be for so many seconds, and returns what was found: what began, in order.
func (w *world) run(t *testing.T, cfg Config, seconds int) (found []Finding, e *Engine) {
	t.Helper()
	e = New(cfg, Options{Workers: 1, Memory: 64 << 20, Found: func(f *Finding) {
		if f.Over.IsZero() {
			found = append(found, *f)
		}
	}})
	watcher := e.Watcher(t.Context(), nil)
	for second := range seconds {
		w.lines(second, func(l *Line) {
			if sample := watcher.Observe(l); sample != nil {
				sample.Text = append(sample.Text, l.Text...)
			}
			if len(e.queue) > 0 {
				e.drain()
			}
		})
		watcher.Flush()
		e.drain()
		now := w.begin.Add(time.Duration(second+1) * time.Second)
		e.tick(now, now)
	}
	return found, e
}

// TestQuiet: in a day of services with seasons, wandering rates, bursts, pauses, batches and odd lines nothing is found.
//
// At more seeds: go test ./pkg/detect -run 'Quiet|Injected' -v -seeds 10
func TestQuiet(t *testing.T) {
	for seed := range *seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			w.season = 0.6
			for name, volume := range volumes {
				w.add(name, volume/2)
			}
			slices.SortFunc(w.streams, func(a, b *stream) int { return cmp.Compare(a.template, b.template) })
			found, _ := w.run(t, Config{Learning: DefaultLearning}, 25*3600)
			for _, f := range found {
				t.Errorf("%v: %s %s (score %.1f)", f.Found.Sub(begin), f.Rule, f.Message, f.Score)
			}
		})
	}
}

// TestInjected: of what is put in, at least 95 % is found, and at least 95 % of what is found was put in; a finding beyond the first of
// one cause counts as wrong.
func TestInjected(t *testing.T) {
	right, wrong, injected, named := 0, 0, 0, 0
	missed, after := map[string]int{}, map[string][]int{}
	for seed := range *seeds {
		for _, kind := range []string{"step", "ramp", "spike", "silence", "new", "latency", "errors", "heartbeat"} {
			for _, volume := range []string{"low", "mid", "high"} {
				w := newWorld(seed*100 + uint64(len(kind)))
				w.add("shop", volumes[volume])
				in := injection{kind: kind, from: 2*3600 + w.rng.IntN(600), template: -1, factor: 4 + 4*w.rng.Float64()}
				in.to = in.from + 600 + w.rng.IntN(900)
				want := Rate
				switch kind {
				case "step", "ramp":
					in.template = w.rng.IntN(3)
				case "spike":
					in.template, in.factor, in.to = w.rng.IntN(2), 3*in.factor, in.from+150
				case "silence":
					want = Silence
				case "new":
					in.template, in.factor, want = len(w.streams), 0.05+0.02*volumes[volume], Novel
					w.streams = append(w.streams, &stream{service: "shop", template: "unseen"})
				case "latency":
					in.factor, want = in.factor/2, Latency
				case "errors":
					in.factor, want = 0.1+0.2*w.rng.Float64(), Errors
				case "heartbeat":
					want = Heartbeat
				}
				w.inject = []injection{in}
				injected++
				found, _ := w.run(t, Config{Learning: DefaultLearning}, in.to+2400)
				hit := false
				for _, f := range found {
					at := int(f.Found.Sub(begin).Seconds())
					if !hit && at >= in.from && at <= in.to+300 {
						hit = true
						right++
						after[kind] = append(after[kind], at-in.from)
						if f.Rule.family() == want.family() {
							named++
						} else {
							t.Logf("%s %s: was found as %s", kind, volume, f.Message)
						}
						continue
					}
					wrong++
					t.Logf("%d %s %s: wrong at %d of %d to %d: %s (score %.1f)", seed, kind, volume, at, in.from, in.to, f.Message, f.Score)
				}
				if !hit {
					missed[kind+" "+volume]++
				}
			}
		}
	}
	for kind, seconds := range after {
		slices.Sort(seconds)
		t.Logf("%-9s found after %3d s (median), %4d s (longest)", kind, seconds[len(seconds)/2], seconds[len(seconds)-1])
	}
	precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(injected)
	t.Logf("%d injections: precision %.3f, recall %.3f; by the right rule %.3f; missed %v", injected, precision, recall, float64(named)/float64(max(right, 1)), missed)
	if precision < 0.95 || recall < 0.95 || named < right*95/100 {
		t.Error("below 0.95")
	}
}

package hold

import (
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Unix(1_700_000_000, 0)

// newTraces remembers so many traces of each kind in a generation of a shard, and lines wait for so long.
func newTraces(limit int, wait time.Duration) *Traces {
	t := new(Traces)
	t.Bound(int64(limit)*entry*shards, wait)
	return t
}

func TestFates(t *testing.T) {
	traces, now := newTraces(64, time.Minute), start
	if traces.Fate(1, now) != Undecided || traces.Keep(1, now) || traces.Fate(1, now) != Kept || traces.Decide(1, now) != Kept || traces.Keep(1, now) {
		t.Error("a trace that is kept is not kept for good")
	}
	if traces.Decide(2, now) != Dropped || traces.Fate(2, now) != Dropped || traces.Decide(2, now) != Dropped {
		t.Error("a trace that showed nothing is not dropped for good")
	}
	if !traces.Keep(2, now) || traces.Fate(2, now) != Kept || traces.Keep(2, now) {
		t.Error("a trace that shows something after it was dropped is not late, once, and kept from then on")
	}
}

// TestForgetting lets traces come that are kept or not, and lines that end their waiting, far more than can be remembered, and compares with
// a model that forgets nothing: what was kept within the time of waiting is never dropped, and while memory suffices nothing is
// let through that was not kept.
func TestForgetting(t *testing.T) {
	const wait = 10 * time.Second
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		few := seed%2 == 0
		traces, kept, now := newTraces(64, wait), map[uint64]time.Time{}, start
		spared := 0
		for range 20_000 {
			if few {
				now = now.Add(time.Duration(random.Int64N(int64(100 * time.Millisecond)))) // some 200 traces while a line waits
			} else {
				now = now.Add(time.Duration(random.Int64N(int64(2 * time.Millisecond)))) // and here 10,000
			}
			key := 1 + uint64(random.Int64N(5000))*0x9e3779b97f4a7c15
			if random.IntN(2) == 0 {
				traces.Keep(key, now)
				kept[key] = now
				continue
			}
			at, ok := kept[key]
			switch fate := traces.Decide(key, now); {
			case fate == Dropped && ok && now.Sub(at) <= wait:
				t.Fatalf("seed %d: dropped %v after it was kept", seed, now.Sub(at))
			case fate == Spared:
				spared++
			case fate == Kept && !ok:
				t.Fatalf("seed %d: kept for nothing", seed)
			}
		}
		if few && spared > 0 || !few && spared == 0 {
			t.Errorf("seed %d: %d were let through", seed, spared)
		}
		for i := range traces.shards {
			s := &traces.shards[i]
			for _, m := range []*memory{&s.kept, &s.dropped} {
				if n := len(m.young.slots) + len(m.old.slots); n > 4*m.limit || m.young.count+m.old.count > 2*m.limit {
					t.Fatalf("seed %d: %d are remembered in %d slots, the limit is %d", seed, m.young.count+m.old.count, n, 2*m.limit)
				}
			}
			if len(s.fresh) > s.kept.limit {
				t.Fatalf("seed %d: %d wait to be saved", seed, len(s.fresh))
			}
		}
	}
}

// TestNoAllocations: what comes with each line costs nothing once the memory is as large as it gets.
func TestNoAllocations(t *testing.T) {
	traces, key, now := newTraces(64, time.Second), uint64(0), start
	if n := testing.AllocsPerRun(100_000, func() {
		key++
		now = now.Add(time.Millisecond)
		traces.Fate(key, now)
		traces.Decide(key, now)
		traces.Keep(key%10_000, now)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
	q, size := NewQueue(NewPool(4<<20)), make([]byte, 500)
	line := Line{Parts: [3][]byte{nil, size[:32], size}}
	if n := testing.AllocsPerRun(10_000, func() {
		line.Offset++
		if !q.Push(&line) || q.Len() > 1000 {
			q.Pop()
		}
	}); n > 0 {
		t.Errorf("%v allocations in a queue", n)
	}
}

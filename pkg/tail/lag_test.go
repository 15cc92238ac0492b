package tail

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestGrowth: the age of the oldest byte that is not acknowledged, by hand.
func TestGrowth(t *testing.T) {
	type look struct{ second, size, committed int64 }
	start := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name      string
		looks     []look
		committed int64
		want      time.Duration // at second 100
	}{
		{"nothing is left", []look{{10, 50, 0}}, 50, 0},
		{"all of it since the first look", []look{{10, 50, 0}, {20, 80, 0}, {30, 90, 0}}, 0, 90 * time.Second},
		{"the first part is acknowledged", []look{{10, 50, 0}, {20, 80, 0}, {30, 90, 0}}, 50, 80 * time.Second},
		{"and part of the next", []look{{10, 50, 0}, {20, 80, 0}, {30, 90, 0}}, 79, 80 * time.Second},
		{"only the last byte is left", []look{{10, 50, 0}, {20, 80, 50}, {30, 90, 80}}, 89, 70 * time.Second},
		{"truncated", []look{{10, 50, 0}, {90, 20, 0}}, 0, 10 * time.Second},
		{"a look without growth", []look{{10, 50, 0}, {90, 50, 0}}, 0, 90 * time.Second},
		{"never looked at", nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g growth
			for _, l := range c.looks {
				g.note(l.size, l.committed, start.Add(time.Duration(l.second)*time.Second))
			}
			if got := g.waiting(c.committed, start.Add(100*time.Second)); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestGrowthIsBounded: an hour of growth, a look every 10 ms, takes no more room than a minute, and is not much less exact.
func TestGrowthIsBounded(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	for _, committed := range []int64{0, 1000, 180_000, 359_000} {
		t.Run(fmt.Sprint(committed), func(t *testing.T) {
			var g growth
			for i := int64(1); i <= 360_000; i++ {
				g.note(i, 0, start.Add(time.Duration(i)*10*time.Millisecond))
			}
			if len(g.seen) > sightings {
				t.Errorf("%d sightings are kept", len(g.seen))
			}
			end := start.Add(time.Hour)
			exact := time.Hour - time.Duration(committed)*10*time.Millisecond
			if got := g.waiting(committed, end); got < exact-time.Second || got > exact+4*time.Minute {
				t.Errorf("%v, exactly it is %v", got, exact)
			}
		})
	}
}

func TestFollowing(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\n")
		b.write("b.log", "two\nhalf")
		b.start()
		b.halt()
		b.start() // what was delivered before is not counted as waiting
		got := b.tailer.Following()
		for _, f := range got {
			if f.Path == b.path("b.log") && (f.Lag != 4 || f.Waiting <= 0) || f.Path == b.path("a.log") && (f.Lag != 0 || f.Waiting != 0) {
				t.Errorf("%+v", f)
			}
		}
		want := []Following{{Pipeline: "p", Path: b.path("a.log"), Size: 4, Committed: 4}, {Pipeline: "p", Path: b.path("b.log"), Size: 8, Committed: 4, Lag: 4}}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b Following) bool { return a.Path < b.Path }), cmpopts.IgnoreFields(Following{}, "Waiting", "Lines")); diff != "" {
			t.Error(diff)
		}
	})
}

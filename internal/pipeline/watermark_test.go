package pipeline

import (
	"math/rand/v2"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// TestCommittedIsTheContiguousPrefix acknowledges the ranges of two files in random order and compares with a model.
func TestCommittedIsTheContiguousPrefix(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		var w watermarks
		var acks []event.Ack
		done := map[*event.Source]map[int64]int64{}
		for range 2 {
			src := new(event.Source)
			done[src] = map[int64]int64{}
			for from := int64(0); from < 100; {
				to := from + random.Int64N(10) // also empty ranges
				acks = append(acks, event.Ack{Source: src, From: from, To: to})
				from = to
			}
		}
		random.Shuffle(len(acks), func(i, j int) { acks[i], acks[j] = acks[j], acks[i] })
		for len(acks) > 0 {
			n := 1 + random.IntN(min(3, len(acks)))
			w.ack(acks[:n])
			for _, a := range acks[:n] {
				done[a.Source][a.From] = max(a.To, done[a.Source][a.From])
			}
			acks = acks[n:]
			for src, ranges := range done {
				want := int64(0)
				for ranges[want] > want {
					want = ranges[want]
				}
				if got := src.Committed.Load(); got != want {
					t.Fatalf("seed %d: committed %d, want %d of %v", seed, got, want, ranges)
				}
			}
		}
		if len(w.ahead) != 0 {
			t.Fatalf("seed %d: %d sources still have ranges waiting", seed, len(w.ahead))
		}
	}
}

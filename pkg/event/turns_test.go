package event

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
)

// Turns end in any order; who waits for those before sees the time of the last of them that left one, and not before they have ended.
func TestTurns(t *testing.T) {
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			var src Source
			n := 1 + r.IntN(12)
			turns, leaves, waits := make([]Turn, n), make([]Time, n), make([]bool, n)
			ended := make([]bool, n)
			for i := range turns {
				turns[i], waits[i] = src.Next(t), r.IntN(3) == 0
				if r.IntN(2) == 0 {
					leaves[i] = Time{Sec: int64(i + 1), Set: true}
				}
			}
			for _, i := range r.Perm(n) {
				if !waits[i] {
					ended[i] = true
					turns[i].Done(leaves[i])
					synctest.Wait()
					continue
				}
				go func() {
					past := turns[i].Wait()
					var want Time
					for k := range i {
						if !ended[k] {
							t.Errorf("seed %d: turn %d did not wait for turn %d", seed, i, k)
						}
						if leaves[k].Set {
							want = leaves[k]
						}
					}
					if past.Time != want {
						t.Errorf("seed %d: turn %d sees %v, want %v", seed, i, past.Time, want)
					}
					ended[i] = true
					turns[i].Done(leaves[i])
				}()
				synctest.Wait()
			}
			for i := range ended {
				if !ended[i] {
					t.Errorf("seed %d: turn %d never came", seed, i)
				}
			}
			if len(src.turns.early) > 0 {
				t.Errorf("seed %d: %v is kept", seed, src.turns.early)
			}
		})
	}
}

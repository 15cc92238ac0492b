package hold

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestQueues pushes and pops at random in two queues that share memory, and compares with slices.
func TestQueues(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		const limit = 1 << 20
		pool := NewPool(limit)
		queues := []*Queue{NewQueue(pool), NewQueue(pool)}
		models := make([][]Line, 2)
		full, offset := 0, int64(0)
		for range 30_000 {
			i := random.IntN(2)
			q := queues[i]
			if random.IntN(100) >= 55 && q.Len() > 0 {
				got, want := q.Oldest(), models[i][0]
				if got.Offset != want.Offset || !bytes.Equal(got.Parts[2], want.Parts[2]) || !bytes.Equal(got.Parts[1], want.Parts[1]) || len(got.Parts[0]) != 0 {
					t.Fatalf("seed %d: the oldest is %d, want %d", seed, got.Offset, want.Offset)
				}
				before := pool.Used()
				if freed := q.Pop(); freed != (pool.Used() < before) {
					t.Fatalf("seed %d: memory is %d, was %d, and Pop says %v", seed, pool.Used(), before, freed)
				}
				models[i] = models[i][1:]
				continue
			}
			offset++
			size := random.IntN(1000)
			if random.IntN(500) == 0 {
				size = random.IntN(3 * chunkText) // one that needs more than a chunk
			}
			line := Line{Offset: offset, Parts: [3][]byte{nil, {byte(offset)}, bytes.Repeat([]byte{byte(offset)}, size)}}
			if !q.Push(&line) {
				full++
				continue
			}
			models[i] = append(models[i], line)
			if pool.Used() > limit {
				t.Fatalf("seed %d: %d bytes are used, the limit is %d", seed, pool.Used(), limit)
			}
			if q.Len() != len(models[i]) {
				t.Fatalf("seed %d: %d lines, want %d", seed, q.Len(), len(models[i]))
			}
		}
		if full == 0 {
			t.Errorf("seed %d: memory was never full", seed)
		}
		for _, q := range queues {
			for q.Len() > 0 {
				q.Pop()
			}
		}
		if pool.Used() != 0 {
			t.Errorf("seed %d: %d bytes are used by nothing", seed, pool.Used())
		}
		if empty := NewQueue(pool); empty.Oldest() != nil {
			t.Error("an empty queue has a line")
		}
	}
}

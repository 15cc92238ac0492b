package shop

import (
	"math/rand/v2"
	"sync"
)

// source is a source of random numbers that all services draw from.
type source struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

// Uint64 draws a number.
func (s *source) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pcg.Uint64()
}

// newRandom returns what may be drawn from at the same time: a Rand keeps nothing but its source.
func newRandom(seed uint64) *rand.Rand {
	return rand.New(&source{pcg: rand.NewPCG(seed, 1)}) // #nosec G404 -- how long a sample service sleeps is no secret
}

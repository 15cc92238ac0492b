package process

import (
	"sync"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// Shared is what the Chains of one pipeline have in common: they run in several goroutines, and what counts lines must
// count those of all.
type Shared struct {
	Guarded Guarded

	mu     sync.Mutex
	steps  map[int]*counts
	mapped map[int]*mapped // by route
}

// NewShared returns what the Chains of a pipeline share.
func NewShared() *Shared { return &Shared{steps: map[int]*counts{}, mapped: map[int]*mapped{}} }

// of returns the counts of the step at the index.
func (s *Shared) of(at int) *counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.steps[at]
	if c == nil {
		c = &counts{young: map[uint64]count{}, old: map[uint64]count{}}
		s.steps[at] = c
	}
	return c
}

// mappedBy returns the names in the data stream that a route leads to.
func (s *Shared) mappedBy(route int) *mapped {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mapped[route]
	if m == nil {
		m = &mapped{names: map[uint64]bool{}}
		s.mapped[route] = m
	}
	return m
}

// counts remember for each key when it began to be counted, and how often it came since. They remember the keys that came
// lately: when there are too many, those that have not come since the last time that this happened are forgotten.
type counts struct {
	mu         sync.Mutex
	young, old map[uint64]count
}

type count struct {
	since time.Duration // from 1970
	n     int
}

// maxKeys bounds each of the two maps.
const maxKeys = 1 << 16

// next counts the key at a time, and returns how often it came within the span that began when it was first counted.
func (c *counts) next(key uint64, at, span time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, known := c.young[key]
	if !known {
		k, known = c.old[key]
	}
	if !known || at-k.since >= span || k.since-at >= span {
		k = count{since: at}
	}
	k.n++
	if len(c.young) >= maxKeys {
		c.young, c.old = c.old, c.young
		clear(c.young)
	}
	c.young[key] = k
	return k.n
}

// clock is the time of an event since 1970.
func clock(ev *event.Event) time.Duration {
	return time.Duration(ev.Time.Sec)*time.Second + time.Duration(ev.Time.Nsec)
}

package hold

import (
	"sync"
	"time"
)

// Traces remembers which traces were kept and which were dropped, for all pipelines that hold. Any goroutine may use it.
//
// Both are bounded. Forgetting that a trace was dropped costs a wait: a later line of it is held and decided anew. A kept trace must not
// be forgotten while lines may wait for it; when that has to be, every trace without a decision is kept until those lines are through.
type Traces struct {
	shards [shards]shard
	file   file
	loaded []uint64 // what an agent before this one has kept, until Bound says how much may be remembered
}

// shards keep workers from waiting for one another.
const shards = 16

type shard struct {
	mu            sync.Mutex
	kept, dropped memory
	unsure        time.Time     // until then a kept trace may have been forgotten
	wait          time.Duration // how long lines wait
	fresh         []uint64      // kept since the last save
	overflow      bool          // and more than that
}

// Fate is what is known of a trace.
type Fate uint8

const (
	Undecided Fate = iota
	Kept
	Dropped
	Spared // not known to be kept, and let through all the same
)

// entry is what remembering one more trace of each kind costs, in bytes: two kinds, two generations, two slots.
const entry = 64

// Bound says how much memory may be used, in bytes, and how long lines wait at most. It comes before anything else, and again when
// either changes, while nobody else uses t; what is remembered stays.
func (t *Traces) Bound(memory int64, wait time.Duration) {
	limit := 64
	for int64(limit)*2*entry*shards <= memory {
		limit *= 2
	}
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		s.kept.limit, s.dropped.limit, s.wait = limit, limit, wait
		s.mu.Unlock()
	}
	for _, key := range t.loaded {
		if s := t.shard(key); !s.isKept(key, time.Time{}) {
			s.keep(key, time.Time{})
		}
	}
	t.loaded = nil
}

func (t *Traces) shard(key uint64) *shard { return &t.shards[key%shards] }

// Keep makes a trace one that is kept, and reports whether that comes too late: it had been dropped.
func (t *Traces) Keep(key uint64, now time.Time) (late bool) {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isKept(key, now) {
		return false
	}
	s.keep(key, now)
	if len(s.fresh) < s.kept.limit {
		s.fresh = append(s.fresh, key)
	} else {
		s.overflow = true
	}
	return s.dropped.has(key)
}

// keep remembers a kept trace as the one that was kept last.
func (s *shard) keep(key uint64, now time.Time) {
	if forgotten, last := s.kept.add(key, now); forgotten && s.unsure.Before(last.Add(s.wait)) {
		s.unsure = last.Add(s.wait)
	}
}

// isKept reports whether a trace is kept. One that is asked for is not forgotten soon.
func (s *shard) isKept(key uint64, now time.Time) bool {
	if s.kept.young.has(key) {
		return true
	}
	if !s.kept.old.has(key) {
		return false
	}
	s.keep(key, now)
	return true
}

// Fate is what has been decided of a trace so far.
func (t *Traces) Fate(key uint64, now time.Time) Fate {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fate(key, now)
}

func (s *shard) fate(key uint64, now time.Time) Fate {
	switch {
	case s.isKept(key, now):
		return Kept
	case s.dropped.has(key):
		return Dropped
	}
	return Undecided
}

// Decide decides a trace of which a line has waited long enough; it never answers Undecided.
func (t *Traces) Decide(key uint64, now time.Time) Fate {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	fate := s.fate(key, now)
	if fate == Kept {
		return Kept
	}
	if now.Before(s.unsure) {
		return Spared
	}
	if fate == Undecided {
		s.dropped.add(key, now)
	}
	return Dropped
}

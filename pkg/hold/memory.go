package hold

import (
	"hash/maphash"
	"time"
)

// memory is a set that forgets what was added longest ago: two generations, of which the older one is given up when the younger one is full.
// So at least the last limit keys are in it, and at most twice as many. It allocates nothing once both have been used.
type memory struct {
	limit      int // of a generation; a power of two
	young, old set
	last       time.Time // when something was added to old
	added      time.Time // the same of young
}

func (m *memory) has(key uint64) bool { return m.young.has(key) || m.old.has(key) }

// add adds a key that young does not have. When that made it forget others, it says when the last of those had been added.
func (m *memory) add(key uint64, now time.Time) (forgotten bool, last time.Time) {
	if m.young.full() {
		forgotten, last = m.old.count > 0, m.last
		m.young, m.old, m.last = m.old, m.young, m.added
		m.young.clear(m.limit)
	}
	m.young.add(key)
	m.added = now
	return forgotten, last
}

// set is a hash table of keys, which are hashes themselves and not 0: open addressing, half empty at most when it is full. Nothing is ever removed from it.
type set struct {
	slots []uint64 // 0 is free; a power of two
	count int
}

func (s *set) full() bool { return 2*s.count >= len(s.slots) }

// clear makes it empty, with room for limit keys.
func (s *set) clear(limit int) {
	if s.count = 0; 2*limit != len(s.slots) {
		s.slots = make([]uint64, 2*limit)
	} else {
		clear(s.slots)
	}
}

// seed keeps those who choose trace ids from choosing ones that all belong in one place.
var seed = maphash.MakeSeed()

// place is the slot that has the key, or the free one where it belongs.
func (s *set) place(key uint64) int {
	mask := len(s.slots) - 1
	i := int(maphash.Comparable(seed, key)) & mask // #nosec G115 -- only the lower bits count
	for s.slots[i] != 0 && s.slots[i] != key {
		i = (i + 1) & mask
	}
	return i
}

func (s *set) has(key uint64) bool {
	return s.count > 0 && s.slots[s.place(key)] != 0
}

func (s *set) add(key uint64) {
	if i := s.place(key); s.slots[i] == 0 {
		s.slots[i] = key
		s.count++
	}
}

// each visits the keys.
func (s *set) each(visit func(key uint64)) {
	for _, key := range s.slots {
		if key != 0 {
			visit(key)
		}
	}
}

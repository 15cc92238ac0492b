package template

import (
	"hash/maphash"
	"sync/atomic"
)

// table finds templates by a key. Readers take no lock; writers hold the Miner's.
type table struct {
	buckets []atomic.Pointer[entry]
	shift   uint64 // by chance, so that nobody can write lines that all fall into one bucket
}

// entry never changes once it can be reached.
type entry struct {
	key  uint64
	is   *Template
	next *entry
}

func newTable(size int) table {
	return table{make([]atomic.Pointer[entry], size), maphash.String(maphash.MakeSeed(), "") | 1}
}

func (t *table) bucket(key uint64) *atomic.Pointer[entry] {
	return &t.buckets[key*t.shift>>32%uint64(len(t.buckets))]
}

// find returns the template at key that covers the line.
func (t *table) find(key uint64, l *line) *Template {
	for e := t.bucket(key).Load(); e != nil; e = e.next {
		if e.key == key && e.is.shape.Load().covers(l) {
			return e.is
		}
	}
	return nil
}

func (t *table) add(key uint64, is *Template) {
	b := t.bucket(key)
	b.Store(&entry{key, is, b.Load()})
}

// remove makes the entries in front of the one that goes anew, for whoever is just reading them.
func (t *table) remove(key uint64, is *Template) {
	b := t.bucket(key)
	b.Store(without(b.Load(), is))
}

func without(e *entry, is *Template) *entry {
	switch {
	case e == nil:
		return nil
	case e.is == is:
		return without(e.next, is)
	}
	return &entry{e.key, e.is, without(e.next, is)}
}

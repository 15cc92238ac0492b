package template

import (
	"cmp"
	"slices"
)

// forget makes room: templates of one line go first, then those that had no line for the longest time, until an eighth of the
// memory is free, so that it costs little for each new one.
func (m *Miner) forget() {
	order := slices.Clone(m.all)
	slices.SortStableFunc(order, func(a, b *Template) int {
		return cmp.Or(cmp.Compare(min(a.count.Load(), 2), min(b.count.Load(), 2)), cmp.Compare(a.used.Load(), b.used.Load()))
	})
	gone := map[*Template]bool{}
	for _, t := range order {
		if m.bytes <= m.memory-m.memory/8 || len(gone) == len(order)-1 {
			break
		}
		m.drop(t)
		m.gone++
		gone[t] = true
	}
	m.all = slices.DeleteFunc(m.all, func(t *Template) bool { return gone[t] })
	for leaf, list := range m.leaves {
		if list = slices.DeleteFunc(list, func(t *Template) bool { return gone[t] }); len(list) == 0 {
			delete(m.leaves, leaf)
		} else {
			m.leaves[leaf] = list
		}
	}
}

// drop takes a template out of the tables.
func (m *Miner) drop(t *Template) {
	m.bytes -= t.size()
	m.known.remove(t.key, t)
	m.unteach(t)
}

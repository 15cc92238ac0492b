package template

import "math/bits"

const (
	// enough is how many templates that differ in the same places tell that values stand there. Fewer may be the states of
	// something: started, paused, resumed, stopped.
	enough = 8
	// enoughShouted is the same for words in capital letters, as states mostly are.
	enoughShouted = 32
	// leafSize is how many templates of a leaf, the youngest, a new one is compared with.
	leafSize = 64
)

// generalize looks for templates that differ from the line in the same few words, and if there are enough of them, makes the oldest cover
// it; nil when there are not.
func (m *Miner) generalize(l *line) *Template {
	var places [2 * leafSize]uint64
	var near [2 * leafSize]*Template
	n := 0
	first, last := l.leaves()
	for side, leaf := range [2]uint64{first, last} {
		list := m.leaves[leaf]
		for _, t := range list[max(0, len(list)-leafSize):] {
			s := t.shape.Load()
			if side == 1 && len(s.cells) == l.n && l.n > 0 && s.cells[0].hash == l.tokens[0].hash {
				continue // seen on the other side
			}
			if p := s.differs(l); p != 0 {
				places[n], near[n] = p, t
				n++
			}
		}
	}
	for i := range n {
		same := 0
		for _, p := range places[i:n] {
			if p == places[i] {
				same++
			}
		}
		need := enough
		if l.shouts(places[i]) {
			need = enoughShouted
		}
		if same >= need-1 {
			m.unteach(near[i])
			m.reshape(near[i], near[i].widened(l, true))
			m.teach(near[i])
			return near[i]
		}
	}
	return nil
}

// differs returns in which places the line has other words, as bits; 0 when it differs in more than two, in more than a third of
// its words, or by more than words.
func (s *shape) differs(l *line) uint64 {
	if len(s.cells) != l.n {
		return 0
	}
	var places uint64
	words := 0
	for i := range s.cells {
		c, k := &s.cells[i], &l.tokens[i]
		if c.loose != k.varies() && !s.learned {
			return 0
		}
		if !c.loose && k.varies() {
			return 0
		}
		if c.loose {
			continue
		}
		if words++; c.hash != k.hash {
			if places |= 1 << i; bits.OnesCount64(places) > 2 {
				return 0
			}
		}
	}
	if d := bits.OnesCount64(places); words == d || d*2 > words {
		return 0
	}
	return places
}

// shouts reports whether a word in one of the places is in capital letters.
func (l *line) shouts(places uint64) bool {
	for ; places != 0; places &= places - 1 {
		t := &l.tokens[bits.TrailingZeros64(places)]
		if shouts(l.text[t.from:t.to]) {
			return true
		}
	}
	return false
}

// leaves are the ways on which a line goes down the tree: by how many tokens it has and the first one, and by the last one.
func (l *line) leaves() (first, last uint64) {
	if l.n == 0 {
		return 0, 0
	}
	return leaf(l.n, &l.tokens[0], 1), leaf(l.n, &l.tokens[l.n-1], 2)
}

func leaf(n int, t *token, side uint64) uint64 {
	h := side
	if !t.varies() {
		h = t.hash + side
	}
	return (h ^ uint64(n)<<56) * 0x9e3779b97f4a7c15
}

// leaves are those of its lines; in the place of a word that was found to vary it is looked for on the other way.
func (s *shape) leaves() (first, last uint64) {
	n := len(s.cells)
	if n == 0 {
		return 0, 0
	}
	a, b := &s.cells[0], &s.cells[n-1]
	return leaf(n, &token{hash: a.hash, kind: a.kind, loose: a.loose}, 1), leaf(n, &token{hash: b.hash, kind: b.kind, loose: b.loose}, 2)
}

package redfa

import "unicode/utf8"

// loop is what most characters do in states that stand for the rest of a line, a quoted text or a path: they lead back to the state, and
// do nothing else or note a match. Such transitions of a state are one action, which passes over as many of the characters as there are
// together, as the set of a piece.
type loop struct {
	run    []piece
	back   uint64 // what the transitions are otherwise
	accept int32  // the match to note, or none
	gain   int    // characters passed, less what that cost
}

const (
	minLoop  = 16   // characters that lead back; fewer are digits
	loopCost = 12   // passing the loop costs as much as so many transitions
	lostLoop = -256 // the gain of a loop that does not pay
	loopSize = 800  // bytes, about
)

// addLoop makes a transition of a state, just built, part of the state's loop, if it is of the kind and the characters known to be so are
// many.
func (d *tdfa) addLoop(at uint32, t uint64) {
	action := t >> 32
	if uint32(t) != at || action != plain && (action < notes || action >= loops) || d.step.p.looks > 0 {
		return
	}
	s := &d.states[int(at)/d.stride()]
	if s.loop == 0 {
		if d.countBack(at, t) < minLoop {
			return
		}
		set := piece{from: noFrom, to: noTo}
		set.setCount(0, -1)
		d.loops = append(d.loops, loop{run: []piece{set, {kind: pieceEnd, index: 1}}, back: t, accept: d.actionOf(t).accept})
		d.used += loopSize
		s.loop = len(d.loops)
	}
	l := &d.loops[s.loop-1]
	if l.back != t || l.gain < lostLoop {
		return
	}
	in := (loops+uint64(s.loop-1))<<32 | uint64(at)
	d.replace(at, t, in)
	var table [256]bool
	for c, class := range d.step.p.ascii {
		table[c] = d.trans[int(at)+int(class)] == in
	}
	l.run[0].setTable(&table)
	l.gain = 0
}

// countBack returns the number of ASCII characters with the transition.
func (d *tdfa) countBack(at uint32, t uint64) (n int) {
	for _, class := range d.step.p.ascii {
		n += b2i(d.trans[int(at)+int(class)] == t)
	}
	return n
}

// replace puts another transition in the place of one of a state.
func (d *tdfa) replace(at uint32, t, by uint64) {
	for i := range d.stride() {
		if trans := &d.trans[int(at)+i]; *trans == t {
			*trans = by
		}
	}
}

// pass passes over the characters of the loop that t is from p on. It returns what else t does, for when there are none, as of runes
// beyond ASCII.
func (d *tdfa) pass(t uint64, in []byte, p int) (l *loop, to int) {
	l = &d.loops[t>>32-loops]
	if in[p] >= utf8.RuneSelf {
		return l, p
	}
	var ends [2]int
	n, to := passVectors(l.run, in, p, ends[:])
	to, _ = passPieces(l.run[n:], in, to, ends[:])
	if l.gain += to - p - loopCost; l.gain < lostLoop {
		d.replace(uint32(t), t, l.back)
	}
	return l, to
}

package redfa

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// A look-around of more than one rune, (?=X), (?!X), (?<=X) or (?<!X), asks at a position whether X matches from there
// or up to there. That is known for all positions after one pass over the input: with .*X from its beginning, or with
// the mirror image of X from its end. The passes run first; the engines then see the answers as part of the symbols,
// and the conditions that ask for them are edges like all others. So look-arounds cost linear time too.

// look is one look-around.
type look struct {
	prog    *prog
	reverse bool // it looks ahead: the program is a mirror image and reads from the end
}

// maxLooks bounds the look-arounds of one expression: each doubles the number of symbols.
const maxLooks = 4

func newLook(body *syntax.Regexp, ahead bool, specials []special) (*look, error) {
	l := &look{reverse: ahead}
	if ahead {
		specials = slices.Clone(specials)
		for i := range specials {
			if specials[i].kind == specialEdge {
				specials[i].edge = specials[i].edge.mirrored()
			}
		}
		body = mirror(body)
	}
	var err error
	l.prog, err = newProg(body, 0, specials)
	return l, err
}

// mirror returns the expression that matches the same texts read from the end.
func mirror(n *syntax.Regexp) *syntax.Regexp {
	m := *n
	m.Sub = nil
	for _, sub := range n.Sub {
		m.Sub = append(m.Sub, mirror(sub))
	}
	switch n.Op {
	case syntax.OpConcat:
		slices.Reverse(m.Sub)
	case syntax.OpLiteral:
		m.Rune = slices.Clone(n.Rune)
		slices.Reverse(m.Rune)
	case syntax.OpBeginLine:
		m.Op = syntax.OpEndLine
	case syntax.OpEndLine:
		m.Op = syntax.OpBeginLine
	case syntax.OpBeginText:
		m.Op = syntax.OpEndText
	case syntax.OpEndText:
		m.Op = syntax.OpBeginText
	}
	return &m
}

// lookMatcher is the scratch for one look-around.
type lookMatcher struct {
	*look
	dfa *tdfa
}

func (l *look) newMatcher(limit int) lookMatcher {
	s := newStepper(l.prog)
	s.every = true
	return lookMatcher{l, newTDFA(s, limit)}
}

// mark sets the bit in answers at each position where the look-around's text ends (or begins, looking ahead).
func (m lookMatcher) mark(text []byte, answers []uint8, bit uint8) {
	d, p := m.dfa, 0
	if m.reverse {
		p = len(text)
	}
	at := d.start(true, m.prog.begin)
	for {
		class, n := m.read(text, p)
		symbol := class << m.prog.looks
		t := d.trans[int(at)+symbol]
		if t>>32 == unknown {
			if d.used > d.limit {
				at = d.restart(at)
			}
			t = d.build(at, symbol)
		}
		if n := t >> 32; n >= loops && n < writes {
			t = d.loops[n-loops].back
		}
		act := d.actionOf(t)
		if act.accept != none {
			answers[p] |= bit
		}
		if act.dead {
			return
		}
		at = uint32(t)
		p += n
	}
}

// read returns the class of the rune that comes next in the direction of reading, and where it leads.
func (m lookMatcher) read(text []byte, p int) (class, n int) {
	switch {
	case !m.reverse && p < len(text):
		return m.prog.next(text, p)
	case m.reverse && p > 0:
		r, n := utf8.DecodeLastRune(text[:p])
		return m.prog.of(r), -n
	}
	return m.prog.n, 0
}

// restart empties the cache and returns the number that the state has then.
func (d *tdfa) restart(at uint32) uint32 {
	d.load(at, &d.from)
	d.flush()
	return d.intern(&d.from)
}

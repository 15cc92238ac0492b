package redfa

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// reference is a backtracking matcher for CompileGrok's syntax, as plain as can be: exponential at worst, and bounded
// by a number of steps. It runs on the parsed tree before anything is rewritten.
type reference struct {
	p     *grokParser
	tree  *syntax.Regexp
	in    []byte
	caps  []int
	steps int
}

const referenceSteps = 20_000

// newReference returns nil if the expression is refused or has loops around what matches the empty text, where
// Oniguruma goes its own way.
func newReference(expr string) *reference {
	r := &reference{p: newGrokParser(expr)}
	r.p.verbatim = true
	var err error
	func() {
		defer recoverError(&err)
		r.tree = r.p.parse()
	}()
	if err != nil || contains(r.tree, emptyLoop) {
		return nil
	}
	return r
}

func emptyLoop(n *syntax.Regexp) bool {
	switch n.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat, syntax.OpQuest:
		_, empty := firstOf(n.Sub[0])
		return empty
	}
	return false
}

// find returns the groups of the leftmost match; known is false if it took too many steps.
func (r *reference) find(in []byte) (caps []int, known bool) {
	r.in, r.steps = in, 0
	for start := 0; start <= len(in); {
		r.caps = slices.Repeat([]int{-1}, 2*len(r.p.names))
		if r.match(r.tree, start, func(end int) bool { r.caps[0], r.caps[1] = start, end; return true }) {
			return r.caps, true
		}
		if r.steps > referenceSteps {
			return nil, false
		}
		if start == len(in) {
			break
		}
		start += width(in, start)
	}
	return nil, true
}

// match matches n at position at and goes on with next.
func (r *reference) match(n *syntax.Regexp, at int, next func(int) bool) bool {
	if r.steps++; r.steps > referenceSteps {
		return false
	}
	switch n.Op {
	case syntax.OpNoMatch:
		return false
	case syntax.OpEmptyMatch:
		return next(at)
	case syntax.OpLiteral:
		return r.literal(n, 0, at, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		set, _ := singleSet(n)
		return r.one(set, at, next)
	case syntax.OpBeginText:
		return at == 0 && next(at)
	case syntax.OpEndText:
		return at == len(r.in) && next(at)
	case syntax.OpConcat:
		return r.concat(n.Sub, at, next)
	case syntax.OpAlternate:
		return slices.ContainsFunc(n.Sub, func(sub *syntax.Regexp) bool { return r.match(sub, at, next) })
	case syntax.OpStar:
		return r.repeat(n, 0, -1, at, next)
	case syntax.OpPlus:
		return r.repeat(n, 1, -1, at, next)
	case syntax.OpQuest:
		return r.repeat(n, 0, 1, at, next)
	case syntax.OpRepeat:
		return r.repeat(n, n.Min, n.Max, at, next)
	case syntax.OpCapture:
		if n.Cap >= firstSpecial {
			return r.special(n, at, next)
		}
		return r.capture(n, at, next)
	}
	panic("unknown node")
}

func (r *reference) one(set runeSet, at int, next func(int) bool) bool {
	if at >= len(r.in) {
		return false
	}
	c, w := utf8.DecodeRune(r.in[at:])
	return set.has(c) && next(at+w)
}

func (r *reference) literal(n *syntax.Regexp, i, at int, next func(int) bool) bool {
	if i == len(n.Rune) {
		return next(at)
	}
	return r.one(literalSet(n.Rune[i], n.Flags), at, func(at int) bool { return r.literal(n, i+1, at, next) })
}

func (r *reference) concat(subs []*syntax.Regexp, at int, next func(int) bool) bool {
	if len(subs) == 0 {
		return next(at)
	}
	return r.match(subs[0], at, func(at int) bool { return r.concat(subs[1:], at, next) })
}

func (r *reference) repeat(n *syntax.Regexp, low, high, at int, next func(int) bool) bool {
	again := func() bool {
		return high != 0 && r.match(n.Sub[0], at, func(at int) bool { return r.repeat(n, max(low-1, 0), max(high-1, -1), at, next) })
	}
	switch {
	case low > 0:
		return again()
	case n.Flags&syntax.NonGreedy != 0:
		return next(at) || again()
	}
	return again() || next(at)
}

func (r *reference) capture(n *syntax.Regexp, at int, next func(int) bool) bool {
	i := 2 * n.Cap
	from, to := r.caps[i], r.caps[i+1]
	if r.match(n.Sub[0], at, func(end int) bool {
		from, to := r.caps[i], r.caps[i+1]
		r.caps[i], r.caps[i+1] = at, end
		if next(end) {
			return true
		}
		r.caps[i], r.caps[i+1] = from, to
		return false
	}) {
		return true
	}
	r.caps[i], r.caps[i+1] = from, to
	return false
}

func (r *reference) special(n *syntax.Regexp, at int, next func(int) bool) bool {
	id := n.Cap - firstSpecial
	for _, m := range r.p.marks {
		if m.special == id { // a look-ahead with groups: what it finds first stays
			saved := slices.Clone(r.caps)
			r.match(m.body, at, func(int) bool { return true })
			if next(at) {
				return true
			}
			copy(r.caps, saved)
			return false
		}
	}
	if l := r.p.pending[id]; l != nil {
		return r.look(l, at) != l.negative && next(at)
	}
	if s := r.p.specials[id]; s.kind == specialEdge {
		before, after := around(r.in, at)
		return s.edge.holds(before, after, 0) && next(at)
	}
	end := -1
	saved := slices.Clone(r.caps)
	if r.match(n.Sub[0], at, func(to int) bool { end = to; return true }) && next(end) {
		return true
	}
	copy(r.caps, saved)
	return false
}

// look answers a look-around.
func (r *reference) look(l *pendingLook, at int) bool {
	saved := slices.Clone(r.caps)
	defer func() { copy(r.caps, saved) }()
	if l.ahead || len(r.in) == 0 {
		return r.match(l.body, at, func(int) bool { return true })
	}
	for from := 0; from <= at; from += width(r.in, min(from, len(r.in)-1)) {
		if r.match(l.body, from, func(to int) bool { return to == at }) {
			return true
		}
	}
	return false
}

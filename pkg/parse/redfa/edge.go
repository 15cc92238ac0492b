package redfa

import (
	"regexp/syntax"
	"slices"
	"unicode"
)

// edge is a condition that consumes nothing: a formula over the rune before a position and the rune after it, and over
// what look-arounds found out beforehand.
type edge struct {
	op    edgeOp
	empty syntax.EmptyOp // edgeEmpty
	set   runeSet        // edgeBehind, edgeAhead
	bit   int            // edgeLook: number of the look-around
	subs  []*edge        // edgeAnd, edgeOr, edgeNot
}

type edgeOp uint8

const (
	edgeEmpty  edgeOp = iota // a condition of regexp/syntax
	edgeBehind               // there is a rune before, and it is in the set
	edgeAhead                // there is a rune after, and it is in the set
	edgeLook                 // the look-around says yes
	edgeAnd
	edgeOr
	edgeNot
)

func emptyEdge(op syntax.EmptyOp) *edge { return &edge{op: edgeEmpty, empty: op} }
func behind(set runeSet) *edge          { return &edge{op: edgeBehind, set: set} }
func ahead(set runeSet) *edge           { return &edge{op: edgeAhead, set: set} }
func and(subs ...*edge) *edge           { return &edge{op: edgeAnd, subs: subs} }
func or(subs ...*edge) *edge            { return &edge{op: edgeOr, subs: subs} }
func not(sub *edge) *edge               { return &edge{op: edgeNot, subs: []*edge{sub}} }

// holds evaluates the formula between two runes (-1: start or end of the input); bit k of looks is look-around k.
func (e *edge) holds(before, after rune, looks int) bool {
	switch e.op {
	case edgeEmpty:
		return e.empty&^syntax.EmptyOpContext(before, after) == 0
	case edgeBehind:
		return before >= 0 && e.set.has(before)
	case edgeAhead:
		return after >= 0 && e.set.has(after)
	case edgeLook:
		return looks>>e.bit&1 != 0
	case edgeNot:
		return !e.subs[0].holds(before, after, looks)
	}
	for _, sub := range e.subs {
		if sub.holds(before, after, looks) != (e.op == edgeAnd) {
			return e.op == edgeOr
		}
	}
	return e.op == edgeAnd
}

// equal reports whether two formulas are the same.
func (e *edge) equal(f *edge) bool {
	if e == f {
		return true
	}
	return e.op == f.op && e.empty == f.empty && e.bit == f.bit && slices.Equal(e.set, f.set) &&
		slices.EqualFunc(e.subs, f.subs, (*edge).equal)
}

var (
	newlineSet = runeSet{'\n', '\n'}
	wordSet    = runeSet{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
)

// sets calls f for the sets of runes that the formula tells apart.
func (e *edge) sets(f func(runeSet)) {
	switch e.op {
	case edgeEmpty:
		f(newlineSet)
		f(wordSet)
	case edgeBehind, edgeAhead:
		f(e.set)
	}
	for _, sub := range e.subs {
		sub.sets(f)
	}
}

// mirrored is the formula for input that is read from its end.
func (e *edge) mirrored() *edge {
	m := *e
	switch e.op {
	case edgeEmpty:
		m.empty = mirroredEmpty(e.empty)
	case edgeBehind:
		m.op = edgeAhead
	case edgeAhead:
		m.op = edgeBehind
	}
	m.subs = nil
	for _, sub := range e.subs {
		m.subs = append(m.subs, sub.mirrored())
	}
	return &m
}

func mirroredEmpty(op syntax.EmptyOp) syntax.EmptyOp {
	m := op & (syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary)
	for _, p := range [][2]syntax.EmptyOp{
		{syntax.EmptyBeginLine, syntax.EmptyEndLine},
		{syntax.EmptyBeginText, syntax.EmptyEndText},
	} {
		if op&p[0] != 0 {
			m |= p[1]
		}
		if op&p[1] != 0 {
			m |= p[0]
		}
	}
	return m
}

// lastLook returns the highest number of a look-around that the formula asks, or -1.
func (e *edge) lastLook() int {
	last := -1
	if e.op == edgeLook {
		last = e.bit
	}
	for _, sub := range e.subs {
		last = max(last, sub.lastLook())
	}
	return last
}

// union, complement and intersection of sets.
func (s runeSet) union(t runeSet) runeSet { return merge(s, t, func(a, b bool) bool { return a || b }) }
func (s runeSet) intersect(t runeSet) runeSet {
	return merge(s, t, func(a, b bool) bool { return a && b })
}
func (s runeSet) complement() runeSet {
	return merge(s, nil, func(a, _ bool) bool { return !a })
}

// merge combines two sets rune by rune.
func merge(s, t runeSet, keep func(inS, inT bool) bool) runeSet {
	var out runeSet
	i, k := 0, 0 // boundaries passed: odd means inside
	bound := func(s runeSet, i int) rune {
		switch {
		case i >= len(s):
			return unicode.MaxRune + 1
		case i%2 == 1:
			return s[i] + 1
		}
		return s[i]
	}
	for at := rune(0); at <= unicode.MaxRune; {
		for bound(s, i) <= at && i < len(s) {
			i++
		}
		for bound(t, k) <= at && k < len(t) {
			k++
		}
		next := min(bound(s, i), bound(t, k))
		if keep(i%2 == 1, k%2 == 1) {
			if n := len(out); n > 0 && out[n-1]+1 == at {
				out[n-1] = next - 1
			} else {
				out = append(out, at, next-1)
			}
		}
		at = next
	}
	return out
}

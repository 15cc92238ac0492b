package redfa

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// outcome is what became of a search.
type outcome uint8

const (
	notFound outcome = iota
	found
	undecided // the tries have read more than they may
)

// The tries of one call may read this many bytes for each byte of the input before another engine takes over. A try by
// itself takes the time of reading some bytes.
const (
	maxReread = 1
	tryCost   = 8
)

// plan finds out where tries are worth while.
func (s *straight) plan(f follow) {
	s.first, s.firstEnd = f.first.table(), f.first.end
	if i := &s.code[s.start]; i.op == opAssert && i.cond == syntax.EmptyBeginText {
		s.anchored, s.start = true, i.next
	}
	sure := map[int32]bool{}
	for pc := s.start; s.code[pc].op != opMatch && s.code[pc].op != opBranch; pc = s.code[pc].next {
		if s.code[pc].op == opCapture {
			sure[s.code[pc].n] = true
		}
	}
	s.always = len(sure)
	for pc := s.start; ; pc = s.code[pc].next {
		switch i := &s.code[pc]; {
		case i.op == opAssert:
			s.anchored = s.anchored || i.cond == syntax.EmptyBeginText
		case i.op == opByte:
			s.prefix = []byte{i.c}
			return
		case i.op == opLiteral:
			s.prefix = i.lit
			return
		case i.op != opCapture && i.op != opEdge:
			return
		}
	}
}

// straightMatcher is the scratch of one Matcher.
type straightMatcher struct {
	*straight
	first *instr // of a copy of the program, which has guesses of its own
	caps  []int  // the positions of the last answer
}

func (s *straight) newMatcher(positions int) *straightMatcher {
	code := slices.Clone(s.code)
	for pc := range code {
		i := &code[pc]
		i.run, i.then, i.otherwise = slices.Clone(i.run), &code[i.next], &code[i.alt]
	}
	return &straightMatcher{straight: s, first: &code[s.start], caps: make([]int, positions)}
}

// find looks for the leftmost match and writes its groups to m.caps.
func (m *straightMatcher) find(in []byte) outcome {
	if m.anchored {
		if m.try(in, 0) {
			return found
		}
		return notFound
	}
	budget := maxReread * (len(in) + tryCost)
	looked := false
	for p := 0; ; {
		p = m.nextStart(in, p)
		if p < 0 {
			return notFound
		}
		if m.try(in, p) {
			return found
		}
		if !looked && !meets(in[p:], m.needs) {
			return notFound
		}
		looked = true
		// A failed try leaves in caps[1] how far it read.
		if budget -= m.caps[1] - p + tryCost; budget < 0 {
			return undecided
		}
		if p >= len(in) {
			return notFound
		}
		p += width(in, p)
	}
}

// width returns the length of the rune at p.
func width(in []byte, p int) int {
	if in[p] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(in[p:])
	return n
}

// nextStart returns the first place from p on, itself a boundary of runes, where a match can start, or -1. The answer
// is a boundary too: a literal begins with ASCII or with the first byte of a longer rune, which is valid; a table holds
// either no byte beyond ASCII, and then so is what it finds, or all of them, and then only ASCII was passed over.
func (s *straight) nextStart(in []byte, p int) int {
	if s.prefix != nil {
		n := bytes.Index(in[p:], s.prefix)
		if n < 0 {
			return -1
		}
		return p + n
	}
	for ; p < len(in); p++ {
		if s.first[in[p]] {
			return p
		}
	}
	if s.firstEnd {
		return p
	}
	return -1
}

// try runs the program from p. On success m.caps holds the groups; otherwise m.caps[1] is where it failed.
func (m *straightMatcher) try(in []byte, p int) bool {
	caps := m.caps
	if 2+m.always < len(caps) {
		for i := range caps {
			caps[i] = -1
		}
	}
	from := p
	for i := m.first; ; {
		next := i.then
		switch i.op {
		case opRun:
			var passed int
			if passed, p = passVectors(i.run, in, p, caps); passed < len(i.run)-1 {
				var ok bool
				if p, ok = passPieces(i.run[passed:], in, p, caps); !ok {
					caps[1] = p
					return false
				}
			}
		case opCapture:
			caps[i.n] = p
		case opByte:
			if p >= len(in) || in[p] != i.c {
				caps[1] = p
				return false
			}
			p++
		case opScanTo:
			p = scanTo(in, p, i.c)
		case opLiteral:
			if len(in)-p < len(i.lit) || string(in[p:p+len(i.lit)]) != string(i.lit) {
				caps[1] = p
				return false
			}
			p += len(i.lit)
		case opScan:
			from := p
			if p = scanTable(in, p, i.table); p-from < int(i.min) {
				caps[1] = p
				return false
			}
		case opBranch:
			if p >= len(in) || !i.table[in[p]] {
				next = i.otherwise
			}
		case opMatch, opMatchEnd:
			caps[0], caps[1] = from, p
			return i.op == opMatch || p == len(in)
		default:
			var ok bool
			if p, ok = i.slow(in, p); !ok {
				caps[1] = p
				return false
			}
		}
		i = next
	}
}

// scanTo returns the position of the first c from p on, or the end. Most fields are short: sixteen bytes are looked at together
// before the search by vectors is set up. A byte is zero after XOR with c, and (x-1)&^x has the high bit of each zero byte set, the
// lowest of which is a true one (Mycroft's test).
func scanTo(in []byte, p int, c byte) int {
	if near := in[p:]; len(near) >= 16 {
		sought := ones * uint64(c)
		first, second := binary.LittleEndian.Uint64(near)^sought, binary.LittleEndian.Uint64(near[8:])^sought
		first, second = (first-ones)&^first&highs, (second-ones)&^second&highs
		if first|second != 0 {
			n, m := bits.TrailingZeros64(first)/8, 8+bits.TrailingZeros64(second)/8
			if first == 0 {
				n = m
			}
			return p + n
		}
		p += 16
	}
	if n := bytes.IndexByte(in[p:], c); n >= 0 {
		return p + n
	}
	return len(in)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// slow runs the instructions that are rare or decode runes.
func (i *instr) slow(in []byte, p int) (int, bool) {
	switch i.op {
	case opSet:
		return i.count(in, p, 1, 1)
	case opCount:
		return i.count(in, p, int(i.min), int(i.max))
	case opEdge:
		before, after := around(in, p)
		return p, i.edge.holds(before, after, 0)
	}
	switch i.cond {
	case syntax.EmptyBeginText:
		return p, p == 0
	case syntax.EmptyEndText:
		return p, p == len(in)
	}
	return p, i.cond&^context(in, p) == 0
}

// count passes over min to max runes of the set (max -1: no bound).
func (i *instr) count(in []byte, p, min, max int) (int, bool) {
	n := 0
	for ; n != max && p < len(in) && i.table[in[p]]; n++ {
		if in[p] < utf8.RuneSelf {
			p++
			continue
		}
		r, w := utf8.DecodeRune(in[p:])
		if i.beyond == someBeyond && !i.set.has(r) {
			break
		}
		p += w
	}
	return p, n >= min
}

// around returns the runes before and after p, -1 where the input begins or ends.
func around(in []byte, p int) (before, after rune) {
	before, after = -1, -1
	if p > 0 {
		before, _ = utf8.DecodeLastRune(in[:p])
	}
	if p < len(in) {
		after, _ = utf8.DecodeRune(in[p:])
	}
	return before, after
}

// context returns the empty-width conditions that hold at p.
func context(in []byte, p int) syntax.EmptyOp {
	before, after := rune(-1), rune(-1)
	if p > 0 {
		before = rune(in[p-1])
	}
	if p < len(in) {
		after = rune(in[p])
	}
	return syntax.EmptyOpContext(before, after) // bytes beyond ASCII are neither newlines nor letters of words
}

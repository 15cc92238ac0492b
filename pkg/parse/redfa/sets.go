package redfa

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// runeSet is a set of runes as sorted, disjoint, inclusive ranges: lo, hi, lo, hi, … An invalid byte of the input
// counts as U+FFFD, as regexp has it.
type runeSet []rune

var (
	anyRune      = runeSet{0, unicode.MaxRune}
	anyRuneNotNL = runeSet{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
)

func (s runeSet) has(r rune) bool {
	lo, hi := 0, len(s)/2
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); s[2*mid+1] < r {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return 2*lo < len(s) && s[2*lo] <= r
}

// beyondASCII says whether the set holds none, some or all of the runes from U+0080 on.
type beyondASCII uint8

const (
	noneBeyond beyondASCII = iota
	someBeyond
	allBeyond
)

func (s runeSet) beyond() beyondASCII {
	if len(s) == 0 || s[len(s)-1] < utf8.RuneSelf {
		return noneBeyond
	}
	if s[len(s)-2] <= utf8.RuneSelf && s[len(s)-1] == unicode.MaxRune {
		return allBeyond
	}
	return someBeyond
}

// foldSet returns r and what it is equal to when letter case does not count.
func foldSet(r rune) runeSet {
	orbit := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		orbit = append(orbit, f)
	}
	slices.Sort(orbit)
	var s runeSet
	for _, f := range orbit {
		s = append(s, f, f)
	}
	return s
}

// literalSet returns the set a literal's rune stands for under its flags.
func literalSet(r rune, flags syntax.Flags) runeSet {
	if flags&syntax.FoldCase != 0 {
		return foldSet(r)
	}
	return runeSet{r, r}
}

// singleSet returns the set of an expression that always consumes exactly one rune.
func singleSet(n *syntax.Regexp) (runeSet, bool) {
	switch n.Op {
	case syntax.OpCharClass:
		return n.Rune, len(n.Rune) > 0
	case syntax.OpAnyChar:
		return anyRune, true
	case syntax.OpAnyCharNotNL:
		return anyRuneNotNL, true
	case syntax.OpLiteral:
		if len(n.Rune) == 1 {
			return literalSet(n.Rune[0], n.Flags), true
		}
	}
	return nil, false
}

// symbols is a set of what may come next in the input: one of 256 bytes, or the end.
type symbols struct {
	bytes [4]uint64
	end   bool
}

var allSymbols = symbols{[4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}, true}

func (s *symbols) add(b byte)          { s.bytes[b>>6] |= 1 << (b & 63) }
func (s *symbols) hasByte(b byte) bool { return s.bytes[b>>6]>>(b&63)&1 != 0 }

func (s symbols) union(t symbols) symbols {
	for i := range s.bytes {
		s.bytes[i] |= t.bytes[i]
	}
	s.end = s.end || t.end
	return s
}

func (s symbols) disjoint(t symbols) bool {
	for i := range s.bytes {
		if s.bytes[i]&t.bytes[i] != 0 {
			return false
		}
	}
	return !(s.end && t.end)
}

// firstBytes returns the bytes a rune of s may begin with. For sets that hold some runes beyond ASCII it returns every
// byte from 0x80 on: more than needed, never less, an invalid byte (U+FFFD) included.
func (s runeSet) firstBytes() symbols {
	var f symbols
	for r := range rune(utf8.RuneSelf) {
		if s.has(r) {
			f.add(byte(r))
		}
	}
	if s.beyond() != noneBeyond {
		f.bytes[2], f.bytes[3] = ^uint64(0), ^uint64(0)
	}
	return f
}

package redfa

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
)

// piece is what most of an expression for log lines is made of: bytes of a set, a text behind them, and where the set begins and ends
// among the positions of groups, as in `(?P<status>[0-9]*) `. Each of these may be missing: the set and the text are empty then, and the
// position is written where it does no harm.
type piece struct {
	kind     pieceKind
	until    byte // of pieceUntil
	inRanges bool // ranges say what table says

	index    int // in the run
	from, to int // where the positions are written
	size     int // of the text
	word     uint64
	mask     uint64     // the bytes of word that are the text
	min, max int        // bytes of the set
	table    *[256]bool // the set
	ranges   ranges

	// The same for vectors. A byte is outside of the set if low of its lower half has the bits that high of its upper half has; of a
	// byte from 0x80 on, low has none.
	low, high [16]byte
	limit     uint64 // 1<<max, or 0 without a bound
	guess     int    // how many bytes of the set there are, as there were before; -1 is no guess
	misses    int    // wrong guesses; below 0, how often there is none yet
}

type pieceKind uint8

const (
	pieceUntil pieceKind = iota // everything up to a byte
	pieceSet                    // as many bytes of the set as there are
	pieceCount                  // the same, within bounds
	pieceEnd                    // the end of a run
)

const (
	maxPieceText = 8  // bytes of a piece's text
	maxPieceSet  = 32 // bytes of a set that are counted

	// A wrong guess costs more than a right one saves: behind so many of them a piece is passed so often without any.
	mostMisses = 8
	guessless  = 256

	// Positions that nobody asks for are written to those of the match, which come last.
	noFrom = 0
	noTo   = 1
)

// passPieces passes over the pieces of a run at p; on failure it returns where.
func passPieces(run []piece, in []byte, p int, caps []int) (at int, ok bool) {
	for i := range run[:len(run)-1] {
		if p, ok = run[i].pass(in, p, caps); !ok {
			return p, false
		}
	}
	return p, true
}

// pass passes over a piece at p; on failure it returns where.
func (e *piece) pass(in []byte, p int, caps []int) (int, bool) {
	caps[e.from] = p
	from := p
	switch {
	case e.kind == pieceUntil:
		p = scanTo(in, p, e.until)
	case e.inRanges:
		p = e.ranges.scan(in[:p+min(e.max, len(in)-p)], p, e.table)
	default:
		p = scanTable(in[:p+min(e.max, len(in)-p)], p, e.table)
	}
	if p-from < e.min {
		return p, false
	}
	caps[e.to] = p
	if behind := in[p:]; len(behind) >= maxPieceText {
		if (binary.LittleEndian.Uint64(behind)^e.word)&e.mask != 0 {
			return p, false
		}
	} else {
		var text [maxPieceText]byte
		binary.LittleEndian.PutUint64(text[:], e.word)
		if !bytes.HasPrefix(behind, text[:e.size]) {
			return p, false
		}
	}
	return p + e.size, true
}

// setTable makes the set that of the table.
func (e *piece) setTable(table *[256]bool) {
	e.table = table
	e.ranges, e.inRanges = rangesOf(table)
	e.low, e.high = [16]byte{}, [16]byte{1, 2, 4, 8, 16, 32, 64, 128}
	for c := range 0x80 {
		if !table[c] {
			e.low[c&15] |= 1 << (c >> 4)
		}
	}
	if table[0x80] { // then all from there on
		for i := 8; i < 16; i++ {
			e.high[i] = 0xff
		}
	}
}

// setCount bounds the bytes of the set; max -1 is no bound.
func (e *piece) setCount(min, max int) {
	e.min, e.max = min, max
	switch {
	case max >= 0:
		e.kind, e.limit = pieceCount, 1<<max
	case min > 0:
		e.kind, e.max = pieceCount, math.MaxInt
	default:
		e.kind, e.max = pieceSet, math.MaxInt
	}
}

// setText sets the text behind the set.
func (e *piece) setText(text []byte) {
	e.size = len(text)
	for i, c := range text {
		e.word |= uint64(c) << (8 * i)
		e.mask |= 0xff << (8 * i)
	}
}

// scanTable passes over the bytes from p on that are in the table.
func scanTable(in []byte, p int, table *[256]bool) int {
	for p < len(in) && table[in[p]] {
		p++
	}
	return p
}

// ranges are two ranges of ASCII characters, which may be the same, for eight bytes together: to the lower seven bits of a byte are added
// what makes the high bit appear from the first character of the range on, and from the first one behind it.
type ranges [2]struct{ from, behind uint64 }

// rangesOf says a table as ranges, if it can.
func rangesOf(table *[256]bool) (r ranges, ok bool) {
	n := 0
	for c := 0; c < len(table); c++ {
		if !table[c] {
			continue
		}
		first := c
		for c < len(table) && table[c] {
			c++
		}
		if n == len(r) || c > 0x80 {
			return ranges{}, false
		}
		r[n].from, r[n].behind = ones*uint64(0x80-first), ones*uint64(0x80-c)
		n++
	}
	if n == 1 {
		r[1] = r[0]
	}
	return r, n > 0
}

// scan is scanTable for the table of the ranges.
func (r *ranges) scan(in []byte, p int, table *[256]bool) int {
	for ; len(in)-p >= 8; p += 8 {
		x := binary.LittleEndian.Uint64(in[p:])
		low := x &^ highs
		inside := (low+r[0].from)&^(low+r[0].behind) | (low+r[1].from)&^(low+r[1].behind)
		if others := ^(inside &^ x) & highs; others != 0 {
			return p + bits.TrailingZeros64(others)/8
		}
	}
	return scanTable(in, p, table)
}

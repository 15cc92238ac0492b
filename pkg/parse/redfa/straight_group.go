package redfa

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// group is what most of an expression for log lines is made of, in one instruction: a named group around a repeated set, and the text
// behind it, as in `(?P<status>[0-9]*) `.
type group struct {
	from, to int32 // of the positions
	until    byte  // without a table: the set is all but this byte
	table    *[256]bool
	min      int
	ranges   ranges // the same as table, where it can be said so
	inRanges bool

	lit        []byte
	word, mask uint64 // lit, in one comparison
}

// maxGroupText is the longest text behind the set.
const maxGroupText = 8

// fuse makes groups of the instructions that are such. Those that they are made of stay, for branches into their midst.
func (s *straight) fuse() {
	for pc := range s.code {
		open := &s.code[pc]
		if open.op != opCapture {
			continue
		}
		scan := &s.code[open.next]
		if scan.op != opScanTo && scan.op != opScan {
			continue
		}
		shut := &s.code[scan.next]
		if shut.op != opCapture {
			continue
		}
		g := &group{from: open.n, to: shut.n, until: scan.c, min: int(scan.min)}
		if scan.op == opScan {
			g.table = scan.table
			g.ranges, g.inRanges = rangesOf(scan.table)
		}
		next := shut.next
		switch text := &s.code[next]; {
		case text.op == opByte:
			g.lit, next = []byte{text.c}, text.next
		case text.op == opLiteral && len(text.lit) <= maxGroupText:
			g.lit, next = text.lit, text.next
		}
		for i, c := range g.lit {
			g.word |= uint64(c) << (8 * i)
			g.mask |= 0xff << (8 * i)
		}
		open.op, open.group, open.next = opGroup, g, next
	}
}

// run passes over the group at p; on failure it returns where.
func (g *group) run(in []byte, p int, caps []int) (int, bool) {
	caps[g.from] = p
	from := p
	switch {
	case g.table == nil:
		p = scanTo(in, p, g.until)
	case g.inRanges:
		p = g.ranges.scan(in, p, g.table)
	default:
		p = scanTable(in, p, g.table)
	}
	if p-from < g.min {
		return p, false
	}
	caps[g.to] = p
	if behind := in[p:]; len(behind) >= 8 {
		if (binary.LittleEndian.Uint64(behind)^g.word)&g.mask != 0 {
			return p, false
		}
	} else if !bytes.HasPrefix(behind, g.lit) {
		return p, false
	}
	return p + len(g.lit), true
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

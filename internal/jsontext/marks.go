package jsontext

import (
	"encoding/binary"
	"math/bits"
)

// Marks tell where in a text the bytes stand that SkipPlain stops at. They are found for the whole text in one pass, 64 bytes at a
// time where the processor can, and then the end of each value costs hardly more than looking it up: the first half of how
// Langdale and Lemire read JSON (Parsing Gigabytes of JSON per Second, VLDB Journal 28, 2019).
//
// The zero value has no text. Marks belong to one goroutine.
type Marks struct {
	bits []byte // bit i&7 of byte i>>3 is set when byte i of the text is one of them, or is behind its end
}

const (
	markedBlock = 64      // bytes that are looked at together
	maxMarks    = 1 << 16 // the size of bits, for texts of 512 KiB, from which they are not kept for the next text
)

// Mark finds the marks of text and reports whether it is ASCII.
func (m *Marks) Mark(text []byte) (ascii bool) {
	rest := len(text) % markedBlock
	blocks := (len(text) + markedBlock - 1) / markedBlock
	if size := (blocks + 2) * 8; size > len(m.bits) || len(m.bits) > maxMarks { // for the end, and for what Next may read behind it
		m.bits = make([]byte, max(size, 512))
	}
	last := m.bits[len(text)/markedBlock*8:]
	end := uint64(1) << rest
	var high uint8
	if len(text) < markedBlock {
		var short [markedBlock]byte
		copy(short[:], text)
		high = markBlocks(m.bits, short[:])
		end |= binary.LittleEndian.Uint64(last)
	} else if high = markBlocks(m.bits, text); rest > 0 {
		end |= binary.LittleEndian.Uint64(last) >> (markedBlock - rest)
	}
	binary.LittleEndian.PutUint64(last, end)
	return high == 0
}

// Next is SkipPlain on the text of the last Mark, with i not above its length.
func (m *Marks) Next(i int) int {
	if w := binary.LittleEndian.Uint64(m.bits[i>>3:]) >> (i & 7); w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	return m.far(i&^7 + 64)
}

// far is Next for what is so far away that none of the words before i has it, a multiple of 8.
func (m *Marks) far(i int) int {
	for ; ; i += 64 {
		if w := binary.LittleEndian.Uint64(m.bits[i>>3:]); w != 0 {
			return i + bits.TrailingZeros64(w)
		}
	}
}

// Bits are the marks of the last Mark, a bit for each byte, the first in the lowest bit of the first byte, up to behind the byte behind the
// text's last; a word may be read at any of its bytes. They are valid until the next Mark.
func (m *Marks) Bits() *byte { return &m.bits[0] }

// markWords is markBlocks for any processor: eight bytes at a time.
func markWords(marks, text []byte) (high uint8) {
	var all uint64
	for at := 0; at < len(text); at += markedBlock {
		block := text[min(at, len(text)-markedBlock):]
		for i := range markedBlock / 8 {
			x := binary.LittleEndian.Uint64(block[8*i:])
			all |= x
			found := zeros(x^ones*'"') | zeros(x^ones*'\\') | zeros(x&(ones*0xe0))
			marks[at/8+i] = byte(found >> 7 * 0x0102040810204080 >> 56) // gathers the lowest bits of all bytes in the highest byte
		}
	}
	return uint8(bits.Len64(all & highs))
}

// zeros has the high bit of each byte of x that is zero, and no other.
func zeros(x uint64) uint64 {
	const lows = highs - ones
	return ^(x&lows + lows | x | lows)
}

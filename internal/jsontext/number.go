package jsontext

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// AppendInt is strconv.AppendInt to base 10, but makes eight digits at once: each document has some.
func AppendInt(dst []byte, v int64) []byte {
	if uint64(v) >= 1e8 {
		return appendLong(dst, v)
	}
	digits := eight(uint64(v))
	zeros := bits.TrailingZeros64(digits|1<<56) &^ 7 // in bits; the last digit stands in any case
	return binary.LittleEndian.AppendUint64(dst, (digits|ones*'0')>>zeros)[:len(dst)+8-zeros/8]
}

// appendLong is AppendInt for what is below zero, or has more than eight digits.
func appendLong(dst []byte, v int64) []byte {
	if v < 0 {
		return strconv.AppendInt(dst, v, 10)
	}
	return binary.LittleEndian.AppendUint64(AppendInt(dst, v/1e8), eight(uint64(v%1e8))|ones*'0')
}

// AppendDecimals appends a point and the first n, at least one, of nine decimals, which are together v, below 10^9.
func AppendDecimals(dst []byte, v uint32, n int) []byte {
	from := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, eight(uint64(v/100))|ones*'0'-('0'-'.')) // the point stands where the first digit is 0
	if n > 7 {
		dst = append(dst, '0'+byte(v/10%10), '0'+byte(v%10))
	}
	return dst[:from+1+n]
}

// eight has the eight decimal digits of v, below 10^8, as numbers in its bytes, the first one in the lowest. It halves all parts at once: into two
// of four digits each, into four of two, into eight. A division by a constant is a multiplication and a shift, exact for numbers so small, and
// what it leaves goes to the upper half of a part: with q = x/d in the lower half, that is x - d*q shifted up.
func eight(v uint64) uint64 {
	q := v / 10000
	v = q + (v-10000*q)<<32
	q = v * 10486 >> 20 & (0x7f | 0x7f<<32)
	v = q + (v-100*q)<<16
	q = v * 103 >> 10 & (0xf | 0xf<<16 | 0xf<<32 | 0xf<<48)
	return q + (v-10*q)<<8
}

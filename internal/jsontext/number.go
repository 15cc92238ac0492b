package jsontext

import (
	"math/bits"
	"slices"
	"strconv"
)

// pairs[2i:2i+2] are the two digits of i.
const pairs = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" + "40414243444546474849" +
	"50515253545556575859" + "60616263646566676869" + "70717273747576777879" + "80818283848586878889" + "90919293949596979899"

// AppendInt is strconv.AppendInt to base 10, but writes where the digits are to stand: each document has some.
func AppendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return strconv.AppendInt(dst, v, 10)
	}
	rest, n := uint64(v), digits(uint64(v))
	dst = slices.Grow(dst, n)
	dst = dst[:len(dst)+n]
	to := dst[len(dst)-n:]
	for n >= 2 {
		n -= 2
		pair := rest % 100 * 2
		rest /= 100
		to[n], to[n+1] = pairs[pair], pairs[pair+1]
	}
	if n > 0 {
		to[0] = '0' + byte(rest)
	}
	return dst
}

// digits is how many decimal digits v has. Three of ten bits make a digit (log10(2) is 1233/4096), or one less.
func digits(v uint64) int {
	n := bits.Len64(v|1) * 1233 >> 12
	if v >= powers[n] {
		n++
	}
	return max(n, 1)
}

// powers of ten.
var powers = [20]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// AppendDecimals appends the first n of nine decimals, which are together v, below 10^9.
func AppendDecimals(dst []byte, v uint32, n int) []byte {
	var d [9]byte
	d[8] = '0' + byte(v%10)
	v /= 10
	for i := 6; i >= 0; i -= 2 {
		pair := v % 100 * 2
		v /= 100
		d[i], d[i+1] = pairs[pair], pairs[pair+1]
	}
	return append(dst, d[:n]...)
}

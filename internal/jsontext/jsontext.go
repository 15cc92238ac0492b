// Package jsontext writes and reads JSON strings as RFC 8259 has them. The parsers and the outputs share it, because
// what one escapes the other must be able to copy unseen.
package jsontext

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// escapes[c] is the letter behind the backslash for an ASCII byte that must not stand in a string as it is,
// 'u' for \u00XX, 0 for a byte that may.
var escapes = func() (t [256]byte) {
	for c := range 0x20 {
		t[c] = 'u'
	}
	t['"'], t['\\'], t['\n'], t['\r'], t['\t'], t['\b'], t['\f'] = '"', '\\', 'n', 'r', 't', 'b', 'f'
	return t
}()

// AppendString appends text, which must be valid UTF-8, as a quoted JSON string. text may not overlap dst.
func AppendString[S []byte | string](dst []byte, text S) []byte {
	b, n := []byte(text), len(dst)
	if len(b) < 8 && cap(b) >= 8 && n+10 <= cap(dst) { // a level, a method: one word
		x, behind := binary.LittleEndian.Uint64(b[:8]), ^uint64(0)<<(8*len(b))
		if special(x&^behind|ones*'x'&behind) == 0 {
			to := (*[10]byte)(dst[n : n+10])
			binary.LittleEndian.PutUint64(to[1:9], x)
			to[0], to[1+len(b)] = '"', '"'
			return dst[:n+len(b)+2]
		}
	} else if len(text) <= 256 { // for long texts two passes are cheaper
		if quoted, ok := appendPlain(dst, b); ok {
			return quoted
		}
	}
	dst = append(dst, '"')
	dst = AppendEscaped(dst, text)
	return append(dst, '"')
}

// appendPlain is AppendString for a text that needs no escapes, which it looks at while it copies them, eight bytes at a time; false when
// it needs some.
func appendPlain(dst, text []byte) (_ []byte, ok bool) {
	n := len(dst)
	dst = slices.Grow(dst, len(text)+10) // a whole word may be written where the text ends
	quoted := dst[n : n+len(text)+10]
	to := quoted[1:]
	var found uint64
	if len(text) < 8 {
		x := uint64(ones*'x') << (8 * len(text))
		for i, c := range text {
			x |= uint64(c) << (8 * i)
		}
		binary.LittleEndian.PutUint64(to, x)
		found = special(x)
	} else {
		for i := 0; i+8 <= len(text) && i+8 <= len(to); i += 8 {
			x := binary.LittleEndian.Uint64(text[i:])
			found |= special(x)
			binary.LittleEndian.PutUint64(to[i:], x)
		}
		x := binary.LittleEndian.Uint64(text[len(text)-8:])
		binary.LittleEndian.PutUint64(to[len(text)-8:], x)
		found |= special(x)
	}
	if found != 0 {
		return dst[:n], false
	}
	quoted[0], quoted[1+len(text)] = '"', '"'
	return dst[:n+len(text)+2], true
}

// AppendEscaped appends text, which must be valid UTF-8, as it stands between the quotes of a JSON string.
func AppendEscaped[S []byte | string](dst []byte, text S) []byte {
	for b := []byte(text); ; {
		i := SkipPlain(b, 0)
		dst = append(dst, b[:i]...)
		if i == len(b) {
			return dst
		}
		if letter := escapes[b[i]]; letter == 'u' {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b[i]>>4], hexDigits[b[i]&15])
		} else {
			dst = append(dst, '\\', letter)
		}
		b = b[i+1:]
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// SkipPlain returns the index of the first byte of b at or behind i that is a quote, a backslash or a control
// character, or len(b). Sixteen bytes are looked at together, so that the ends of most values are found without a branch on
// their length.
func SkipPlain(b []byte, i int) int {
	for ; i+16 <= len(b); i += 16 {
		first, second := special(binary.LittleEndian.Uint64(b[i:])), special(binary.LittleEndian.Uint64(b[i+8:]))
		if first|second != 0 {
			if first == 0 {
				i += 8
				first = second
			}
			return i + bits.TrailingZeros64(first)/8
		}
	}
	if i+8 <= len(b) {
		if found := special(binary.LittleEndian.Uint64(b[i:])); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
		i += 8
	}
	for ; i < len(b); i++ {
		if escapes[b[i]] != 0 {
			break
		}
	}
	return i
}

// special has the high bit of the first byte of x that is a quote, a backslash or a control character, and nothing below it. A byte is zero
// after XOR with what is sought, and (x-1)&^x has the high bit of each zero byte set, the lowest of which is a true one (Mycroft's
// test); the same with n for 1 finds what is below n. XOR with 2 makes a quote the first byte above the control characters.
func special(x uint64) uint64 {
	low, slash := x^ones*2, x^ones*'\\'
	return ((low-ones*0x21)&^low | (slash-ones)&^slash) & highs
}

// SkipName is SkipPlain, and reports whether there is a dot in what it skipped.
func SkipName(b []byte, i int) (end int, dotted bool) {
	var dots uint64
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		dot := x ^ (ones * '.')
		found := special(x)
		here := (dot - ones) &^ dot & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8, (dots | here&(found&-found-1)) != 0
		}
		dots |= here
	}
	for ; i < len(b) && escapes[b[i]] == 0; i++ {
		if b[i] == '.' {
			dots = 1
		}
	}
	return i, dots != 0
}

// AppendUnescaped appends what the inside of a JSON string stands for; s has no quotes around it and must have been
// found valid. A lone surrogate becomes U+FFFD.
func AppendUnescaped(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		i++
		switch s[i] {
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			r := rune(Hex4(s[i+1:]))
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+6 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
					low = rune(Hex4(s[i+3:]))
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, s[i])
		}
		s = s[i+1:]
	}
}

// Hex4 is the value of the four hexadecimal digits that b begins with, or -1.
func Hex4(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	v := 0
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		v = v<<4 | int(c)
	}
	return v
}

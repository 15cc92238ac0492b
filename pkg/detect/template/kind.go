package template

import "bytes"

// kind is what a token is, as far as its letters tell.
type kind uint8

const (
	word kind = iota
	number
	hexadecimal
	uuid
	address // IPv4 or IPv6, with or without a port
	hardware
	moment
	quantity // a number with a unit
	path
	url
	email
	host
	identifier // letters and digits
	anything
	kinds
)

// marks are what a text has in the place of what varies.
var marks = [kinds]string{
	number: "<num>", hexadecimal: "<hex>", uuid: "<uuid>", address: "<ip>", hardware: "<mac>", moment: "<time>", quantity: "<qty>",
	path: "<path>", url: "<url>", email: "<email>", host: "<host>", identifier: "<id>", anything: "<*>",
}

// classes of bytes.
const (
	isDigit = 1 << iota
	isHex   // also digits
	isLetter
	isLower
	isBlank
	isStop // ends a word
)

var class = func() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		switch {
		case '0' <= b && b <= '9':
			t[c] = isDigit | isHex
		case 'a' <= b && b <= 'z':
			t[c] = isLetter | isLower
		case 'A' <= b && b <= 'Z':
			t[c] = isLetter
		case b <= ' ' || b == 0x7f:
			t[c] = isBlank | isStop
		}
		if 'a' <= b|0x20 && b|0x20 <= 'f' && t[c]&isLetter != 0 {
			t[c] |= isHex
		}
	}
	for _, b := range []byte("=,;()[]{}<>\"'|`:") {
		t[b] |= isStop
	}
	return t
}()

func has(b byte, what uint8) bool { return class[b]&what != 0 }

// form says what a word with a digit in it looks like.
func form(w []byte) kind {
	var digits, hexes, letters, dots, dashes, others, label int
	for _, b := range w {
		switch {
		case has(b, isDigit):
			digits++
		case b == '.':
			dots, label = dots+1, 0
		case b == '-' || b == '/':
			dashes++
		case has(b, isHex):
			hexes, label = hexes+1, label+1
		case has(b, isLetter):
			letters, label = letters+1, label+1
		case b != '+' && b != '%' && b != '$' && b != '#':
			others++
		}
	}
	switch {
	case letters == 1 && len(w) > 2 && w[0] == '0' && w[1]|0x20 == 'x' && dots+dashes+others == 0:
		return hexadecimal
	case others > 0:
		return identifier
	case letters+hexes == 0 && dots == 3 && dashes == 0:
		return address
	case dashes == 2 && letters+hexes <= 3 && has(w[0], isDigit): // a date
		return moment
	case letters+hexes == 0:
		return number
	case len(w) == 36 && dashes == 4 && letters == 0:
		return uuid
	case letters == 0 && dots+dashes == 0 && len(w) >= 8:
		return hexadecimal
	case digits == 0 && dots == 0: // the name before a port
		return anything
	case has(w[0], isDigit) || w[0] == '-' || w[0] == '+' || w[0] == '.':
		return measured(w)
	case dots > 0 && label > 1 && len(w)-bytes.LastIndexByte(w, '.')-1 == label:
		return host
	}
	return identifier
}

// measured tells a number with a unit behind it, and the end of a time, from an identifier that begins with a digit.
func measured(w []byte) kind {
	i := len(w)
	for i > 0 && !has(w[i-1], isDigit) {
		i--
	}
	if unit(w[i:]) {
		return quantity
	}
	if len(w)-i == 1 && w[i] == 'Z' {
		return moment
	}
	return identifier
}

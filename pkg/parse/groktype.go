package parse

import (
	"bytes"
	"strconv"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/grok"
)

// A text becomes a number as in Ruby, and so in Logstash: what it begins with counts, single underscores between digits
// do not, and a text that begins with no number is 0.

// typed turns a captured text into its type. The value is a piece of the text where that is JSON already.
func (p *Parser) typed(text []byte, typ grok.Type) ([]byte, event.Kind) {
	if typ == grok.Int && isInteger(text) || typ == grok.Float && isDecimal(text) {
		return text, event.JSON
	}
	if typ == grok.Boolean {
		if _, ok := boolean(text); !ok {
			return text, event.Text
		}
	}
	start := len(p.spare)
	p.spare = appendTyped(p.spare, text, typ)
	return p.spare[start:len(p.spare):len(p.spare)], event.JSON
}

// appendTyped appends the text as JSON of its type.
func appendTyped(dst, text []byte, typ grok.Type) []byte {
	switch typ {
	case grok.Int:
		return appendInteger(dst, text)
	case grok.Float:
		return appendDecimal(dst, text)
	case grok.Boolean:
		if truth, ok := boolean(text); ok {
			return strconv.AppendBool(dst, truth)
		}
	}
	return jsontext.AppendString(dst, text)
}

// isInteger reports an integer as JSON writes it.
func isInteger(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	return len(digits) > 0 && (digits[0] != '0' || len(text) == 1) && len(leadingDigits(digits)) == len(digits)
}

// isDecimal reports digits, a point and digits as JSON writes them.
func isDecimal(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	whole := leadingDigits(digits)
	if len(whole) == 0 || len(whole) > 1 && whole[0] == '0' || len(whole) == len(digits) || digits[len(whole)] != '.' {
		return false
	}
	fraction := digits[len(whole)+1:]
	return len(fraction) > 0 && len(leadingDigits(fraction)) == len(fraction)
}

func leadingDigits(text []byte) []byte {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return text[:n]
}

// appendSign appends a minus if the text begins with one, and returns what follows blanks and sign.
func appendSign(dst, text []byte) (more, rest []byte) {
	text = bytes.TrimLeft(text, " \t\n\v\f\r")
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		if text[0] == '-' {
			dst = append(dst, '-')
		}
		text = text[1:]
	}
	return dst, text
}

// appendDigits appends the digits that the text begins with, and returns what follows them.
func appendDigits(dst, text []byte) (more, rest []byte) {
	for {
		digits := leadingDigits(text)
		dst, text = append(dst, digits...), text[len(digits):]
		if len(digits) == 0 || len(text) < 2 || text[0] != '_' || len(leadingDigits(text[1:])) == 0 {
			return dst, text
		}
		text = text[1:]
	}
}

// appendInteger appends the integer that the text begins with.
func appendInteger(dst, text []byte) []byte {
	start := len(dst)
	dst, text = appendSign(dst, text)
	sign := len(dst)
	dst, _ = appendDigits(dst, text)
	return normal(dst, start, sign)
}

// normal takes leading zeros off the digits from sign on, and the sign off a zero.
func normal(dst []byte, start, sign int) []byte {
	digits := bytes.TrimLeft(dst[sign:], "0")
	if len(digits) == 0 {
		return append(dst[:start], '0')
	}
	return append(dst[:sign], digits...)
}

// appendDecimal appends the decimal number that the text begins with; it always has a point or an exponent, so that
// Elasticsearch does not take the field for one of integers.
func appendDecimal(dst, text []byte) []byte {
	start := len(dst)
	dst, text = appendSign(dst, text)
	sign := len(dst)
	dst, text = appendDigits(dst, text)
	fraction := len(text) > 1 && text[0] == '.' && len(leadingDigits(text[1:])) > 0
	if len(dst) == sign && !fraction {
		return append(dst[:start], "0.0"...)
	}
	dst = normal(dst, sign, sign)
	if fraction {
		dst, text = appendDigits(append(dst, '.'), text[1:])
	} else {
		dst = append(dst, ".0"...)
	}
	plain := len(dst)
	if dst = appendExponent(dst, text); len(dst) > plain {
		if _, err := strconv.ParseFloat(string(dst[start:]), 64); err != nil {
			dst = dst[:plain] // beyond what Elasticsearch can hold
		}
	}
	return dst
}

// appendExponent appends the exponent that the text begins with, if it does.
func appendExponent(dst, text []byte) []byte {
	if len(text) < 2 || text[0] != 'e' && text[0] != 'E' {
		return dst
	}
	sign := text[1:]
	if sign[0] == '+' || sign[0] == '-' {
		sign = sign[1:]
	}
	digits := leadingDigits(sign)
	if len(digits) == 0 {
		return dst
	}
	return append(dst, text[:len(text)-len(sign)+len(digits)]...)
}

// boolean reads the words that Go's strconv takes for a truth value, as the Go library of grok does.
func boolean(text []byte) (truth, ok bool) {
	switch string(text) {
	case "1", "t", "T", "true", "TRUE", "True":
		return true, true
	case "0", "f", "F", "false", "FALSE", "False":
		return false, true
	}
	return false, false
}

package query

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

func toLower(r rune) rune { return unicode.ToLower(r) }

// number is a number as fields hold it: whole ones exactly, others as a float of 32 bits, which is what Elasticsearch's dynamic mapping
// makes of them. The zero value is no number.
type number struct {
	ok    bool
	whole bool
	i     int64
	f     float64
}

// maxNumber is how long the text of a number is at most. Longer ones are not written by hand and take long to convert.
const maxNumber = 64

// parseNumber reads a number as JSON and Java write it.
func parseNumber(text string) number {
	if len(text) == 0 || len(text) > maxNumber || strings.Trim(text, "0123456789+-.eE") != "" {
		return number{}
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number{true, true, i, float64(i)}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return number{}
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<62 {
		if exact, ok := new(big.Rat).SetString(text); ok && exact.IsInt() && exact.Num().IsInt64() {
			return number{true, true, exact.Num().Int64(), f}
		}
	}
	return number{ok: true, f: f}
}

// compare orders two numbers as a field would that has the first one.
func (n number) compare(to number) int {
	switch {
	case n.whole && to.whole:
		return cmp.Compare(n.i, to.i)
	case n.whole:
		return cmp.Compare(n.f, to.f)
	}
	return cmp.Compare(float32(n.f), float32(to.f))
}

// equals reports whether the number of a document is this one.
func (n number) equals(text []byte) bool {
	if !n.ok {
		return false
	}
	w := parseNumber(string(text))
	return w.ok && w.compare(n) == 0
}

// AppendNumber appends a number so that equal ones are the same text: a whole one by its digits, another as the nearest float of
// 32 bits. Text that is no number is appended as it is.
func AppendNumber[S []byte | string](dst []byte, text S) []byte {
	n := parseNumber(string(text))
	switch {
	case !n.ok:
		return append(dst, text...)
	case n.whole:
		return strconv.AppendInt(dst, n.i, 10)
	}
	return strconv.AppendFloat(dst, n.f, 'f', -1, 32)
}

// IsNumber reports whether the text is a number, as values of numeric fields are understood.
func IsNumber(text string) bool { return parseNumber(text).ok }

// Whole is the whole number that a text names, as 42, 42.0 or 4.2e1; ok is false when it names none.
func Whole(text string) (i int64, ok bool) {
	n := parseNumber(text)
	return n.i, n.whole
}

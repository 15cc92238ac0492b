package trace

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// columns tells how many columns of a terminal text takes. It does not depend on the locale, so that a drawing is the
// same everywhere.
var columns = &runewidth.Condition{}

// plain is text for one line of a terminal: what is no visible character or blank is escaped as Go writes it, so that names from
// logs can neither move the cursor nor turn the direction of writing.
func plain(text string) string {
	clean := true
	for _, r := range text {
		clean = clean && visible(r)
	}
	if clean {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if visible(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

func visible(r rune) bool { return unicode.IsPrint(r) }

// fit is text, already plain, in exactly so many columns: cut with an ellipsis, or filled up with blanks.
func fit(text string, width int) string {
	if width <= 0 {
		return ""
	}
	text = columns.Truncate(text, width, "…")
	return text + strings.Repeat(" ", max(0, width-columns.StringWidth(text)))
}

// FormatDuration writes nanoseconds with three digits and the unit that suits them, in eight columns at most.
func FormatDuration(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "-", -ns
	}
	if ns == 0 {
		return "0"
	}
	for _, u := range []struct {
		size int64
		name string
	}{{3600e9, "h"}, {60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if ns < u.size-u.size/2000 { // what would be rounded up to one of the unit is one
			continue
		}
		v := float64(ns) / float64(u.size)
		decimals := 2
		switch {
		case v >= 99.95:
			decimals = 0
		case v >= 9.995:
			decimals = 1
		}
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return sign + text + u.name
	}
	return sign + strconv.FormatInt(ns, 10) + "ns"
}

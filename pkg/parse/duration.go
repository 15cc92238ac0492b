package parse

import (
	"bytes"
	"math"
	"math/bits"
)

// durationUnit is how many nanoseconds one of it has; 0 is no unit.
type durationUnit int64

const (
	nanosecond  durationUnit = 1
	microsecond              = 1000 * nanosecond
	millisecond              = 1000 * microsecond
	second                   = 1000 * millisecond
	minute                   = 60 * second
	hour                     = 60 * minute
	day                      = 24 * hour
	week                     = 7 * day
)

// parseDuration reads a duration as loggers write it, exactly: Go's `1h2m3.5s`, `1 s 500 ms` in any order of any units,
// ISO 8601's `PT1.5S`, `h:mm:ss.fff`, .NET's `d.hh:mm:ss`, Cisco's `0h:32m:16s`, or a bare number of the unit. Without a unit a bare number
// says nothing, unless it is 0. What does not fit into int64 nanoseconds is no duration; nor is a negative bare number,
// which loggers write for "not applicable". Below 1 ns it rounds half up.
func parseDuration(text []byte, unit durationUnit) (ns int64, ok bool) {
	if ns, ok = bareDuration(text, unit); ok {
		return ns, true
	}
	d := durationReader{text: trimBlanks(text), limit: math.MaxInt64}
	if len(d.text) == 0 {
		return 0, false
	}
	signed := d.text[0] == '-'
	if signed {
		d.limit++
	}
	if signed || d.text[0] == '+' {
		d.pos++
	}
	if d.pos < len(d.text) && d.text[d.pos]|0x20 == 'p' {
		ok = d.iso8601()
	} else {
		ok = d.parts(unit, signed)
	}
	if !ok {
		return 0, false
	}
	if signed {
		return int64(-d.sum), true
	}
	return int64(d.sum), true
}

// bareDuration is parseDuration for most of what there is: a bare number of few digits, with its unit known. False says nothing.
func bareDuration(text []byte, unit durationUnit) (ns int64, ok bool) {
	if len(text) > 9 || unit <= 0 || unit > second {
		return 0, false // below 10^9 of a second, so that nothing overflows
	}
	point, n := len(text), uint64(0)
	for i, c := range text {
		switch {
		case isDigit(c):
			n = n*10 + uint64(c-'0')
		case c == '.' && i > 0 && point == len(text):
			point = i
		default:
			return 0, false
		}
	}
	n *= uint64(unit)
	if point < len(text)-1 {
		divisor := pow10[len(text)-1-point]
		n = (n + divisor/2) / divisor
	}
	return int64(n), len(text) > 0
}

// simpleDuration is parseDuration for most of what stands in text: a number of few digits with its unit behind it, of which
// part would be that of a durationPart. False says nothing.
func simpleDuration(text []byte) (ns int64, part durationUnit, ok bool) {
	n := len(text) - 1
	if n < 1 || text[n] != 's' {
		return 0, 0, false
	}
	unit := second
	switch text[n-1] {
	case 'm':
		unit = millisecond
	case 'u':
		unit = microsecond
	case 'n':
		unit = nanosecond
	default:
		n++
	}
	number := text[:n-1]
	if ns, ok = bareDuration(number, unit); !ok {
		return 0, 0, false
	}
	if bytes.IndexByte(number, '.') >= 0 {
		return ns, 0, true
	}
	return ns, unit, true
}

// durationReader adds up the parts of one duration.
type durationReader struct {
	text  []byte
	pos   int
	sum   uint64
	limit uint64 // the largest sum: 2^63-1, or 2^63 when it will be negated
}

// parts reads numbers with units behind them, a clock, or one bare number.
func (d *durationReader) parts(unit durationUnit, signed bool) bool {
	for first := true; ; first = false {
		n, ok := d.number()
		if !ok {
			return false
		}
		if d.peek() == ':' && isDigit(d.peekAt(1)) {
			return d.clock(n)
		}
		d.blanks()
		if d.pos == len(d.text) {
			return first && d.bare(n, unit, signed)
		}
		partUnit, ok := unitOfWord(d.word())
		if !ok || n.exponent || !d.add(n, partUnit) {
			return false
		}
		if d.pos == len(d.text) {
			return true
		}
		d.separator()
	}
}

// bare adds a number that has no unit of its own.
func (d *durationReader) bare(n decimal, unit durationUnit, signed bool) bool {
	if n.digits == 0 {
		return true
	}
	return unit > 0 && !signed && d.add(n, unit)
}

// clock reads the rest of h:mm:ss(.fff), whose hours have been read, with .NET's days before a dot; nothing may follow.
func (d *durationReader) clock(hours decimal) bool {
	if hours.scale == -2 && d.text[d.pos-3] == '.' && hours.digits%100 < 24 {
		if !d.add(decimal{digits: hours.digits / 100}, day) {
			return false
		}
		hours = decimal{digits: hours.digits % 100}
	}
	if hours.scale != 0 || hours.exponent || !d.add(hours, hour) {
		return false
	}
	d.pos++
	minutes, ok := d.number()
	if !ok || minutes.scale != 0 || minutes.exponent || minutes.digits > 59 || d.peek() != ':' || !d.add(minutes, minute) {
		return false
	}
	d.pos++
	seconds, ok := d.number()
	return ok && !seconds.exponent && seconds.below(60) && d.add(seconds, second) && d.pos == len(d.text)
}

// iso8601 reads P[nW][nD][T[nH][nM][nS]] of ISO 8601-1. Years and months have no fixed length, so they are refused.
func (d *durationReader) iso8601() bool {
	d.pos++
	inTime, some := false, false
	for d.pos < len(d.text) {
		if !inTime && d.text[d.pos]|0x20 == 't' {
			inTime, some = true, false
			d.pos++
			continue
		}
		n, ok := d.number()
		if !ok || n.exponent || !d.add(n, isoUnit(d.peek(), inTime)) {
			return false
		}
		d.pos++
		some = true
	}
	return some
}

// isoUnit is the unit of an ISO 8601 designator, before or after its T.
func isoUnit(designator byte, inTime bool) durationUnit {
	switch designator | 0x20 {
	case 'w', 'd':
		if inTime {
			return 0
		}
		if designator|0x20 == 'w' {
			return week
		}
		return day
	case 'h', 'm', 's':
		if !inTime {
			return 0
		}
		switch designator | 0x20 {
		case 'h':
			return hour
		case 'm':
			return minute
		}
		return second
	}
	return 0
}

// add adds n units to the sum and reports whether it still fits.
func (d *durationReader) add(n decimal, unit durationUnit) bool {
	if unit <= 0 {
		return false
	}
	ns, rounded, ok := n.times(uint64(unit))
	if !ok || ns > d.limit || d.sum > d.limit-ns {
		return false
	}
	d.sum += ns
	if rounded && d.sum < d.limit {
		d.sum++
	}
	return true
}

// decimal is digits × 10^scale, as it was written.
type decimal struct {
	digits   uint64
	scale    int
	exponent bool // written with an exponent
}

// below reports whether n < limit.
func (n decimal) below(limit uint64) bool {
	whole, _, ok := n.times(1)
	return ok && whole < limit
}

// times is n × unit cut to an integer, and whether rounding half up would add one.
func (n decimal) times(unit uint64) (v uint64, up, ok bool) {
	hi, lo := bits.Mul64(n.digits, unit)
	scale := n.scale
	for ; scale > 0 && (hi|lo) != 0; scale-- {
		if hi != 0 || lo > math.MaxUint64/10 {
			return 0, false, false
		}
		lo *= 10
	}
	for scale < 0 && (hi|lo) != 0 {
		step := min(-scale, 19)
		divisor := pow10[step]
		var rest uint64
		quotient := hi / divisor
		lo, rest = bits.Div64(hi%divisor, lo, divisor)
		hi = quotient
		scale += step
		up = rest >= divisor-divisor/2
	}
	return lo, up && scale == 0, hi == 0
}

// number reads digits with an optional fraction (`.` or, as ISO 8601 allows, `,` before a digit) and exponent. Digits of
// a fraction that no nanosecond depends on are dropped.
func (d *durationReader) number() (n decimal, ok bool) {
	start, point := d.pos, -1
	count := 0
	for ; d.pos < len(d.text); d.pos++ {
		c := d.text[d.pos]
		switch {
		case isDigit(c):
			count++
			if n.digits >= 1e18 && point >= 0 {
				continue
			}
			if n.digits > (math.MaxUint64-9)/10 {
				return n, false
			}
			n.digits = n.digits*10 + uint64(c-'0')
			if point >= 0 {
				n.scale--
			}
		case point < 0 && (c == '.' || c == ',' && d.pos > start && isDigit(d.peekAt(1))):
			point = d.pos
		default:
			return n, count > 0 && d.exponent(&n)
		}
	}
	return n, count > 0
}

// exponent reads an exponent if one stands here; false when it is beyond all numbers.
func (d *durationReader) exponent(n *decimal) bool {
	if d.peek()|0x20 != 'e' {
		return true
	}
	pos, negative := d.pos+1, false
	if pos < len(d.text) && (d.text[pos] == '-' || d.text[pos] == '+') {
		negative = d.text[pos] == '-'
		pos++
	}
	if pos == len(d.text) || !isDigit(d.text[pos]) {
		return true
	}
	value := 0
	for ; pos < len(d.text) && isDigit(d.text[pos]); pos++ {
		if value = value*10 + int(d.text[pos]-'0'); value > 400 {
			return false
		}
	}
	if negative {
		value = -value
	}
	n.scale += value
	n.exponent = true
	d.pos = pos
	return true
}

// word reads letters, the two micro signs among them.
func (d *durationReader) word() []byte {
	start := d.pos
	for d.pos < len(d.text) && (isLetter(d.text[d.pos]) || d.text[d.pos] >= 0x80) {
		d.pos++
	}
	return d.text[start:d.pos]
}

// separator skips what may stand between two parts: blanks, a comma, Cisco's colon.
func (d *durationReader) separator() {
	if c := d.peek(); c == ',' || c == ':' {
		d.pos++
	}
	d.blanks()
}

// blanks skips blanks, which may stand before a unit and between parts.
func (d *durationReader) blanks() {
	for d.pos < len(d.text) && isBlank(d.text[d.pos]) {
		d.pos++
	}
}

// peek is the next byte, 0 at the end.
func (d *durationReader) peek() byte { return d.peekAt(0) }

// peekAt is the byte i ahead, 0 behind the end.
func (d *durationReader) peekAt(i int) byte {
	if d.pos+i < len(d.text) {
		return d.text[d.pos+i]
	}
	return 0
}

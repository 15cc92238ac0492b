package parse

import (
	"math"

	"github.com/tailspan/tailspan/pkg/event"
)

// lastUnix is the last second of the year 9999; larger numbers are not seconds.
const lastUnix = 253402300799

// Instants that Elasticsearch's date_nanos can hold: int64 nanoseconds since 1970.
const (
	lastNanoSec  = math.MaxInt64 / 1_000_000_000
	lastNanoNsec = math.MaxInt64 % 1_000_000_000
)

// fitsNanos reports whether Elasticsearch's date_nanos can hold the instant.
func fitsNanos(t event.Time) bool {
	return t.Sec >= 0 && (t.Sec < lastNanoSec || t.Sec == lastNanoSec && t.Nsec <= lastNanoNsec)
}

// unixTime reads a number of units since 1970, of which 10^decimals make a second.
func unixTime(text []byte, decimals int) (event.Time, bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	d := durationReader{text: text}
	n, ok := d.number()
	if !ok || d.pos != len(text) {
		return event.Time{}, false
	}
	return unixDecimal(n, decimals, negative)
}

// unixDecimal is the instant of n units since 1970, exact to the nanosecond below which digits are dropped.
func unixDecimal(n decimal, decimals int, negative bool) (event.Time, bool) {
	n.scale -= decimals
	sec, _, ok := n.times(1)
	if !ok || sec > lastUnix {
		return event.Time{}, false
	}
	ns, _, ok := n.times(1e9)
	if !ok { // beyond 2554
		ns = 0
		if n.scale < 0 {
			n.digits -= sec * pow10[-n.scale]
			ns, _, _ = n.times(1e9)
		}
	}
	t := event.Time{Sec: int64(sec), Nsec: int32(ns % 1e9), Digits: uint8(min(max(-n.scale, 0), 9)), Set: true}
	if negative {
		t.Sec = -t.Sec
		if t.Nsec > 0 {
			t.Sec--
			t.Nsec = 1e9 - t.Nsec
		}
	}
	return t, true
}

// guessUnix reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970, telling them apart by its
// magnitude: each unit's range from 1973 to 2262 ends before the next one's begins.
func guessUnix(n decimal) (event.Time, bool) {
	whole, _, ok := n.times(1)
	if !ok {
		return event.Time{}, false
	}
	switch {
	case whole < 1e8:
		return event.Time{}, false
	case whole < 1e11:
		return unixDecimal(n, 0, false)
	case whole < 1e14:
		return unixDecimal(n, 3, false)
	case whole < 1e17:
		return unixDecimal(n, 6, false)
	}
	return unixDecimal(n, 9, false)
}

// taiAhead is how far TAI was ahead of UTC in 1970, which is all that daemontools' multilog adds: it knows no leap
// seconds, and neither do its readers.
const taiAhead = 10

// tai64nLength is the length of a label with its @.
const tai64nLength = 1 + 16 + 8

// tai64n reads D. J. Bernstein's TAI64N label: @, 16 hexadecimal digits of seconds from 2^62 on, 8 of nanoseconds.
func tai64n(text []byte) (event.Time, bool) {
	if len(text) == tai64nLength && text[0] == '@' {
		text = text[1:]
	}
	if len(text) != 24 || text[0] != '4' {
		return event.Time{}, false
	}
	var v [2]uint64
	for i, c := range text {
		digit := uint64(lower(c) - '0')
		if digit > 9 {
			digit = uint64(lower(c)-'a') + 10
		}
		if digit > 15 {
			return event.Time{}, false
		}
		v[i/16] = v[i/16]<<4 | digit
	}
	sec, nsec := int64(v[0]-1<<62)-taiAhead, v[1]
	if sec < 0 || sec > lastUnix || nsec > 999_999_999 {
		return event.Time{}, false
	}
	return event.Time{Sec: sec, Nsec: int32(nsec), Digits: 9, Set: true}, true
}

// assignStart takes the time of field i, which stays in the document, as that of the line, when there is no better.
func (p *Parser) assignStart(ev *event.Event, found *resolution, i int, r *role) {
	if !p.takesTime(r) || !found.wins(found.time, i, r.rank) || found.time.rank == 0 && ev.Time.Set { // a time that was read directly
		return
	}
	text, _ := p.textOf(&ev.Fields[i])
	if t, ok := p.times.parse(text); ok {
		ev.Time = t
		found.time.field, found.time.rank = i, r.rank
	}
}

// nanosOfInstant stands beside the whole seconds of Log4j's instant.
const nanosOfInstant = "instant.nanoOfSecond"

// addNanos adds Log4j's nanoseconds to its seconds.
func addNanos(ev *event.Event, t *event.Time) {
	i := event.Lookup(ev.Fields, []byte(nanosOfInstant))
	if i < 0 {
		return
	}
	d := durationReader{text: ev.Fields[i].Value}
	if n, ok := d.number(); ok && d.pos == len(d.text) && n.scale == 0 && n.digits < 1e9 {
		t.Nsec, t.Digits = int32(n.digits), 9
		ev.Remove(i)
	}
}

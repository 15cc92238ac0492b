package event

import (
	"slices"
	"time"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// Time is an instant with the precision it was written in. The zero Time is unknown.
type Time struct {
	Sec    int64 // since 1970-01-01T00:00:00Z
	Nsec   int32 // [0, 1e9)
	Digits uint8 // how many decimals of the second were written, 0 to 9
	Set    bool
}

// TimeOf is t with all its nanoseconds.
func TimeOf(t time.Time) Time {
	return Time{Sec: t.Unix(), Nsec: int32(t.Nanosecond()), Digits: 9, Set: true}
}

// Std is t as the standard library has it, in UTC.
func (t Time) Std() time.Time { return time.Unix(t.Sec, int64(t.Nsec)).UTC() }

// Append appends t in RFC 3339, UTC with Z, with as many decimals as were written.
func (t Time) Append(dst []byte) []byte {
	days, second := t.Sec/day, t.Sec%day
	if second < 0 {
		days, second = days-1, second+day
	}
	return t.appendDecimals(appendClock(appendDate(dst, t, days), second))
}

// FirstYear and LastYear bound the years whose every instant is a number of nanoseconds since 1970 in 64 bits.
const (
	FirstYear = 1678
	LastYear  = 2261
)

// ParseTime reads a time as documents have it, RFC 3339; ok is false for what is none, or has no nanoseconds since 1970.
func ParseTime(text string) (t time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil && t.Year() >= FirstYear && t.Year() <= LastYear
}

const day = 24 * 60 * 60 // seconds

// Calendar writes times as Append does, and remembers the last second and its day. It belongs to one goroutine.
type Calendar struct {
	day, second int64    // since 1970-01-01T00:00:00Z
	text        [32]byte // the date and the time of day, which are no longer even for the last second that there is
	size        int      // of that in text; 0 when there has been none
}

// Append appends t as Time.Append does.
func (c *Calendar) Append(dst []byte, t Time) []byte {
	if t.Sec != c.second || c.size == 0 {
		c.remember(t)
	}
	n := len(dst)
	dst = slices.Grow(dst, len(c.text))
	*(*[len(c.text)]byte)(dst[n : n+len(c.text)]) = c.text
	return t.appendDecimals(dst[:n+c.size])
}

// remember writes down the second of t.
func (c *Calendar) remember(t Time) {
	const clock = len("T15:04:05")
	second := t.Sec - c.day
	if second < 0 || second >= day || c.size == 0 {
		days := t.Sec / day
		if t.Sec%day < 0 {
			days--
		}
		c.day = days * day
		c.size = len(appendDate(c.text[:0], t, days)) + clock
		second = t.Sec - c.day
	}
	appendClock(c.text[:c.size-clock], second)
	c.second = t.Sec
}

// appendDate appends the date of t, which is so many days since 1970-01-01.
func appendDate(dst []byte, t Time, days int64) []byte {
	year, month, dayOfMonth := civil(days)
	if year < 0 || year > 9999 {
		return t.Std().AppendFormat(dst, "2006-01-02")
	}
	return append(dst, '0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-',
		'0'+byte(month/10), '0'+byte(month%10), '-', '0'+byte(dayOfMonth/10), '0'+byte(dayOfMonth%10))
}

// appendClock appends the time of day at a second of the day.
func appendClock(dst []byte, second int64) []byte {
	s := uint32(second)
	hour, minute, s := s/3600, s/60%60, s%60
	return append(dst, 'T', '0'+byte(hour/10), '0'+byte(hour%10), ':', '0'+byte(minute/10), '0'+byte(minute%10), ':', '0'+byte(s/10), '0'+byte(s%10))
}

// appendDecimals appends the decimals of the second of t that were written, and the zone.
func (t Time) appendDecimals(dst []byte) []byte {
	if t.Digits > 0 {
		dst = jsontext.AppendDecimals(dst, uint32(t.Nsec), int(t.Digits))
	}
	return append(dst, 'Z')
}

// civil is the Gregorian date of a day since 1970-01-01. It counts from March, so that a leap day ends a year, in eras of
// 400 years, which all have 146,097 days (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms).
func civil(days int64) (year, month, day int64) {
	days += 719468 // since 0000-03-01
	era := days / 146097
	if days < 0 {
		era = (days - 146096) / 146097
	}
	inEra := days - era*146097
	yearInEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	inYear := inEra - (365*yearInEra + yearInEra/4 - yearInEra/100)
	month = (5*inYear + 2) / 153 // from March
	day = inYear - (153*month+2)/5 + 1
	year = yearInEra + era*400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

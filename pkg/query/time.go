package query

import (
	"strconv"
	"time"
)

// interval is what a text names of time: a day names all of it. The zero value names none.
type interval struct {
	from, to time.Time // to is behind it
}

// layouts are the ways to write a time, and how much of time each names.
var layouts = []struct {
	layout              string
	years, months, days int
	length              time.Duration
}{
	{"2006", 1, 0, 0, 0}, {"2006-01", 0, 1, 0, 0}, {"2006-01-02", 0, 0, 1, 0}, {"2006-01-02T15", 0, 0, 0, time.Hour},
	{"2006-01-02T15:04", 0, 0, 0, time.Minute}, {"2006-01-02T15:04Z07:00", 0, 0, 0, time.Minute},
	{"2006-01-02T15:04:05", 0, 0, 0, time.Second}, {time.RFC3339, 0, 0, 0, time.Second},
}

// point is where the fraction of a second begins.
const point = len("2006-01-02T15:04:05")

// longestTime is the length of the longest text of a time.
const longestTime = len("2006-01-02T15:04:05.000000000+00:00")

// parseTime reads a year, month, day, hour, minute, second or fraction of one; without a zone it is UTC. Other
// numbers are milliseconds since 1970.
func parseTime(text string) interval {
	if len(text) > longestTime {
		return interval{}
	}
	for _, l := range layouts {
		at, err := time.Parse(l.layout, text)
		if err != nil {
			continue
		}
		end := at.AddDate(l.years, l.months, l.days).Add(l.length)
		if len(text) > point && text[point] == '.' {
			end = at.Add(1) // a fraction of a second is meant as it is written
		}
		return interval{at.UTC(), end.UTC()}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) < 15 {
		at := time.UnixMilli(ms).UTC()
		return interval{at, at.Add(time.Millisecond)}
	}
	return interval{}
}

func (i interval) known() bool { return !i.to.IsZero() }

// contains reports whether the time of a document is within.
func (i interval) contains(text []byte) bool {
	at, err := time.Parse(time.RFC3339Nano, string(text))
	return err == nil && i.known() && !at.Before(i.from) && at.Before(i.to)
}

// Interval is the piece of time that a text names, as a value of @timestamp is understood: a day names all of it.
func Interval(text string) (from, to time.Time, ok bool) {
	i := parseTime(text)
	return i.from, i.to, i.known()
}

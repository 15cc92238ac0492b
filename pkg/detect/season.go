package detect

import (
	"math"
	"time"
)

// season remembers an hour of the week each: how many lines a minute it had at most and at least, and what share of them had failed. What the same hour of
// another day had is no finding today. Before there is a week of it any other day will do; after that the same day of the
// week counts. Numbers are logarithms in steps of an eighth of an octave, so that a season takes a kilobyte.
type season struct {
	Hours         [hoursOfWeek]hour
	now           hour // being counted
	part          int  // minutes of it
	lines, failed float64
}

const hoursOfWeek = 7 * 24

// hour is one hour of the week; Weeks is how often it was seen, up to 255.
type hour struct {
	Most, Least uint8
	Failing     uint8 // share of the lines of the whole hour
	Weeks       uint8
}

// level is a number of lines a minute as a logarithm; 0 is none.
func level(lines float64) uint8 {
	if lines < 1 {
		return 0
	}
	return uint8(min(255, 1+8*math.Log2(lines))) // #nosec G115 -- is within its bounds
}

// most is the most lines that have the level, and least the fewest.
func (h hour) most() float64 { return math.Exp2(float64(h.Most) / 8) }

func (h hour) least() float64 {
	if h.Least == 0 {
		return 0
	}
	return math.Exp2((float64(h.Least) - 1) / 8)
}

// shareLevel is a share as a logarithm; 0 is none.
func shareLevel(share float64) uint8 { return level(share * shareUnit) }

// shareUnit is one by the least share that counts.
const shareUnit = 1 << 16

func (h hour) failing() float64 {
	if h.Failing == 0 {
		return 0
	}
	return math.Exp2(float64(h.Failing)/8) / shareUnit
}

// push takes a minute into account; at is when it ended. Unknown minutes are left out.
func (s *season) push(at int64, m minute) {
	if m.Lines != unknown {
		l := level(float64(m.Lines))
		if s.part == 0 || l > s.now.Most {
			s.now.Most = l
		}
		if s.part == 0 || l < s.now.Least {
			s.now.Least = l
		}
		s.part++
		s.lines, s.failed = s.lines+float64(m.Lines), s.failed+float64(m.Failed)
	}
	if (at/int64(time.Minute))%60 != 0 {
		return
	}
	if s.part >= 30 { // of an hour of which less is known, nothing is
		h := &s.Hours[hourOfWeek(at-1)]
		*h = hour{s.now.Most, s.now.Least, shareLevel(s.failed / max(s.lines, 1)), uint8(min(255, int(h.Weeks)+1))} // #nosec G115 -- is within its bounds
	}
	s.now, s.part, s.lines, s.failed = hour{}, 0, 0, 0
}

func hourOfWeek(at int64) int { return int(at / int64(time.Hour) % hoursOfWeek) }

// usual is the most and the least lines a minute at this time of other days, and those of the hours that begin or end within ten minutes;
// ok is false when nothing is known.
func (s *season) usual(at int64) (most, least float64, ok bool) {
	if s == nil {
		return 0, 0, false
	}
	for _, shift := range [...]time.Duration{-10 * time.Minute, 0, 10 * time.Minute} {
		h := s.hour(hourOfWeek(at + int64(shift)))
		if h.Weeks == 0 {
			continue
		}
		if !ok {
			most, least, ok = h.most(), h.least(), true
		}
		most, least = max(most, h.most()), min(least, h.least())
	}
	return most, least, ok
}

// failing is the share of failures at this time of other days, as usual has it; 0 when nothing is known.
func (s *season) failing(at int64) (share float64) {
	if s == nil {
		return 0
	}
	for _, shift := range [...]time.Duration{-10 * time.Minute, 0, 10 * time.Minute} {
		share = max(share, s.hour(hourOfWeek(at+int64(shift))).failing())
	}
	return share
}

// hour is what is known of an hour of the week: what it was a week ago, else what that of the other days was. Once there are three of
// those, what only one of them had is not usual.
func (s *season) hour(of int) hour {
	if h := s.Hours[of]; h.Weeks > 0 {
		return h
	}
	var most, least, failing [2]uint8 // the first and the second
	days := 0
	for day := 1; day < 7; day++ {
		h := s.Hours[(of+24*day)%hoursOfWeek]
		if h.Weeks == 0 {
			continue
		}
		if days++; days == 1 {
			most, least, failing = [2]uint8{h.Most, 0}, [2]uint8{h.Least, 255}, [2]uint8{h.Failing, 0}
			continue
		}
		most = [2]uint8{max(most[0], h.Most), max(most[1], min(most[0], h.Most))}
		failing = [2]uint8{max(failing[0], h.Failing), max(failing[1], min(failing[0], h.Failing))}
		least = [2]uint8{min(least[0], h.Least), min(least[1], max(least[0], h.Least))}
	}
	switch {
	case days == 0:
		return hour{}
	case days < 3:
		return hour{most[0], least[0], failing[0], 1}
	}
	return hour{most[1], least[1], failing[1], 1}
}

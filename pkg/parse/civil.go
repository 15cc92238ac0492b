package parse

import (
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// civil is a date and a time of day as they are written, before anyone knows whether there is such an instant.
type civil struct {
	year    int // any, when hasYear
	month   int // 1 to 12
	day     int // 1 to 31; of the year when ordinal
	hour    int
	minute  int
	second  int // 60 for a leap second
	nsec    int32
	digits  uint8 // how many decimals were written
	half    half
	hasYear bool
	clock   bool // there is a time of day
	seconds bool // there are seconds
	ordinal bool // day counts from New Year (ISO 8601 ordinal date), month is 0
	zone    zone
}

// half is the half of the day that a clock of twelve hours needs.
type half uint8

const (
	noHalf half = iota
	am
	pm
)

// daysBefore is how many days of a common year are over when a month begins.
var daysBefore = [13]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// isLeap reports whether a year of the Gregorian calendar has a February 29th.
func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// daysIn is the length of a month.
func daysIn(year, month int) int {
	if month == 2 && isLeap(year) {
		return 29
	}
	return daysBefore[month] - daysBefore[month-1]
}

// daysSince1970 counts the days of the proleptic Gregorian calendar (ISO 8601) up to January 1st of a year.
func daysSince1970(year int) int64 {
	y := int64(year) + 399 // four centuries up, so that the year 0 divides as all others
	return y*365 + y/4 - y/100 + y/400 - (2369*365 + 2369/4 - 2369/100 + 2369/400)
}

// dayOf is the day of a date since 1970-01-01; the date must be valid.
func dayOf(year, month, day int) int64 {
	days := daysSince1970(year) + int64(daysBefore[month-1]+day-1)
	if month > 2 && isLeap(year) {
		days++
	}
	return days
}

// pivotYear is the year that two digits mean, as POSIX strptime has it: 69 to 99 the last century's.
func pivotYear(twoDigits int) int {
	if twoDigits >= 69 {
		return 1900 + twoDigits
	}
	return 2000 + twoDigits
}

// validDate reports whether the date exists; without a year, whether it exists in a leap year.
func (c *civil) validDate() bool {
	year := c.year
	if !c.hasYear {
		year = 2000
	}
	if year < 0 || year > 9999 {
		return false
	}
	if c.ordinal {
		return c.hasYear && c.day >= 1 && (c.day <= 365 || c.day == 366 && isLeap(year))
	}
	return c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= daysIn(year, c.month)
}

// validClock turns hours of twelve into hours of 24 and reports whether the time of day exists.
func (c *civil) validClock() bool {
	if c.half != noHalf {
		if c.hour < 1 || c.hour > 12 {
			return false
		}
		c.hour %= 12
		if c.half == pm {
			c.hour += 12
		}
		c.half = noHalf
	}
	return c.hour <= 23 && c.minute <= 59 && c.second <= 60
}

// local is the seconds from 1970-01-01 00:00:00 to the date and time on the same wall clock.
func (c *civil) local() int64 {
	var days int64
	if c.ordinal {
		days = daysSince1970(c.year) + int64(c.day-1)
	} else {
		days = dayOf(c.year, c.month, c.day)
	}
	return days*86400 + int64(c.hour*3600+c.minute*60+c.second)
}

// instant is the time that c means to the parser, with its time zone where c has none and its clock where c has no year.
func (p *timeParser) instant(c *civil) (event.Time, bool) {
	if !c.validDate() || !c.validClock() {
		return event.Time{}, false
	}
	if !c.hasYear {
		c.year, c.hasYear = p.yearOf(c), true
	}
	return event.Time{Sec: p.utc(c.local(), &c.zone), Nsec: c.nsec, Digits: c.digits, Set: true}, true
}

// aheadOfClock is how far after the parser's clock a date without a year may be and still mean this year or the next:
// any January line that is read in December.
const aheadOfClock = 62 * 24 * time.Hour

// yearOf is the year of a date that was written without one: the latest in which it is not well after now. A leap day
// goes back to the last leap year.
func (p *timeParser) yearOf(c *civil) int {
	now := p.clock()
	latest := now.Add(aheadOfClock).Unix()
	year := now.Year() + 1
	for ; year > now.Year()-8; year-- {
		if c.month == 2 && c.day == 29 && !isLeap(year) {
			continue
		}
		if dayOf(year, c.month, c.day)*86400 <= latest {
			break
		}
	}
	return year
}

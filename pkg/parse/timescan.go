package parse

// timeScan reads one date, with its time of day and zone, at the beginning of a text. It knows the orders and separators
// that loggers use rather than a list of layouts; whatever it cannot place ends it.
type timeScan struct {
	text  []byte
	i     int
	c     civil
	whole bool // the text is a time and nothing else, so that more freedom does no harm
	named bool // the text names the weekday, so a year may stand behind the clock
	glog  bool // four digits before a clock are a month and a day
	loose byte // the separator of a month and a day in numbers without a year
}

// run reads the text; when it succeeds, what it read ends at s.i.
func (s *timeScan) run() bool {
	s.weekday()
	if !s.date() {
		return false
	}
	if s.whole && s.i == len(s.text) {
		return true
	}
	if !s.c.clock && !s.timeOfDay() {
		if off, n := offsetAt(s.text[s.i:]); n > 0 && off >= 0 && s.whole && s.c.hasYear { // 2020-07-20+08:00
			s.c.zone = zone{kind: zoneOffset, offset: off}
			s.i += n
			return s.i == len(s.text)
		}
		return false
	}
	s.afterClock()
	return !s.whole || s.i == len(s.text)
}

// weekday skips the name of a day, which says nothing that the date does not.
func (s *timeScan) weekday() {
	word := s.wordAt(s.i)
	if !isWeekday(word) {
		return
	}
	s.i += len(word)
	if c := s.at(0); c == ',' || c == '.' {
		s.i++
	}
	s.blanks()
	s.named = true
}

// date reads a date that begins with a number or the name of a month.
func (s *timeScan) date() bool {
	if isLetter(s.at(0)) {
		return s.month() && s.monthFirst()
	}
	switch n := s.digits(); n {
	case 1, 2:
		return s.shortFirst()
	case 4:
		return s.yearFirst()
	case 6, 8, 12, 14, 17:
		return s.compact(n)
	}
	return false
}

// month reads the name of a month, with the dot of an abbreviation.
func (s *timeScan) month() bool {
	word := s.wordAt(s.i)
	if s.c.month = monthOf(word); s.c.month == 0 {
		return false
	}
	s.i += len(word)
	if s.at(0) == '.' && len(word) < 5 {
		s.i++
	}
	return true
}

// monthFirst reads the rest of `Oct 11`, `October 7th, 1970`, `oct. 7, '70`, `Jul-03-2015`.
func (s *timeScan) monthFirst() bool {
	sep := s.at(0)
	if sep == '-' || sep == '/' {
		s.i++
	} else if s.blanks() == 0 {
		return false
	}
	if n := s.digits(); n != 1 && n != 2 {
		return false
	}
	s.c.day = s.number()
	s.ordinalSuffix()
	s.yearBehind(sep)
	return true
}

// yearBehind reads a year behind a day and a month, unless what follows is a time of day.
func (s *timeScan) yearBehind(sep byte) {
	back := s.i
	if s.at(0) == ',' {
		s.i++
	}
	joined := sep != ' ' && s.at(0) == sep
	if joined {
		s.i++
	} else {
		s.blanks()
	}
	if s.at(0) == '\'' {
		s.i++
		joined = true
	}
	n := s.digits()
	end := s.at(n)
	switch {
	case s.i == back, n == 4 && isLetter(end) && end|0x20 != 't', n != 4 && n != 2, n == 2 && !joined && !s.whole,
		n == 2 && (end == ':' || isLetter(end)):
		s.i = back
	default:
		s.year(n)
	}
}

// year reads a year of n digits.
func (s *timeScan) year(n int) {
	s.c.year, s.c.hasYear = s.number(), true
	if n == 2 {
		s.c.year = pivotYear(s.c.year)
	}
}

// yearFirst reads a date that begins with four digits: `2014-04-26`, `2014/4/2`, `2013-Feb-03`, `2014年04月08日`, `2014-117`,
// `2013 Nov 24`, the month alone and the year alone, and glog's `0102` before a time of day.
func (s *timeScan) yearFirst() bool {
	first := s.number()
	s.c.year, s.c.hasYear = first, true
	sep := s.at(0)
	switch {
	case sep == '-' || sep == '/' || sep == '.' || sep == ':':
		s.i++
		return s.monthDay(sep)
	case sep == 0xe5:
		return s.chinese()
	case isBlank(sep) && isLetter(s.at(1)):
		s.i++
		return s.month() && s.blanks() > 0 && s.dayOfMonth()
	case isBlank(sep) && (s.whole || s.glog):
		s.c.year, s.c.hasYear = 0, false
		s.c.month, s.c.day = first/100, first%100
		return true
	}
	s.c.month, s.c.day = 1, 1
	return s.whole && s.i == len(s.text)
}

// monthDay reads the month and the day behind a year.
func (s *timeScan) monthDay(sep byte) bool {
	if isLetter(s.at(0)) {
		return s.month() && s.next(sep) && s.dayOfMonth()
	}
	switch s.digits() {
	case 1, 2:
		s.c.month = s.number()
	case 3:
		s.c.ordinal = true
		s.c.day = s.number()
		return sep == '-'
	default:
		return false
	}
	if !s.next(sep) {
		s.c.day = 1
		return s.whole && sep != ':' && s.i == len(s.text)
	}
	return s.dayOfMonth()
}

// chinese reads 年, the month, 月, the day, 日.
func (s *timeScan) chinese() bool {
	if !s.skip("年") || s.digits() == 0 {
		return false
	}
	s.c.month = s.number()
	if !s.skip("月") {
		return false
	}
	return s.dayOfMonth() && s.skip("日")
}

// dayOfMonth reads a day of one or two digits.
func (s *timeScan) dayOfMonth() bool {
	if n := s.digits(); n != 1 && n != 2 {
		return false
	}
	s.c.day = s.number()
	return true
}

// shortFirst reads a date that begins with one or two digits: `10/Oct/2000`, `7 oct 1970`, `03-Jul-15`, `3/31/2014`,
// `04:02:2014`, Android's `03-17`, `10.30`.
func (s *timeScan) shortFirst() bool {
	first := s.number()
	s.ordinalSuffix()
	sep := s.at(0)
	if isBlank(sep) {
		s.blanks()
		sep = ' '
	} else if sep == '/' || sep == '-' || sep == '.' || sep == ':' {
		s.i++
	} else {
		return false
	}
	if isLetter(s.at(0)) {
		s.c.day = first
		if sep == ':' || !s.month() {
			return false
		}
		s.yearBehind(s.at(0))
		return true
	}
	if n := s.digits(); sep == ' ' || n != 1 && n != 2 {
		return false
	}
	return s.threeNumbers(first, s.number(), sep)
}

// threeNumbers reads what follows two short numbers and places all of them: the month comes first unless it cannot be
// one; two digits before a slash that are no month are a year (Spark's 17/06/09). Without a third there is no year.
func (s *timeScan) threeNumbers(first, middle int, sep byte) bool {
	s.c.month, s.c.day = first, middle
	if s.at(0) != sep {
		s.loose = sep
		return sep != ':' && isBlank(s.at(0))
	}
	s.i++
	n := s.digits()
	if n != 4 && (n != 2 || sep == ':') {
		return false
	}
	if n == 2 && (first > 31 || first > 12 && sep == '/') {
		s.c.year, s.c.hasYear = pivotYear(first), true
		s.c.month, s.c.day = middle, s.number()
		return true
	}
	if first > 12 {
		s.c.month, s.c.day = middle, first
	}
	s.year(n)
	return true
}

// compact reads dates without separators: yyyymmdd, yymmdd before a time, and both with the time of day joined.
func (s *timeScan) compact(n int) bool {
	if n == 6 {
		s.c.year, s.c.hasYear = pivotYear(s.take(2)), true
	} else {
		s.c.year, s.c.hasYear = s.take(4), true
	}
	s.c.month, s.c.day = s.take(2), s.take(2)
	if n == 6 {
		return isBlank(s.at(0))
	}
	if n > 8 {
		return s.whole && s.compactClock(n-8)
	}
	if c := s.at(0); (c == 'T' || c == 't') && isDigit(s.at(1)) {
		s.i++
		if n := s.digits(); n == 4 || n == 6 {
			return s.compactClock(n)
		}
		s.i--
	}
	return true
}

// hasDate reports whether text begins with a date of ISO 8601.
func hasDate(text []byte) bool {
	return len(text) >= len("2006-01-02") && text[4] == '-' && text[7] == '-' && isDigit(text[0]) && isDigit(text[1]) &&
		isDigit(text[2]) && isDigit(text[3]) && isDigit(text[5]) && isDigit(text[6]) && isDigit(text[8]) && isDigit(text[9])
}

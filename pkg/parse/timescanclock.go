package parse

// timeOfDay reads the separator and the time of day behind a date.
func (s *timeScan) timeOfDay() bool {
	switch c := s.at(0); {
	case (c == 'T' || c == 't' || c == '_' || c == ':') && isDigit(s.at(1)):
		s.i++
		return s.clock(':')
	case c == ':' && s.at(1) == ':' && isDigit(s.at(2)): // Erlang's 1-Feb-2020::10:20:30
		s.i += 2
		return s.clock(':')
	case c == '-' && isDigit(s.at(1)): // DB2's and Blue Gene's 2005-06-03-15.42.50.675872
		s.i++
		if s.digits() <= 2 && s.at(s.digits()) == '.' {
			return s.clock('.')
		}
		return s.clock(':')
	case c == ',' || isBlank(c):
		s.next(',')
		if s.blanks() == 0 {
			return false
		}
	default:
		return false
	}
	if s.at(0) == '-' && isBlank(s.at(1)) && isDigit(s.at(2)) && s.c.hasYear { // Gin's 2021/05/21 - 21:58:57
		s.i += 2
	}
	if word := s.wordAt(s.i); len(word) == 2 && word[0]|0x20 == 'a' && word[1]|0x20 == 't' {
		s.i += 2
		s.blanks()
	}
	switch n := s.digits(); {
	case n == 6 && s.c.hasYear:
		return s.compactClock(6)
	case n <= 2 && s.whole && s.at(n) == '.': // Oracle's 01-JUN-14 10.11.12.123456 PM
		return s.clock('.')
	}
	return s.clock(':')
}

// clock reads h:mm, h:mm:ss and a fraction behind the seconds.
func (s *timeScan) clock(sep byte) bool {
	if n := s.digits(); n != 1 && n != 2 {
		return false
	}
	s.c.hour = s.number()
	if !s.next(sep) || s.digits() == 0 || s.digits() > 2 {
		return false
	}
	s.c.minute, s.c.clock = s.number(), true
	if s.at(0) != sep || !isDigit(s.at(1)) {
		return true
	}
	s.i++
	if s.digits() > 2 {
		return false
	}
	s.c.second, s.c.seconds = s.number(), true
	s.fraction()
	return true
}

// compactClock reads hhmm, hhmmss or hhmmss with three decimals, of n digits together.
func (s *timeScan) compactClock(n int) bool {
	s.c.hour, s.c.minute, s.c.clock = s.take(2), s.take(2), true
	if n == 4 {
		return true
	}
	s.c.second, s.c.seconds = s.take(2), true
	if n == 9 {
		s.c.nsec, s.c.digits = int32(s.take(3))*1e6, 3
		return true
	}
	s.fraction()
	return true
}

// fraction reads decimals of a second behind a dot or a comma, of which nine count. Behind a colon stand milliseconds,
// which some write without leading zeros.
func (s *timeScan) fraction() {
	c := s.at(0)
	if c != '.' && c != ',' && c != ':' || !isDigit(s.at(1)) {
		return
	}
	s.i++
	n := s.digits()
	if c != ':' {
		s.c.nsec, s.c.digits, n = decimals(s.text[s.i:])
		s.i += n
		return
	}
	if n > 3 {
		s.i--
		return
	}
	s.c.nsec, s.c.digits = int32(s.number())*1e6, 3
}

// decimals reads the digits of a fraction of a second: its nanoseconds, how many of them were written, how many bytes
// there are. Digits beyond nine are dropped.
func decimals(text []byte) (nsec int32, digits uint8, n int) {
	for n < len(text) && isDigit(text[n]) {
		if n < 9 {
			nsec = nsec*10 + int32(text[n]-'0')
			digits++
		}
		n++
	}
	return nsec * int32(pow10[9-digits]), digits, n
}

// afterClock reads the half of the day, the zone and the year behind a time of day; Git and others write the zone last.
func (s *timeScan) afterClock() {
	s.halfOfDay()
	s.zone()
	if s.c.zone.kind != noZone || s.named || s.whole {
		s.yearAtEnd()
	}
	if s.c.zone.kind == noZone && (s.named || s.whole) {
		s.zone()
	}
	if s.whole {
		s.remarks()
	}
}

// halfOfDay reads am, pm, a.m. or p.m.
func (s *timeScan) halfOfDay() {
	back := s.i
	s.blanks()
	c, dotted := s.at(0)|0x20, false
	if c != 'a' && c != 'p' {
		s.i = back
		return
	}
	s.i++
	dotted = s.next('.')
	if s.at(0)|0x20 != 'm' || isLetter(s.at(1)) {
		s.i = back
		return
	}
	s.i++
	if dotted {
		s.next('.')
	}
	s.c.half = am
	if c == 'p' {
		s.c.half = pm
	}
}

// zone reads Z, an offset, or an abbreviation with an offset or without: `+0200`, `UTC`, `GMT+0100`, `PST-08`, `GMT+5:30`.
func (s *timeScan) zone() {
	back := s.i
	spaced := s.blanks() > 0
	c := s.at(0)
	switch {
	case (c == 'Z' || c == 'z') && !isLetter(s.at(1)) && !isDigit(s.at(1)):
		s.i++
		s.c.zone = zone{kind: zoneOffset}
		return
	case c == '+' || c == '-':
		if s.offset(spaced) {
			s.zoneAgain()
			return
		}
	case isUpper(c):
		word := s.wordAt(s.i)
		if z, ok := zoneOf(word); ok {
			s.i += len(word)
			s.c.zone = z
			if !s.offset(false) && z.offset == 0 {
				s.shortOffset()
			}
			return
		}
	}
	s.i = back
}

// offset reads an offset from UTC. Behind a blank in a line of text, two digits may be anything.
func (s *timeScan) offset(spaced bool) bool {
	seconds, n := offsetAt(s.text[s.i:])
	if n == 0 || spaced && n == 3 && !s.whole {
		return false
	}
	s.i += n
	s.c.zone = zone{kind: zoneOffset, offset: seconds}
	return true
}

// shortOffset reads the hours behind UTC or GMT that have no leading zero, and minutes behind a colon.
func (s *timeScan) shortOffset() {
	sign := s.at(0)
	if sign != '+' && sign != '-' || !isDigit(s.at(1)) || isDigit(s.at(2)) {
		return
	}
	s.i++
	seconds := s.take(1) * 3600
	if s.at(0) == ':' {
		if minutes, ok := twoDigits(s.text[s.i+1:]); ok && minutes < 60 && !isDigit(s.at(3)) {
			seconds += minutes * 60
			s.i += 3
		}
	}
	if sign == '-' {
		seconds = -seconds
	}
	s.c.zone = zone{kind: zoneOffset, offset: int32(seconds)}
}

// zoneAgain skips the name or the offset that Go and others repeat behind an offset: `+0000 UTC`, `+0300 +03`.
func (s *timeScan) zoneAgain() {
	back := s.i
	if s.blanks() == 0 {
		return
	}
	if _, n := offsetAt(s.text[s.i:]); n > 0 && s.whole {
		s.i += n
		return
	}
	word := s.wordAt(s.i)
	if _, ok := zoneOf(word); ok || s.whole && len(word) > 0 && isUpper(word[0]) {
		s.i += len(word)
		return
	}
	s.i = back
}

// yearAtEnd reads the year of `Thu May  8 17:57:51 PST 2009`.
func (s *timeScan) yearAtEnd() {
	back := s.i
	if s.c.hasYear || s.blanks() == 0 || s.digits() != 4 {
		s.i = back
		return
	}
	s.year(4)
}

// remarks reads what names or repeats the zone at the end of a text: JavaScript's `(GMT Daylight Time)`, Java's
// `[Europe/Berlin]` (RFC 9557), Go's `m=+0.000000001`.
func (s *timeScan) remarks() {
	back := s.i
	s.blanks()
	if last := len(s.text) - 1; s.at(0) == '(' && s.text[last] == ')' {
		if z, ok := zoneOf(s.text[s.i+1 : last]); ok && s.c.zone.kind == noZone {
			s.c.zone = z
		}
		if s.c.zone.kind != noZone {
			s.i = len(s.text)
		}
		return
	}
	if last := len(s.text) - 1; s.at(0) == '[' && s.text[last] == ']' && s.c.zone.kind != noZone {
		s.i = len(s.text)
		return
	}
	if s.skip("m=") && (s.at(0) == '+' || s.at(0) == '-') {
		s.i++
		for isDigit(s.at(0)) || s.at(0) == '.' {
			s.i++
		}
		return
	}
	s.i = back
}

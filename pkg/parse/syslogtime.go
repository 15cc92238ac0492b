package parse

import "bytes"

// syslogTime is the length of the time that text begins with, as syslog daemons write it: RFC 3339's, `Jan  2 15:04:05` with
// a year before or behind the day or behind the clock, a fraction, or the abbreviation of a zone. 0 for none.
func syslogTime(text []byte) int {
	if len(text) < len("Jan 2 15:04:05") {
		return 0
	}
	if isDigit(text[0]) {
		if text[4] == '-' {
			return isoTime(text)
		}
		if !allDigits(text[:4]) || text[4] != ' ' { // Nexus: 2013 Jan 12 06:30:00
			return 0
		}
		if n := monthDayClock(text[5:]); n > 0 {
			return 5 + n
		}
		return 0
	}
	return monthDayClock(text)
}

// isoTime is the length of an RFC 3339 time with a zone, before a blank or a colon and a blank.
func isoTime(text []byte) int {
	if len(text) < 20 || text[10] != 'T' || text[7] != '-' || text[13] != ':' {
		return 0
	}
	n := bytes.IndexByte(text[:min(len(text), 37)], ' ')
	if n < 20 {
		return 0
	}
	if text[n-1] == ':' {
		n--
	}
	if c := text[n-6]; text[n-1] != 'Z' && c != '+' && c != '-' && text[n-5] != '+' && text[n-5] != '-' {
		return 0
	}
	return n
}

func monthDayClock(text []byte) int {
	s := timeScan{text: text}
	if word := s.wordAt(0); len(word) != 3 || !isUpper(word[0]) || monthOf(word) == 0 {
		return 0
	}
	s.i = 3
	if s.blanks() == 0 || s.digits() == 0 || s.digits() > 2 {
		return 0
	}
	s.i += s.digits()
	if s.blanks() == 0 {
		return 0
	}
	if s.digits() == 4 {
		s.i += 4
		s.blanks()
	}
	if !s.bareClock() {
		return 0
	}
	s.fractionAndZone()
	return s.i
}

// bareClock reads hh:mm:ss.
func (s *timeScan) bareClock() bool {
	if len(s.text)-s.i < 8 {
		return false
	}
	c := s.text[s.i : s.i+8]
	if c[2] != ':' || c[5] != ':' || !isDigit(c[0]) || !isDigit(c[1]) || !isDigit(c[3]) || !isDigit(c[4]) || !isDigit(c[6]) || !isDigit(c[7]) {
		return false
	}
	s.i += 8
	return true
}

// fractionAndZone reads what may stand behind a clock: a fraction, a year, and a zone before a colon.
func (s *timeScan) fractionAndZone() {
	if s.at(0) == '.' && isDigit(s.at(1)) {
		s.i++
		s.i += s.digits()
	}
	back := s.i
	if s.blanks() == 0 {
		return
	}
	if s.digits() == 4 && (s.skipYear("19") || s.skipYear("20")) {
		return
	}
	if word := s.wordAt(s.i); len(word) >= 3 && len(word) <= 5 && areUpper(word) && s.at(len(word)) == ':' && endsZone(word[len(word)-1]) {
		s.i += len(word)
		return
	} else if _, ok := zoneOf(word); ok && len(word) >= 3 && s.at(len(word)) == ' ' { // RFC 3164, 5.4: `CST 1987`
		s.i += len(word)
		back = s.i
		if s.blanks() > 0 && s.digits() == 4 && (s.skipYear("19") || s.skipYear("20")) {
			return
		}
	}
	s.i = back
}

// skipYear reads a year of the century, with a blank or a colon and a blank behind it.
func (s *timeScan) skipYear(century string) bool {
	if s.at(4) != ' ' && (s.at(4) != ':' || s.at(5) != ' ') || !s.skip(century) {
		return false
	}
	s.i += 2
	return true
}

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// find looks for the timestamp that begins a text line, and tells where it stands: at its very beginning, behind a
// bracket, a quote, a priority or the word for the level, or as the common log format's in brackets. It is conservative: a
// date needs a time of day, a number of seconds since 1970 needs a fraction, brackets or the same date beside it.
func (p *timeParser) find(line []byte) (t event.Time, start, end int, ok bool) {
	if t, end, ok = p.rfc3339(line); ok && timeEnds(line[end:]) && fitsNanos(t) {
		return t, 0, end, true
	}
	start, opened := leadOf(line, 0)
	if t, n, ok := p.findAt(line[start:], opened); ok {
		return t, start, start + n, true
	}
	if next := behindLevel(line, start); next > 0 {
		start, opened = leadOf(line, next)
		if t, n, ok := p.findAt(line[start:], opened); ok {
			return t, start, start + n, true
		}
	}
	if t, start, end, ok = p.findEpoch(line); ok {
		return t, start, end, true
	}
	if t, start, end, ok = p.findBehindSource(line); ok {
		return t, start, end, true
	}
	return p.findCommon(line)
}

// findBehindSource reads an ISO 8601 time with seconds behind the one word that names a line's source where lines of several
// have been put together: `nova-api.log 2017-05-16 00:00:00.008`, Compose's `web-1  | 2024-04-25T05:32:35Z`. A plain word is none.
func (p *timeParser) findBehindSource(line []byte) (t event.Time, start, end int, ok bool) {
	name := false
	for start < len(line) && start < 80 && line[start] != ' ' {
		c := line[start]
		name = name || start > 0 && (c == '.' || c == '-' || c == '/' || c == '_')
		start++
	}
	for n := 0; start < len(line) && (line[start] == ' ' || line[start] == '|') && n < 24; n++ {
		start++
	}
	if !name || start == len(line) {
		return t, 0, 0, false
	}
	t, n, ok := p.rfc3339(line[start:])
	return t, start, start + n, ok && timeEnds(line[start+n:]) && fitsNanos(t)
}

// leadOf skips what may stand before a timestamp: a byte order mark, blanks, a syslog priority, one bracket or quote, which
// it returns.
func leadOf(line []byte, i int) (start int, opened byte) {
	if bytes.HasPrefix(line[i:], []byte("\ufeff")) {
		i += 3
	}
	for i < len(line) && isBlank(line[i]) {
		i++
	}
	if i == len(line) {
		return i, 0
	}
	switch c := line[i]; c {
	case '<':
		for j := i + 1; j < len(line) && j < i+5; j++ {
			if line[j] == '>' && j > i+1 {
				return j + 1, 0
			}
			if !isDigit(line[j]) {
				break
			}
		}
		return i + 1, c
	case '[', '(', '{', '"', '\'':
		return i + 1, c
	}
	return i, 0
}

// findAt reads the timestamp that text begins with; n is its length.
func (p *timeParser) findAt(text []byte, opened byte) (t event.Time, n int, ok bool) {
	if len(text) < 8 {
		return t, 0, false
	}
	if t, n, ok = p.rfc3339(text); ok {
		return t, n, timeEnds(text[n:]) && fitsNanos(t)
	}
	s := timeScan{text: text}
	switch c := text[0]; {
	case isDigit(c):
		if opened == '[' && isDigit(text[7]) {
			if t, n, ok = bracketedEpoch(text); ok {
				return t, n, true
			}
		}
	case isLetter(c):
		if isUpper(c) && isDigit(text[1]) && isGlogLevel(c) {
			t, n, ok = p.findGlog(text[1:])
			return t, n, ok
		}
		if word := s.wordAt(0); monthOf(word) == 0 && !isWeekday(word) {
			return t, 0, false
		}
	case c == '@' && len(text) >= tai64nLength: // daemontools' multilog, runit's svlogd
		t, ok = tai64n(text[:tai64nLength])
		return t, tai64nLength, ok && timeEnds(text[tai64nLength:]) && fitsNanos(t)
	default:
		return t, 0, false
	}
	return p.finish(&s, opened)
}

// finish runs a scan inside a line and asks more of its result than of a text that is a time as a whole.
func (p *timeParser) finish(s *timeScan, opened byte) (t event.Time, n int, ok bool) {
	if !s.run() || !s.c.clock || !s.c.seconds && !s.c.hasYear || !timeEnds(s.text[s.i:]) {
		return t, 0, false
	}
	if s.loose != 0 && (!s.c.seconds || s.loose == '.' && opened == 0) {
		return t, 0, false
	}
	t, ok = p.instant(&s.c)
	return t, s.i, ok && fitsNanos(t)
}

// timeEnds reports whether what follows a timestamp is not more of the same word or number.
func timeEnds(rest []byte) bool {
	if len(rest) == 0 {
		return true
	}
	c := rest[0]
	if isLetter(c) || isDigit(c) || c == '_' {
		return false
	}
	return len(rest) == 1 || c != '.' && c != ':' && c != '-' && c != '/' || !isDigit(rest[1])
}

// isGlogLevel reports the letters that glog and klog begin their lines with.
func isGlogLevel(c byte) bool { return c == 'I' || c == 'W' || c == 'E' || c == 'F' }

// findGlog reads `mmdd hh:mm:ss.uuuuuu` or `yyyymmdd hh:mm:ss.uuuuuu`, which stand behind glog's letter; n counts the letter.
func (p *timeParser) findGlog(text []byte) (t event.Time, n int, ok bool) {
	s := timeScan{text: text, glog: true}
	if d := s.digits(); d != 4 && d != 8 {
		return t, 0, false
	}
	t, n, ok = p.finish(&s, 0)
	return t, n + 1, ok && s.c.digits > 0
}

// behindLevel is where a line goes on behind the word for its level and what closes that word; 0 when there is none.
// Ruby's logger writes `W, [`.
func behindLevel(line []byte, start int) int {
	end := start
	for end < len(line) && end-start <= longestLevel && isLetter(line[end]) {
		end++
	}
	if end == start || end == len(line) || levelOf(line[start:end]) == nil {
		return 0
	}
	if end-start == 1 && line[end] != ',' {
		return 0
	}
	for n := 0; n < 4 && end < len(line); n++ {
		switch line[end] {
		case ']', ')', '>', ':', ',', '|', '-':
			end++
		}
		for end < len(line) && isBlank(line[end]) {
			end++
		}
	}
	return end
}

// bracketedEpoch reads the seconds since 1970 of Nagios' `[1384216367] `.
func bracketedEpoch(text []byte) (event.Time, int, bool) {
	n := bytes.IndexByte(text[:min(len(text), 24)], ']')
	if n != 10 && (n < 12 || text[10] != '.') {
		return event.Time{}, 0, false
	}
	t, ok := unixTime(text[:n], 0)
	return t, n, ok
}

// findEpoch reads seconds since 1970 at the beginning of a line: with a fraction, as Squid writes them, or with the same
// date beside them, as Blue Gene's and its sisters' event logs have it behind the alert's class.
func (p *timeParser) findEpoch(line []byte) (t event.Time, start, end int, ok bool) {
	for start < len(line) && start < 16 && (isLetter(line[start]) || line[start] == '-' || line[start] == '_') {
		start++
	}
	if start > 0 {
		if start >= len(line) || line[start] != ' ' {
			return t, 0, 0, false
		}
		start++
	}
	s := timeScan{text: line, i: start}
	if s.digits() != 10 {
		return t, 0, 0, false
	}
	s.i += 10
	if start == 0 && s.at(0) == '.' {
		s.i++
		if n := s.digits(); n >= 3 && n <= 9 {
			s.i += n
			t, ok = unixTime(line[:s.i], 0)
			return t, 0, s.i, ok && isBlank(s.at(0))
		}
		return t, 0, 0, false
	}
	end = s.i
	if t, ok = unixTime(line[start:end], 0); !ok || !s.next(' ') {
		return t, 0, 0, false
	}
	day := timeScan{text: line[s.i:min(len(line), s.i+10)], whole: true}
	if !day.run() || !day.c.validDate() || !day.c.hasYear {
		return t, 0, 0, false
	}
	apart := day.c.local() - t.Sec
	return t, start, end, apart > -2*86400 && apart < 86400
}

// findCommon reads the common log format's [10/Oct/2000:13:55:36 -0700], which the web servers write behind the client.
func (p *timeParser) findCommon(line []byte) (t event.Time, start, end int, ok bool) {
	for head := line[:min(len(line), 512)]; ; {
		i := bytes.IndexByte(head[start:], '[')
		if i < 0 {
			return t, 0, 0, false
		}
		start += i + 1
		text := line[start:]
		if len(text) < 20 || text[2] != '/' || text[6] != '/' || text[11] != ':' {
			continue
		}
		s := timeScan{text: text}
		if t, n, ok := p.finish(&s, '['); ok {
			return t, start, start + n, true
		}
	}
}

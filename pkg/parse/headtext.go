package parse

import "bytes"

// name is where the name at pos ends; -1 when there is none. How far it may go is kept for the next head.
func (r *headReader) name(s *headStep, pos int) int {
	if pos != r.nameAt {
		text := r.line[:min(len(r.line), pos+longestPart)]
		end := pos
		for end < len(text) && inName[text[end]] {
			end++
		}
		r.nameAt, r.nameEnd = pos, end
	}
	end := r.nameEnd
	if s.stop != "" && inName[s.stop[0]] {
		for i := pos; i < end; i++ {
			if r.line[i] == s.stop[0] && s.stops(r.line, i) {
				end = i
			}
		}
	}
	switch {
	case end == pos:
		if s.stop == "" || !s.stops(r.line, pos) {
			return -1
		}
	case !beginsName[r.line[pos]], s.does == pathPart && !isLoggerName(r.line[pos:end]):
		return -1
	}
	return end
}

// textEnd is where a word or text ends that begins at pos; -1 when there is none.
func (s *headNode) textEnd(line []byte, pos int, plain *[256]uint32) int {
	depth := 0
	closes := byte(0)
	if s.stop != "" {
		closes = s.stop[0]
	}
	limit := min(len(line), pos+longestPart)
	end := pos
	for ; end < limit; end++ {
		if end = plainEnd(line[:limit], end, plain, s.plain); end == limit {
			break
		}
		c := line[end]
		if depth == 0 && (c == closes || s.lead && isBlank(c)) && s.stops(line, end) {
			break
		}
		if !s.allows(c) {
			if s.does == textPart || s.does == programPart {
				return -1
			}
			break
		}
		if s.does == programPart && c == ':' && end+1 < len(line) && isBlank(line[end+1]) {
			return -1
		}
		if c == '[' && closes == ']' || c == '(' && closes == ')' {
			depth++
		} else if c == closes && depth > 0 {
			depth--
		}
	}
	switch {
	case (s.does == textPart || s.does == programPart) && (end == len(line) || end == limit):
		return -1
	case end == pos && s.does != hexPart && (s.does == programPart || closes == 0 || end == len(line) || line[end] != closes):
		return -1
	}
	return end
}

// plainEnd is where bytes of the set end from pos on.
func plainEnd(text []byte, pos int, sets *[256]uint32, set uint32) int {
	for pos < len(text) && sets[text[pos]]&set != 0 {
		pos++
	}
	return pos
}

// isPlain reports a byte that a word or text just goes on with.
func (s *headStep) isPlain(c byte) bool {
	switch {
	case s.stop != "" && c == s.stop[0], s.lead && isBlank(c), s.does == programPart && c == ':':
		return false
	case c == '[' || c == '(':
		return false
	}
	return s.allows(c)
}

// stops reports whether what ends the text stands at pos.
func (s *headStep) stops(line []byte, pos int) bool {
	if s.lead {
		if !isBlank(line[pos]) {
			return false
		}
		if pos = skipBlanks(line, pos); s.stop == "" {
			return true
		}
	}
	end := pos + len(s.stop)
	if end > len(line) || s.stop != "" && (line[pos] != s.stop[0] || len(s.stop) > 1 && string(line[pos:end]) != s.stop) {
		return false
	}
	return !s.gap || end == len(line) || isBlank(line[end])
}

// allows reports whether the text may have c inside.
func (s *headStep) allows(c byte) bool {
	switch s.does {
	case hexPart:
		return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
	case textPart, programPart:
		return c >= ' ' || c == '\t'
	}
	return c > ' ' && c != ','
}

// lastText is where the text ends that goes up to the last stop before the next @ and a digit; -1 when there is none.
func lastText(line []byte, pos int, stop string) int {
	text := line[pos:min(len(line), pos+longestPart)]
	at := bytes.IndexByte(text, '@')
	if at < 0 {
		return -1
	}
	end := bytes.LastIndex(text[:at], []byte(stop))
	if end < 0 {
		return -1
	}
	return pos + end
}

// sentence is where the text ends that a word in brackets follows at the end of the line; -1 when there is none.
func sentence(line []byte, pos int) int {
	if n := len(line); line[n-1] != ')' || pos == n {
		return -1
	}
	open := bytes.LastIndexByte(line[max(pos, len(line)-longestPart):], '(')
	if open <= 0 || bytes.IndexByte(line[pos:], '\n') >= 0 {
		return -1
	}
	end := max(pos, len(line)-longestPart) + open - 1
	if end <= pos || !isBlank(line[end]) {
		return -1
	}
	return end
}

package parse

import (
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// value skips any value and returns the index behind it.
func (s *scanner) value(i int) (int, bool) {
	if i >= len(s.line) {
		return i, s.fail(i, "the line ends where a value should be")
	}
	switch c := s.line[i]; {
	case c == '"':
		return s.str(i)
	case c == '-' || c >= '0' && c <= '9':
		return s.number(i)
	case c == '{':
		return s.inner(i)
	case c == '[':
		return s.array(i)
	case c == 't':
		return s.word(i, "true")
	case c == 'f':
		return s.word(i, "false")
	case c == 'n':
		return s.word(i, "null")
	}
	return i, s.fail(i, "expected a value")
}

func (s *scanner) word(i int, word string) (int, bool) {
	if len(s.line)-i < len(word) || string(s.line[i:i+len(word)]) != word {
		return i, s.fail(i, "expected a value")
	}
	return i + len(word), true
}

func (s *scanner) array(i int) (int, bool) {
	if s.depth++; s.depth > maxDepth {
		return i, s.fail(i, "nested too deeply")
	}
	i = s.blank(i + 1)
	if i < len(s.line) && s.line[i] == ']' {
		s.depth--
		return i + 1, true
	}
	for {
		var ok bool
		if i, ok = s.value(i); !ok {
			return i, false
		}
		i = s.blank(i)
		switch {
		case i < len(s.line) && s.line[i] == ',':
			i = s.blank(i + 1)
		case i < len(s.line) && s.line[i] == ']':
			s.depth--
			return i + 1, true
		default:
			return i, s.fail(i, "expected , or ]")
		}
	}
}

// inner skips an object inside an array. Its members are read like any others, to notice a name given twice, and
// forgotten.
func (s *scanner) inner(i int) (int, bool) {
	mark := len(s.fields)
	// The members get a parent of their own, which is told of what had to be mended.
	s.fields = append(s.fields, event.Field{Parent: -1})
	unclean, skips := s.unclean, s.skips
	s.skips = true
	end, ok := s.object(i, int32(mark))
	s.unclean, s.skips = unclean || s.fields[mark].Changed, skips
	s.fields = s.fields[:mark]
	return end, ok
}

// str skips the string that begins at i.
func (s *scanner) str(i int) (int, bool) { return s.strFrom(jsontext.SkipPlain(s.line, i+1)) }

// strFrom skips the rest of a string that is plain up to i.
func (s *scanner) strFrom(i int) (int, bool) {
	line := s.line
	for {
		if i >= len(line) {
			return i, s.fail(i, "a string does not end")
		}
		switch line[i] {
		case '"':
			return i + 1, true
		case '\\':
			var ok bool
			if i, ok = s.escape(i); !ok {
				return i, false
			}
			i = jsontext.SkipPlain(line, i)
		default:
			return i, s.fail(i, "a control character in a string")
		}
	}
}

// escape skips the escape sequence at i and notes a lone surrogate.
func (s *scanner) escape(i int) (int, bool) {
	s.escaped = true
	if i+1 >= len(s.line) {
		return i, s.fail(i, "a string does not end")
	}
	switch s.line[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, true
	case 'u':
	default:
		return i, s.fail(i, "an unknown escape")
	}
	unit := jsontext.Hex4(s.line[i+2:])
	if unit < 0 {
		return i, s.fail(i, "\\u without four hexadecimal digits")
	}
	i += 6
	switch {
	case unit>>10 == 0xDC00>>10:
		s.unclean = true
	case unit>>10 == 0xD800>>10:
		if i+6 <= len(s.line) && s.line[i] == '\\' && s.line[i+1] == 'u' && jsontext.Hex4(s.line[i+2:])>>10 == 0xDC00>>10 {
			return i + 6, true
		}
		s.unclean = true
	}
	return i, true
}

// number skips the number that begins at i.
func (s *scanner) number(i int) (int, bool) {
	line := s.line
	if line[i] == '-' {
		i++
	}
	switch {
	case i < len(line) && line[i] == '0':
		i++
	case i < len(line) && line[i] >= '1' && line[i] <= '9':
		i = digits(line, i)
	default:
		return i, s.fail(i, "a number without digits")
	}
	if i < len(line) && line[i] == '.' {
		start := i + 1
		if i = digits(line, start); i == start {
			return i, s.fail(i, "a number without digits behind its point")
		}
	}
	if i < len(line) && line[i]|0x20 == 'e' {
		if i++; i < len(line) && (line[i] == '+' || line[i] == '-') {
			i++
		}
		start := i
		if i = digits(line, start); i == start {
			return i, s.fail(i, "a number without digits in its exponent")
		}
	}
	return i, true
}

func digits(line []byte, i int) int {
	for i < len(line) && line[i]-'0' <= 9 {
		i++
	}
	return i
}

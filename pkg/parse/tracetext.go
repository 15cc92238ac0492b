package parse

import "bytes"

// findTraceText offers c what stands in free text under a name that traceKey knows: as key=value, key="value", key: value
// or "key":"value", whose quotes may be escaped once more. It looks only where a `=` or a `:` may end such a name, and goes
// over the line once.
func findTraceText(line []byte, c *traceContext) {
	a := assignments{line: line, equals: -1, colon: -1}
	for pos := 0; pos < len(line); {
		at := a.next(pos)
		if at == len(line) {
			return
		}
		pos = at + 1
		if at == 0 || isDigit(line[at-1]) && line[at-1] != '3' {
			continue
		}
		role := traceKey(keyBefore(line[:at]))
		if role == notTrace {
			continue
		}
		if value, end := valueAfter(line, pos, role); len(value) > 0 {
			c.offer(role, value, false)
			pos = end
		}
	}
}

// assignments walks over the = and : of a line from left to right, at the speed of bytes.IndexByte where they are rare.
type assignments struct {
	line          []byte
	equals, colon int // the next of each at or behind the position last asked for; len(line) when there is none
}

// next is the index of the first = or : from pos on, len(line) without one.
func (a *assignments) next(pos int) int {
	if a.equals < pos {
		a.equals = indexFrom(a.line, pos, '=')
	}
	if a.colon < pos {
		a.colon = indexFrom(a.line, pos, ':')
	}
	return min(a.equals, a.colon)
}

// indexFrom is the index of the first c from pos on, len(line) without one.
func indexFrom(line []byte, pos int, c byte) int {
	if i := bytes.IndexByte(line[pos:], c); i >= 0 {
		return pos + i
	}
	return len(line)
}

// keyBefore is the name that ends text, without the quote behind it.
func keyBefore(text []byte) []byte {
	end := len(text)
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '"' || text[end-1] == '\'' || text[end-1] == '\\') {
		end--
	}
	start := end
	for start > 0 && end-start <= longestTraceKey && isKeyByte(text[start-1]) {
		start--
	}
	return text[start:end]
}

// isKeyByte is what the names of the table consist of.
func isKeyByte(c byte) bool { return isLetter(c) || isDigit(c) || isSeparator(c) || c == '/' }

// valueAfter is the value that starts at pos, behind blanks and an opening quote, and where it ends. Headers whose parts
// are joined by semicolons run on behind those.
func valueAfter(line []byte, pos int, role traceRole) (value []byte, end int) {
	for pos < len(line) && isBlank(line[pos]) {
		pos++
	}
	if pos+1 < len(line) && line[pos] == '\\' {
		pos++
	}
	if pos < len(line) && (line[pos] == '"' || line[pos] == '\'') {
		if i := bytes.IndexByte(line[pos+1:], line[pos]); i >= 0 {
			return bytes.TrimSuffix(line[pos+1:pos+1+i], []byte{'\\'}), pos + i + 2
		}
		pos++
	}
	end = pos
	for end < len(line) && !endsValue(line[end], role) {
		end++
	}
	return line[pos:end], end
}

// endsValue reports what ends a value without quotes.
func endsValue(c byte, role traceRole) bool {
	switch c {
	case ' ', '\t', ',', ']', ')', '}', '"', '\'', '&', '\r', '\n':
		return true
	case ';':
		return role != xrayID && role != gcpHeader
	}
	return false
}

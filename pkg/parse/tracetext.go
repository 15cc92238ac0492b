package parse

import "bytes"

// findTraceText offers c what stands in free text under a name that traceKey knows: as key=value, key="value", key: value
// or "key":"value". It looks only where a `=` or a `:` may end such a name, and goes over the line once.
func findTraceText(line []byte, c *traceContext) {
	for pos := 0; pos < len(line); {
		i := nextAssignment(line[pos:])
		if i < 0 {
			return
		}
		pos += i + 1
		role := traceKey(keyBefore(line[:pos-1]))
		if role == notTrace {
			continue
		}
		value, end := valueAfter(line, pos, role)
		if len(value) > 0 {
			c.offer(role, value, false)
			pos = end
		}
	}
}

// nextAssignment is the index of the next = or : behind a byte that may end a key, -1 without one.
func nextAssignment(text []byte) int {
	for i := 0; i < len(text); i++ {
		if c := text[i]; (c == '=' || c == ':') && i > 0 {
			last := text[i-1]
			if last == '"' || last == '\'' || last == ' ' {
				return i
			}
			if mayEndTraceKey(last) {
				return i
			}
		}
	}
	return -1
}

// keyBefore is the name that ends text, without the quote behind it.
func keyBefore(text []byte) []byte {
	for len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == '"' || text[len(text)-1] == '\'') {
		text = text[:len(text)-1]
	}
	start := len(text)
	for start > 0 && len(text)-start <= longestTraceKey && isKeyByte(text[start-1]) {
		start--
	}
	return text[start:]
}

// isKeyByte is what the names of the table consist of.
func isKeyByte(c byte) bool { return isLetter(c) || isDigit(c) || isSeparator(c) || c == '/' }

// valueAfter is the value that starts at pos, behind blanks and an opening quote, and where it ends. Headers whose parts
// are joined by semicolons run on behind those.
func valueAfter(line []byte, pos int, role traceRole) (value []byte, end int) {
	for pos < len(line) && isBlank(line[pos]) {
		pos++
	}
	if pos < len(line) && (line[pos] == '"' || line[pos] == '\'') {
		if i := bytes.IndexByte(line[pos+1:], line[pos]); i >= 0 {
			return line[pos+1 : pos+1+i], pos + i + 2
		}
		pos++
	}
	end = pos
	for end < len(line) && !endsValue(line[end], role) {
		end++
	}
	return line[pos:end], end
}

func endsValue(c byte, role traceRole) bool {
	switch c {
	case ' ', '\t', ',', ']', ')', '}', '"', '\'', '&', '\r', '\n':
		return true
	case ';':
		return role != xrayID && role != gcpHeader
	}
	return false
}

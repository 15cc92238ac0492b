package parse

import "bytes"

// keyBefore is the name that ends text, without the quote behind it, and where it starts.
func keyBefore(text []byte) (name []byte, start int) {
	end := len(text)
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '"' || text[end-1] == '\'' || text[end-1] == '\\') {
		end--
	}
	start = end
	for start > 0 && end-start <= longestTraceKey && isKeyByte(text[start-1]) {
		start--
	}
	return text[start:end], start
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
	return valueEnds[c] && (c != ';' || role != xrayID && role != gcpHeader)
}

var valueEnds = func() (ends [256]bool) {
	for _, c := range []byte(" \t,])}\"'&\r\n;") {
		ends[c] = true
	}
	return ends
}()

package parse

import (
	"bytes"
	"encoding/binary"
)

// keyBefore is the name that ends text, without the quote behind it, and where it starts.
func keyBefore(text []byte) (name []byte, start int) {
	end := len(text)
	for end > 0 && skipsBehindName(text[end-1]) {
		end--
	}
	least := max(0, end-longestTraceKey-1)
	for start = end; start > least && inKey[text[start-1]]; start-- {
	}
	return text[start:end], start
}

// skipsBehindName reports what stands between a name and what assigns it a value.
func skipsBehindName(c byte) bool { return c == ' ' || c == '"' || c == '\'' || c == '\\' }

// inKey is what the names of the table consist of.
var inKey = func() (in [256]bool) {
	for i := range in {
		c := byte(i)
		in[i] = isLetter(c) || isDigit(c) || isSeparator(c) || c == '/'
	}
	return in
}()

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
	for end = pos; len(line)-end >= 8 && hexDigits(binary.LittleEndian.Uint64(line[end:])) == highs; end += 8 {
	}
	for end < len(line) && (!endsValue[line[end]] || line[end] == ';' && (role == xrayID || role == gcpHeader)) {
		end++
	}
	return line[pos:end], end
}

// endsValue is what ends a value without quotes.
var endsValue = func() (ends [256]bool) {
	for _, c := range []byte(" \t,])}\"'&\r\n;") {
		ends[c] = true
	}
	return ends
}()

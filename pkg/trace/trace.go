// Package trace makes spans of documents and traces of spans. It asks nothing of where documents come from:
// Elasticsearch, files and a running agent give it the same JSON.
//
//	document → Reader → Record → Joiner → event.Span → Assemble → Trace → critical path, shares, drawing
//
// A line that says which trace it belongs to and how long something took is a span. Everything else that a service logs
// of that span (where it began, what happened within, that its tracer reported it) is joined to it by the Joiner. What
// a line lacks is derived from the line's document id, so that the same line is the same span whenever it is read.
//
// Documents are hostile: names and values are bounded in number and length, invalid UTF-8 is replaced, and what is drawn
// holds no control characters.
package trace

import (
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// deriveID makes a span id of 16 hexadecimal digits from what names the span for good. It is never all zeros.
func deriveID(parts ...string) string {
	var d xxhash.Digest
	d.Reset()
	for _, part := range parts {
		_, _ = d.WriteString(part) // never fails
		_, _ = d.Write([]byte{0})
	}
	v := max(d.Sum64(), 1)
	var hex [16]byte
	for i := len(hex) - 1; i >= 0; i-- {
		hex[i] = "0123456789abcdef"[v&15]
		v >>= 4
	}
	return string(hex[:])
}

// NormalID returns a trace id as documents have it, of 32 lower-case hexadecimal digits, from what people and programs
// write: upper case, a UUID's dashes, 64 bits. It is empty when text is no trace id.
func NormalID(text string) string {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), "-", ""))
	if len(text) == 0 || len(text) > 32 || strings.Trim(text, "0") == "" || strings.Trim(text, "0123456789abcdef") != "" {
		return ""
	}
	return strings.Repeat("0", 32-len(text)) + text
}

// spanID is a span id of 16 digits from one that may lack leading zeros; empty when it is none.
func spanID(text string) string {
	if len(text) > 16 {
		return ""
	}
	id := NormalID(text)
	if id == "" {
		return ""
	}
	return id[16:]
}

const (
	maxText       = 4 << 10 // bytes of a value or message
	maxName       = 100     // bytes of a span's name
	maxAttributes = 128     // of a span or a line of it
)

// clip is text as valid UTF-8 of at most limit bytes, in memory of its own.
func clip(text []byte, limit int) string {
	if len(text) > limit {
		text = text[:limit]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		if r, size := utf8.DecodeLastRune(text); r == utf8.RuneError && size == 1 {
			text = text[:len(text)-1]
		}
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

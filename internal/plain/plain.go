// Package plain makes what the agent says about itself safe to show. Names of files, lines of logs and answers of servers get into
// its messages, and a terminal obeys what stands in them: control characters are written as \x1b here.
package plain

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer passes text on, safe to show. Each Write is taken for itself.
type Writer struct{ w io.Writer }

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w} }

// Unwrap returns what the text goes to.
func (p *Writer) Unwrap() io.Writer { return p.w }

// Write writes b in one piece. It returns how much of b was written, all or nothing.
func (p *Writer) Write(b []byte) (int, error) {
	if _, err := io.WriteString(p.w, Text(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Text is text without what a terminal would obey: control characters, those that turn the direction of writing, and bytes that are
// no UTF-8. Newlines and tabs stay.
func Text(text string) string {
	if strings.IndexFunc(text, commands) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1, r < utf8.RuneSelf && commands(r):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case commands(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// commands reports what a terminal does not just show.
func commands(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

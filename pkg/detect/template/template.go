package template

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/tailspan/tailspan/pkg/event"
)

// Template is what the lines of one log statement have in common. It is shared by everybody who matched a line with it,
// and lives as long as anybody refers to it, also after the Miner has forgotten it.
type Template struct {
	key   uint64
	id    string // the key in hexadecimal digits
	shape atomic.Pointer[shape]
	count atomic.Int64
	used  atomic.Int64 // the Miner's clock when a line matched last
}

// shape is a template at one moment; it never changes.
type shape struct {
	cells   []cell
	tail    string // what stands behind the last one
	learned bool   // some of its words vary, as lines have shown
	named   *event.Template
}

// cell is a word of a template, or what stands in its place.
type cell struct {
	hash  uint64 // of the word; 0 for what is no word
	kind  kind
	loose bool   // which word it is does not tell one template from another
	lead  string // what stands before it: blanks, as one, and punctuation
	word  string
}

// newTemplate makes the template of a line that is the first of its kind.
func newTemplate(l *line, key uint64) *Template {
	t := &Template{key: key, id: fmt.Sprintf("%016x", key)}
	cells, tail := l.cells()
	t.shape.Store(t.formed(cells, tail, false))
	return t
}

// formed is a shape of the template's with its text.
func (t *Template) formed(cells []cell, tail string, learned bool) *shape {
	var text strings.Builder
	for _, c := range cells {
		text.WriteString(c.lead)
		if c.kind == word {
			text.WriteString(c.word)
		} else {
			text.WriteString(marks[c.kind])
		}
	}
	if text.WriteString(tail); len(cells) == 0 { // nothing but punctuation
		text.Reset()
		text.WriteString(marks[anything])
	}
	valid := strings.ToValidUTF8(strings.TrimSpace(text.String()), "\uFFFD")
	return &shape{cells, tail, learned, event.NewTemplate(t.id, valid)}
}

// ID names the template: 16 lower-case hexadecimal digits, a hash of the words that do not vary. So it is the same after a
// restart and on every host.
func (t *Template) ID() string { return t.id }

// Text is the first line with marks for what varies: `<num>`, `<ip>` and the like while it has had one form, then `<*>`. It
// becomes wider when lines come that need it; the ID stays.
func (t *Template) Text() string { return t.Named().Text }

// Named is the template as documents name it.
func (t *Template) Named() *event.Template { return t.shape.Load().named }

// Count is how many lines have matched, also before a restart.
func (t *Template) Count() int64 { return t.count.Load() }

// holds reports whether all of the shape's cells that are words are those of the line, which has as many.
func (s *shape) holds(l *line) bool {
	if len(s.cells) != l.n {
		return false
	}
	for i := range s.cells {
		c, k := &s.cells[i], &l.tokens[i]
		if c.kind == word && c.hash != k.hash || c.kind != word && c.kind != anything && c.kind != k.kind {
			return false
		}
	}
	return true
}

// covers is holds for what tells templates apart: words that are loose may differ, and forms of what varies.
func (s *shape) covers(l *line) bool {
	if len(s.cells) != l.n {
		return false
	}
	for i := range s.cells {
		c, k := &s.cells[i], &l.tokens[i]
		if !c.loose && (k.varies() || c.hash != k.hash) {
			return false
		}
	}
	return true
}

// widened returns a shape that also holds the line, which has as many tokens: what differs is marked.
func (t *Template) widened(l *line, learned bool) *shape {
	s := t.shape.Load()
	cells := append([]cell(nil), s.cells...)
	for i := range cells {
		c, k := &cells[i], &l.tokens[i]
		if c.kind != k.kind || c.hash != k.hash {
			c.hash, c.kind, c.word, c.loose = 0, anything, "", true
		}
	}
	return t.formed(cells, s.tail, s.learned || learned)
}

// size is about how many bytes of memory the template takes.
func (t *Template) size() int {
	s := t.shape.Load()
	n := 450 + 3*len(s.named.Text) + len(s.tail)
	for i := range s.cells {
		n += 64 + len(s.cells[i].lead) + len(s.cells[i].word)
	}
	return n
}

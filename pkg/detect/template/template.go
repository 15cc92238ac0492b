package template

import (
	"bytes"
	"encoding/hex"
	"sync/atomic"
)

// Template is what the lines of one log statement have in common. It is shared by everybody who matched a line with it,
// and lives as long as anybody refers to it, also after the Miner has forgotten it.
type Template struct {
	key   uint64
	id    []byte // the key in hexadecimal digits
	shape atomic.Pointer[shape]
	count atomic.Int64
	used  atomic.Int64 // the Miner's clock when a line matched last
}

// shape is a template at one moment; it never changes.
type shape struct {
	cells   []cell
	tail    string // what stands behind the last one
	text    []byte
	learned bool // some of its words vary, as lines have shown
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
	t := &Template{key: key, id: hex.AppendEncode(nil, []byte{byte(key >> 56), byte(key >> 48), byte(key >> 40), byte(key >> 32), byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)})}
	t.shape.Store(l.shape())
	return t
}

// newShape writes the text of cells.
func newShape(cells []cell, tail string, learned bool) *shape {
	var text []byte
	for _, c := range cells {
		text = append(text, c.lead...)
		if c.kind == word {
			text = append(text, c.word...)
		} else {
			text = append(text, marks[c.kind]...)
		}
	}
	if len(cells) == 0 { // nothing but punctuation
		text, tail = append(text, marks[anything]...), ""
	}
	text = bytes.TrimSpace(append(text, tail...))
	return &shape{cells, tail, bytes.ToValidUTF8(text, []byte("\uFFFD")), learned}
}

// ID names the template: 16 lower-case hexadecimal digits, a hash of the words that do not vary. So it is the same after a
// restart and on every host.
func (t *Template) ID() string { return string(t.id) }

// IDBytes is ID without a copy; it must not be changed.
func (t *Template) IDBytes() []byte { return t.id }

// Text is the first line with marks for what varies: `<num>`, `<ip>` and the like while it has had one form, then `<*>`. It
// becomes wider when lines come that need it; the ID stays.
func (t *Template) Text() string { return string(t.TextBytes()) }

// TextBytes is Text without a copy; it must not be changed.
func (t *Template) TextBytes() []byte { return t.shape.Load().text }

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

// widened returns the shape that also holds the line, which has as many tokens: what differs is marked.
func (s *shape) widened(l *line, learned bool) *shape {
	cells := append([]cell(nil), s.cells...)
	for i := range cells {
		c, k := &cells[i], &l.tokens[i]
		if c.kind != k.kind || c.hash != k.hash {
			c.hash, c.kind, c.word, c.loose = 0, anything, "", true
		}
	}
	return newShape(cells, s.tail, s.learned || learned)
}

// size is about how many bytes of memory the template takes.
func (t *Template) size() int {
	s := t.shape.Load()
	n := 400 + len(s.text) + len(s.tail)
	for i := range s.cells {
		n += 64 + len(s.cells[i].lead) + len(s.cells[i].word)
	}
	return n
}

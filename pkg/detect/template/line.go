package template

import (
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// Bounds of what is looked at of a message: whatever it is, it costs no more.
const (
	mostBytes  = 4096
	mostTokens = 64 // as many as a uint64 has bits
	mostWord   = 64 // bytes; longer ones are taken for what varies
)

// token is a word of a message, or something that varies in it.
type token struct {
	hash     uint64 // of a word; 0 for all else
	from, to int32  // in the text
	kind     kind
	role     uint8
	loose    bool  // a word that stands where values do
	pointed  bool  // loose because of the preposition before it
	open     int16 // brackets in it that are not closed
}

// varies reports whether the token does not tell one template from another.
func (t *token) varies() bool { return t.kind != word || t.loose }

// line is a message in tokens. Neighbouring tokens that vary are one, so that lists of any length make one template.
type line struct {
	text   []byte
	tokens [mostTokens]token
	n      int
	mark   byte // punctuation since the last token; 0 for none
	value  bool // the next token is the value of a key
	behind int  // where that key's '=' ends
	full   bool // no token can follow: the last one is all that is left
}

// key is a hash of everything in the line that does not vary.
func (l *line) key() uint64 {
	h := uint64(l.n) + 0x9e3779b97f4a7c15
	for i := range l.tokens[:l.n] {
		t := &l.tokens[i]
		x := uint64(1)
		if !t.varies() {
			x = t.hash
		}
		h = (bits.RotateLeft64(h, 23) ^ x) * 0x9fb21c651e98df25
	}
	return h ^ h>>32
}

// word appends a word that stands at from in the text, or what it is a form of.
func (l *line) word(from, to int) {
	w := l.text[from:to]
	if len(w) > mostWord {
		l.vary(from, to, anything)
		return
	}
	role := role(w)
	prev := l.last()
	if prev != nil && prev.varies() && l.mark == 0 && unit(w) {
		l.extend(to, quantity)
		return
	}
	if prev != nil && prev.varies() && role&calendar != 0 {
		l.extend(to, moment)
		return
	}
	t := token{hash: hash(w), from: int32(from), to: int32(to), role: role}
	switch {
	case l.value, dotted(w), l.quotes(from, to):
		t.loose = true
	case prev == nil || prev.varies() || l.mark != 0 || role&(grammar|calendar) != 0 || finite(w):
	case prev.role&naming != 0:
		t.loose = true
	case prev.role&pointing != 0 && role&naming == 0 && !shouts(w):
		t.loose, t.pointed = true, true
	}
	l.push(t)
}

// quotes reports whether a word stands alone between quotes and is no key of JSON.
func (l *line) quotes(from, to int) bool {
	return (l.mark == '"' || l.mark == '\'') && l.text[from-1] == l.mark && to < len(l.text) && l.text[to] == l.mark &&
		(to+1 == len(l.text) || l.text[to+1] != ':')
}

// hash is that of a word; never 0.
func hash(w []byte) uint64 { return xxhash.Sum64(w) | 1 }

// vary appends what varies by its form.
func (l *line) vary(from, to int, k kind) {
	for l.n > 0 && l.tokens[l.n-1].role&calendar != 0 && !l.value { // Jun 19
		l.n--
		from, k = int(l.tokens[l.n].from), moment
	}
	if prev := l.last(); prev != nil && prev.pointed && l.mark == 0 { // for job 17: a noun, no name
		prev.loose, prev.pointed = false, false
	}
	l.push(token{from: int32(from), to: int32(to), kind: k})
}

// push appends a token, or joins it with the one before.
func (l *line) push(t token) {
	if prev := l.last(); prev != nil && prev.varies() && t.varies() {
		kind := anything
		if prev.kind == moment && (t.kind == moment || t.kind == number && (l.mark == 0 || t.from == prev.to+1)) {
			kind = moment
		}
		l.extend(int(t.to), kind)
		return
	}
	l.value, l.mark = false, 0
	if l.n == mostTokens {
		l.extend(len(l.text), anything)
		l.full = true
		return
	}
	l.tokens[l.n] = t
	l.n++
}

// extend makes the last token longer.
func (l *line) extend(to int, k kind) {
	l.value, l.mark = false, 0
	t := &l.tokens[l.n-1]
	to = max(to, int(t.to)) // of a line that is full
	if k == quantity && t.kind != number && t.kind != quantity || k == moment && t.kind != number && t.kind != moment {
		k = anything
	}
	for _, b := range l.text[t.to:to] {
		if opens(b) {
			t.open++
		} else if closes(b) && t.open > 0 {
			t.open--
		}
	}
	t.hash, t.to, t.kind, t.role, t.loose, t.pointed = 0, int32(to), k, 0, false, false
}

func opens(b byte) bool  { return b == '(' || b == '[' || b == '{' }
func closes(b byte) bool { return b == ')' || b == ']' || b == '}' }

// shut takes the bracket at i into the last token, if that one has it open.
func (l *line) shut(i int) {
	if t := l.last(); t != nil && t.open > 0 && t.to == int32(i) {
		t.open--
		t.to++
	}
}

func (l *line) last() *token {
	if l.n == 0 {
		return nil
	}
	return &l.tokens[l.n-1]
}

// cells copies the tokens out of the text; tail is what stands behind the last.
func (l *line) cells() (cells []cell, tail string) {
	cells = make([]cell, l.n)
	at := 0
	for i := range cells {
		t := &l.tokens[i]
		cells[i] = cell{hash: t.hash, kind: t.kind, loose: t.varies(), lead: lead(l.text[at:t.from])}
		if t.kind == word {
			cells[i].word = string(l.text[t.from:t.to])
		}
		at = int(t.to)
	}
	return cells, lead(l.text[at:])
}

// lead is what stands between two tokens, with one blank for several.
func lead(between []byte) string {
	var s []byte
	for _, b := range between {
		if has(b, isBlank) {
			if b = ' '; len(s) > 0 && s[len(s)-1] == ' ' {
				continue
			}
		}
		if len(s) < mostWord {
			s = append(s, b)
		}
	}
	return string(s)
}

// dotted reports whether a word is a name of several parts, as of a class or a package; not one of a constant.
func dotted(w []byte) bool {
	dots, end := 0, 0
	for i, b := range w {
		if b == '.' {
			if i == end {
				return false // nothing between two of them
			}
			dots, end = dots+1, i+1
		}
	}
	return dots >= 2 && !shouts(w[end:])
}

// blank reports whether there is nothing in the line.
func (l *line) blank() bool {
	for _, b := range l.text {
		if !has(b, isBlank) {
			return false
		}
	}
	return true
}

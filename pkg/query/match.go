package query

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// Matcher asks documents whether a query matches them. It belongs to one goroutine.
type Matcher struct {
	root  test
	doc   Document
	words Words
}

// NewMatcher returns a Matcher for q.
func NewMatcher(q *Query) *Matcher {
	m := &Matcher{}
	if q != nil && q.Root != nil {
		m.root = m.compile(q.Root)
	}
	return m
}

// Match reports whether the query matches a document. What is no JSON object matches nothing.
func (m *Matcher) Match(document []byte) bool {
	if m.root == nil {
		return true
	}
	return m.doc.Parse(document) == nil && m.root()
}

// test asks the document that was parsed last.
type test func() bool

func (m *Matcher) compile(n Node) test {
	switch n := n.(type) {
	case And:
		parts := m.compileAll(n)
		return func() bool {
			for _, part := range parts {
				if !part() {
					return false
				}
			}
			return true
		}
	case Or:
		parts := m.compileAll(n)
		return func() bool {
			for _, part := range parts {
				if part() {
					return true
				}
			}
			return false
		}
	case Not:
		part := m.compile(n.Of)
		return func() bool { return !part() }
	case Match:
		v := m.sought(n.Value)
		if n.Field == "" && len(n.Value.Text) == len("2006") {
			v.span = interval{} // a number without a field is no year
		}
		return m.any(n.Field, func(name []byte, l *Leaf, s spec) bool { return v.is(name, l, s) })
	case Range:
		b := newBound(n)
		return m.any(n.Field, func(_ []byte, l *Leaf, s spec) bool { return b.holds(m, l, s) })
	case Exists:
		return m.exists(n.Field)
	}
	return func() bool { return true }
}

func (m *Matcher) compileAll(nodes []Node) []test {
	parts := make([]test, len(nodes))
	for i, n := range nodes {
		parts[i] = m.compile(n)
	}
	return parts
}

// any tests whether one value of the field, or of any field when it is empty, is as asked for.
func (m *Matcher) any(field string, is func(name []byte, l *Leaf, s spec) bool) test {
	return func() bool {
		for i := range m.doc.leaves {
			l := &m.doc.leaves[i]
			name := m.doc.Field(l)
			if field != "" && !names(field, name) {
				continue
			}
			s := leafSpec(name, l.Type)
			if s.searched(l) && is(name, l, s) {
				return true
			}
		}
		return false
	}
}

// names reports whether the field is called so, or is the root of flattened ones.
func names(field string, name []byte) bool {
	if field == string(name) {
		return true
	}
	return template[field].kind == flattened && below(field, name)
}

func below(field string, name []byte) bool {
	return len(name) > len(field) && name[len(field)] == '.' && string(name[:len(field)]) == field
}

// exists tests whether the field or one below it has a value.
func (m *Matcher) exists(field string) test {
	return func() bool {
		for i := range m.doc.leaves {
			l := &m.doc.leaves[i]
			name := m.doc.Field(l)
			if (field == string(name) || below(field, name)) && leafSpec(name, l.Type).searched(l) {
				return true
			}
		}
		return false
	}
}

// searched reports whether Elasticsearch looks at the value at all.
func (s spec) searched(l *Leaf) bool {
	switch {
	case s.kind == hidden:
		return false
	case s.limit == 0 || len(l.Text) <= s.limit:
		return true
	}
	units := 0
	for _, r := range string(l.Text) {
		units += utf16.RuneLen(r)
	}
	return units <= s.limit
}

// sought is a value made ready to be compared.
type sought struct {
	m      *Matcher
	v      Value
	text   []byte
	words  []string // of a value without wildcards
	phrase bool
	number number
	span   interval
	// For values with wildcards: as they are for keywords, and by word, in lower case, for text.
	pieces    [][]byte
	wordwise  [][][]byte
	seenWords [][]byte
}

func (m *Matcher) sought(v Value) *sought {
	s := &sought{m: m, v: v, text: []byte(v.Text), phrase: v.Quoted}
	if v.Wildcard() {
		for _, piece := range v.Pieces {
			s.pieces = append(s.pieces, []byte(piece))
		}
		for _, pattern := range wordPatterns(v) {
			var low [][]byte
			for _, piece := range pattern {
				low = append(low, []byte(lower(piece)))
			}
			s.wordwise = append(s.wordwise, low)
		}
		return s
	}
	s.words = wordsOf(v.Text)
	s.number = parseNumber(v.Text)
	s.span = parseTime(v.Text)
	return s
}

// lower is text in lower case, letter by letter.
func lower(text string) string { return strings.Map(toLower, text) }

// wordsOf are the words of a text.
func wordsOf(text string) (all []string) {
	var w Words
	w.Reset([]byte(text))
	for word := w.Next(); word != nil; word = w.Next() {
		all = append(all, string(word))
	}
	return all
}

// wordPatterns takes a value with wildcards apart at its spaces: in text, each part is a word of its own.
func wordPatterns(v Value) (all [][]string) {
	current := []string{""}
	flush := func() {
		if len(current) > 1 || current[0] != "" {
			all = append(all, current)
		}
		current = []string{""}
	}
	for i, piece := range v.Pieces {
		if i > 0 {
			current = append(current, "")
		}
		for rest := piece; rest != ""; {
			end := strings.IndexFunc(rest, isSpaceRune)
			if end < 0 {
				end = len(rest)
			}
			current[len(current)-1] += rest[:end]
			if rest = rest[end:]; rest != "" {
				flush()
				rest = strings.TrimLeftFunc(rest, isSpaceRune)
			}
		}
	}
	flush()
	return all
}

func isSpaceRune(r rune) bool { return r < utf8.RuneSelf && isSpace(byte(r)) }

// is reports whether a value of a document is what is looked for.
func (s *sought) is(_ []byte, l *Leaf, as spec) bool {
	switch {
	case as.kind == text:
		return s.isText(l.Text)
	case as.kind == keyword || as.kind == flattened:
		if s.v.Wildcard() {
			return like(l.Text, s.pieces)
		}
		return bytes.Equal(l.Text, s.text)
	case s.v.Wildcard():
		return false
	case as.kind == date:
		return s.span.contains(l.Text)
	case as.kind == long || as.kind == float:
		return s.number.equals(l.Text)
	}
	return l.Type != fastjson.TypeString && bytes.Equal(l.Text, s.text)
}

// isText looks for the words in text: for one of them, or for all in a row.
func (s *sought) isText(text []byte) bool {
	w := &s.m.words
	w.Reset(text)
	switch {
	case s.v.Wildcard():
		for word := w.Next(); word != nil; word = w.Next() {
			for _, pattern := range s.wordwise {
				if like(word, pattern) {
					return true
				}
			}
		}
		return false
	case len(s.words) == 0:
		return false
	case s.phrase:
		return s.isPhrase(w)
	}
	for word := w.Next(); word != nil; word = w.Next() {
		for _, wanted := range s.words {
			if wanted == string(word) {
				return true
			}
		}
	}
	return false
}

// isPhrase looks for all words in a row, remembering the last ones of the text.
func (s *sought) isPhrase(w *Words) bool {
	n := len(s.words)
	if s.seenWords == nil {
		s.seenWords = make([][]byte, n)
	}
	for i := range s.seenWords {
		s.seenWords[i] = s.seenWords[i][:0]
	}
	at := 0
	for word := w.Next(); word != nil; word = w.Next() {
		s.seenWords[at%n] = append(s.seenWords[at%n][:0], word...)
		at++
		same := at >= n
		for i := 0; same && i < n; i++ {
			same = s.words[n-1-i] == string(s.seenWords[(at-1-i)%n])
		}
		if same {
			return true
		}
	}
	return false
}

// like reports whether text is the pieces with any text between them.
func like(text []byte, pieces [][]byte) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(pieces) == 1 {
		return bytes.Equal(text, first)
	}
	if len(text) < len(first)+len(last) || !bytes.HasPrefix(text, first) || !bytes.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, piece := range pieces[1 : len(pieces)-1] {
		i := bytes.Index(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	return true
}

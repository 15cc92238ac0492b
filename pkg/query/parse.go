package query

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxLength and maxDepth bound a query; Elasticsearch takes no deeper ones either, and nobody types them.
	maxLength = 8 << 10
	maxDepth  = 50
	// maxNodes is what Elasticsearch allows clauses by default.
	maxNodes = 1024
)

// special are the characters that mean something outside of quotes.
const special = `\():<>"*{}`

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// Parse reads a query. The error is an *Error.
func Parse(text string) (*Query, error) {
	p := &parser{text: text}
	if len(text) > maxLength {
		return nil, &Error{maxLength, "it is longer than 8192 bytes; write a shorter one"}
	}
	if i := invalid(text); i >= 0 {
		return nil, &Error{i, "it is not UTF-8"}
	}
	p.space()
	if p.at == len(text) {
		return &Query{}, nil
	}
	root := p.or("")
	if p.err == nil && p.at < len(text) {
		p.unexpected()
	}
	if p.err != nil {
		return nil, p.err
	}
	if _, ok := root.(All); ok {
		root = nil
	}
	return &Query{Root: root}, nil
}

// invalid is where text is not UTF-8; -1: it is.
func invalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// parser goes through a query once. After an error it goes on to the end without doing anything.
type parser struct {
	text  string
	at    int
	depth int
	nodes int
	err   *Error
}

func (p *parser) fail(at int, msg string) Node {
	if p.err == nil {
		p.err = &Error{at, msg}
	}
	p.at = len(p.text)
	return nil
}

// unexpected says what stands where a query should go on.
func (p *parser) unexpected() Node {
	switch c := p.text[p.at]; c {
	case ')':
		return p.fail(p.at, `")" closes nothing; write \) for the character`)
	case ':', '<', '>':
		return p.fail(p.at, `"`+string(c)+`" follows a value; write and, or or not between two fields, and \`+string(c)+` for the character`)
	case '{', '}':
		return p.fail(p.at, `queries of nested objects are not known; write NAME.NAME: VALUE`)
	case '"':
		return p.fail(p.at, "a quoted text follows another value; write and, or or not between them")
	}
	return p.fail(p.at, "and, or, not or the end is wanted here")
}

func (p *parser) space() {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
}

// word takes a word of the language, in any case, when it stands here and ends here.
func (p *parser) word(word string) bool {
	rest := p.text[p.at:]
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	if len(rest) > len(word) && !isSpace(rest[len(word)]) && rest[len(word)] != '(' && rest[len(word)] != ')' && rest[len(word)] != '"' {
		return false
	}
	p.at += len(word)
	p.space()
	return true
}

// ahead reports whether the word of the language stands here.
func (p *parser) ahead(word string) bool {
	at := p.at
	defer func() { p.at = at }()
	return p.word(word)
}

// or reads alternatives; field is whose values they are, or "" outside of the parentheses behind a field.
func (p *parser) or(field string) Node {
	list := Or{p.and(field)}
	for p.word("or") {
		list = append(list, p.and(field))
	}
	if len(list) == 1 {
		return list[0]
	}
	return list.simplest()
}

func (p *parser) and(field string) Node {
	list := And{p.not(field)}
	for p.word("and") {
		list = append(list, p.not(field))
	}
	if len(list) == 1 {
		return list[0]
	}
	return list.simplest()
}

func (p *parser) not(field string) Node {
	if p.word("not") {
		if p.deeper() {
			defer p.shallower()
			return Not{p.not(field)}
		}
		return nil
	}
	return p.primary(field)
}

func (p *parser) deeper() bool {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.at, "it is nested deeper than 50 levels")
		return false
	}
	return true
}

func (p *parser) shallower() { p.depth-- }

// primary reads what stands between the words of the language.
func (p *parser) primary(field string) Node {
	if p.nodes++; p.nodes > maxNodes {
		return p.fail(p.at, "it has more than 1024 conditions")
	}
	if p.at == len(p.text) {
		return p.fail(p.at, "a value is missing at the end")
	}
	if p.text[p.at] == '(' {
		return p.group(field)
	}
	start := p.at
	if p.ahead("or") || p.ahead("and") {
		return p.fail(p.at, `a value is missing before this; write "and" or "or" in quotes to look for the word`)
	}
	v, ok := p.value()
	if !ok {
		return nil
	}
	if field != "" {
		return p.match(field, v)
	}
	if p.at < len(p.text) {
		switch p.text[p.at] {
		case ':':
			return p.field(start, v)
		case '<', '>':
			return p.compare(start, v)
		}
	}
	return p.match("", v)
}

// group reads what stands in parentheses.
func (p *parser) group(field string) Node {
	open := p.at
	if !p.deeper() {
		return nil
	}
	defer p.shallower()
	p.at++
	p.space()
	n := p.or(field)
	if p.err != nil {
		return nil
	}
	if p.at == len(p.text) {
		return p.fail(open, `"(" is not closed`)
	}
	if p.text[p.at] != ')' {
		return p.unexpected()
	}
	p.at++
	p.space()
	return n
}

// name is a value that stands where a field does.
func (p *parser) name(at int, v Value) (string, bool) {
	if v.Wildcard() {
		p.fail(at, "a field cannot have wildcards; write its whole name")
		return "", false
	}
	if v.Text == "" {
		p.fail(at, "a field has no name")
		return "", false
	}
	return v.Text, true
}

// field reads what follows the name of a field and stands at its colon.
func (p *parser) field(start int, v Value) Node {
	name, ok := p.name(start, v)
	if !ok {
		return nil
	}
	p.at++
	p.space()
	if p.at == len(p.text) {
		return p.fail(p.at, "a value is missing behind the colon; write * for any")
	}
	switch p.text[p.at] {
	case '(':
		return p.group(name)
	case '{':
		return p.unexpected()
	}
	v, ok = p.value()
	if !ok {
		return nil
	}
	return p.match(name, v)
}

// compare reads what follows the name of a field and stands at < or >.
func (p *parser) compare(start int, v Value) Node {
	name, ok := p.name(start, v)
	if !ok {
		return nil
	}
	op := Op(p.text[p.at : p.at+1])
	if p.at++; p.at < len(p.text) && p.text[p.at] == '=' {
		op += "="
		p.at++
	}
	p.space()
	at := p.at
	if at == len(p.text) {
		return p.fail(at, "a value is missing behind "+string(op))
	}
	bound, ok := p.value()
	switch {
	case !ok:
		return nil
	case bound.Wildcard():
		return p.fail(at, "a value behind "+string(op)+" cannot have wildcards")
	case bound.Text == "":
		return p.fail(at, "a value is missing behind "+string(op))
	}
	return Range{name, op, bound.Text}
}

func (p *parser) match(field string, v Value) Node {
	any := len(v.Pieces) > 1
	for _, piece := range v.Pieces {
		any = any && piece == ""
	}
	switch {
	case any && field == "":
		return All{}
	case any:
		return Exists{field}
	}
	return Match{field, v}
}

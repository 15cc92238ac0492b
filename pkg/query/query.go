// Package query is the language in which documents are asked for: what people type of Kibana's KQL.
//
//	level:error and not service.name:"checkout api"      a field with a value; quotes make it a phrase
//	http.response.status_code >= 500                     > >= < <= for numbers, times and text
//	message: (timeout or refused)                        several values of one field
//	url.path: /api/* and user.id: *                      wildcards; * alone: the field is there
//	connection refused                                   words without a field: in any field
//
// A query is parsed once into a tree of Nodes and answered in three ways that find the same documents: Matcher asks one document,
// DSL writes the query in Elasticsearch's query language, and the embedded store narrows the tree in SQL and lets
// a Matcher decide where SQL cannot.
//
// What a value means depends on the type that the index template gives its field: whole words in any case for text (message,
// *.stack_trace), the exact text for keywords, numbers by value, @timestamp by the interval that the text names. What is not in the
// template has the type of the value in the document, as Elasticsearch's dynamic mapping has it.
package query

import (
	"fmt"
	"strings"
)

// Query is a parsed query. It does not change and any goroutine may use it. The zero Query matches every document.
type Query struct {
	Root Node // nil: every document
}

// Node is one of All, And, Or, Not, Match, Range and Exists.
type Node interface{ appendTo(b *strings.Builder) }

// And matches what all of its two or more parts match.
type And []Node

// Or matches what one of its two or more parts matches.
type Or []Node

// Not matches what its part does not.
type Not struct{ Of Node }

// Match matches documents in which the field has the value; an empty Field is any field.
type Match struct {
	Field string
	Value Value
}

// Op is how a Range compares.
type Op string

// The four ways to compare.
const (
	Greater      Op = ">"
	GreaterEqual Op = ">="
	Less         Op = "<"
	LessEqual    Op = "<="
)

// Range matches documents in which the field has a value on the side of Bound that Op says.
type Range struct {
	Field string
	Op    Op
	Bound string
}

// Exists matches documents that have a value for the field, or below it when it is an object.
type Exists struct{ Field string }

// Value is what is looked for.
type Value struct {
	Text   string   // without quotes and escapes; "" when it has wildcards
	Quoted bool     // in text, its words must stand side by side
	Pieces []string // what stands before, between and behind its wildcards, each of which is any text; nil without any
}

// Wildcard reports whether the value has wildcards.
func (v Value) Wildcard() bool { return v.Pieces != nil }

// Error says what is wrong with a query, and where.
type Error struct {
	Offset int    // in bytes, up to the length of the query
	Msg    string // what is wrong; what is allowed
}

func (e *Error) Error() string { return fmt.Sprintf("query, at %d: %s", e.Offset+1, e.Msg) }

// String is the query in its plainest form, which parses to the same tree.
func (q *Query) String() string {
	if q.Root == nil {
		return ""
	}
	var b strings.Builder
	q.Root.appendTo(&b)
	return b.String()
}

func (n And) appendTo(b *strings.Builder) { appendList(b, n, " and ") }
func (n Or) appendTo(b *strings.Builder)  { appendList(b, n, " or ") }

func appendList(b *strings.Builder, list []Node, word string) {
	for i, n := range list {
		if i > 0 {
			b.WriteString(word)
		}
		appendPart(b, n)
	}
}

// appendPart writes a node with parentheses where it needs them.
func appendPart(b *strings.Builder, n Node) {
	switch n.(type) {
	case And, Or:
		b.WriteByte('(')
		n.appendTo(b)
		b.WriteByte(')')
	default:
		n.appendTo(b)
	}
}

func (n Not) appendTo(b *strings.Builder) {
	b.WriteString("not ")
	appendPart(b, n.Of)
}

func (n Match) appendTo(b *strings.Builder) {
	if n.Field != "" {
		appendEscaped(b, n.Field)
		b.WriteByte(':')
	}
	switch v := n.Value; {
	case v.Wildcard():
		for i, piece := range v.Pieces {
			if i > 0 {
				b.WriteByte('*')
			}
			appendEscaped(b, piece)
		}
	case v.Quoted:
		appendQuoted(b, v.Text)
	default:
		appendEscaped(b, v.Text)
	}
}

func (n Range) appendTo(b *strings.Builder) {
	appendEscaped(b, n.Field)
	b.WriteString(" " + string(n.Op) + " ")
	appendQuoted(b, n.Bound)
}

func (n Exists) appendTo(b *strings.Builder) {
	appendEscaped(b, n.Field)
	b.WriteString(":*")
}

func appendQuoted(b *strings.Builder, text string) {
	b.WriteByte('"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	b.WriteByte('"')
}

// appendEscaped writes text without quotes: what means something is escaped, and so are spaces, which then cannot end it or stand
// around a word of the language.
func appendEscaped(b *strings.Builder, text string) {
	for i := range len(text) {
		if strings.IndexByte(special, text[i]) >= 0 || isSpace(text[i]) {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	switch strings.ToLower(text) {
	case "and", "or", "not":
		word := b.String()
		b.Reset()
		cut := len(word) - len(text)
		b.WriteString(word[:cut] + `\` + word[cut:])
	}
}

package query

import (
	"bytes"
	"time"

	"github.com/valyala/fastjson"
)

// bound is one side of a range made ready to be compared.
type bound struct {
	op     Op
	text   []byte
	lower  []byte // for the words of text
	number number
	span   interval
}

func newBound(n Range) *bound {
	return &bound{n.Op, []byte(n.Bound), []byte(lower(n.Bound)), parseNumber(n.Bound), parseTime(n.Bound)}
}

// holds reports whether a value of a document is on the side that is asked for.
func (b *bound) holds(m *Matcher, l *Leaf, s spec) bool {
	switch s.kind {
	case keyword, flattened:
		return b.op.allows(bytes.Compare(l.Text, b.text))
	case text:
		w := &m.words
		w.Reset(l.Text)
		for word := w.Next(); word != nil; word = w.Next() {
			if b.op.allows(bytes.Compare(word, b.lower)) {
				return true
			}
		}
		return false
	case date:
		at, err := time.Parse(time.RFC3339Nano, string(l.Text))
		return err == nil && b.span.known() && b.inTime(at)
	case long, float:
		v := parseNumber(string(l.Text))
		return b.number.ok && v.ok && b.op.allows(v.compare(b.number))
	}
	return l.Type == fastjson.TypeString && b.op.allows(bytes.Compare(l.Text, b.text))
}

// inTime compares with a text that names a piece of time: after a day is behind its end, from a day on at its beginning.
func (b *bound) inTime(at time.Time) bool {
	switch b.op {
	case Greater:
		return !at.Before(b.span.to)
	case GreaterEqual:
		return !at.Before(b.span.from)
	case Less:
		return at.Before(b.span.from)
	}
	return at.Before(b.span.to)
}

// allows reports whether the order of a value and the bound is as asked for.
func (op Op) allows(order int) bool {
	switch op {
	case Greater:
		return order > 0
	case GreaterEqual:
		return order >= 0
	case Less:
		return order < 0
	}
	return order <= 0
}

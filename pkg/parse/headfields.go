package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// ended adds the fields of the first head that ends behind the last step n, if the steps have read what it needs.
func (r *headReader) ended(n *headNode) bool {
	for i := range n.ends {
		if e := &n.ends[i]; e.need == 0 || r.fulfils(e) {
			r.head = e.head
			r.fill(e)
			return true
		}
	}
	return false
}

// fill adds the fields of the head, whose roles are known.
func (r *headReader) fill(e *headEnd) {
	from := len(r.ev.Fields)
	known := r.known[:0]
	for i := range e.fields {
		f := &e.fields[i]
		n := len(r.ev.Fields)
		if r.add(e, f); f.role != nil && len(r.ev.Fields) > n {
			known = append(known, knownField{int32(n - from), f.role})
		}
	}
	r.known = known
	r.parser.knows(from, len(r.ev.Fields), known)
}

// fulfils reports whether the steps have read what the head needs.
func (r *headReader) fulfils(e *headEnd) bool {
	if e.need&needUpper != 0 {
		if level := r.text(e.level); !isUpper(level[len(level)-1]) {
			return false
		}
	}
	return e.need&needLogger == 0 || isLoggerName(r.logger)
}

// text is what a step read, without the blanks around it.
func (r *headReader) text(step int) []byte {
	return trimBlanks(r.line[r.at[step]:r.at[step+1]])
}

// add adds what a step read as a field, unless it is empty.
func (r *headReader) add(e *headEnd, f *headField) {
	switch f.does {
	case messagePart, wholePart:
		text := r.line[r.at[f.step]:]
		if e.whole || len(bytes.TrimSpace(text)) == 0 {
			text = r.line
		}
		r.ev.Add(f.name, text, event.Text)
	case numberPart:
		number := r.text(f.step)
		for len(number) > 1 && number[0] == '0' { // which JSON has not
			number = number[1:]
		}
		r.ev.Add(f.name, number, event.JSON)
	case wordsPart:
		if w, _ := f.said(r.line, r.at[f.step]); w.level != nil {
			r.ev.Add(f.name, w.level, event.Text)
		}
	default:
		if text := r.text(f.step); len(text) > 0 {
			r.ev.Add(f.name, text, event.Text)
		}
	}
}

package parse

import (
	"bytes"
	"hash/maphash"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// nameOf is text from a line as the name of a field: spelled as JSON has it, never blank, and valid as long as the event.
func (p *Parser) nameOf(prefix string, text []byte) []byte {
	switch {
	case len(text) == 0, (text[0] == '.' || text[0] == ' ') && isBlankName(text):
		text = unnamed
	case jsontext.SkipPlain(text, 0) < len(text):
		start := len(p.spare)
		p.spare = jsontext.AppendEscaped(append(p.spare, prefix...), text)
		return p.spare[start:len(p.spare):len(p.spare)]
	}
	if prefix == "" {
		return text
	}
	return p.keep(prefix, text)
}

// repeats finds the names that a line of keys and values has more than once, since a document may not. Hardly any line has
// one, so noticing costs little, and sorting them out is done for all of a line together.
type repeats struct {
	first int    // the first field of the line
	bits  uint64 // a set of hashes of the names seen
	maybe bool   // a name may be there twice

	seed  maphash.Seed
	heads map[uint64]int32 // hash of a name → its first field
	chain []link           // for each field of the line
}

// link ties a field to others of its name.
type link struct {
	next, last int32 // the next field of the name, and in the first one also the last; 0 for none
}

// begin forgets the line before. What fields holds already is not looked at.
func (r *repeats) begin(fields []event.Field) { r.first, r.bits, r.maybe = len(fields), 0, false }

// note looks at the name of the field added last.
func (r *repeats) note(fields []event.Field) {
	last := len(fields) - 1
	name := fields[last].Name
	bit := nameBit(name)
	if r.bits&bit != 0 && !r.maybe {
		r.maybe = last-r.first > manyMembers
		for i := r.first; i < last && !r.maybe; i++ {
			r.maybe = bytes.Equal(fields[i].Name, name)
		}
	}
	r.bits |= bit
}

// join makes one field of all that have the same name: an array of their values. Of a time, a level or a message there can
// be one only, and the last one stays, as with names that a JSON object has twice.
func (r *repeats) join(p *Parser, ev *event.Event) {
	if !r.maybe {
		return
	}
	r.tie(ev.Fields)
	for i := range r.chain {
		if r.chain[i].last != 0 {
			r.merge(p, ev, int32(i))
		}
	}
}

// tie chains the fields that share a name.
func (r *repeats) tie(fields []event.Field) {
	if r.heads == nil || len(r.heads) > maxFields { // a map never shrinks
		r.heads, r.seed = map[uint64]int32{}, maphash.MakeSeed()
	}
	clear(r.heads)
	if cap(r.chain) > maxFields {
		r.chain = nil
	}
	r.chain = r.chain[:0]
	for i := r.first; i < len(fields); i++ {
		at := int32(i - r.first)
		r.chain = append(r.chain, link{})
		key := maphash.Bytes(r.seed, fields[i].Name)
		head, twice := r.heads[key]
		for twice && !bytes.Equal(fields[r.first+int(head)].Name, fields[i].Name) {
			key++
			head, twice = r.heads[key]
		}
		if !twice {
			r.heads[key] = at
			continue
		}
		end := max(r.chain[head].last, head)
		r.chain[end].next, r.chain[head].last = at, at
	}
}

// merge puts the values of a chain into its first field. Those that say nothing are left out.
func (r *repeats) merge(p *Parser, ev *event.Event, head int32) {
	first := &ev.Fields[r.first+int(head)]
	single := isSingle(first.Name)
	last, values, start := head, 0, len(p.spare)
	for i := head; ; i = r.chain[i].next {
		f := &ev.Fields[r.first+int(i)]
		if !saysNothing(f) {
			last = i
			values++
			if !single {
				p.spare = appendItem(p.spare, f, values == 1)
			}
		}
		if i != head {
			ev.Remove(r.first + int(i))
		}
		if r.chain[i].next == 0 {
			break
		}
	}
	if single || values < 2 {
		p.spare = p.spare[:start]
		f := &ev.Fields[r.first+int(last)]
		first.Value, first.Kind = f.Value, f.Kind
		return
	}
	p.spare = append(p.spare, ']')
	first.Value, first.Kind = p.spare[start:len(p.spare):len(p.spare)], event.JSON
}

// isSingle reports the names of what a line has one of.
func isSingle(name []byte) bool {
	switch roleOf(name).duty {
	case timeDuty, levelDuty, messageDuty:
		return true
	}
	return false
}

// saysNothing reports an empty value, or the one of a key that stands alone.
func saysNothing(f *event.Field) bool {
	if f.Kind == event.Text {
		return len(f.Value) == 0
	}
	return string(f.Value) == `""` || string(f.Value) == "true"
}

// appendItem appends the value of a field as an item of an array.
func appendItem(dst []byte, f *event.Field, first bool) []byte {
	before := byte(',')
	if first {
		before = '['
	}
	dst = append(dst, before)
	if f.Kind == event.Text {
		return jsontext.AppendString(dst, f.Value)
	}
	return append(dst, f.Value...)
}

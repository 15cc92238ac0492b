package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// learn makes a path of a line that s has just scanned into the fields from base on. Lines that had to be mended are none. It allocates,
// which ends when the lines of a service have all been seen, or come to nothing.
func (t *shapes) learn(p *Parser, s *scanner, line []byte, fields []event.Field, base int) {
	if t.pause > 0 || s.mayTangle() || len(fields) == base || len(fields) >= maxValues-1 {
		return
	}
	for i := base; i < len(fields); i++ {
		if f := &fields[i]; f.Removed || f.Changed || f.To == 0 {
			return
		}
	}
	l := learner{shapes: t, parser: p, line: line, fields: fields}
	if !l.read(int32(base)) || l.size > maxText/4 {
		return
	}
	if t.size+l.size > maxText || t.steps+len(l.path) > maxSteps {
		t.root, t.steps, t.size = nil, 0, 0
	}
	pl := newPlan(l.pieces, s.dots)
	if !t.apart {
		pl.quick = p.quickOutline(l.pieces)
	}
	l.path[len(l.path)-1].plan = pl
	t.insert(l.path)
}

// insert adds a path to the trie, below what it shares with others.
func (t *shapes) insert(path []*step) {
	place := &t.root
	for _, st := range path {
		for ways := 0; *place != nil && ((*place).plan != nil != (st.plan != nil) || !bytes.Equal((*place).text, st.text)); ways++ {
			if ways == maxWays {
				return
			}
			place = &(*place).alt
		}
		if *place == nil {
			*place = st
			t.steps++
			t.size += len(st.text)
		}
		place = &(*place).next
	}
}

// learner makes steps and pieces of the fields of a line.
type learner struct {
	*shapes
	parser *Parser
	line   []byte
	fields []event.Field

	path    []*step
	pieces  []piece
	around  []enclosing
	values  int   // that have been seen
	behind  int32 // where the last one ended
	running bool  // a run is going on
	begun   int32 // where the run begins that no value has been seen of; -1 for none
	name    []byte
	size    int // of the texts
}

// enclosing is an object that is open.
type enclosing struct {
	field int32 // of the line
	piece int32 // -1 when it belongs to a run
}

// read walks over the fields; false when something in them is not as the line has it.
func (l *learner) read(base int32) bool {
	l.begun = -1
	for i := base; i < int32(len(l.fields)); i++ {
		f := &l.fields[i]
		l.close(i)
		plain := l.insideRun() || l.isPlain(i)
		if f.Kind == event.Object {
			if !l.open(i, plain) {
				return false
			}
			continue
		}
		start := f.To - int32(len(f.Value))
		if !bytes.Equal(l.line[start:f.To], f.Value) {
			return false
		}
		switch {
		case !plain:
			l.piece(i, f.From, f.Name, start, l.parser.roles.look(l.fields, i))
		case !l.running && l.begun >= 0:
			l.piece(i, l.begun, l.name, l.begun, role{})
		case !l.running:
			l.piece(i, f.From, f.Name, f.From, role{})
		}
		l.running, l.begun = plain, -1
		l.step(start)
		l.behind = f.To
		l.values++
		last := &l.pieces[len(l.pieces)-1]
		last.last, last.behind = l.values, 0
	}
	l.close(int32(len(l.fields)))
	l.step(int32(len(l.line)))
	return true
}

// step adds the text from the last value to index end.
func (l *learner) step(end int32) {
	st := &step{text: bytes.Clone(l.line[l.behind:end]), size: int(end - l.behind)}
	for i, c := range st.text[:min(st.size, beginLen)] {
		st.begin[i/8] |= uint64(c) << (i % 8 * 8)
		st.mask[i/8] |= 0xff << (i % 8 * 8)
	}
	l.size += len(st.text)
	l.path = append(l.path, st)
}

// piece adds what field i becomes, which begins at index from and whose value does at index value.
func (l *learner) piece(i, from int32, name []byte, value int32, r role) {
	parent := int32(-1)
	for _, o := range l.around {
		if o.piece >= 0 {
			parent = o.piece
		}
	}
	n := int32(len(l.pieces))
	l.pieces = append(l.pieces, piece{field: event.Field{Name: bytes.Clone(name), Kind: l.fields[i].Kind, Parent: parent, End: n + 1},
		role: &r, before: l.values, from: from - l.behind, value: value - l.behind})
}

// close ends the objects that field i is not inside of.
func (l *learner) close(i int32) {
	for len(l.around) > 0 {
		o := l.around[len(l.around)-1]
		f := &l.fields[o.field]
		if f.End > i {
			return
		}
		l.around = l.around[:len(l.around)-1]
		pt := &l.pieces[len(l.pieces)-1]
		if o.piece >= 0 {
			pt = &l.pieces[o.piece]
			pt.field.End = int32(len(l.pieces))
			l.running = false
		}
		pt.last, pt.behind = l.values, f.To-l.behind
	}
}

// open begins object i; false when it is too deep.
func (l *learner) open(i int32, plain bool) bool {
	f := &l.fields[i]
	o := enclosing{i, -1}
	switch {
	case !plain:
		o.piece, l.running = int32(len(l.pieces)), false
		l.piece(i, f.From, f.Name, f.To-int32(len(f.Value)), l.parser.roles.look(l.fields, i))
	case !l.running && l.begun < 0:
		l.begun, l.name = f.From, f.Name
	}
	l.around = append(l.around, o)
	return len(l.around) <= maxNested
}

func (l *learner) insideRun() bool {
	return len(l.around) > 0 && l.around[len(l.around)-1].piece < 0
}

// isPlain reports whether nothing ever asks about field i and what is in it.
func (l *learner) isPlain(i int32) bool {
	if l.apart {
		return false
	}
	f := &l.fields[i]
	r := l.parser.roles.look(l.fields, i)
	if r.claims != 0 || r.proxy {
		return false
	}
	if r.duty != noDuty && (f.Kind != event.Object || r.duty == metaDuty) {
		return false
	}
	path := event.AppendPath(nil, l.fields, i)
	if f.Kind != event.Object {
		return !l.parser.watched(path)
	}
	return (!r.look || l.saysNothing(i)) && !l.parser.asked(path) // what the parser itself looks up is in the place of an object, or has a claim
}

// saysNothing reports whether nothing asks about what is in the object i, in which there may be something that means more.
func (l *learner) saysNothing(i int32) bool {
	for j := i + 1; j < l.fields[i].End; j = l.fields[j].End {
		if !l.isPlain(j) {
			return false
		}
	}
	return true
}

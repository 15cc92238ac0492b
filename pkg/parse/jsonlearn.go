package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// learn makes a path of a line that s has just scanned into the fields from base on. Lines that had to be mended are none. It allocates,
// which ends when the lines of a service have all been seen, or come to nothing.
func (t *shapes) learn(p *Parser, s *scanner, line []byte, fields []event.Field, base int) {
	if t.pause > 0 || s.mayTangle() || len(fields) == base || len(fields) >= maxSteps/4 {
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
	if t.size+l.size > maxText || len(t.steps)+len(l.path) > maxSteps {
		t.forget()
	}
	if len(t.steps) == 0 {
		t.steps = append(t.steps, step{})
	}
	t.size += l.size
	l.path[len(l.path)-1].dots = s.dots
	if !t.apart {
		p.chooseMembers(l.path)
	}
	t.insert(l.path)
}

// insert adds a path to the trie, below what it shares with others.
func (t *shapes) insert(path []step) {
	before := int32(0)
	for _, st := range path {
		n, sibling, ways := t.steps[before].next, int32(0), 0
		for n != 0 && ((t.steps[n].does^st.does)&endsLine != 0 || !bytes.Equal(t.steps[n].text, st.text)) {
			sibling, n = n, t.steps[n].alt
			ways++
		}
		if ways == maxWays {
			return
		}
		if n == 0 {
			n = int32(len(t.steps))
			t.steps = append(t.steps, st)
			if sibling != 0 {
				t.steps[sibling].alt = n
			} else {
				t.steps[before].next = n
			}
		}
		if !t.steps[n].agrees(&st) {
			t.forget()
			t.parted = true
			return
		}
		if st.does&readsOnTheWay == 0 {
			t.steps[n].does &^= readsOnTheWay
		}
		before = n
	}
}

// agrees reports whether two steps with the same text make the same fields.
func (st *step) agrees(other *step) bool {
	return (st.does^other.does)&^readsOnTheWay == 0 && st.tail == other.tail && st.leaf.from == other.leaf.from &&
		len(st.opens) == len(other.opens) && len(st.ends) == len(other.ends)
}

// forget forgets all paths.
func (t *shapes) forget() {
	clear(t.steps)
	t.steps, t.size = t.steps[:0], 0
}

// learner makes steps of the fields of a line.
type learner struct {
	*shapes
	parser *Parser
	line   []byte
	fields []event.Field

	path    []step
	around  []enclosing
	behind  int32 // where the last value ended
	running bool  // a run is going on
	begun   int32 // where the run begins that no value has been seen of; -1 for none
	name    []byte
	size    int // of the texts
}

// enclosing is an object that is open.
type enclosing struct {
	field int32
	plain bool
}

// read walks over the fields; false when something in them is not as the line has it.
func (l *learner) read(base int32) bool {
	l.begun = -1
	st := step{}
	for i := base; i < int32(len(l.fields)); i++ {
		f := &l.fields[i]
		l.close(&st, i)
		plain := l.insidePlain() || l.isPlain(i)
		if f.Kind == event.Object {
			if !l.open(&st, i, plain) {
				return false
			}
			continue
		}
		start := f.To - int32(len(f.Value))
		if !bytes.Equal(l.line[start:f.To], f.Value) {
			return false
		}
		st.leaf = l.opening(i, start, plain)
		if plain && !l.running {
			if l.begun < 0 {
				l.begun, l.name = f.From, f.Name
			}
			st.leaf.from, st.leaf.name = l.begun-l.behind, bytes.Clone(l.name)
			st.does |= beginsRun
		}
		if !plain {
			st.does |= makesField
		}
		l.running, l.begun = plain, -1
		l.add(st, start)
		l.behind, st = f.To, step{}
	}
	l.close(&st, int32(len(l.fields)))
	st.does |= endsLine
	l.add(st, int32(len(l.line)))
	return true
}

// add ends a step, whose text ends at index end.
func (l *learner) add(st step, end int32) {
	st.text = bytes.Clone(l.line[l.behind:end])
	st.words, st.size = wordsOf(st.text), int32(len(st.text))
	if len(st.text) > wordsLen {
		st.does |= isLong
	}
	if st.tail > 0 || len(st.ends) > 0 {
		st.does |= endsObjects
	}
	if len(st.opens) > 0 {
		st.does |= opensObjects
	}
	l.size += len(st.text)
	l.path = append(l.path, st)
}

// opening is where field i begins, whose value begins at start.
func (l *learner) opening(i, start int32, plain bool) opening {
	o := opening{name: bytes.Clone(l.fields[i].Name), from: l.fields[i].From - l.behind, value: start - l.behind}
	if !plain {
		r := l.parser.roles.look(l.fields, i)
		o.role = &r
	}
	return o
}

// close ends the objects that field i is not inside of.
func (l *learner) close(st *step, i int32) {
	for len(l.around) > 0 {
		o := l.around[len(l.around)-1]
		f := &l.fields[o.field]
		if f.End > i {
			return
		}
		l.around = l.around[:len(l.around)-1]
		if o.plain {
			st.tail = f.To - l.behind
			continue
		}
		st.ends = append(st.ends, f.To-l.behind)
		l.running = false
	}
}

// open begins object i; false when it is too deep.
func (l *learner) open(st *step, i int32, plain bool) bool {
	f := &l.fields[i]
	l.around = append(l.around, enclosing{i, plain})
	switch {
	case !plain:
		st.opens = append(st.opens, l.opening(i, f.To-int32(len(f.Value)), false))
		l.running = false
	case !l.running && l.begun < 0:
		l.begun, l.name = f.From, f.Name
	}
	return len(l.around) <= maxNested
}

func (l *learner) insidePlain() bool {
	return len(l.around) > 0 && l.around[len(l.around)-1].plain
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
	return (!r.look || !l.parted && l.saysNothing(i)) && !l.parser.asked(path) // what the parser itself looks up is in the place of an object, or has a claim
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

// wordsOf are the first bytes of text.
func wordsOf(text []byte) (words [3]word) {
	for i, c := range text[:min(len(text), wordsLen)] {
		words[i/8].bytes |= uint64(c) << (i % 8 * 8)
		words[i/8].mask |= 0xff << (i % 8 * 8)
	}
	return words
}

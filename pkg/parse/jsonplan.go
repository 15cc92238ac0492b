package parse

import (
	"slices"

	"github.com/tailspan/tailspan/pkg/event"
)

// plan is what the lines along one path of shapes become. Neighbouring members that mean nothing to tailspan become one field, a run,
// that is copied in one piece. A run has the name of its first member; it can only be encoded. A member at the top that can only be
// the time, the level, an id or the duration of the line is read on the way, and becomes no field at all (direct.go).
type plan struct {
	all   outline  // every member that may mean something is a field
	quick *outline // some are read on the way instead; nil when none is
	dots  uint64   // the scanner's, of the line that the path was made of
}

// outline is how the fields of a line lie.
type outline struct {
	fields []piece
	known  []knownField // which of them have a duty
	reads  []piece      // members that are read on the way
}

// piece is a run, a member, or an object whose members are pieces of their own. Its places count from the end of values, by
// their numbers: 1 is the first of a line, behind 0 the line begins.
type piece struct {
	field  event.Field // as far as it is the same for every line; other fields count from the first one of the line
	role   *role       // empty for a run
	before int         // the value that it stands behind
	from   int32       // where it begins, from the end of that one
	value  int32       // the same of its value
	last   int         // the value with which it ends
	behind int32       // where it ends, from the end of that one
	misses uint8       // values that could not be read on the way
}

// carryOut makes the fields of a line whose values are known.
func (t *shapes) carryOut(p *Parser, ev *event.Event, pl *plan) {
	o := &pl.all
	if pl.quick != nil {
		o = pl.quick
		if missed := t.read(p, ev, o.reads); missed >= 0 {
			p.unread(ev)
			pl.miss(missed)
			o = &pl.all
		}
	}
	base := len(ev.Fields)
	ev.Fields = slices.Grow(ev.Fields, len(o.fields))[:base+len(o.fields)]
	t.lay(ev.Line, ev.Fields[base:], o.fields)
	if base > 0 {
		shift(ev.Fields[base:], int32(base))
	}
	p.knows(base, len(ev.Fields), o.known)
}

// read reads members on the way. When a value is not what its member's role promises, it returns the number of that piece, and -1 else.
func (t *shapes) read(p *Parser, ev *event.Event, pieces []piece) (missed int) {
	for i := range pieces {
		if !t.readMember(p, ev, &pieces[i]) {
			return i
		}
	}
	return -1
}

// readMember reads a member for what its role says; false when its value is nothing of the kind.
func (t *shapes) readMember(p *Parser, ev *event.Event, pc *piece) bool {
	start, end := t.ends[pc.before]+pc.value, t.ends[pc.last]+pc.behind
	value := ev.Line[start:end]
	quoted := value[0] == '"'
	if t.odd && quoted && p.marks.Next(int(start)+1) != int(end)-1 {
		return false
	}
	if pc.role.duty == objectDuty {
		ev.Service = event.Value{Bytes: value, Kind: event.JSON, Set: true}
		return quoted && !isMillis(value)
	}
	if quoted {
		value = value[1 : len(value)-1]
	}
	return p.readDirect(ev, pc.role, value, quoted)
}

// lay makes the fields that the pieces say.
func (t *shapes) lay(line []byte, fields []event.Field, pieces []piece) {
	for i := range pieces {
		pc, f := &pieces[i], &fields[i]
		before, end := t.ends[pc.before], t.ends[pc.last]+pc.behind
		*f = pc.field
		f.Value, f.From, f.To = line[before+pc.value:end], before+pc.from, end
	}
}

// shift makes fields that count from the first of them count from the first of all.
func shift(fields []event.Field, by int32) {
	for i := range fields {
		f := &fields[i]
		f.End += by
		if f.Parent >= 0 {
			f.Parent += by
		}
	}
}

// miss notes that the value of piece i of those that are read on the way could not be.
func (pl *plan) miss(i int) {
	reads := pl.quick.reads
	if reads[i].misses++; reads[i].misses == mostMisses {
		pl.quick = quickened(pl.all.fields, func(pc *piece) bool {
			k := slices.IndexFunc(reads, func(r piece) bool { return r.last == pc.last })
			return k >= 0 && k != i
		})
	}
}

// newPlan makes the plan of the pieces of a line.
func newPlan(pieces []piece, dots uint64) *plan {
	pl := &plan{all: outline{fields: pieces}, dots: dots}
	pl.all.settle()
	return pl
}

// quickened is the outline in which those members are read on the way that direct says; nil when there are none.
func quickened(pieces []piece, direct func(*piece) bool) *outline {
	o := &outline{}
	place := make([]int32, 0, len(pieces)+1) // of the fields, among those that stay
	apart := false
	for _, pc := range pieces {
		place = append(place, int32(len(o.fields)))
		if direct(&pc) {
			o.reads, apart = append(o.reads, pc), true
			continue
		}
		pc.field.Apart, apart = apart, false
		o.fields = append(o.fields, pc)
	}
	place = append(place, int32(len(o.fields)))
	if len(o.reads) == 0 {
		return nil
	}
	for i := range o.fields {
		f := &o.fields[i].field
		f.End = place[f.End]
		if f.Parent >= 0 {
			f.Parent = place[f.Parent]
		}
	}
	o.settle()
	return o
}

// settle finds out which fields have a duty that somebody asks for.
func (o *outline) settle() {
	skip := int32(0)
	for i := range o.fields {
		pc, n := &o.fields[i], int32(i)
		if n < skip {
			continue
		}
		if pc.role.duty != noDuty {
			o.known = append(o.known, knownField{n, pc.role})
		}
		if pc.field.Kind == event.Object && !pc.role.look {
			skip = pc.field.End
		}
	}
}

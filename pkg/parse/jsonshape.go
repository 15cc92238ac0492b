package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/tailspan/tailspan/pkg/event"
)

// shapes remembers how the lines of a service look: it writes the same names in the same order with the same blanks line
// after line, and only the values differ. What stands between two values is compared as a whole instead of being read,
// nothing has to be found out about a name again, and neighbouring members that mean nothing to tailspan become one
// field, a run, that is copied in one piece.
//
// The texts between values form a trie: where lines go on in several ways, the ways are tried in turn. Each path from its
// root to an end is the text of a whole line that the scanner has read and found in order, so no name comes twice in
// it. A line that leaves the known paths is read by the scanner, and becomes a path of its own.
//
// A run has the name of its first member and no value; it can only be encoded. A member at the top that can only be the time,
// the level, an id or the duration of the line is read on the way, and becomes no field at all (direct.go).
type shapes struct {
	apart  bool          // every member is a field
	parted bool          // lines go on differently inside an object that may hold something that means more: it is no part of a run
	steps  []step        // the first is no step, so that 0 means none
	inner  []event.Field // what s uses for objects inside arrays
	roles  []*role       // of the fields of the last scan
	dots   uint64        // the scanner's, of the line of the last scan
	size   int           // of all texts
	credit int           // earned by lines on known paths, spent by others
	pause  int           // lines that are not even tried, because such lines hardly ever came again
}

// step is what stands between two values, and what is to be done about it. What most steps need comes first, in one cache line.
type step struct {
	words [3]word // the text from the end of the value before to the beginning of the next, to be compared in one go
	size  int32   // of the text
	next  int32   // the first step behind the value
	alt   int32   // another way in which lines go on here
	does  task
	leaf  opening // the member that the value belongs to

	text  []byte
	tail  int32     // so many bytes of the text still belong to the run before it
	dots  uint64    // of the line, when it ends
	ends  []int32   // where in the text, behind their braces, the objects end that it closes, innermost first
	opens []opening // objects that it opens, outermost first
}

// task is what a step does beyond skipping a value that belongs to the run before it.
type task uint8

const (
	endsObjects   task = 1 << iota // it has a tail, or ends objects
	endsLine                       // the line ends behind the text
	opensObjects                   // it opens objects
	beginsRun                      // the value's member begins a run
	makesField                     // the value's member is a field of its own
	readsOnTheWay                  // unless it can be read on the way
	isLong                         // the text is longer than words
)

// opening is where a field begins.
type opening struct {
	name  []byte
	from  int32 // of `"name":`, in the text
	value int32 // of its value, in the text
	role  *role // nil for what goes into a run

	misses uint8 // values that could not be read on the way
}

// word is eight bytes of a text, of which those in mask count.
type word struct{ bytes, mask uint64 }

const wordsLen = 24

const (
	maxSteps    = 2048 // all that is remembered; then everything is forgotten
	maxText     = 1 << 18
	maxWays     = 16     // in which lines may go on at one place
	maxNested   = 16     // objects around a member that is a field
	missCost    = 4      // lines on known paths that pay for one that is on none
	mostCredit  = 64     // saved up
	leastCredit = -400   // then lines are not tried for a while
	pauseLines  = 20_000 // as many
)

// scan reads the line of ev along a known path and appends its members to ev.Fields; false when it is on none. What s holds
// is used for values that are no plain strings or numbers. The fields are valid until the next scan, and as long as the line is.
func (t *shapes) scan(p *Parser, ev *event.Event, s *scanner) bool {
	if len(t.steps) == 0 {
		return false
	}
	if t.pause > 0 {
		t.pause--
		return false
	}
	p.markLine(ev)
	base := len(ev.Fields)
	s.begin(ev.Line, t.inner[:0])
	s.skips = true
	fields, on := t.walk(p, ev, s, true)
	if on == misread {
		p.unread(ev)
		s.begin(ev.Line, s.fields[:0])
		s.skips = true
		fields, on = t.walk(p, ev, s, false)
	}
	ok := on == onPath
	ev.Fields = fields
	if t.inner = s.fields[:0]; cap(t.inner) > maxFields {
		t.inner = nil
	}
	if !ok {
		p.unread(ev)
		ev.Fields = fields[:base]
	}
	switch {
	case ok && t.credit < mostCredit:
		t.credit++
	case !ok:
		if t.credit -= missCost; t.credit < leastCredit {
			t.credit, t.pause = 0, pauseLines
		}
	}
	return ok
}

// outcome is how a walk ended.
type outcome uint8

const (
	unknown outcome = iota // the line is on no path
	misread                // a value that was to be read on the way could not be
	onPath
)

// walk is scan along the trie. Unless it is direct, every member with a role becomes a field.
func (t *shapes) walk(p *Parser, ev *event.Event, s *scanner, direct bool) ([]event.Field, outcome) {
	line, fields := ev.Line, ev.Fields
	t.roles = t.roles[:0]
	var around [maxNested]int32 // the objects that are open
	depth, parent, run, apart := 0, int32(-1), -1, false
	at := 0
	for n := int32(1); ; {
		st := t.way(line, at, n)
		if st == nil {
			return fields, unknown
		}
		if st.does&(endsObjects|endsLine|opensObjects) != 0 {
			if st.tail > 0 {
				fields[run].To = int32(at) + st.tail
			}
			for _, end := range st.ends {
				depth--
				f := &fields[around[depth]]
				f.To, f.End = int32(at)+end, int32(len(fields))
				f.Value = f.Value[:at+int(end)-(len(line)-len(f.Value))]
				parent = f.Parent
			}
			if st.does&endsLine != 0 {
				t.dots = st.dots
				return fields, onPath
			}
			for i := range st.opens {
				o := &st.opens[i]
				around[depth] = int32(len(fields))
				depth++
				var f *event.Field
				fields, f = oneMore(fields)
				f.Name, f.Kind, f.Parent, f.From, f.Value, f.Apart = o.name, event.Object, parent, int32(at)+o.from, line[at+int(o.value):], apart
				apart = false
				t.roles = append(t.roles, o.role)
				parent = around[depth-1]
			}
		}
		start := at + int(st.size)
		end, plain := 0, line[start] == '"'
		if plain { // most values are plain strings
			end = p.marks.Next(start + 1)
			plain = end < len(line) && line[end] == '"'
			end++
		}
		if !plain {
			var ok bool
			if end, ok = s.rest(start, end-1); !ok {
				return fields, unknown
			}
		}
		if st.does&(beginsRun|makesField) == 0 {
			fields[run].To = int32(end)
			at, n = end, st.next
			continue
		}
		o := &st.leaf
		if direct && st.does&readsOnTheWay != 0 {
			if !p.readMember(ev, o.role, line[start:end], plain) {
				if o.misses++; o.misses == mostMisses {
					st.does &^= readsOnTheWay
				}
				return fields, misread
			}
			apart = true
			at, n = end, st.next
			continue
		}
		var f *event.Field
		role := o.role
		if st.does&beginsRun != 0 {
			run, role = len(fields), &noRole
		}
		fields, f = oneMore(fields)
		f.Name, f.Kind, f.Parent, f.From, f.To, f.End = o.name, event.JSON, parent, int32(at)+o.from, int32(end), int32(len(fields))
		f.Value, f.Apart = line[start:end], apart
		apart = false
		t.roles = append(t.roles, role)
		at, n = end, st.next
	}
}

// rest skips a value that begins at start and is no plain string; it may be a string that is plain up to behind. False when it is
// nothing to be copied as it stands.
func (s *scanner) rest(start, behind int) (end int, ok bool) {
	switch c := s.line[start]; {
	case c == '"':
		end, ok = s.strFrom(behind)
	case c-'0' <= 9:
		if n := fewDigits(s.line[start:]); n > 0 && (n == 1 || c != '0') && s.line[start+n] == ',' {
			return start + n, true
		}
		return s.number(start)
	default:
		end, ok = s.value(start)
	}
	return end, ok && !s.unclean && !s.breaks
}

// fewDigits is how many digits text begins with, if they are less than eight, and text goes on behind them; 0 when it does not say.
func fewDigits(text []byte) int {
	if len(text) < 8 {
		return 0
	}
	x := binary.LittleEndian.Uint64(text)
	others := ^(inRange(x, '0', '9') &^ x) & highs
	return bits.TrailingZeros64(others) / 8 % 8
}

var noRole role

// way finds the step from n on that line takes at index at; nil for none.
func (t *shapes) way(line []byte, at int, n int32) *step {
	for here := line[at:]; n != 0; {
		st := &t.steps[n]
		if st.stands(here) {
			switch behind := here[st.size:]; {
			case len(behind) == 0:
				if st.does&endsLine != 0 {
					return st
				}
			case st.does&endsLine == 0 && (behind[0] != '{' || len(behind) > 1 && behind[1] == '}'): // else its members are a way of their own
				return st
			}
		}
		n = st.alt
	}
	return nil
}

// stands reports whether the text of the step stands at the beginning of here.
func (st *step) stands(here []byte) bool {
	if len(here) < wordsLen || st.does&isLong != 0 {
		return bytes.HasPrefix(here, st.text)
	}
	w := &st.words
	return (binary.LittleEndian.Uint64(here)^w[0].bytes)&w[0].mask|(binary.LittleEndian.Uint64(here[8:])^w[1].bytes)&w[1].mask|
		(binary.LittleEndian.Uint64(here[16:])^w[2].bytes)&w[2].mask == 0
}

// oneMore appends a field, of which it clears only what its maker does not set.
func oneMore(fields []event.Field) ([]event.Field, *event.Field) {
	n := len(fields)
	if n == cap(fields) {
		fields = append(fields, event.Field{})
	} else {
		fields = fields[:n+1]
	}
	f := &fields[n]
	f.Removed, f.Changed, f.Apart = false, false, false
	return fields, f
}

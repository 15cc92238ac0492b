package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// shapes remembers how the lines of a service look: it writes the same names in the same order with the same blanks line
// after line, and only the values differ. What stands between two values is compared as a whole instead of being read,
// and nothing has to be found out about a name again.
//
// The texts between values form a trie: where lines go on in several ways, the ways are tried in turn. Each path from its
// root to an end is the text of a whole line that the scanner has read and found in order, so no name comes twice in
// it. A line that leaves the known paths is read by the scanner, and becomes a path of its own. At the end of each path stands
// the plan of what its lines become (jsonplan.go).
type shapes struct {
	apart  bool             // every member is a field
	root   *step            // nil when nothing is remembered
	ends   [maxValues]int32 // where the values of the last line end; the first stands for the beginning of the line
	odd    bool             // a string in it was not plain
	inner  []event.Field    // what the scanner uses for objects inside arrays
	steps  int              // how many there are
	size   int              // of all texts
	credit int              // earned by lines on known paths, spent by others
	pause  int              // lines that are not even tried, because such lines hardly ever came again
}

// step is what stands between two values.
type step struct {
	begin [beginLen / 8]uint64 // of the text from the end of the value before to the beginning of the next, to be compared in one go
	mask  [beginLen / 8]uint64 // has the bits of begin that count
	size  int                  // of the text
	next  *step                // the first behind the value
	alt   *step                // another way in which lines go on here
	plan  *plan                // of the lines that end behind the text; nil for others
	text  []byte
}

const beginLen = 32

const (
	maxSteps    = 2048 // all that is remembered; then everything is forgotten
	maxText     = 1 << 18
	maxValues   = maxSteps / 4 // of a line
	maxWays     = 16           // in which lines may go on at one place
	maxNested   = 16           // objects around a member that is a field
	missCost    = 4            // lines on known paths that pay for one that is on none
	mostCredit  = 64           // saved up
	leastCredit = -400         // then lines are not tried for a while
	pauseLines  = 20_000       // as many
)

// scan reads the line of ev along a known path and appends its members to ev.Fields; it returns the plan of the path, nil when the
// line is on none. What s holds is used for values that are no plain strings or numbers. The fields are valid until the next
// scan, and as long as the line is.
func (t *shapes) scan(p *Parser, ev *event.Event, s *scanner) *plan {
	if t.root == nil {
		return nil
	}
	if t.pause > 0 {
		t.pause--
		return nil
	}
	p.markLine(ev)
	s.begin(ev.Line, t.inner[:0])
	s.skips = true
	found := t.follow(p, s)
	if t.inner = s.fields[:0]; cap(t.inner) > maxFields {
		t.inner = nil
	}
	switch {
	case found == nil:
		if t.credit -= missCost; t.credit < leastCredit {
			t.credit, t.pause = 0, pauseLines
		}
		return nil
	case t.credit < mostCredit:
		t.credit++
	}
	t.carryOut(p, ev, found)
	return found
}

// follow walks along the trie as the line of s goes, and notes where its values end.
func (t *shapes) follow(p *Parser, s *scanner) *plan {
	t.odd = false
	line := s.line
	w := walk{step: t.root, value: 1}
	for w.value < len(t.ends) && w.step != nil {
		w.hurry(line, &p.marks, &t.ends)
		st := w.step.way(line, w.at)
		if st == nil || st.plan != nil || w.value == len(t.ends) {
			return st.end()
		}
		start := w.at + st.size
		end := start
		if line[start] == '"' {
			end = p.marks.Next(start + 1)
			t.odd = t.odd || end == len(line) || line[end] != '"'
		}
		var ok bool
		if w.at, ok = s.rest(start, end); !ok {
			return nil
		}
		t.ends[w.value], w.step = int32(w.at), st.next
		w.value++
	}
	return nil
}

// walk is how far a line has been followed: up to index at, where step or another way to go on is to come, and then the value.
type walk struct {
	step      *step
	at, value int
}

// hurryOn is hurry for any processor.
func (w *walk) hurryOn(line []byte, marks *jsontext.Marks, ends *[maxValues]int32) {
	whole := line[:cap(line)]
	at, st, i := w.at, w.step, w.value
	for i < len(ends) && st != nil && len(whole)-at >= beginLen && st.begins((*[beginLen]byte)(whole[at:])) {
		start := at + st.size
		if start >= len(line) || line[start] != '"' {
			break
		}
		end := marks.Next(start + 1)
		if end >= len(line) || line[end] != '"' {
			break
		}
		at, st = end+1, st.next
		ends[i] = int32(at)
		i++
	}
	w.at, w.step, w.value = at, st, i
}

// begins reports whether text begins with that of the step, which is not longer.
func (st *step) begins(text *[beginLen]byte) bool {
	others := uint64(0)
	for i, word := range st.begin {
		others |= (binary.LittleEndian.Uint64(text[8*i:]) ^ word) & st.mask[i]
	}
	return others == 0 && st.size <= beginLen
}

// end is the plan of the lines that end here; nil when there is no step, or none.
func (st *step) end() *plan {
	if st == nil {
		return nil
	}
	return st.plan
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

// way finds the step from st on that line takes at index at; nil for none.
func (st *step) way(line []byte, at int) *step {
	here := line[at:]
	for ; st != nil; st = st.alt {
		if !bytes.HasPrefix(here, st.text) {
			continue
		}
		switch behind := here[st.size:]; {
		case len(behind) == 0:
			if st.plan != nil {
				return st
			}
		case st.plan == nil && (behind[0] != '{' || len(behind) > 1 && behind[1] == '}'): // else its members are a way of their own
			return st
		}
	}
	return nil
}

package parse

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/tailspan/tailspan/pkg/event"
)

// heads are ways in which lines begin. They form a tree of steps, so that what several have in common is read once; of those
// that a line fits, the first in the tree counts.
type heads struct {
	root  headNode
	class [256]uint8  // of bytes that the same steps may have in the same place; 0 is the end of the line
	plain [256]uint32 // a bit for each of the sets of bytes that texts just go on with
}

// headNode is one step and those that may follow.
type headNode struct {
	headStep
	blank bool   // behind the literal follow blanks, which are a step as well
	plain uint32 // the bit of heads.plain for its bytes
	next  []*headNode
	may   *dispatch // which of next may begin with a byte
	might *dispatch // and which may have one laterAt bytes behind that; nil for all
	ends  []headEnd // of the last step of heads, the first first; those have no next
}

// headEnd is a head behind its last step.
type headEnd struct {
	head   *headSource
	need   need
	level  int  // the step that reads the level's word
	whole  bool // the head says what no field holds, so the message is the whole line
	fields []headField
}

// headField is a step of a head that becomes a field.
type headField struct {
	part
	step int
	role *role // nil when it has no duty
}

// headSource is where the last step of a head comes from.
type headSource struct {
	format string // its name; empty for those that only auto knows, and for those that say little
	text   string
	loose  bool // it says so little that other formats may fit as well
}

// maxHeadSteps is more than any head has, a power of two.
const maxHeadSteps = 64

// newHeads builds the tree, of the strict heads first.
func newHeads(sources []headSource) *heads {
	h := new(heads)
	for i := range sources {
		h.root.grow(&sources[i])
	}
	h.root.sort()
	h.root.join()
	h.dispatch()
	return h
}

// grow adds a head behind n.
func (n *headNode) grow(source *headSource) {
	for _, steps := range compileHead(source.text) {
		if len(steps) >= maxHeadSteps {
			panic("parse: too many steps in the head " + source.text)
		}
		at := n
		for i := range steps {
			at = at.child(&steps[i])
		}
		if at.ends == nil {
			at.ends = []headEnd{newHeadEnd(source, steps)}
		}
	}
}

func newHeadEnd(source *headSource, steps []headStep) headEnd {
	e := headEnd{head: source, need: steps[len(steps)-1].need}
	for i := range steps {
		s := &steps[i]
		switch s.does {
		case wholePart, clockPart:
			e.whole = true
		case levelPart:
			e.level = i
		}
		if s.name != nil {
			f := headField{part: s.part, step: i}
			if r := roleOf(s.name); r.duty != noDuty {
				f.role = &r
			}
			e.fields = append(e.fields, f)
		}
	}
	return e
}

// child is the node behind n for the step.
func (n *headNode) child(s *headStep) *headNode {
	for _, next := range n.next {
		if next.same(s) {
			return next
		}
	}
	next := &headNode{headStep: *s}
	n.next = append(n.next, next)
	return next
}

// sort puts the strict steps before the loose ones, all the way down.
func (n *headNode) sort() {
	slices.SortStableFunc(n.next, func(a, b *headNode) int {
		return cmp.Or(cmp.Compare(a.does, b.does), cmp.Compare(len(b.text), len(a.text)), cmp.Compare(len(b.stop), len(a.stop)),
			cmp.Compare(b.need, a.need))
	})
	for _, next := range n.next {
		next.sort()
	}
}

// join makes neighbours one that read the same and only call it by different names, and a literal and the blanks behind it. What
// follows stays in its order, so that the same head comes first.
func (n *headNode) join() {
	var joined []*headNode
	for _, next := range n.next {
		if last := len(joined) - 1; last >= 0 && joined[last].reads(&next.headStep) {
			joined[last].next = append(joined[last].next, next.next...)
			joined[last].ends = append(joined[last].ends, next.ends...)
		} else {
			joined = append(joined, next)
		}
	}
	n.next = joined
	for _, next := range n.next {
		next.join()
		if next.does == literalPart && len(next.next) == 1 && next.next[0].does == blankPart && len(next.next[0].next) > 0 {
			next.blank = true
			next.next = next.next[0].next
		}
	}
}

// same reports whether both steps do the same.
func (s *headStep) same(other *headStep) bool {
	return s.reads(other) && string(s.name) == string(other.name) && s.need == other.need
}

// reads reports whether both steps read the same.
func (s *headStep) reads(other *headStep) bool {
	return s.does == other.does && s.isLogger() == other.isLogger() && s.text == other.text && s.stop == other.stop && s.lead == other.lead && s.gap == other.gap &&
		len(s.words) == len(other.words) && (len(s.words) == 0 || &s.words[0] == &other.words[0])
}

// headsFormat takes lines apart that begin in one of several ways. It remembers nothing, so that no line depends on those
// before it.
type headsFormat struct {
	*heads
	name   string
	reader headReader
}

func (f *headsFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	r := &f.reader
	r.begin(p, ev, f.heads)
	if r.at[0] < len(r.line) && r.follow(&f.root, 0, r.at[0]) {
		found.free = ev.Line
		return true
	}
	p.fault = append(append(p.fault[:0], f.name...), ": the line does not begin as such lines do at byte "...)
	p.fault = strconv.AppendInt(p.fault, int64(r.far), 10)
	return false
}

// loose reports whether the head that fitted last says so little that other formats should be asked first.
func (f *headsFormat) loose() bool { return f.reader.head != nil && f.reader.head.loose }

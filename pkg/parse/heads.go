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
	begin [256][]*headNode // the first steps that may begin with a byte
}

// headNode is one step and those that may follow.
type headNode struct {
	headStep
	begin byteSet
	next  []*headNode // none behind the last step of a head
	head  *headSource // of the last step
}

// headSource is where the last step of a head comes from.
type headSource struct {
	format string // its name; empty for those that only auto knows, and for those that say little
	text   string
	loose  bool // it says so little that other formats may fit as well
}

// newHeads builds the tree, of the strict heads first.
func newHeads(sources []headSource) *heads {
	var root headNode
	for i := range sources {
		root.grow(&sources[i])
	}
	root.sort()
	h := new(heads)
	for c := range h.begin {
		for _, n := range root.next {
			if n.begin.has(byte(c)) {
				h.begin[c] = append(h.begin[c], n)
			}
		}
	}
	return h
}

// grow adds a head behind n.
func (n *headNode) grow(source *headSource) {
	for _, steps := range compileHead(source.text) {
		at := n
		for i := range steps {
			at = at.child(&steps[i])
		}
		if at.head == nil {
			at.head = source
		}
	}
}

// child is the node behind n for the step.
func (n *headNode) child(s *headStep) *headNode {
	for _, next := range n.next {
		if next.same(s) {
			return next
		}
	}
	next := &headNode{headStep: *s, begin: s.begin()}
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

// same reports whether both steps do the same.
func (s *headStep) same(other *headStep) bool {
	return s.does == other.does && string(s.name) == string(other.name) && s.text == other.text && s.stop == other.stop &&
		s.lead == other.lead && s.gap == other.gap && s.need == other.need && len(s.words) == len(other.words) && (len(s.words) == 0 || &s.words[0] == &other.words[0])
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
	r.begin(p, ev)
	if r.start < len(r.line) && r.follow(f.begin[r.line[r.start]], r.start) {
		found.free = ev.Line
		return true
	}
	p.fault = append(append(p.fault[:0], f.name...), ": the line does not begin as such lines do at byte "...)
	p.fault = strconv.AppendInt(p.fault, int64(r.far), 10)
	return false
}

// loose reports whether the head that fitted last says so little that other formats should be asked first.
func (f *headsFormat) loose() bool { return f.reader.head != nil && f.reader.head.loose }

package parse

import "slices"

// laterAt is where a byte stands that tells the usual shapes of times apart: behind a date of ISO 8601.
const laterAt = len("2006-01-02")

// maxClasses is more than there are classes of bytes.
const maxClasses = 128

// dispatch has, by the class of a byte, a bit for each of the steps behind another that may have it in some place.
type dispatch [maxClasses]uint32

// dispatcher finds the dispatches of a tree of heads. Steps that read the same share what is known about them, and the many
// dispatches that are the same are one.
type dispatcher struct {
	*heads
	steps   map[stepKey]*stepBytes
	sets    []byteSet // in which bytes of one class are together
	plain   []byteSet // with a bit each in heads.plain
	classes []byte    // a byte of each, behind that for the end of the line
	known   map[dispatch]*dispatch
}

// stepKey tells what a step reads.
type stepKey struct {
	does       doing
	text, stop string
	lead       bool
	words      *saidLevel
}

// stepBytes are the bytes that a step may begin with, may have laterAt bytes behind that, and that its text just goes on with.
type stepBytes struct{ begin, later, plain byteSet }

// dispatch tells, for the root and all steps behind it, which may follow before which bytes.
func (h *heads) dispatch() {
	d := dispatcher{heads: h, steps: map[stepKey]*stepBytes{}, known: map[dispatch]*dispatch{}, classes: []byte{0}}
	d.root.walk(d.learn)
	for c := range h.plain {
		for i := range d.plain {
			if d.plain[i].has(byte(c)) {
				h.plain[c] |= 1 << i
			}
		}
	}
	d.classify()
	d.tell(&h.root)
	d.root.walk(d.tell)
}

// walk calls each with every step behind n.
func (n *headNode) walk(each func(*headNode)) {
	for _, next := range n.next {
		each(next)
		next.walk(each)
	}
}

func (d *dispatcher) bytesOf(s *headStep) *stepBytes {
	key := stepKey{does: s.does, text: s.text, stop: s.stop, lead: s.lead}
	if len(s.words) > 0 {
		key.words = &s.words[0]
	}
	if d.steps[key] == nil {
		d.steps[key] = &stepBytes{setOf(s.mayBegin), setOf(s.mayHaveLater), setOf(s.isPlain)}
	}
	return d.steps[key]
}

// learn notes the sets of bytes that matter to the step.
func (d *dispatcher) learn(n *headNode) {
	b := d.bytesOf(&n.headStep)
	d.sets = addSet(addSet(d.sets, b.begin), b.later)
	d.plain = addSet(d.plain, b.plain)
	if n.plain = 1 << slices.Index(d.plain, b.plain); n.plain == 0 {
		panic("parse: more sets than bits for what the texts of heads go on with")
	}
}

func addSet(sets []byteSet, set byteSet) []byteSet {
	if slices.Contains(sets, set) {
		return sets
	}
	return append(sets, set)
}

// classify puts bytes that no set tells apart into one class.
func (d *dispatcher) classify() {
	known := map[string]uint8{}
	in := make([]byte, len(d.sets))
	for c := range d.class {
		for i := range d.sets {
			in[i] = 0
			if d.sets[i].has(byte(c)) {
				in[i] = 1
			}
		}
		if known[string(in)] == 0 {
			known[string(in)] = uint8(len(d.classes))
			d.classes = append(d.classes, byte(c))
		}
		d.class[c] = known[string(in)]
	}
	if len(d.classes) > maxClasses {
		panic("parse: more classes of bytes than heads can tell apart")
	}
}

// tell tells which steps may follow n before bytes of each class. Where the line ends all may.
func (d *dispatcher) tell(n *headNode) {
	if len(n.next) > 32 {
		panic("parse: more steps than bits behind a step of the heads")
	}
	var may, might dispatch
	all := uint32(1)<<len(n.next) - 1
	may[0], might[0] = all, all
	told := false
	for i, next := range n.next {
		b := d.bytesOf(&next.headStep)
		for k, c := range d.classes[1:] {
			if b.begin.has(c) {
				may[1+k] |= 1 << i
			}
			if b.later.has(c) {
				might[1+k] |= 1 << i
			} else {
				told = true
			}
		}
	}
	n.may = d.one(may)
	if told {
		n.might = d.one(might)
	}
}

// one is the one that is like it.
func (d *dispatcher) one(like dispatch) *dispatch {
	if d.known[like] == nil {
		d.known[like] = &like
	}
	return d.known[like]
}

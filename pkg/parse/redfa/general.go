package redfa

import (
	"bytes"
	"regexp/syntax"
)

// general runs what straight-line mode cannot: a tagged DFA that each Matcher builds as its inputs need it, and the
// simulation where the states do not pay.
type general struct {
	prog   *prog
	needs  [][]byte
	limit  int // bytes of states for each Matcher
	groups int // number of positions to answer
	looks  []*look
	marks  []mark
}

// mark is a look-ahead with groups: where it stood is in a slot, and its groups are found by matching it there.
type mark struct {
	slot int
	body *general
}

// defaultLimit bounds the states of a Matcher: about 4 MiB.
const defaultLimit = 4 << 20

// compileGeneral makes the program; slots beyond those of the groups hold what specials write.
func compileGeneral(tree *syntax.Regexp, groups, slots int, specials []special) (*general, error) {
	p, err := newProg(tree, slots, specials)
	return &general{prog: p, needs: needs(tree), limit: defaultLimit, groups: groups}, err
}

// generalMatcher is the scratch of one Matcher.
type generalMatcher struct {
	*prog
	needs  [][]byte
	dfa    *tdfa
	sim    simulation
	in     input
	groups int
	caps   []int
	gaveUp bool
	rest   int // calls for which the simulation runs at once
	back   int // length of the next such period
	looks  []lookMatcher
	marks  []markMatcher
}

type markMatcher struct {
	slot int
	body *generalMatcher
}

// When states are built for fewer than payoff bytes of input each until the cache is full, the input does not come
// back to them: the simulation goes on, and runs the next calls at once, in longer and longer periods up to maxRest.
const (
	payoff  = 16
	maxRest = 1024
)

func (g *general) newMatcher() *generalMatcher {
	s := newStepper(g.prog)
	m := &generalMatcher{
		prog: g.prog, needs: g.needs, dfa: newTDFA(s, g.limit), sim: simulation{step: s}, back: 1,
		groups: g.groups, caps: make([]int, g.prog.slots),
	}
	for _, l := range g.looks {
		m.looks = append(m.looks, l.newMatcher(g.limit/(2*len(g.looks))))
	}
	for _, k := range g.marks {
		m.marks = append(m.marks, markMatcher{k.slot, k.body.newMatcher()})
	}
	return m
}

// input is what the engines read.
type input struct {
	text  []byte
	looks []uint8 // what the look-arounds answer at each position; nil without look-arounds
}

// symbolAt returns the symbol at p and the length of its rune, 0 at the end.
func (p *prog) symbolAt(in *input, at int) (symbol, n int) {
	symbol = p.n
	if at < len(in.text) {
		symbol, n = p.next(in.text, at)
	}
	if p.looks > 0 {
		symbol = symbol<<p.looks | int(in.looks[at])
	}
	return symbol, n
}

// match returns the groups of the leftmost match; valid until the next call.
func (m *generalMatcher) match(text []byte) []int {
	m.in.text, m.gaveUp = text, false
	m.ask()
	found := m.find()
	m.in.text = nil
	if !found {
		return nil
	}
	for _, k := range m.marks {
		if at := m.caps[k.slot]; at >= 0 {
			k.fill(text, at, m.caps[:m.groups])
		}
	}
	return m.caps[:m.groups]
}

// fill adds the groups of a look-ahead that stood at a position.
func (k markMatcher) fill(text []byte, at int, caps []int) {
	k.body.in.text = text
	if k.body.run(at, false) {
		for i, v := range k.body.caps {
			if i > 1 && v >= 0 {
				caps[i] = v
			}
		}
	}
	k.body.in.text = nil
}

// ask lets the look-arounds read the input.
func (m *generalMatcher) ask() {
	if len(m.looks) == 0 {
		return
	}
	n := len(m.in.text) + 1
	if cap(m.in.looks) < n {
		m.in.looks = make([]uint8, n+n/2)
	}
	m.in.looks = m.in.looks[:n]
	clear(m.in.looks)
	for i, l := range m.looks {
		l.mark(m.in.text, m.in.looks, 1<<i)
	}
}

// find tries the start of the input first, as that is where lines are matched, and then searches the rest in one more
// pass, in which the threads of all starts run together.
func (m *generalMatcher) find() bool {
	text := m.in.text
	if bytes.HasPrefix(text, m.prefix) && m.run(0, false) {
		return true
	}
	if m.anchored || len(text) == 0 || !meets(text, m.needs) {
		return false
	}
	p := m.nextStart(width(text, 0))
	return p >= 0 && !m.gaveUp && m.run(p, true)
}

// nextStart returns the first boundary of runes from p on where a match can start, or -1.
func (m *generalMatcher) nextStart(p int) int {
	if m.prefix == nil {
		return p
	}
	n := bytes.Index(m.in.text[p:], m.prefix)
	if n < 0 {
		return -1
	}
	return p + n
}

// run looks for a match that starts at p or, with search, at p or later.
func (m *generalMatcher) run(p int, search bool) bool {
	context := m.contextAt(m.in.text, p)
	if m.rest > 0 {
		m.rest--
		k := &m.sim.from
		k.reset()
		k.search, k.context = search, context
		if !search {
			k.startAt(m.prog, int32(p))
		}
		return m.simulate(p)
	}
	at := m.dfa.start(search, context)
	if !search {
		m.dfa.regs[m.dfa.states[int(at)/m.symbols].regs[0]] = int32(p)
	}
	return m.runStates(p, at)
}

// simulate runs the simulation from p.
func (m *generalMatcher) simulate(p int) bool {
	matched := m.sim.run(&m.in, p, m.caps)
	m.gaveUp = m.gaveUp || m.sim.step.gaveUp
	return matched
}

// pending is a match that was seen: as long as the registers keep their values its groups need not be read.
type pending struct {
	accept int32
	at     int
}

// runStates runs the tagged DFA from a state at p.
func (m *generalMatcher) runStates(p int, at uint32) bool {
	d, from, matched := m.dfa, p, false
	seen := pending{accept: none}
	for {
		if m.prog.looks == 0 {
			at, p, seen = m.skip(p, at, seen)
		}
		symbol, n := m.symbolAt(&m.in, p)
		t := d.trans[int(at)+symbol]
		if t>>32 == unknown {
			if d.used > d.limit {
				matched = m.settle(&seen) || matched
				if !m.makeRoom(&at, p-from) {
					return m.simulate(p) || matched && !m.gaveUp
				}
			}
			t = d.build(at, symbol)
		}
		if n := t >> 32; n >= loops && n < writes {
			l, to := d.pass(t, m.in.text, p)
			if to > p {
				p = to
				if l.accept != none {
					seen = pending{l.accept, p - 1}
				}
				continue
			}
			t = l.back
		}
		act := d.actionOf(t)
		if act.gaveUp {
			m.gaveUp = true
			return false
		}
		if act.accept != none {
			seen = pending{act.accept, p}
		}
		if act.dead {
			break
		}
		if len(act.ops) > 0 {
			if seen.accept != none && d.overwrites(act.ops, seen.accept) {
				matched = m.settle(&seen) || matched
			}
			d.apply(act.ops, int32(p))
		}
		at = uint32(t)
		p += n
		if act.idle && (p == len(m.in.text) || m.in.text[p] != m.prefix[0]) {
			if p = m.nextStart(p); p < 0 {
				break
			}
			at = d.start(true, m.contextAt(m.in.text, p))
		}
	}
	d.read += max(p, from) - from
	return m.settle(&seen) || matched
}

// skip follows transitions over ASCII that do nothing, note a match, or change registers that a pending match does not
// read.
func (m *generalMatcher) skip(p int, at uint32, seen pending) (uint32, int, pending) {
	d, ascii, in := m.dfa, &m.ascii, m.in.text
	trans, regs := d.trans, d.regs
	for p < len(in) {
		c := in[p]
		if c >= 0x80 {
			break
		}
		t := trans[uint32(ascii[c])+at]
		if action := t >> 32; action != plain {
			switch {
			case action >= writes && (seen.accept == none || !d.reads(seen.accept, int32(action-writes))):
				regs[action-writes] = int32(p)
			case action >= notes && action < loops:
				seen = pending{int32(action - notes), p}
			case action < unknown && d.actions[action].moves && (seen.accept == none || !d.overwrites(d.actions[action].ops, seen.accept)):
				d.apply(d.actions[action].ops, int32(p))
			default:
				return at, p, seen
			}
		}
		at = uint32(t)
		p++
	}
	return at, p, seen
}

// settle reads the groups of a pending match into caps and reports whether there was one.
func (m *generalMatcher) settle(seen *pending) bool {
	if seen.accept == none {
		return false
	}
	for i, v := range m.dfa.accepts[seen.accept].slots {
		switch v {
		case none:
			m.caps[i] = -1
		case here:
			m.caps[i] = seen.at
		default:
			m.caps[i] = int(m.dfa.regs[v])
		}
	}
	if m.caps[1] < 0 {
		m.caps[1] = seen.at
	}
	seen.accept = none
	return true
}

// makeRoom empties the cache; *at becomes the number the current state has then. If the states have not paid, it sets
// the simulation up to go on from the state and returns false.
func (m *generalMatcher) makeRoom(at *uint32, progress int) bool {
	d := m.dfa
	read := d.read + progress
	paid := read-d.builtAt >= payoff*d.statesBuilt
	d.builtAt = read
	if paid {
		m.back = 1
		*at = d.restart(*at)
		return true
	}
	m.rest, m.back = m.back, min(2*m.back, maxRest)
	k := &m.sim.from
	d.load(*at, k)
	d.flush()
	for i, v := range k.vals {
		if v != none {
			k.vals[i] = d.regs[v]
		}
	}
	return false
}

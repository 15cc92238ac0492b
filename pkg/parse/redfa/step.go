package redfa

// Values of slots. The simulation keeps positions in them, the tagged DFA numbers of registers; both know "none".
const (
	none int32 = -1
	here int32 = -2 // the tagged DFA's: the position at which the step is taken
)

// kernel is a list of threads, most preferred first: what is left of the program's paths after a rune was consumed,
// before empty-width conditions and captures at the position are looked at. Waiting for the next symbol (Trofimovich's
// lookahead) is what tells most threads apart before they write a single register.
type kernel struct {
	pcs     []int32
	vals    []int32 // the slots of each thread
	search  bool    // a match may also start at the position, less preferred than all threads
	context int32   // what is known of the rune before the position
}

func (k *kernel) reset() {
	k.pcs, k.vals, k.search, k.context = k.pcs[:0], k.vals[:0], false, 0
}

// copyFrom makes k a copy of o.
func (k *kernel) copyFrom(o *kernel) {
	k.pcs, k.vals = append(k.pcs[:0], o.pcs...), append(k.vals[:0], o.vals...)
	k.search, k.context = o.search, o.context
}

// frame is what is left to do in the depth-first walk: explore pc, or give a slot its value back.
type frame struct{ pc, slot, val int32 }

// stepper takes a kernel over one symbol. It is the semantics of both the tagged DFA, which calls it once for each
// transition, and the simulation, which calls it for each symbol.
type stepper struct {
	p       *prog
	stack   []frame
	cur     []int32  // slots of the thread that is explored
	accept  []int32  // slots of the thread that has matched
	seen    []uint32 // seen[pc] == now: explored in this step
	added   []uint32 // added[pc] == now: in the next kernel
	now     uint32
	visited int // nodes explored since the Matcher was made, for tests of linearity
}

func newStepper(p *prog) *stepper {
	return &stepper{
		p: p, cur: make([]int32, p.slots), accept: make([]int32, p.slots),
		seen: make([]uint32, len(p.nodes)), added: make([]uint32, len(p.nodes)),
	}
}

// step takes the threads of from over the symbol; to receives those that consume it. Captures at the position get the
// value at. It reports whether a thread has matched before the symbol: s.accept then holds its slots, and threads less
// preferred are gone. A program node is explored once for each step, by the most preferred thread that gets there.
func (s *stepper) step(from, to *kernel, symbol int, at int32) bool {
	to.reset()
	s.now++
	if s.now == 0 { // wrapped around
		clear(s.seen)
		clear(s.added)
		s.now = 1
	}
	if symbol < s.p.n {
		to.context = s.p.contextOf[symbol]
	}
	n := s.p.slots
	for i, pc := range from.pcs {
		copy(s.cur, from.vals[i*n:(i+1)*n])
		if s.explore(pc, from.context, symbol, at, to) {
			return true
		}
	}
	if from.search {
		for i := range s.cur {
			s.cur[i] = none
		}
		s.cur[0] = at
		if s.explore(s.p.start, from.context, symbol, at, to) {
			return true
		}
		to.search = true
	}
	return false
}

// explore walks from pc through everything that consumes nothing, in order of preference.
func (s *stepper) explore(pc, context int32, symbol int, at int32, to *kernel) bool {
	s.stack = append(s.stack[:0], frame{pc, none, 0})
	for len(s.stack) > 0 {
		f := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if f.slot != none {
			s.cur[f.slot] = f.val
			continue
		}
		if s.follow(f.pc, context, symbol, at, to) {
			return true
		}
	}
	return false
}

// follow follows the preferred path from pc and puts the others on the stack. It reports whether it led to a match.
func (s *stepper) follow(pc, context int32, symbol int, at int32, to *kernel) bool {
	p := s.p
	for s.seen[pc] != s.now {
		s.seen[pc] = s.now
		s.visited++
		n := &p.nodes[pc]
		switch n.op {
		case nodeAlt:
			s.stack = append(s.stack, frame{n.arg, none, 0})
		case nodeSlot:
			if int(n.arg) < p.slots {
				s.stack = append(s.stack, frame{0, n.arg, s.cur[n.arg]})
				s.cur[n.arg] = at
			}
		case nodeCond:
			if !p.holds[(int(n.arg)*p.contexts+int(context))*p.symbols+symbol] {
				return false
			}
		case nodeSet:
			if symbol < p.n && p.in[int(n.arg)*p.n+symbol] && s.added[n.out] != s.now {
				s.added[n.out] = s.now
				to.pcs = append(to.pcs, n.out)
				to.vals = append(to.vals, s.cur...)
			}
			return false
		case nodeMatch:
			copy(s.accept, s.cur)
			return true
		default:
			return false
		}
		pc = n.out
	}
	return false
}

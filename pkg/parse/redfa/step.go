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
	trails  trails  // the atomic groups of each thread; empty if the program has none
	search  bool    // a match may also start at the position, less preferred than all threads
	context int32   // what is known of the rune before the position
}

func (k *kernel) reset() {
	k.pcs, k.vals, k.search, k.context = k.pcs[:0], k.vals[:0], false, 0
	k.trails.reset()
}

// empty reports whether nothing can come of k.
func (k *kernel) empty() bool { return len(k.pcs) == 0 && !k.search }

// startAt makes k the kernel of a match that starts at a position with the value at.
func (k *kernel) startAt(p *prog, at int32) {
	k.pcs = append(k.pcs, p.start)
	for range p.slots {
		k.vals = append(k.vals, none)
	}
	if p.slots > 0 {
		k.vals[0] = at
	}
	if p.atomic {
		k.trails.add(nil)
	}
}

// frame is what is left to do in the depth-first walk: explore pc, or give a slot its value back.
type frame struct{ pc, slot, val, trail int32 }

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
	every   bool // a match does not end less preferred threads: which positions match is asked, not how
	matched bool
	gaveUp  bool // atomic groups called for more threads than there may be
	visited int  // nodes explored since the Matcher was made, for tests of linearity
	atoms   atoms
}

func newStepper(p *prog) *stepper {
	s := &stepper{
		p: p, cur: make([]int32, p.slots), accept: make([]int32, p.slots),
		seen: make([]uint32, len(p.nodes)), added: make([]uint32, len(p.nodes)),
	}
	s.atoms.init(p)
	return s
}

// step takes the threads of from over the symbol; to receives those that consume it. Captures at the position get the
// value at. It reports whether a thread has matched before the symbol: s.accept then holds its slots, and threads less
// preferred are gone. A program node is explored once for each step, by the most preferred thread that gets there
// (atomic groups may need more than one: see atoms).
func (s *stepper) step(from, to *kernel, symbol int, at int32) bool {
	s.begin(from, to, symbol)
	n := s.p.slots
	ended := false
	for i, pc := range from.pcs {
		copy(s.cur, from.vals[i*n:(i+1)*n])
		if ended = s.explore(pc, s.trailOf(from, i), from.context, symbol, at, to); ended {
			break
		}
	}
	if from.search && !ended {
		for i := range s.cur {
			s.cur[i] = none
		}
		if n > 0 {
			s.cur[0] = at
		}
		to.search = !s.explore(s.p.start, none, from.context, symbol, at, to)
	}
	if s.p.atomic {
		s.atoms.finish(to, n)
	}
	return s.matched
}

// begin prepares the scratch of a step.
func (s *stepper) begin(from, to *kernel, symbol int) {
	to.reset()
	s.matched, s.gaveUp = false, false
	s.now++
	if s.now == 0 { // wrapped around
		clear(s.seen)
		clear(s.added)
		s.now = 1
	}
	if class := symbol >> s.p.looks; class < s.p.n {
		to.context = s.p.contextOf[class]
	}
	if s.p.atomic {
		s.atoms.begin(from)
	}
}

func (s *stepper) trailOf(k *kernel, i int) int32 {
	if !s.p.atomic {
		return none
	}
	return s.atoms.load(k.trails.of(i))
}

// explore walks from pc through everything that consumes nothing, in order of preference. It reports whether a match
// has ended the step.
func (s *stepper) explore(pc, trail, context int32, symbol int, at int32, to *kernel) bool {
	s.stack = append(s.stack[:0], frame{pc, none, 0, trail})
	for len(s.stack) > 0 {
		f := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if f.slot != none {
			s.cur[f.slot] = f.val
			continue
		}
		if s.p.atomic && s.atoms.cut(f.trail) {
			continue
		}
		if s.follow(f, context, symbol, at, to) {
			return true
		}
	}
	return false
}

// follow follows the preferred path from a frame and puts the others on the stack.
func (s *stepper) follow(f frame, context int32, symbol int, at int32, to *kernel) bool {
	p, pc := s.p, f.pc
	for !s.isSeen(pc, f.trail) {
		s.visited++
		n := &p.nodes[pc]
		switch n.op {
		case nodeAlt:
			s.stack = append(s.stack, frame{n.arg, none, 0, f.trail})
		case nodeSlot:
			if int(n.arg) < p.slots {
				s.stack = append(s.stack, frame{0, n.arg, s.cur[n.arg], none})
				s.cur[n.arg] = at
			}
		case nodeCond:
			if !p.holds[(int(n.arg)*p.contexts+int(context))*p.symbols+symbol] {
				return false
			}
		case nodeEnter:
			f.trail = s.atoms.enter(f.trail)
		case nodeLeave:
			after, final := s.atoms.leave(f.trail)
			if !final {
				s.stack = append(s.stack, frame{n.arg, none, 0, f.trail})
			}
			f.trail = after
		case nodeWitness:
			s.witness(pc, f.trail, to)
			return false
		case nodeSet:
			s.consume(n, f.trail, symbol, to)
			return false
		case nodeMatch:
			return s.match(f.trail, pc, at, to)
		default:
			return false
		}
		pc = n.out
	}
	return false
}

// isSeen reports whether a more preferred thread has explored pc in this step, and marks it explored.
func (s *stepper) isSeen(pc, trail int32) bool {
	if s.p.atomic {
		return s.atoms.known(&s.seen[pc], s.now, s.atoms.seen, pc, trail)
	}
	if s.seen[pc] == s.now {
		return true
	}
	s.seen[pc] = s.now
	return false
}

// consume adds the thread to the next kernel if the node consumes the symbol.
func (s *stepper) consume(n *node, trail int32, symbol int, to *kernel) {
	p := s.p
	class := symbol >> p.looks
	if class < p.n && p.in[int(n.arg)*p.n+class] {
		s.add(n.out, trail, to)
	}
}

// add adds the thread to the next kernel unless a preferred one makes it superfluous.
func (s *stepper) add(pc, trail int32, to *kernel) {
	if s.p.atomic {
		if len(to.pcs) >= maxThreads(s.p) {
			s.gaveUp = true
			return
		}
		if s.atoms.known(&s.added[pc], s.now, s.atoms.added, pc, trail) {
			return
		}
		s.atoms.next = append(s.atoms.next, trail)
	} else {
		if s.added[pc] == s.now {
			return
		}
		s.added[pc] = s.now
	}
	to.pcs = append(to.pcs, pc)
	to.vals = append(to.vals, s.cur...)
}

// witness finishes the group of a witness, or lets the witness wait on.
func (s *stepper) witness(pc, trail int32, to *kernel) {
	if _, final := s.atoms.leave(trail); final {
		return
	}
	from := len(to.vals)
	s.add(pc, trail, to)
	for i := range to.vals[from:] {
		to.vals[from+i] = none
	}
}

// match is called where a thread has matched, and reports whether that ends the step. Where a preferred thread may
// still finish an atomic group of the thread, the match is provisional: the thread stays in the list, its end in slot 1,
// until it is cut or nothing can cut it any more.
func (s *stepper) match(trail, pc, at int32, to *kernel) bool {
	if trail != none && !s.atoms.certain(trail) {
		if s.cur[1] == none {
			s.cur[1] = at
		}
		s.add(pc, trail, to)
		s.cur[1] = none
		return false
	}
	copy(s.accept, s.cur)
	s.matched = true
	return !s.every
}

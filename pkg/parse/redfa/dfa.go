package redfa

import (
	"encoding/binary"
	"slices"
)

// tdfa is a lazily built tagged DFA (Laurikari): its states are kernels whose slots are numbers of registers, its
// transitions carry operations on registers. A state is built when an input first needs it.
//
// Two kernels are the same state if they agree up to the names of registers; the transition then moves the values to
// where the existing state keeps them. A new state keeps the values where they are, so that the common path through an
// expression moves nothing: it only writes the position into a fresh register where a group begins or ends.
type tdfa struct {
	step     *stepper
	limit    int      // bytes the states may take
	used     int      // bytes they take, about
	trans    []uint64 // trans[offset of state + symbol]: action<<32 | offset of the next state
	states   []state
	index    map[string]uint32 // key of a state: its offset
	initial  []uint32          // offset+1 of the state at the start of a search or a try, by context
	actions  []action
	acts     map[string]uint64
	accepts  []accept
	loops    []loop
	regs     []int32 // the registers' values
	from, to kernel  // scratch

	key          []byte  // scratch: key of the state looked for
	sources      []int32 // scratch: canonical number: register or here
	number       []int32 // scratch: register+2: canonical number + 1 (0: not met yet)
	taken        []bool  // scratch: registers in use
	ops          []op    // scratch
	single       [1]op   // scratch
	builtAt      int     // bytes of input read when the cache was last emptied
	read         int     // bytes of input read, without those of the current run
	statesBuilt  int     // since then
	hasIdleState bool    // the program has a prefix to look for when no thread is left
}

// state is a kernel up to the names of registers, and the registers.
type state struct {
	key  string  // context, search, and each thread's pc and slots in canonical numbers
	regs []int32 // register of each canonical number
	loop int     // number of its loop among all, from 1 on, or 0
}

// action is what a transition does beyond going to the next state.
type action struct {
	ops    []op
	accept int32 // index in accepts: a thread has matched before the symbol; or none
	dead   bool  // no thread is left
	idle   bool  // none is left but matches may start later
	gaveUp bool  // too many threads: the answer is unknown
	moves  bool  // it has operations and does nothing else
}

const (
	plain   = 0                 // no action
	unknown = uint64(1)<<30 - 1 // the transition is not built yet
	notes   = uint64(1) << 30   // and above: the action is to note the match action-notes
	loops   = uint64(3) << 29   // and above: the action is loop action-loops
	writes  = uint64(1) << 31   // and above: the action is to write the position to register action-writes

	scratchRegister = 0 // breaks cycles of moves
	startRegister   = 1 // stands for the start of the match where an initial state is made

	stateOverhead = 160 // bytes of a state besides its key, registers and transitions, about
)

func newTDFA(s *stepper, limit int) *tdfa {
	d := &tdfa{step: s, limit: limit, hasIdleState: s.p.prefix != nil}
	d.regs = make([]int32, 2)
	d.flush()
	return d
}

// flush forgets all states. Registers keep their values.
func (d *tdfa) flush() {
	d.trans, d.states = d.trans[:0], d.states[:0]
	d.actions = append(d.actions[:0], action{accept: none})
	d.accepts, d.loops = d.accepts[:0], d.loops[:0]
	d.index, d.acts = map[string]uint32{}, map[string]uint64{}
	d.initial = make([]uint32, 2*d.step.p.contexts)
	d.used, d.statesBuilt = 0, 0
}

func (d *tdfa) stride() int { return d.step.p.symbols }

// start returns the state in which a match must start here, or may start here or later (search). The state of a must
// has one register, for the start.
func (d *tdfa) start(search bool, context int32) uint32 {
	i := 2 * context
	if search {
		i++
	}
	if d.initial[i] == 0 {
		k := &d.to
		k.reset()
		k.search, k.context = search, context
		if !search {
			k.startAt(d.step.p, startRegister)
		}
		at := d.intern(k)
		d.initial[i] = at + 1
	}
	return d.initial[i] - 1
}

// build computes the transition of a state for a symbol.
func (d *tdfa) build(at uint32, symbol int) uint64 {
	d.load(at, &d.from)
	act := action{accept: none}
	if d.step.step(&d.from, &d.to, symbol, here) {
		act.accept = int32(len(d.accepts))
		if i := slices.IndexFunc(d.accepts, func(a accept) bool { return slices.Equal(a.slots, d.step.accept) }); i >= 0 {
			act.accept = int32(i)
		} else {
			d.accepts = append(d.accepts, newAccept(d.step.accept))
			d.used += 4*len(d.step.accept) + len(d.regs)
		}
	}
	var next uint32
	act.gaveUp = d.step.gaveUp
	if act.gaveUp || symbol>>d.step.p.looks == d.step.p.n || d.to.empty() {
		act.dead = true
		d.ops = d.ops[:0]
	} else {
		next = d.intern(&d.to)
		act.idle = d.hasIdleState && len(d.to.pcs) == 0
	}
	t := d.action(act)<<32 | uint64(next)
	d.trans[int(at)+symbol] = t
	d.addLoop(at, t)
	return t
}

// actionOf returns what a transition does.
func (d *tdfa) actionOf(t uint64) action {
	switch n := t >> 32; {
	case n < notes:
		return d.actions[n]
	case n < writes:
		return action{accept: int32(n - notes)}
	}
	d.single[0] = op{int32(t>>32 - writes), here, 1}
	return action{ops: d.single[:], accept: none}
}

// action returns the number of the action with the operations in d.ops.
func (d *tdfa) action(a action) uint64 {
	if !a.dead && !a.idle {
		switch {
		case len(d.ops) == 0 && a.accept == none:
			return plain
		case len(d.ops) == 0:
			return notes + uint64(a.accept)
		case len(d.ops) == 1 && d.ops[0].src == here && a.accept == none:
			return writes + uint64(d.ops[0].dst)
		}
	}
	key := d.key[:0]
	key = binary.AppendVarint(key, int64(a.accept))
	key = append(key, byte(b2i(a.dead)), byte(b2i(a.idle)), byte(b2i(a.gaveUp)))
	for _, o := range d.ops {
		key = binary.AppendVarint(binary.AppendVarint(key, int64(o.dst)), int64(o.src))
	}
	d.key = key
	if n, ok := d.acts[string(key)]; ok {
		return n
	}
	a.ops = joined(d.ops)
	a.moves = a.accept == none && !a.dead && !a.idle
	n := uint64(len(d.actions))
	d.actions = append(d.actions, a)
	d.acts[string(key)] = n
	d.used += stateOverhead + 12*len(a.ops) + len(key)
	return n
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// intern returns the state of a kernel, new or known, and leaves in d.ops how registers get from the kernel to it.
func (d *tdfa) intern(k *kernel) uint32 {
	d.canonical(k)
	at, ok := d.index[string(d.key)]
	if !ok {
		at = d.add()
	}
	d.moves(d.states[int(at)/d.stride()].regs)
	return at
}

// canonical writes the key of the kernel to d.key and the sources of its values to d.sources. Values are numbered in
// the order in which they appear.
func (d *tdfa) canonical(k *kernel) {
	d.forgetContext(k)
	d.number = append(d.number[:0], make([]int32, len(d.regs)+2)...)
	d.sources = d.sources[:0]
	key := binary.AppendUvarint(d.key[:0], uint64(k.context)<<1|uint64(b2i(k.search)))
	slots := d.step.p.slots
	for i, pc := range k.pcs {
		key = binary.AppendUvarint(key, uint64(pc))
		if d.step.p.atomic {
			key = appendTrail(key, k.trails.of(i))
		}
		absent := 0 // a run of slots without value is its length and a zero
		for _, v := range k.vals[i*slots : (i+1)*slots] {
			if v == none {
				absent++
				continue
			}
			if absent > 0 {
				key, absent = binary.AppendUvarint(append(key, 0), uint64(absent)), 0
			}
			n := &d.number[v-here]
			if *n == 0 {
				d.sources = append(d.sources, v)
				*n = int32(len(d.sources))
			}
			key = binary.AppendUvarint(key, uint64(*n))
		}
		if absent > 0 {
			key = binary.AppendUvarint(append(key, 0), uint64(absent))
		}
	}
	d.key = key
}

// forgetContext drops what is known of the rune before the position where no thread asks for it.
func (d *tdfa) forgetContext(k *kernel) {
	p := d.step.p
	if k.search && p.asks[p.start] {
		return
	}
	for _, pc := range k.pcs {
		if p.asks[pc] {
			return
		}
	}
	k.context = 0
}

func appendTrail(key []byte, trail []int32) []byte {
	key = binary.AppendUvarint(key, uint64(len(trail)))
	for _, item := range trail {
		key = binary.AppendUvarint(key, uint64(item))
	}
	return key
}

// add makes a state of d.key and d.sources.
func (d *tdfa) add() uint32 {
	d.taken = append(d.taken[:0], make([]bool, len(d.regs))...)
	d.taken[scratchRegister] = true
	for _, v := range d.sources {
		if v != here {
			d.taken[v] = true
		}
	}
	s := state{key: string(d.key), regs: slices.Clone(d.sources)}
	for i, v := range s.regs {
		if v == here {
			s.regs[i] = d.free()
		}
	}
	at := uint32(len(d.trans))
	for range d.stride() {
		d.trans = append(d.trans, unknown<<32)
	}
	d.states = append(d.states, s)
	d.index[s.key] = at
	d.statesBuilt++
	d.used += stateOverhead + len(s.key) + 4*len(s.regs) + 8*d.stride()
	return at
}

// free returns a register that is not taken, a new one if need be.
func (d *tdfa) free() int32 {
	i := slices.Index(d.taken, false)
	if i < 0 {
		i = len(d.regs)
		d.regs = append(d.regs, 0)
	}
	return int32(i)
}

// load makes k the kernel of a state, its slots being registers.
func (d *tdfa) load(at uint32, k *kernel) {
	s := &d.states[int(at)/d.stride()]
	k.reset()
	key := []byte(s.key)
	uvarint := func() uint64 {
		v, n := binary.Uvarint(key)
		key = key[n:]
		return v
	}
	head := uvarint()
	k.context, k.search = int32(head>>1), head&1 != 0
	for len(key) > 0 {
		k.pcs = append(k.pcs, int32(uvarint()))
		if d.step.p.atomic {
			n := int(uvarint())
			for range n {
				k.trails.items = append(k.trails.items, int32(uvarint()))
			}
			k.trails.add(nil)
		}
		for end := len(k.vals) + d.step.p.slots; len(k.vals) < end; {
			if n := uvarint(); n > 0 {
				k.vals = append(k.vals, s.regs[n-1])
				continue
			}
			for n := uvarint(); n > 0; n-- {
				k.vals = append(k.vals, none)
			}
		}
	}
}

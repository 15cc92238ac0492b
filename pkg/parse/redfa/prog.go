package redfa

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// prog is the nondeterministic program that the tagged DFA and the simulation run: regexp/syntax's, with sets of runes
// replaced by sets of classes and empty-width conditions by tables.
type prog struct {
	nodes    []node
	start    int32
	slots    int // number of capture positions
	anchored bool
	atomic   bool   // there are atomic groups
	looks    int    // number of look-arounds whose answers are part of the symbols
	prefix   []byte // every match starts with it
	*alphabet
	asks      []bool  // by node: a condition can be reached without consuming
	contexts  int     // number of contexts: what conditions tell apart in the rune before a position
	begin     int32   // context of the start of the input
	contextOf []int32 // context after a rune of the class
	holds     []bool  // holds[(cond*contexts+context)*symbols+symbol]
	symbols   int     // a symbol is a class, or n for the end of the input, times 2^looks, plus the answers
}

type nodeOp uint8

const (
	nodeFail    nodeOp = iota
	nodeMatch          // the expression has matched
	nodeJump           // on to out
	nodeAlt            // out is preferred to arg
	nodeSlot           // position into slot arg
	nodeCond           // condition arg must hold
	nodeEnter          // an atomic group begins
	nodeLeave          // and ends; arg is its witness
	nodeWitness        // of a provisional end, see atoms
	nodeSet            // consumes a rune of set arg
)

type node struct {
	op       nodeOp
	out, arg int32
}

// special is what regexp/syntax has no word for. It stands in an expression as a group of a number from firstSpecial on,
// around what it applies to.
type special struct {
	kind specialKind
	edge *edge
	slot int
}

type specialKind uint8

const (
	specialEdge   specialKind = iota // a condition; the group is empty
	specialAtomic                    // the group is atomic
	specialMark                      // the position goes into a slot; the group is empty
)

const firstSpecial = 1 << 20

type progBuilder struct {
	p        *prog
	specials []special
	sets     setTable
	conds    []*edge
}

// newProg translates the program of regexp/syntax.
func newProg(tree *syntax.Regexp, slots int, specials []special) (*prog, error) {
	sp, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	b := &progBuilder{p: &prog{start: int32(sp.Start), slots: slots}, specials: specials}
	b.p.anchored = sp.StartCond()&syntax.EmptyBeginText != 0
	if s, _ := sp.Prefix(); s != "" {
		b.p.prefix = []byte(s)
	}
	for i := range sp.Inst {
		b.p.nodes = append(b.p.nodes, b.node(&sp.Inst[i]))
	}
	b.p.shorten()
	b.p.addWitnesses()
	b.p.findConditions()
	b.p.alphabet = newAlphabet(b.sets.sets)
	b.tables()
	return b.p, nil
}

func (b *progBuilder) node(i *syntax.Inst) node {
	n := node{out: int32(i.Out), arg: int32(i.Arg)}
	switch i.Op {
	case syntax.InstFail:
		n.op = nodeFail
	case syntax.InstMatch:
		n.op = nodeMatch
	case syntax.InstNop:
		n.op = nodeJump
	case syntax.InstAlt, syntax.InstAltMatch:
		n.op = nodeAlt
	case syntax.InstCapture:
		if group := int(i.Arg >> 1); group >= firstSpecial {
			return b.special(n, b.specials[group-firstSpecial], i.Arg&1 == 0)
		}
		n.op = nodeSlot
	case syntax.InstEmptyWidth:
		n.op, n.arg = nodeCond, b.cond(emptyEdge(syntax.EmptyOp(i.Arg)))
	default:
		n.op, n.arg = nodeSet, int32(b.sets.add(instSet(i)))
	}
	return n
}

// special translates the begin or the end of a special group.
func (b *progBuilder) special(n node, s special, begin bool) node {
	switch {
	case s.kind == specialAtomic && begin:
		n.op, b.p.atomic = nodeEnter, true
	case s.kind == specialAtomic:
		n.op = nodeLeave
	case !begin:
		n.op = nodeJump
	case s.kind == specialEdge:
		n.op, n.arg = nodeCond, b.cond(s.edge)
	default:
		n.op, n.arg = nodeSlot, int32(s.slot)
	}
	return n
}

// instSet returns the runes that an instruction consumes.
func instSet(i *syntax.Inst) runeSet {
	switch {
	case i.Op == syntax.InstRuneAny:
		return anyRune
	case i.Op == syntax.InstRuneAnyNotNL:
		return anyRuneNotNL
	case len(i.Rune) == 1:
		return literalSet(i.Rune[0], syntax.Flags(i.Arg))
	}
	return i.Rune
}

func (b *progBuilder) cond(e *edge) int32 {
	if i := slices.IndexFunc(b.conds, e.equal); i >= 0 {
		return int32(i)
	}
	b.conds = append(b.conds, e)
	e.sets(func(s runeSet) { b.sets.add(s) })
	b.p.looks = max(b.p.looks, e.lastLook()+1)
	return int32(len(b.conds) - 1)
}

// shorten lets nodes point past jumps. Nodes that cannot be reached become failures: regexp/syntax leaves unfinished
// ones behind where a part of the expression cannot match.
func (p *prog) shorten() {
	p.removeUnreachable()
	past := func(i int32) int32 {
		for p.nodes[i].op == nodeJump {
			i = p.nodes[i].out
		}
		return i
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		n.out = past(n.out)
		if n.op == nodeAlt {
			n.arg = past(n.arg)
		}
	}
	p.start = past(p.start)
}

// addWitnesses gives each end of an atomic group its witness.
func (p *prog) addWitnesses() {
	for i := range p.nodes {
		if p.nodes[i].op == nodeLeave {
			p.nodes[i].arg = int32(len(p.nodes))
			p.nodes = append(p.nodes, node{op: nodeWitness})
		}
	}
}

// findConditions computes asks, from the conditions backwards.
func (p *prog) findConditions() {
	p.asks = make([]bool, len(p.nodes))
	before := make([][]int32, len(p.nodes)) // by node: those that lead to it without consuming
	var todo []int32
	for i, n := range p.nodes {
		switch n.op {
		case nodeAlt:
			before[n.arg] = append(before[n.arg], int32(i))
			before[n.out] = append(before[n.out], int32(i))
		case nodeSlot, nodeEnter, nodeLeave:
			before[n.out] = append(before[n.out], int32(i))
		case nodeCond:
			p.asks[i] = true
			todo = append(todo, int32(i))
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, b := range before[i] {
			if !p.asks[b] {
				p.asks[b] = true
				todo = append(todo, b)
			}
		}
	}
}

func (p *prog) removeUnreachable() {
	reached := make([]bool, len(p.nodes))
	for todo := []int32{p.start}; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[i] {
			continue
		}
		reached[i] = true
		n := &p.nodes[i]
		if n.op == nodeAlt {
			todo = append(todo, n.arg)
		}
		if n.op != nodeFail && n.op != nodeMatch {
			todo = append(todo, n.out)
		}
	}
	for i, ok := range reached {
		if !ok {
			p.nodes[i] = node{}
		}
	}
}

// tables computes the contexts and in which of them, before which symbol, each condition holds.
func (b *progBuilder) tables() {
	p := b.p
	p.symbols = (p.n + 1) << p.looks
	p.contextOf = make([]int32, p.n)
	ids := map[string]int32{}
	context := func(before rune) int32 {
		signature := make([]byte, 0, len(b.conds)*p.symbols)
		for _, c := range b.conds {
			for symbol := range p.symbols {
				signature = append(signature, byte(b2i(c.holds(before, p.sample(symbol>>p.looks), symbol))))
			}
		}
		id, ok := ids[string(signature)]
		if !ok {
			id = int32(len(ids))
			ids[string(signature)] = id
		}
		return id
	}
	p.begin = context(-1)
	for class := range p.contextOf {
		p.contextOf[class] = context(p.sample(class))
	}
	p.contexts = len(ids)
	p.holds = make([]bool, len(b.conds)*p.contexts*p.symbols)
	for signature, id := range ids {
		for i := range signature {
			cond, symbol := i/p.symbols, i%p.symbols
			p.holds[(cond*p.contexts+int(id))*p.symbols+symbol] = signature[i] == 1
		}
	}
}

// sample returns a rune of the class, or -1 for what is beyond the input.
func (p *prog) sample(class int) rune {
	if class == p.n {
		return -1
	}
	return p.samples[class]
}

// contextAt returns the context at position at of the input, a boundary of runes.
func (p *prog) contextAt(in []byte, at int) int32 {
	if at == 0 {
		return p.begin
	}
	r, _ := utf8.DecodeLastRune(in[:at])
	return p.contextOf[p.of(r)]
}

package redfa

import (
	"regexp/syntax"
	"unicode/utf8"
)

// prog is the nondeterministic program that the tagged DFA and the simulation run: regexp/syntax's, with sets of runes
// replaced by sets of classes and empty-width conditions by tables.
type prog struct {
	nodes    []node
	start    int32
	slots    int // number of capture positions
	anchored bool
	prefix   []byte // every match starts with it
	*alphabet
	contexts  int     // number of contexts: what conditions tell apart in the rune before a position
	begin     int32   // context of the start of the input
	contextOf []int32 // context after a rune of the class
	holds     []bool  // holds[(cond*contexts+context)*symbols+symbol]
	symbols   int     // number of classes and the end of the input, which is the last symbol
}

type nodeOp uint8

const (
	nodeFail  nodeOp = iota
	nodeMatch        // the expression has matched
	nodeJump         // on to out
	nodeAlt          // out is preferred to arg
	nodeSlot         // position into slot arg
	nodeCond         // condition arg must hold
	nodeSet          // consumes a rune of set arg
)

type node struct {
	op       nodeOp
	out, arg int32
}

// condition is an empty-width condition between two runes.
type condition struct {
	empty syntax.EmptyOp
}

var (
	newlineSet = runeSet{'\n', '\n'}
	wordSet    = runeSet{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
)

// noContext is the class before the start of the input and after its end.
const noContext = -1

type progBuilder struct {
	p     *prog
	sets  setTable
	conds []condition
}

// newProg translates the program of regexp/syntax.
func newProg(tree *syntax.Regexp, slots int) (*prog, error) {
	sp, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	b := &progBuilder{p: &prog{start: int32(sp.Start), slots: slots}}
	b.p.anchored = sp.StartCond()&syntax.EmptyBeginText != 0
	if s, _ := sp.Prefix(); s != "" {
		b.p.prefix = []byte(s)
	}
	for i := range sp.Inst {
		b.p.nodes = append(b.p.nodes, b.node(&sp.Inst[i]))
	}
	b.p.shorten()
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
		n.op = nodeSlot
	case syntax.InstEmptyWidth:
		n.op, n.arg = nodeCond, b.cond(condition{empty: syntax.EmptyOp(i.Arg)})
	default:
		n.op, n.arg = nodeSet, int32(b.sets.add(instSet(i)))
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

func (b *progBuilder) cond(c condition) int32 {
	for i, have := range b.conds {
		if have == c {
			return int32(i)
		}
	}
	b.conds = append(b.conds, c)
	b.sets.add(newlineSet)
	b.sets.add(wordSet)
	return int32(len(b.conds) - 1)
}

// shorten lets nodes point past jumps.
func (p *prog) shorten() {
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

// tables computes the contexts and in which of them, before which symbol, each condition holds.
func (b *progBuilder) tables() {
	p := b.p
	p.symbols = p.n + 1
	p.contextOf = make([]int32, p.n)
	ids := map[string]int32{}
	var previous []int // a class of each context
	context := func(class int) int32 {
		signature := ""
		for next := noContext; next < p.n; next++ {
			for _, c := range b.conds {
				if b.holds(c, class, next) {
					signature += "1"
				} else {
					signature += "0"
				}
			}
		}
		id, ok := ids[signature]
		if !ok {
			id = int32(len(previous))
			ids[signature] = id
			previous = append(previous, class)
		}
		return id
	}
	p.begin = context(noContext)
	for class := range p.contextOf {
		p.contextOf[class] = context(class)
	}
	p.contexts = len(previous)
	for _, c := range b.conds {
		for _, before := range previous {
			for next := range p.n {
				p.holds = append(p.holds, b.holds(c, before, next))
			}
			p.holds = append(p.holds, b.holds(c, before, noContext))
		}
	}
}

// holds reports whether the condition holds between runes of two classes.
func (b *progBuilder) holds(c condition, before, after int) bool {
	return c.empty&^syntax.EmptyOpContext(b.sample(before), b.sample(after)) == 0
}

// sample returns a rune that conditions treat as they treat the class.
func (b *progBuilder) sample(class int) rune {
	switch {
	case class == noContext:
		return -1
	case b.p.in[b.sets.add(newlineSet)*b.p.n+class]:
		return '\n'
	case b.p.in[b.sets.add(wordSet)*b.p.n+class]:
		return 'a'
	}
	return utf8.RuneError
}

// contextAt returns the context at position at of the input, a boundary of runes.
func (p *prog) contextAt(in []byte, at int) int32 {
	if at == 0 {
		return p.begin
	}
	r, _ := utf8.DecodeLastRune(in[:at])
	return p.contextOf[p.of(r)]
}

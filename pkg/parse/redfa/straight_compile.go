package redfa

import (
	"bytes"
	"regexp/syntax"
	"unicode/utf8"
)

// Straight-line mode runs an expression as a sequence of instructions, once over the input, without ever holding two
// alternatives open.
//
// When it applies. Every choice of the expression (go round the loop or leave it, take the optional part or skip it,
// this branch or that) must be one of these:
//
//	(a) told apart by the next symbol: the sets of symbols (bytes, end of input) with which the ways on can begin are
//	    disjoint. The sets are computed too large rather than too small.
//	(b) the repeat of a single set of runes behind which the expression cannot fail and consumes nothing more: only
//	    group boundaries and such repeats follow, then the match is complete.
//	(c) an exact count of a set: no choice at all.
//
// Why the answer is regexp's. regexp answers with the first successful path in order of preference from the leftmost
// start that has one. Take a fixed start. At a choice of kind (a) at most one way on can consume the next symbol, so
// of all paths that agree so far, the successful ones all take the way the instruction takes, greedy or lazy; if the
// way fails later on, every other way fails at once. At a choice of kind (b) every number of rounds that the input
// allows leads to a match, so the preferred path is the one that prefers more rounds (greedy: the maximum) or fewer
// (lazy: the minimum); a later repeat of kind (b) starts where that path left it. So the instructions follow the
// preferred path from that start, or fail when there is none. Group positions are written as the path passes them, the
// last round of a loop wins, and no round clears what an earlier one wrote: as regexp does. Loops may not contain what
// matches the empty text, so every round consumes and one start costs at most the length of the input times a constant
// of the expression.
//
// Starts are tried from left to right, at boundaries of runes only. What the tries of one call may read is bounded
// (see find), so that an expression that tries in vain again and again does not cost quadratic time.
//
// Runes. A set that holds no rune beyond ASCII, or all of them, is a table of bytes: an invalid byte is U+FFFD, and so
// a member of the latter. Where runes of such a set are counted, and for sets that hold some runes beyond ASCII, the
// input is decoded.

type opcode uint8

const (
	opMatch    opcode = iota
	opMatchEnd        // a match if the end of the input is here
	opLiteral         // lit stands here
	opByte            // the byte c stands here
	opSet             // one rune of the set
	opScan            // as many bytes of table as there are, at least min (0 or 1)
	opScanTo          // everything up to the byte c or the end
	opCount           // runes of the set: min to max (-1: no bound)
	opCapture         // caps[n] is here
	opAssert          // empty-width conditions
	opEdge            // a condition on the runes before and after
	opBranch          // to next if the next byte is in table, else to alt
	opRun             // pieces, one behind the other
)

// instr is one instruction; next is where to go on.
type instr struct {
	op        opcode
	beyond    beyondASCII // of set
	c         byte
	cond      syntax.EmptyOp
	edge      *edge
	next      int32
	alt       int32
	then      *instr // next and alt in the program of a Matcher
	otherwise *instr
	n         int32
	min, max  int32
	table     *[256]bool
	set       runeSet
	lit       []byte
	run       []piece
}

// straight is a program in straight-line mode.
type straight struct {
	code     []instr
	start    int32
	anchored bool       // only the start of the input is tried
	prefix   []byte     // every match starts with it
	first    *[256]bool // or else every match starts with one of these
	firstEnd bool       // … or at the end of the input
	needs    [][]byte   // every match contains these
	always   int        // so many positions of groups are written before the first branch
}

// follow is what is known of the rest of the program: the symbols it can begin with, and whether it is of the kind
// that cannot fail and consumes nothing that others need (b, above).
type follow struct {
	first  symbols
	accept bool
}

type straightCompiler struct {
	code     []instr
	specials []special
	bad      bool // the expression is not of this kind
}

// maxStraight bounds the unrolling of counted groups.
const maxStraight = 4096

// compileStraight returns the program of the expression, or nil if it is not of the kind.
func compileStraight(tree *syntax.Regexp, specials []special) *straight {
	c := &straightCompiler{code: []instr{{op: opMatch}}, specials: specials}
	start, f := c.compile(tree, 0, follow{allSymbols, true})
	if c.bad {
		return nil
	}
	s := &straight{code: c.code, start: start, needs: needs(tree)}
	s.plan(f)
	s.fuse()
	return s
}

func (c *straightCompiler) emit(i instr) int32 {
	if len(c.code) >= maxStraight {
		c.bad = true
		return 0
	}
	c.code = append(c.code, i)
	return int32(len(c.code) - 1)
}

// compile emits n before the instruction next, of which f is known, and returns its entry and what is known of that.
func (c *straightCompiler) compile(n *syntax.Regexp, next int32, f follow) (int32, follow) {
	if c.bad {
		return next, f
	}
	switch n.Op {
	case syntax.OpEmptyMatch:
		return next, f
	case syntax.OpLiteral:
		return c.literal(n, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		set, ok := singleSet(n)
		if !ok {
			break
		}
		return c.one(set, next)
	case syntax.OpConcat:
		for i := len(n.Sub) - 1; i >= 0; i-- {
			next, f = c.compile(n.Sub[i], next, f)
		}
		return next, f
	case syntax.OpCapture:
		if n.Cap >= firstSpecial {
			return c.special(c.specials[n.Cap-firstSpecial], next, f)
		}
		next = c.emit(instr{op: opCapture, n: int32(2*n.Cap + 1), next: next})
		next, f = c.compile(n.Sub[0], next, f)
		return c.emit(instr{op: opCapture, n: int32(2 * n.Cap), next: next}), f
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary,
		syntax.OpNoWordBoundary:
		return c.assert(n.Op, next, f)
	case syntax.OpStar:
		return c.repeat(n, 0, -1, next, f)
	case syntax.OpPlus:
		return c.repeat(n, 1, -1, next, f)
	case syntax.OpQuest:
		return c.repeat(n, 0, 1, next, f)
	case syntax.OpRepeat:
		return c.repeat(n, n.Min, n.Max, next, f)
	case syntax.OpAlternate:
		return c.alternate(n.Sub, next, f)
	}
	c.bad = true
	return next, f
}

func (c *straightCompiler) literal(n *syntax.Regexp, next int32) (int32, follow) {
	f := follow{}
	var run []byte
	flush := func() {
		switch {
		case len(run) == 1:
			next = c.emit(instr{op: opByte, c: run[0], next: next})
		case len(run) > 1:
			next = c.emit(instr{op: opLiteral, lit: run, next: next})
		default:
			return
		}
		f = follow{}
		f.first.add(run[0])
		run = nil
	}
	for i := len(n.Rune) - 1; i >= 0; i-- {
		r := n.Rune[i]
		if set := literalSet(r, n.Flags); len(set) == 2 && r != utf8.RuneError {
			run = append(utf8.AppendRune(nil, r), run...)
			continue
		}
		flush()
		next, f = c.one(literalSet(r, n.Flags), next)
	}
	flush()
	return next, f
}

// special emits a condition. Atomic groups and marks are for the general engine.
func (c *straightCompiler) special(s special, next int32, f follow) (int32, follow) {
	if s.kind != specialEdge || s.edge.lastLook() >= 0 {
		c.bad = true
		return next, f
	}
	f.accept = false
	return c.emit(instr{op: opEdge, edge: s.edge, next: next}), f
}

// one emits a single rune of the set.
func (c *straightCompiler) one(set runeSet, next int32) (int32, follow) {
	return c.emit(setInstr(opSet, set, next)), follow{first: set.firstBytes()}
}

func setInstr(op opcode, set runeSet, next int32) instr {
	return instr{op: op, set: set, beyond: set.beyond(), table: set.firstBytes().table(), next: next}
}

func (s symbols) table() *[256]bool {
	var t [256]bool
	for b := range t {
		t[b] = s.hasByte(byte(b))
	}
	return &t
}

func (c *straightCompiler) assert(op syntax.Op, next int32, f follow) (int32, follow) {
	cond := map[syntax.Op]syntax.EmptyOp{
		syntax.OpBeginLine: syntax.EmptyBeginLine, syntax.OpEndLine: syntax.EmptyEndLine,
		syntax.OpBeginText: syntax.EmptyBeginText, syntax.OpEndText: syntax.EmptyEndText,
		syntax.OpWordBoundary: syntax.EmptyWordBoundary, syntax.OpNoWordBoundary: syntax.EmptyNoWordBoundary,
	}[op]
	f.accept = false
	newline := f.first.hasByte('\n')
	switch op {
	case syntax.OpEndText:
		f.first.bytes = [4]uint64{}
	case syntax.OpEndLine:
		f.first.bytes = [4]uint64{}
		if newline {
			f.first.add('\n')
		}
	}
	if op == syntax.OpEndText && c.code[next].op == opMatch {
		return c.emit(instr{op: opMatchEnd, next: next}), f
	}
	return c.emit(instr{op: opAssert, cond: cond, next: next}), f
}

// repeat emits min to max rounds of the operand (max -1: no bound).
func (c *straightCompiler) repeat(n *syntax.Regexp, min, max int, next int32, f follow) (int32, follow) {
	if max == 0 {
		return next, f
	}
	if set, ok := singleSet(n.Sub[0]); ok {
		return c.repeatSet(set, n.Flags&syntax.NonGreedy != 0, min, max, next, f)
	}
	first, empty := firstOf(n.Sub[0])
	if empty || min != max && !first.disjoint(f.first) {
		c.bad = true
		return next, f
	}
	return c.repeatGroup(n.Sub[0], first, min, max, next, f)
}

// repeatGroup unrolls the counted rounds and lets a branch decide on the others.
func (c *straightCompiler) repeatGroup(sub *syntax.Regexp, first symbols, min, max int, next int32, f follow) (int32, follow) {
	after := next
	if max < 0 {
		loop := c.emit(instr{op: opBranch, table: first.table(), alt: after})
		f = follow{first: f.first.union(first)}
		body, _ := c.compile(sub, loop, f)
		c.code[loop].next = body
		next = loop
	}
	for i := max - min; i > 0 && !c.bad; i-- {
		f = follow{first: f.first.union(first)}
		body, _ := c.compile(sub, next, f)
		next = c.emit(instr{op: opBranch, table: first.table(), next: body, alt: after})
	}
	for i := min; i > 0 && !c.bad; i-- {
		next, f = c.compile(sub, next, f)
	}
	return next, f
}

func (c *straightCompiler) repeatSet(set runeSet, lazy bool, min, max int, next int32, f follow) (int32, follow) {
	first := set.firstBytes()
	if min != max && !first.disjoint(f.first) {
		if !f.accept {
			c.bad = true
			return next, f
		}
		if lazy {
			max = min
		}
	}
	i := setInstr(opCount, set, next)
	i.min, i.max = int32(min), int32(max)
	if max < 0 && min <= 1 && i.beyond != someBeyond {
		i.op = opScan
		if b, ok := allBut(i.table); ok && min == 0 {
			i.op, i.c = opScanTo, b
		}
	}
	g := follow{first: first}
	if min == 0 {
		g = follow{first.union(f.first), f.accept}
	}
	return c.emit(i), g
}

// allBut returns the only byte that is not in the table, if there is exactly one.
func allBut(table *[256]bool) (byte, bool) {
	t := make([]byte, 0, 256)
	for _, in := range table {
		t = append(t, map[bool]byte{true: 1}[in])
	}
	i := bytes.IndexByte(t, 0)
	return byte(i), i >= 0 && bytes.Count(t, []byte{0}) == 1
}

func (c *straightCompiler) alternate(subs []*syntax.Regexp, next int32, f follow) (int32, follow) {
	after := next
	entry, all := c.compile(subs[len(subs)-1], after, f)
	all.accept = false
	for i := len(subs) - 2; i >= 0 && !c.bad; i-- {
		body, g := c.compile(subs[i], after, f)
		if !g.first.disjoint(all.first) || g.first.end {
			c.bad = true
			break
		}
		entry = c.emit(instr{op: opBranch, table: g.first.table(), next: body, alt: entry})
		all.first = all.first.union(g.first)
	}
	return entry, all
}

// firstOf returns the bytes the expression can begin with, and whether it can match the empty text.
func firstOf(n *syntax.Regexp) (first symbols, empty bool) {
	if set, ok := singleSet(n); ok {
		return set.firstBytes(), false
	}
	switch n.Op {
	case syntax.OpLiteral:
		return literalSet(n.Rune[0], n.Flags).firstBytes(), false
	case syntax.OpConcat:
		empty = true
		for _, sub := range n.Sub {
			f, e := firstOf(sub)
			first = first.union(f)
			if empty = e; !e {
				break
			}
		}
		return first, empty
	case syntax.OpAlternate:
		for _, sub := range n.Sub {
			f, e := firstOf(sub)
			first, empty = first.union(f), empty || e
		}
		return first, empty
	case syntax.OpCapture, syntax.OpPlus:
		return firstOf(n.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		first, _ = firstOf(n.Sub[0])
		return first, true
	case syntax.OpRepeat:
		first, empty = firstOf(n.Sub[0])
		return first, empty || n.Min == 0
	}
	return symbols{}, true // empty-width conditions
}

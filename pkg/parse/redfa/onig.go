package redfa

import (
	"fmt"
	"regexp/syntax"
	"slices"
)

// CompileGrok parses Oniguruma's syntax as Ruby and Logstash have it, with the option Logstash's grok sets: "." matches
// newlines too. Everything is executed as Oniguruma does it, or refused with an *Error that carries the position.
//
//   - ^ and $ match at lines, \A, \z and \Z at the text; \d, \s, \w and \h are ASCII, \b and POSIX brackets Unicode.
//   - Look-ahead and look-behind of one rune are conditions, longer ones are answered by a pass over the input first
//     (at most four in an expression). Groups within a look-ahead are filled after the match.
//   - Atomic groups and possessive repeats give up all but the preferred way to match what they contain; see atoms.
//   - Several groups may share a name: SubexpNames lists each. With a named group in the expression, plain parentheses
//     do not capture.
//   - Without regard to case, runes are compared one to one: "ß" does not match "ss".
//   - Loops that match the empty text end as regexp's do.
//   - Refused: backreferences, calls, \K, \G, \R, \X, conditionals, absent operators, \C and \M, unbounded sizes.
func CompileGrok(expr string) (re *Regexp, err error) {
	defer recoverError(&err)
	p := newGrokParser(expr)
	return p.finish(p.parse()), nil
}

// recoverError turns the panic with which the parser leaves into an error.
func recoverError(err *error) {
	if r := recover(); r != nil {
		e, ok := r.(*Error)
		if !ok {
			panic(r)
		}
		*err = e
	}
}

func newGrokParser(expr string) *grokParser {
	return &grokParser{src: expr, names: []string{""}, flags: syntax.DotNL, pending: map[int]*pendingLook{}}
}

// parse parses the expression twice: the first time shows whether there are named groups.
func (p *grokParser) parse() *syntax.Regexp {
	probe := newGrokParser(p.src)
	probe.whole()
	p.named = slices.ContainsFunc(probe.names, func(name string) bool { return name != "" })
	return p.whole()
}

func (p *grokParser) whole() *syntax.Regexp {
	tree := p.alternation(0)
	if p.pos < len(p.src) {
		p.fail(p.pos, "unmatched close parenthesis")
	}
	return tree
}

// grokParser parses Oniguruma's syntax to regexp/syntax's trees. What those have no word for becomes specials. It
// leaves by panic with an *Error.
type grokParser struct {
	src      string
	pos      int
	depth    int
	flags    syntax.Flags // FoldCase and DotNL
	extended bool         // blanks and comments do not count
	named    bool         // there are named groups
	verbatim bool         // nothing is rewritten, for tests
	names    []string
	specials []special
	pending  map[int]*pendingLook // by special: look-arounds that may need a pass
	marks    []pendingMark
}

// pendingLook is a look-around of more than one rune.
type pendingLook struct {
	pos      int
	body     *syntax.Regexp
	ahead    bool
	negative bool
	edge     *edge // asks for the answer
}

// pendingMark is a look-ahead with groups.
type pendingMark struct {
	special int
	body    *syntax.Regexp
}

func (p *grokParser) fail(pos int, format string, args ...any) {
	panic(&Error{p.src, pos, fmt.Sprintf(format, args...)})
}

// special wraps what a special applies to.
func (p *grokParser) special(s special, sub *syntax.Regexp) *syntax.Regexp {
	p.specials = append(p.specials, s)
	return &syntax.Regexp{Op: syntax.OpCapture, Cap: firstSpecial + len(p.specials) - 1, Sub: []*syntax.Regexp{sub}}
}

func (p *grokParser) edge(e *edge) *syntax.Regexp {
	return p.special(special{kind: specialEdge, edge: e}, emptyMatch)
}

var emptyMatch = &syntax.Regexp{Op: syntax.OpEmptyMatch}

// maxNodes bounds the size of an expression with its counted repeats written out.
const maxNodes = 200_000

// finish turns the tree into a program.
func (p *grokParser) finish(tree *syntax.Regexp) *Regexp {
	if size(tree) > maxNodes {
		p.fail(0, "expression too large: its counted repeats come to %d nodes", size(tree))
	}
	re := &Regexp{expr: p.src, names: p.names}
	looks := p.looks(tree)
	groups := 2 * len(p.names)
	slots := groups
	for i := range p.marks {
		p.specials[p.marks[i].special].slot = slots
		slots++
	}
	if len(looks) == 0 && len(p.marks) == 0 {
		re.straight = compileStraight(tree, p.specials)
	}
	var err error
	if re.general, err = compileGeneral(tree, groups, slots, p.specials); err != nil {
		p.fail(0, "%v", err)
	}
	re.general.looks = looks
	for _, m := range p.marks {
		body, err := compileGeneral(m.body, groups, groups, p.specials)
		if err != nil {
			p.fail(0, "%v", err)
		}
		re.general.marks = append(re.general.marks, mark{p.specials[m.special].slot, body})
	}
	return re
}

// looks compiles the look-arounds that are left in the tree and lets their specials ask them.
func (p *grokParser) looks(tree *syntax.Regexp) []*look {
	var looks []*look
	for id := range p.specials {
		l, ok := p.pending[id]
		if !ok || !contains(tree, func(n *syntax.Regexp) bool { return n.Op == syntax.OpCapture && n.Cap == firstSpecial+id }) {
			continue
		}
		if len(looks) == maxLooks {
			p.fail(l.pos, "more than %d look-arounds of more than one character", maxLooks)
		}
		p.plainBody(l.pos, l.body)
		compiled, err := newLook(l.body, l.ahead, p.specials)
		if err != nil {
			p.fail(l.pos, "%v", err)
		}
		l.edge.bit = len(looks)
		looks = append(looks, compiled)
	}
	return looks
}

// plainBody refuses in a look-around what its pass cannot do.
func (p *grokParser) plainBody(pos int, body *syntax.Regexp) {
	if contains(body, func(n *syntax.Regexp) bool {
		if n.Op != syntax.OpCapture || n.Cap < firstSpecial {
			return false
		}
		s := &p.specials[n.Cap-firstSpecial]
		return s.kind != specialEdge || s.edge.lastLook() >= 0
	}) {
		p.fail(pos, "look-around or atomic group within a look-around")
	}
}

// contains reports whether f is true of a node of the tree.
func contains(n *syntax.Regexp, f func(*syntax.Regexp) bool) bool {
	if f(n) {
		return true
	}
	for _, sub := range n.Sub {
		if contains(sub, f) {
			return true
		}
	}
	return false
}

// size returns the number of nodes of the program, about.
func size(n *syntax.Regexp) int {
	total := 1 + len(n.Rune)
	if n.Op == syntax.OpCharClass {
		total = 1
	}
	for _, sub := range n.Sub {
		total = min(total+size(sub), 1<<40)
	}
	if n.Op == syntax.OpRepeat {
		total = min(total*max(n.Min, n.Max, 1), 1<<40)
	}
	return total
}

package redfa

import "regexp/syntax"

// atomic makes an atomic group of a node, or something plain that is provably the same:
//
//   - A node that can match in at most one way at any position needs no group. Straight-line mode knows such nodes:
//     each choice is told apart by the next symbol, whatever follows the node.
//   - A node that is of straight-line mode's kind except for greedy, unbounded repeats of a set at its end matches in
//     its preferred way exactly if each of these repeats goes on as long as it can: if no rune of the set follows.
//
// Both are conditions on the node alone, so they hold wherever it stands.
func (p *grokParser) atomic(n *syntax.Regexp) *syntax.Regexp {
	if p.verbatim {
		return p.special(special{kind: specialAtomic}, n)
	}
	if oneWay(n, p.specials, follow{allSymbols, false}) {
		return grouped(n)
	}
	if oneWay(n, p.specials, follow{allSymbols, true}) {
		if m := p.exhaustive(n); m != nil {
			return m
		}
	}
	return p.special(special{kind: specialAtomic}, n)
}

// oneWay reports whether the node is of straight-line mode's kind before something of which f is known.
func oneWay(n *syntax.Regexp, specials []special, f follow) bool {
	c := &straightCompiler{code: []instr{{op: opMatch}}, specials: specials}
	c.compile(n, 0, f)
	return !c.bad
}

// exhaustive returns the node with the condition behind each repeat of a set that no rune of the set follows; nil if
// it has repeats of a set of other kinds. For repeats that what follows tells apart the condition holds anyway.
func (p *grokParser) exhaustive(n *syntax.Regexp) *syntax.Regexp {
	switch n.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		if set, ok := singleSet(n.Sub[0]); ok {
			switch {
			case n.Op == syntax.OpRepeat && n.Min == n.Max:
				return n
			case n.Flags&syntax.NonGreedy != 0 || n.Op == syntax.OpQuest || n.Op == syntax.OpRepeat && n.Max >= 0:
				return nil
			}
			return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{n, p.edge(not(ahead(set)))}}
		}
	}
	m := *n
	m.Sub = nil
	for _, sub := range n.Sub {
		s := p.exhaustive(sub)
		if s == nil {
			return nil
		}
		m.Sub = append(m.Sub, s)
	}
	return &m
}

package redfa

import (
	"regexp/syntax"
	"strings"
)

// group parses what follows an opening parenthesis, which stands at start.
func (p *grokParser) group(start int) *syntax.Regexp {
	switch {
	case p.accept("?#"):
		n := strings.IndexByte(p.src[p.pos:], ')')
		if n < 0 {
			p.fail(start, "comment without end")
		}
		p.pos += n + 1
		return nil
	case p.accept("?:"):
		return grouped(p.body(start))
	case p.accept("?>"):
		return p.atomic(p.body(start))
	case p.accept("?="):
		return p.look(start, p.body(start), true, false)
	case p.accept("?!"):
		return p.look(start, p.body(start), true, true)
	case p.accept("?<="):
		return p.look(start, p.body(start), false, false)
	case p.accept("?<!"):
		return p.look(start, p.body(start), false, true)
	case p.accept("?<"), p.accept("?P<"):
		return p.capture(start, p.groupName())
	case p.accept("?"):
		return p.options(start)
	case p.named:
		return grouped(p.body(start))
	}
	return p.capture(start, "")
}

// grouped keeps a node from being joined with its neighbours.
func grouped(n *syntax.Regexp) *syntax.Regexp {
	if n.Op == syntax.OpLiteral && len(n.Rune) > 1 {
		return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{n}}
	}
	return n
}

// body parses up to the closing parenthesis; options set within end there.
func (p *grokParser) body(start int) *syntax.Regexp {
	flags, extended := p.flags, p.extended
	n := p.alternation(start)
	if !p.accept(")") {
		p.fail(start, "end pattern with unmatched parenthesis")
	}
	p.flags, p.extended = flags, extended
	return n
}

func (p *grokParser) groupName() string {
	n := strings.IndexByte(p.src[p.pos:], '>')
	if n < 0 {
		p.fail(p.pos, "group name without end")
	}
	name := p.src[p.pos : p.pos+n]
	if err := checkName(p.src, p.pos, name, map[string]bool{}); err != nil {
		panic(err)
	}
	p.pos += n + 1
	return name
}

func (p *grokParser) capture(start int, name string) *syntax.Regexp {
	group := len(p.names)
	if group >= firstSpecial {
		p.fail(start, "too many groups")
	}
	p.names = append(p.names, name)
	return &syntax.Regexp{Op: syntax.OpCapture, Cap: group, Name: name, Sub: []*syntax.Regexp{p.body(start)}}
}

// options parses (?imx-imx) and (?imx-imx:…). Without a colon they last to the end of the group, alternatives included.
func (p *grokParser) options(start int) *syntax.Regexp {
	flags, extended := p.flags, p.extended
	on := true
	for ; ; p.pos++ {
		switch p.next() {
		case '-':
			on = false
		case 'i':
			flags = set(flags, syntax.FoldCase, on)
		case 'm':
			flags = set(flags, syntax.DotNL, on)
		case 'x':
			extended = on
		case ':', ')':
			outer, outerExtended := p.flags, p.extended
			p.flags, p.extended = flags, extended
			if p.next() == ':' {
				p.pos++
				n := grouped(p.body(start))
				p.flags, p.extended = outer, outerExtended
				return n
			}
			p.pos++
			n := grouped(p.alternation(start))
			p.flags, p.extended = outer, outerExtended
			return n
		default:
			p.fail(start, "undefined group option")
		}
	}
}

func set(flags, flag syntax.Flags, on bool) syntax.Flags {
	if on {
		return flags | flag
	}
	return flags &^ flag
}

// look makes a look-around of its body.
func (p *grokParser) look(start int, body *syntax.Regexp, isAhead, negative bool) *syntax.Regexp {
	groups := contains(body, func(n *syntax.Regexp) bool { return n.Op == syntax.OpCapture && n.Cap < firstSpecial })
	if groups && (negative || !isAhead) {
		p.fail(start, "group within a negative look-around or a look-behind")
	}
	var mark *syntax.Regexp
	if groups {
		p.plainBody(start, body)
		mark = p.special(special{kind: specialMark}, emptyMatch)
		p.marks = append(p.marks, pendingMark{len(p.specials) - 1, body})
	}
	n := p.condition(start, body, isAhead, negative)
	if mark == nil {
		return n
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{mark, n}}
}

// condition returns the look-around without regard to groups in it.
func (p *grokParser) condition(start int, body *syntax.Regexp, isAhead, negative bool) *syntax.Regexp {
	if always(body) {
		if negative {
			return &syntax.Regexp{Op: syntax.OpNoMatch}
		}
		return emptyMatch
	}
	e := p.asEdge(body, isAhead)
	if e == nil {
		e = &edge{op: edgeLook}
		p.pending[len(p.specials)] = &pendingLook{start, body, isAhead, negative, e}
	}
	if negative {
		e = not(e)
	}
	return p.edge(e)
}

// always reports whether the node matches the empty text wherever it stands.
func always(n *syntax.Regexp) bool {
	switch n.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return n.Min == 0 || always(n.Sub[0])
	case syntax.OpPlus:
		return always(n.Sub[0])
	case syntax.OpCapture:
		return n.Cap < firstSpecial && always(n.Sub[0])
	case syntax.OpConcat:
		for _, sub := range n.Sub {
			if !always(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range n.Sub {
			if always(sub) {
				return true
			}
		}
	}
	return false
}

// asEdge returns the condition that a look-around's body is if it looks at one rune at most, or nil. Groups do not
// matter: those of a look-ahead are filled later.
func (p *grokParser) asEdge(n *syntax.Regexp, isAhead bool) *edge {
	if set, ok := singleSet(n); ok {
		if isAhead {
			return ahead(set)
		}
		return behind(set)
	}
	switch n.Op {
	case syntax.OpBeginText:
		return emptyEdge(syntax.EmptyBeginText)
	case syntax.OpEndText:
		return emptyEdge(syntax.EmptyEndText)
	case syntax.OpNoMatch:
		return or()
	case syntax.OpCapture:
		if n.Cap < firstSpecial {
			return p.asEdge(n.Sub[0], isAhead)
		}
		if s := &p.specials[n.Cap-firstSpecial]; s.kind == specialEdge && s.edge.lastLook() < 0 {
			return s.edge
		}
	case syntax.OpPlus:
		return p.asEdge(n.Sub[0], isAhead)
	case syntax.OpConcat:
		if len(n.Sub) == 1 {
			return p.asEdge(n.Sub[0], isAhead)
		}
	case syntax.OpAlternate:
		alternatives := or()
		for _, sub := range n.Sub {
			e := p.asEdge(sub, isAhead)
			if e == nil {
				return nil
			}
			alternatives.subs = append(alternatives.subs, e)
		}
		return alternatives
	}
	return nil
}

// withoutIdleLooks drops negative look-aheads that what follows them makes superfluous: what they look for and what
// must follow begin with different bytes. Logstash's TIME has one, (?!<[0-9]) before a digit.
func (p *grokParser) withoutIdleLooks(subs []*syntax.Regexp) []*syntax.Regexp {
	var out []*syntax.Regexp
	for i, n := range subs {
		if n.Op == syntax.OpCapture && n.Cap >= firstSpecial {
			l := p.pending[n.Cap-firstSpecial]
			if l != nil && l.ahead && l.negative && !p.verbatim {
				wanted, empty := firstOf(l.body)
				rest, restEmpty := firstOf(&syntax.Regexp{Op: syntax.OpConcat, Sub: subs[i+1:]})
				if !empty && !restEmpty && wanted.disjoint(rest) {
					continue
				}
			}
		}
		out = append(out, n)
	}
	return out
}

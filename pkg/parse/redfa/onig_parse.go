package redfa

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of groups.
const maxDepth = 500

func (p *grokParser) more() bool { return p.pos < len(p.src) }

// next returns the byte at the position, 0 at the end.
func (p *grokParser) next() byte {
	if !p.more() {
		return 0
	}
	return p.src[p.pos]
}

// accept passes over s if it stands here.
func (p *grokParser) accept(s string) bool {
	if strings.HasPrefix(p.src[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

// alternation parses up to a closing parenthesis or the end.
func (p *grokParser) alternation(open int) *syntax.Regexp {
	if p.depth++; p.depth > maxDepth {
		p.fail(open, "groups nested too deep")
	}
	defer func() { p.depth-- }()
	subs := []*syntax.Regexp{p.concatenation()}
	for p.accept("|") {
		subs = append(subs, p.concatenation())
	}
	if len(subs) == 1 {
		return subs[0]
	}
	return &syntax.Regexp{Op: syntax.OpAlternate, Sub: subs}
}

func (p *grokParser) concatenation() *syntax.Regexp {
	var subs []*syntax.Regexp
	for p.more() && p.next() != '|' && p.next() != ')' {
		if p.extended && p.skipBlank() {
			continue
		}
		start := p.pos
		if atom := p.atom(); atom != nil {
			subs = append(subs, p.quantified(atom, start))
		}
	}
	subs = p.withoutIdleLooks(joinLiterals(subs))
	switch len(subs) {
	case 0:
		return emptyMatch
	case 1:
		return subs[0]
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: subs}
}

// skipBlank passes over what does not count in extended mode.
func (p *grokParser) skipBlank() bool {
	switch p.next() {
	case ' ', '\t', '\n', '\r', '\f', '\v':
		p.pos++
		return true
	case '#':
		if n := strings.IndexByte(p.src[p.pos:], '\n'); n >= 0 {
			p.pos += n + 1
		} else {
			p.pos = len(p.src)
		}
		return true
	}
	return false
}

// joinLiterals makes one literal of neighbours.
func joinLiterals(subs []*syntax.Regexp) []*syntax.Regexp {
	var out []*syntax.Regexp
	for _, n := range subs {
		if last := len(out) - 1; last >= 0 && n.Op == syntax.OpLiteral && out[last].Op == syntax.OpLiteral && n.Flags == out[last].Flags {
			joined := append(append([]rune(nil), out[last].Rune...), n.Rune...)
			out[last] = &syntax.Regexp{Op: syntax.OpLiteral, Flags: n.Flags, Rune: joined}
			continue
		}
		out = append(out, n)
	}
	return out
}

func (p *grokParser) literal(r rune) *syntax.Regexp {
	flags := p.flags & syntax.FoldCase
	if len(foldSet(r)) == 2 {
		flags = 0
	}
	return &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{r}, Flags: flags}
}

// class returns a node that consumes one rune of the set.
func (p *grokParser) class(set runeSet) *syntax.Regexp {
	if p.flags&syntax.FoldCase != 0 {
		set = set.folded()
	}
	if len(set) == 0 {
		return &syntax.Regexp{Op: syntax.OpNoMatch}
	}
	return &syntax.Regexp{Op: syntax.OpCharClass, Rune: set}
}

// atom parses what a quantifier may follow. It returns nil for what leaves no node, such as a comment.
func (p *grokParser) atom() *syntax.Regexp {
	start := p.pos
	switch c := p.next(); c {
	case '(':
		p.pos++
		return p.group(start)
	case '[':
		p.pos++
		return p.class(p.bracket(start))
	case '.':
		p.pos++
		if p.flags&syntax.DotNL != 0 {
			return &syntax.Regexp{Op: syntax.OpAnyChar}
		}
		return &syntax.Regexp{Op: syntax.OpAnyCharNotNL}
	case '^':
		p.pos++
		return p.edge(beginLine)
	case '$':
		p.pos++
		return p.edge(endLine)
	case '\\':
		p.pos++
		return p.escape(start)
	case '*', '+', '?':
		p.fail(start, "target of repeat operator is not specified")
	}
	return p.literal(p.rune())
}

// rune passes over one rune of the expression.
func (p *grokParser) rune() rune {
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	if r == utf8.RuneError && n == 1 {
		p.fail(p.pos, "invalid UTF-8")
	}
	p.pos += n
	return r
}

// Conditions of Ruby. Unlike regexp's (?m:^), ^ does not match at the end of a text that ends with a newline.
var (
	beginLine = or(emptyEdge(syntax.EmptyBeginText), and(behind(newlineSet), ahead(anyRune)))
	endLine   = or(emptyEdge(syntax.EmptyEndText), ahead(newlineSet))
	wordEdge  = or(and(behind(wordRunes), not(ahead(wordRunes))), and(not(behind(wordRunes)), ahead(wordRunes)))
)

// escape parses what follows a backslash outside brackets.
func (p *grokParser) escape(start int) *syntax.Regexp {
	if !p.more() {
		p.fail(start, "backslash at the end")
	}
	switch c := p.next(); c {
	case 'A', 'z', 'Z', 'b', 'B':
		p.pos++
		return p.anchor(c, start)
	case 'G', 'K', 'R', 'X', 'k', 'g', 'C', 'M', 'c', 'y', 'Y', 'N', 'O':
		p.fail(start, `\%c is not supported`, c)
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		p.fail(start, "backreferences are not supported")
	}
	if set, ok := p.classEscape(start); ok {
		return p.class(set)
	}
	return p.literal(p.runeEscape(start))
}

func (p *grokParser) anchor(c byte, start int) *syntax.Regexp {
	switch c {
	case 'A':
		return &syntax.Regexp{Op: syntax.OpBeginText}
	case 'z':
		return &syntax.Regexp{Op: syntax.OpEndText}
	case 'b':
		return p.edge(wordEdge)
	case 'B':
		return p.edge(not(wordEdge))
	}
	// \Z: the end, or a newline at the end
	end := &syntax.Regexp{Op: syntax.OpEndText}
	newline := &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{'\n'}}
	return p.look(start, &syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{
		end, {Op: syntax.OpConcat, Sub: []*syntax.Regexp{newline, end}},
	}}, true, false)
}

// quantified parses the quantifiers that follow an atom.
func (p *grokParser) quantified(atom *syntax.Regexp, start int) *syntax.Regexp {
	for {
		if p.extended {
			for p.skipBlank() {
			}
		}
		pos := p.pos
		low, high, interval, ok := p.quantifier()
		if !ok {
			return atom
		}
		if !repeatable(atom) {
			p.fail(pos, "target of repeat operator is invalid")
		}
		if high >= 0 && low > high {
			p.fail(pos, "range of repeat out of order")
		}
		switch {
		case p.accept("?") && interval && low == high: // Ruby's {n}? is optional, not lazy
			atom = repeat(repeat(atom, low, high, 0), 0, 1, 0)
		case p.src[p.pos-1] == '?' && p.pos-1 > pos:
			atom = repeat(atom, low, high, syntax.NonGreedy)
		case !interval && p.accept("+"):
			atom = p.atomic(repeat(atom, low, high, 0))
		default:
			atom = repeat(atom, low, high, 0)
		}
	}
}

// repeatable reports whether Oniguruma lets the node be repeated: not an anchor or an empty look-around.
func repeatable(n *syntax.Regexp) bool {
	switch n.Op {
	case syntax.OpBeginText, syntax.OpEndText:
		return false
	case syntax.OpCapture:
		return n.Cap < firstSpecial || n.Sub[0] != emptyMatch
	}
	return true
}

func repeat(n *syntax.Regexp, low, high int, flags syntax.Flags) *syntax.Regexp {
	m := &syntax.Regexp{Op: syntax.OpRepeat, Min: low, Max: high, Flags: flags, Sub: []*syntax.Regexp{n}}
	switch {
	case low == 0 && high == -1:
		m.Op = syntax.OpStar
	case low == 1 && high == -1:
		m.Op = syntax.OpPlus
	case low == 0 && high == 1:
		m.Op = syntax.OpQuest
	}
	return m
}

// quantifier parses *, +, ? or an interval; what only looks like an interval is text.
func (p *grokParser) quantifier() (low, high int, interval, ok bool) {
	switch {
	case p.accept("*"):
		return 0, -1, false, true
	case p.accept("+"):
		return 1, -1, false, true
	case p.accept("?"):
		return 0, 1, false, true
	case p.next() != '{':
		return 0, 0, false, false
	}
	start := p.pos
	p.pos++
	low, hasLow := p.number()
	high = low
	comma := p.accept(",")
	if comma {
		var hasHigh bool
		if high, hasHigh = p.number(); !hasHigh {
			high = -1
		}
		hasLow = hasLow || hasHigh
	}
	if !hasLow || !p.accept("}") {
		p.pos = start
		return 0, 0, false, false
	}
	return low, high, true, true
}

// maxRepeat bounds counted repeats, as Oniguruma does.
const maxRepeat = 100_000

func (p *grokParser) number() (n int, ok bool) {
	for p.next() >= '0' && p.next() <= '9' {
		n = n*10 + int(p.next()-'0')
		ok = true
		if n > maxRepeat {
			p.fail(p.pos, "number of repeats too large")
		}
		p.pos++
	}
	return n, ok
}

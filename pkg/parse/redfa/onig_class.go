package redfa

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
)

// bracket parses a bracket class after its "[", which stands at start: ranges, escapes, POSIX brackets, classes within
// classes and intersections (&&).
func (p *grokParser) bracket(start int) runeSet {
	if p.depth++; p.depth > maxDepth {
		p.fail(start, "classes nested too deep")
	}
	defer func() { p.depth-- }()
	negative := p.accept("^")
	var set runeSet
	var left []runeSet // sides of intersections
	for first := true; ; first = false {
		switch {
		case !p.more():
			p.fail(start, "premature end of char-class")
		case p.next() == ']' && first && !strings.Contains(p.src[p.pos+1:], "]"):
			p.fail(start, "empty char-class")
		case p.next() == ']' && !first:
			p.pos++
			for _, l := range left {
				set = l.intersect(set)
			}
			if negative {
				set = p.foldedIf(set).complement()
			}
			return set
		case p.accept("&&"):
			left = append(left, set)
			set = nil
		default:
			set = set.union(p.classItem())
		}
	}
}

// foldedIf closes the set under letter case where case does not count, before it is negated.
func (p *grokParser) foldedIf(set runeSet) runeSet {
	if p.flags&syntax.FoldCase != 0 {
		return set.folded()
	}
	return set
}

// classItem parses one item of a bracket class.
func (p *grokParser) classItem() runeSet {
	start := p.pos
	switch {
	case strings.HasPrefix(p.src[p.pos:], "[:"):
		if set, ok := p.posix(); ok {
			return set
		}
		p.pos++
		return p.bracket(start)
	case p.accept("["):
		return p.bracket(start)
	}
	low, set, ok := p.classRune()
	if !ok {
		return set
	}
	if p.next() != '-' || p.pos+1 >= len(p.src) || p.src[p.pos+1] == ']' || p.src[p.pos+1] == '[' ||
		strings.HasPrefix(p.src[p.pos+1:], "&&") {
		return runeSet{low, low}
	}
	p.pos++
	high, set, ok := p.classRune()
	if !ok { // [a-\d]: the hyphen is text
		return set.union(runeSet{low, low}).union(runeSet{'-', '-'})
	}
	if high < low {
		p.fail(start, "empty range in char class")
	}
	return runeSet{low, high}
}

// classRune parses a rune in a bracket class, or an escape that stands for a set.
func (p *grokParser) classRune() (r rune, set runeSet, isRune bool) {
	start := p.pos
	if !p.accept(`\`) {
		if !p.more() {
			p.fail(start, "premature end of char-class")
		}
		return p.rune(), nil, true
	}
	if !p.more() {
		p.fail(start, "backslash at the end")
	}
	switch c := p.next(); c {
	case 'b':
		p.pos++
		return '\b', nil, true
	case 'R', 'X', 'c', 'C', 'M', 'N', 'O':
		p.fail(start, `\%c is not supported`, c)
	}
	if set, ok := p.classEscape(start); ok {
		return 0, set, false
	}
	return p.runeEscape(start), nil, true
}

// classEscape parses the escapes that stand for a set, after the backslash.
func (p *grokParser) classEscape(start int) (runeSet, bool) {
	c := p.next()
	switch c {
	case 'd', 'D', 's', 'S', 'w', 'W', 'h', 'H':
		p.pos++
		set := map[byte]runeSet{
			'd': {'0', '9'},
			's': {'\t', '\r', ' ', ' '},
			'w': wordSet,
			'h': {'0', '9', 'A', 'F', 'a', 'f'},
		}[c|0x20]
		if c < 'a' {
			set = set.complement()
		}
		return set, true
	case 'p', 'P':
		p.pos++
		return p.property(start, c == 'P'), true
	}
	return nil, false
}

// property parses {Name} or {^Name}.
func (p *grokParser) property(start int, negative bool) runeSet {
	n := strings.IndexByte(p.src[p.pos:], '}')
	if !p.accept("{") || n < 0 {
		p.fail(start, "invalid character property")
	}
	name := p.src[p.pos : p.pos+n-1]
	p.pos += n
	if rest, ok := strings.CutPrefix(name, "^"); ok {
		name, negative = rest, !negative
	}
	set, ok := propertySet(name)
	if !ok {
		p.fail(start, "unknown character property %q", name)
	}
	if negative {
		set = set.complement()
	}
	return set
}

// posix parses [:name:] or [:^name:] within a bracket class.
func (p *grokParser) posix() (runeSet, bool) {
	rest := p.src[p.pos+2:]
	end := strings.Index(rest, ":]")
	if end < 0 || strings.ContainsAny(rest[:end], "][") {
		return nil, false
	}
	name, negative := strings.CutPrefix(rest[:end], "^")
	set, ok := posixSet(name)
	if !ok {
		p.fail(p.pos, "unknown POSIX bracket %q", name)
	}
	p.pos += 2 + end + 2
	if negative {
		set = set.complement()
	}
	return set, true
}

// runeEscape parses the escapes that stand for a rune, after the backslash.
func (p *grokParser) runeEscape(start int) rune {
	switch c := p.rune(); c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'v':
		return '\v'
	case 'a':
		return '\a'
	case 'e':
		return 0x1b
	case '0':
		return p.digits(start, 8, 2, 0)
	case 'u':
		return p.digits(start, 16, 4, 4)
	case 'x':
		if p.accept("{") {
			r := p.digits(start, 16, 8, 1)
			if !p.accept("}") {
				p.fail(start, "invalid code point")
			}
			return r
		}
		r := p.digits(start, 16, 2, 0)
		if r >= 0x80 {
			p.fail(start, `byte beyond ASCII: write \x{…} or \u…`)
		}
		return r
	default:
		return c
	}
}

// digits parses least to most digits of a number.
func (p *grokParser) digits(start, base, most, least int) rune {
	from := p.pos
	for p.pos-from < most && p.more() {
		if _, err := strconv.ParseUint(p.src[p.pos:p.pos+1], base, 8); err != nil {
			break
		}
		p.pos++
	}
	if p.pos-from < least {
		p.fail(start, "too short escape")
	}
	n, _ := strconv.ParseUint("0"+p.src[from:p.pos], base, 64)
	if n > unicode.MaxRune || n >= 0xd800 && n < 0xe000 {
		p.fail(start, "invalid code point")
	}
	return rune(n)
}

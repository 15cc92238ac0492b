package query

import "strings"

// value reads a quoted text, or words up to what means something. false after an error.
func (p *parser) value() (Value, bool) {
	var v Value
	var ok bool
	if p.text[p.at] == '"' {
		v, ok = p.quoted()
	} else {
		v, ok = p.words()
	}
	if ok {
		p.space()
	}
	return v, ok
}

func (p *parser) quoted() (Value, bool) {
	open := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case '"':
			p.at++
			return Value{Text: b.String(), Quoted: true}, true
		case '\\':
			if p.at+1 == len(p.text) {
				break // the quote is not closed
			}
			p.at++
			b.WriteByte(escaped(p.text[p.at]))
		default:
			b.WriteByte(c)
		}
	}
	p.fail(open, "the quote is not closed")
	return Value{}, false
}

// escaped is what a backslash makes of the character behind it in quotes.
func escaped(c byte) byte {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	}
	return c
}

// words reads text without quotes. Spaces inside of it are its own; those at its end and a word of the language end it.
func (p *parser) words() (Value, bool) {
	var b strings.Builder
	var pieces []string
	start, kept := p.at, 0 // kept is how much of b cannot be trimmed
	for p.at < len(p.text) {
		c := p.text[p.at]
		if isSpace(c) {
			at := p.at
			p.space()
			if p.ahead("or") || p.ahead("and") || p.ahead("not") {
				break
			}
			b.WriteString(p.text[at:p.at])
			continue
		}
		if c == '\\' {
			if p.at+1 == len(p.text) {
				p.fail(p.at, `a backslash escapes nothing; write \\ for the character`)
				return Value{}, false
			}
			b.WriteByte(p.text[p.at+1]) // \n is no newline here: \not is the word
			p.at, kept = p.at+2, b.Len()
			continue
		}
		if c == '*' {
			pieces = append(pieces, b.String())
			b.Reset()
			p.at, kept = p.at+1, 0
			continue
		}
		if strings.IndexByte(special, c) >= 0 {
			break
		}
		b.WriteByte(c)
		p.at, kept = p.at+1, b.Len()
	}
	if p.at == start {
		p.unexpected()
		return Value{}, false
	}
	last := b.String()[:kept]
	if pieces != nil {
		return Value{Pieces: append(pieces, last)}, true
	}
	return Value{Text: last}, true
}

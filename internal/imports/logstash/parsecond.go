package logstash

import "strings"

// branch is what stands behind if, with all that belongs to it.
func (p *parser) branch() *Branch {
	b := new(Branch)
	for when := true; ; {
		arm := Arm{Pos: p.at}
		name := "else"
		if when {
			name = "if"
			arm.When = p.condition()
		}
		p.ledger.See(arm.Pos, name)
		p.want("{")
		arm.Body = p.body()
		b.Arms = append(b.Arms, arm)
		if !when || !p.nextWord("else") {
			return b
		}
		when = p.nextWord("if")
	}
}

// condition is a chain of and, or, xor and nand, which bind alike, from the left.
func (p *parser) condition() Expr {
	defer p.deeper()()
	left := p.negation()
	for {
		op := ""
		for _, word := range []string{"and", "or", "xor", "nand"} {
			if p.nextWord(word) {
				op = word
				break
			}
		}
		if op == "" {
			return left
		}
		left = &Logic{op, left, p.negation()}
	}
}

func (p *parser) negation() Expr {
	defer p.deeper()()
	p.blank()
	switch {
	case strings.HasPrefix(p.text, "!~"), strings.HasPrefix(p.text, "!="):
		p.fail("nothing stands before %s", p.ahead())
	case p.next("!"), p.nextWord("not"):
		return &Not{p.negation()}
	case p.next("("):
		inner := p.condition()
		p.want(")")
		return inner
	}
	return p.comparison()
}

// comparison is one, or a field alone, which must be there.
func (p *parser) comparison() Expr {
	left := p.operand()
	for _, op := range []string{"==", "!=", "<=", ">=", "=~", "!~", "<", ">"} {
		if !p.next(op) {
			continue
		}
		right := p.operand()
		if text, ok := right.(Literal); ok && (op == "=~" || op == "!~") {
			right = Pattern(text.Text)
		}
		return &Compare{op, left, right}
	}
	switch {
	case p.nextWord("in"):
		return &Compare{"in", left, p.operand()}
	case p.nextWord("not"):
		if !p.nextWord("in") {
			p.fail(`"in" is missing before %s`, p.ahead())
		}
		return &Compare{"not in", left, p.operand()}
	}
	return left
}

// operand is a field, a text, a number, a list or an expression.
func (p *parser) operand() Expr {
	if text, ok := p.quoted(); ok {
		return Literal{Text: text}
	}
	switch {
	case strings.HasPrefix(p.text, "["):
		if field, ok := p.field(); ok {
			return field
		}
		p.take(1)
		return p.operands()
	case p.next("/"):
		return p.pattern()
	}
	word := p.bare()
	return Literal{Text: word, Number: strings.Trim(word, "-.0123456789") == ""}
}

// field is [a][b], if one comes next: brackets around anything but a list.
func (p *parser) field() (Field, bool) {
	var parts []string
	for strings.HasPrefix(p.text, "[") {
		end := strings.IndexByte(p.text, ']')
		if end < 0 || strings.ContainsAny(p.text[:end], ",'\"\n") || end == 1 || strings.ContainsRune(p.text[1:end], '[') {
			break
		}
		inside := strings.TrimSpace(p.text[1:end])
		if len(parts) == 0 && strings.Trim(inside, "-.0123456789") == "" {
			return "", false // a list of one number
		}
		parts = append(parts, inside)
		p.take(end + 1)
	}
	return Field(strings.Join(parts, ".")), len(parts) > 0
}

// operands are the items of a list, behind its bracket.
func (p *parser) operands() List {
	defer p.deeper()()
	return listed(p, p.operand)
}

// pattern is an expression, behind its first slash.
func (p *parser) pattern() Pattern {
	for i := 0; i < len(p.text) && p.text[i] != '\n'; i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '/':
			text := p.take(i + 1)[:i]
			return Pattern(strings.ReplaceAll(text, `\/`, "/"))
		}
	}
	p.fail("the / is not closed")
	return ""
}

package logstash

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// truth is what is known of a condition before any line is read.
type truth uint8

const (
	open   truth = iota // it depends on the line: text says how
	always              // it holds for every line
	never               // it holds for none
	beyond              // it cannot be said in an expression of ours; text says why
)

// cond is a condition as far as it is known.
type cond struct {
	is   truth
	text string
}

func known(holds bool) cond {
	if holds {
		return cond{is: always}
	}
	return cond{is: never}
}

// not is the opposite.
func (c cond) not() cond {
	switch c.is {
	case always:
		return cond{is: never}
	case never:
		return cond{is: always}
	case open:
		return cond{text: "not (" + c.text + ")"}
	}
	return c
}

// and holds when both do.
func (c cond) and(other cond) cond {
	switch {
	case c.is == never || other.is == never:
		return cond{is: never}
	case c.is == always:
		return other
	case other.is == always:
		return c
	case c.is == beyond:
		return c
	case other.is == beyond:
		return other
	}
	return cond{text: imports.Grouped(c.text) + " and " + imports.Grouped(other.text)}
}

// or holds when one does.
func (c cond) or(other cond) cond {
	switch {
	case c.is == always || other.is == always:
		return cond{is: always}
	case c.is == never:
		return other
	case other.is == never:
		return c
	case c.is == beyond:
		return c
	case other.is == beyond:
		return other
	}
	return cond{text: imports.Grouped(c.text) + " or " + imports.Grouped(other.text)}
}

// eval is what is known of the condition for the lines of this pipeline.
func (m *maker) eval(e Expr) cond {
	switch e := e.(type) {
	case nil:
		return cond{is: always}
	case *Not:
		return m.eval(e.Of).not()
	case *Logic:
		left, right := m.eval(e.Left), m.eval(e.Right)
		switch e.Op {
		case "and":
			return left.and(right)
		case "or":
			return left.or(right)
		case "nand":
			return left.and(right).not()
		}
		return left.and(right.not()).or(left.not().and(right))
	case Field:
		return m.evalPresent(string(e))
	case *Compare:
		return m.evalCompare(e)
	}
	return cond{is: beyond, text: "a constant is no condition"}
}

// evalPresent is the condition [field].
func (m *maker) evalPresent(name string) cond {
	if name == "tags" && !m.tags.runtime && m.origin.exact {
		return known(len(m.tags.fixed) > 0)
	}
	value, is := m.fact(name)
	switch is {
	case always:
		return known(value != "" && value != "false")
	case never:
		return cond{is: never}
	}
	return cond{text: imports.FieldText(m.ours(name)) + " != nil"}
}

func (m *maker) evalCompare(c *Compare) cond {
	switch c.Op {
	case "not in":
		return m.evalIn(c.Left, c.Right).not()
	case "in":
		return m.evalIn(c.Left, c.Right)
	case "!~":
		return m.evalMatch(c.Left, c.Right).not()
	case "=~":
		return m.evalMatch(c.Left, c.Right)
	}
	if _, isField := c.Left.(Field); !isField {
		if _, isField := c.Right.(Field); isField {
			c = &Compare{flipped[c.Op], c.Right, c.Left}
		}
	}
	left, ok := c.Left.(Field)
	if !ok {
		return cond{is: beyond, text: "two constants are compared"}
	}
	right, constant := c.Right.(Literal)
	if value, is := m.fact(string(left)); constant && is != open && (c.Op == "==" || c.Op == "!=") {
		return known((is == always && value == right.Text) == (c.Op == "=="))
	}
	if constant && m.failureTag(string(left), right.Text) {
		return m.evalIn(right, left)
	}
	name := m.ours(string(left))
	return cond{text: imports.FieldText(name) + " " + c.Op + " " + m.operand(c.Right, name)}
}

var flipped = map[string]string{"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// operand is what a field is compared with.
func (m *maker) operand(e Expr, with string) string {
	switch e := e.(type) {
	case Field:
		return imports.FieldText(m.ours(string(e)))
	case Literal:
		if e.Number {
			return e.Text
		}
		if with == "log.level" {
			return strconv.Quote(strings.ToLower(e.Text))
		}
		return strconv.Quote(imports.Environment(e.Text))
	}
	return "nil"
}

// evalMatch is =~.
func (m *maker) evalMatch(left, right Expr) cond {
	name, isField := left.(Field)
	pattern, isPattern := right.(Pattern)
	if !isField || !isPattern {
		return cond{is: beyond, text: "=~ wants a field and an expression"}
	}
	text, err := re2(string(pattern))
	if err != nil {
		return cond{is: beyond, text: fmt.Sprintf("the expression is not one of RE2: %v", err)}
	}
	if name == "tags" {
		return m.tags.match(text)
	}
	if value, is := m.fact(string(name)); is != open {
		return known(is == always && regexp.MustCompile(text).MatchString(value))
	}
	ours := m.ours(string(name))
	if ours == "log.file.path" && m.origin.pathMatches(text) {
		return cond{is: always}
	}
	if ours == "log.level" {
		text = "(?i)" + text
	}
	return cond{text: imports.FieldText(ours) + " matches " + strconv.Quote(text)}
}

// evalIn is in: an item in a list, a text in a text, a tag among the tags.
func (m *maker) evalIn(left, right Expr) cond {
	if name, isField := right.(Field); isField {
		item, constant := left.(Literal)
		switch {
		case !constant:
			return m.evalInField(left, name)
		case name == "tags":
			return m.evalTag(item.Text)
		}
		if value, is := m.fact(string(name)); is != open {
			return known(is == always && strings.Contains(value, item.Text))
		}
		return cond{text: imports.FieldText(m.ours(string(name))) + " contains " + strconv.Quote(item.Text)}
	}
	name, isField := left.(Field)
	items, isList := right.(List)
	if !isField || !isList {
		return cond{is: beyond, text: "in wants a field and a list"}
	}
	ours := m.ours(string(name))
	value, is := m.fact(string(name))
	var texts []string
	for _, item := range items {
		text := m.operand(item, ours)
		if literal, ok := item.(Literal); ok && is == always && literal.Text == value {
			return cond{is: always}
		}
		texts = append(texts, text)
	}
	if is != open {
		return cond{is: never}
	}
	return cond{text: imports.FieldText(ours) + " in [" + strings.Join(texts, ", ") + "]"}
}

// evalInField is [a] in [b]: an item of a list, or a part of a text.
func (m *maker) evalInField(left Expr, list Field) cond {
	item, isField := left.(Field)
	if !isField {
		return cond{is: beyond, text: "a list in a field has no counterpart"}
	}
	a, b := imports.FieldText(m.ours(string(item))), imports.FieldText(m.ours(string(list)))
	return cond{text: fmt.Sprintf(`%s != nil and (type(%s) == "string" ? %s contains %s : %s in %s)`, a, b, b, a, a, b)}
}

package process

import (
	"bytes"
	"fmt"
	"math"

	"github.com/expr-lang/expr/ast"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

// cond is a compiled condition.
type cond interface {
	holds(c *Chain, ev *event.Event) bool
}

type (
	bothHold   struct{ a, b cond }
	eitherHold struct{ a, b cond }
	notHold    struct{ a cond }
	constantly bool

	// isTrue holds when a field is true.
	isTrue struct{ name name }
	// compared holds when a field compares with a constant.
	compared struct {
		name     name
		op       operator
		constant operand
	}
	// oneOf holds when a field is equal to one of several constants.
	oneOf struct {
		name      name
		constants []operand
		texts     bool // all of them are
	}
	// within holds when a field is a whole number in a range, ends included.
	within struct {
		name     name
		from, to int64
	}
	// holdsItem holds when a field is a list that has the constant, or an object that has a member of the name.
	holdsItem struct {
		name     name
		member   name // of an object; without a path when the constant is no text
		constant operand
	}
	// matched holds when an expression matches the text of a field.
	matched struct {
		name    name
		pattern *redfa.Matcher
	}
)

func (b bothHold) holds(c *Chain, ev *event.Event) bool { return b.a.holds(c, ev) && b.b.holds(c, ev) }
func (e eitherHold) holds(c *Chain, ev *event.Event) bool {
	return e.a.holds(c, ev) || e.b.holds(c, ev)
}
func (n notHold) holds(c *Chain, ev *event.Event) bool { return !n.a.holds(c, ev) }
func (t constantly) holds(*Chain, *event.Event) bool   { return bool(t) }

func (t *isTrue) holds(c *Chain, ev *event.Event) bool {
	return equal(c.operandOf(c.get(ev, &t.name)), operand{kind: boolOperand, truth: true})
}

func (t *compared) holds(c *Chain, ev *event.Event) bool {
	v := c.get(ev, &t.name)
	if t.constant.kind == textOperand {
		if !v.Set {
			return t.op == isDifferent
		}
		if text, ok := c.textOf(v); ok {
			return t.op.holdsTexts(text, t.constant.text)
		}
	}
	return t.op.holds(c.operandOf(v), t.constant)
}

func (t *oneOf) holds(c *Chain, ev *event.Event) bool {
	v := c.get(ev, &t.name)
	if text, ok := c.textOf(v); ok && t.texts {
		for i := range t.constants {
			if bytes.Equal(text, t.constants[i].text) {
				return true
			}
		}
		return false
	}
	o := c.operandOf(v)
	for i := range t.constants {
		if equal(o, t.constants[i]) {
			return true
		}
	}
	return false
}

func (t *within) holds(c *Chain, ev *event.Event) bool {
	v := c.get(ev, &t.name)
	if !v.Set {
		return false
	}
	o, _ := meet(c.operandOf(v), operand{kind: numberOperand})
	return o.kind == numberOperand && o.number == math.Trunc(o.number) && o.number >= float64(t.from) && o.number <= float64(t.to)
}

func (t *holdsItem) holds(c *Chain, ev *event.Event) bool {
	v := c.get(ev, &t.name)
	switch {
	case v.Kind == event.Object:
		return len(t.member.path) > 0 && c.get(ev, &t.member).Set
	case v.Kind != event.JSON || v.Bytes[0] != '[':
		return false
	}
	for item, rest := nextItem(v.Bytes[1:]); item != nil; item, rest = nextItem(rest) {
		if equal(c.operandOf(event.Value{Bytes: item, Kind: event.JSON, Set: true}), t.constant) {
			return true
		}
	}
	return false
}

func (t *matched) holds(c *Chain, ev *event.Event) bool {
	b, ok := c.textOf(c.get(ev, &t.name))
	return ok && t.pattern.Match(b) != nil
}

// compileCond compiles what is simple, and returns nil for what is not.
func (c *Chain) compileCond(node ast.Node) (cond, error) {
	switch n := node.(type) {
	case *ast.BoolNode:
		return constantly(n.Value), nil
	case *ast.UnaryNode:
		if n.Operator != "not" && n.Operator != "!" {
			return nil, nil
		}
		inner, err := c.compileCond(n.Node)
		if inner == nil || err != nil {
			return nil, err
		}
		return notHold{inner}, nil
	case *ast.BinaryNode:
		return c.compileBinary(n)
	}
	if name, ok := fieldName(node); ok {
		if err := truthOf(node, name); err != nil {
			return nil, err
		}
		return &isTrue{newName(name)}, nil
	}
	return nil, nil
}

func (c *Chain) compileBinary(n *ast.BinaryNode) (cond, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		a, err := c.compileCond(n.Left)
		if err != nil {
			return nil, err
		}
		b, err := c.compileCond(n.Right)
		if a == nil || b == nil || err != nil {
			return nil, err
		}
		if n.Operator == "and" || n.Operator == "&&" {
			return bothHold{a, b}, nil
		}
		return eitherHold{a, b}, nil
	case "in":
		return compileIn(n)
	case "matches":
		name, isField := fieldName(n.Left)
		text, isText := n.Right.(*ast.StringNode)
		if !isField || !isText {
			return nil, nil
		}
		re, err := redfa.Compile(text.Value)
		if err != nil {
			return nil, &positionError{text, err.Error()}
		}
		return &matched{newName(name), re.NewMatcher()}, nil
	}
	op, known := operators[n.Operator]
	if !known {
		return nil, nil
	}
	name, isField := fieldName(n.Left)
	constant, isConstant := constantOf(n.Right)
	if !isField && op < hasPart { // 500 <= status
		name, isField = fieldName(n.Right)
		constant, isConstant = constantOf(n.Left)
		op = turned[op]
	}
	if !isField || !isConstant {
		return nil, nil
	}
	if err := fits(n, name, op, constant); err != nil {
		return nil, err
	}
	return &compared{newName(name), op, constant}, nil
}

// turned are the operators with their sides exchanged.
var turned = [...]operator{isEqual: isEqual, isDifferent: isDifferent, isLess: isMore, isLessOrEqual: isMoreOrEqual, isMore: isLess, isMoreOrEqual: isLessOrEqual}

func compileIn(n *ast.BinaryNode) (cond, error) {
	if name, ok := fieldName(n.Right); ok {
		if constant, ok := constantOf(n.Left); ok {
			t := &holdsItem{name: newName(name), constant: constant}
			if constant.kind == textOperand {
				t.member = newName(name + "." + string(constant.text))
			}
			return t, nil
		}
		return nil, nil
	}
	name, ok := fieldName(n.Left)
	if !ok {
		return nil, nil
	}
	switch right := n.Right.(type) {
	case *ast.ArrayNode:
		t := &oneOf{name: newName(name), texts: true}
		for _, item := range right.Nodes {
			constant, ok := constantOf(item)
			if !ok {
				return nil, nil
			}
			if err := fits(item, name, isEqual, constant); err != nil {
				return nil, err
			}
			t.constants = append(t.constants, constant)
			t.texts = t.texts && constant.kind == textOperand
		}
		return t, nil
	case *ast.BinaryNode:
		from, isFrom := right.Left.(*ast.IntegerNode)
		to, isTo := right.Right.(*ast.IntegerNode)
		if right.Operator != ".." || !isFrom || !isTo {
			return nil, nil
		}
		err := fits(n, name, isMore, operand{kind: numberOperand})
		return &within{newName(name), int64(from.Value), int64(to.Value)}, err
	}
	return nil, nil
}

// constantOf is the value of a literal.
func constantOf(node ast.Node) (operand, bool) {
	switch n := node.(type) {
	case *ast.NilNode:
		return operand{}, true
	case *ast.StringNode:
		return operand{kind: textOperand, text: []byte(n.Value)}, true
	case *ast.BoolNode:
		return operand{kind: boolOperand, truth: n.Value}, true
	case *ast.IntegerNode:
		return operand{kind: numberOperand, integer: int64(n.Value), whole: true, number: float64(n.Value)}, true
	case *ast.FloatNode:
		return operand{kind: numberOperand, number: n.Value}, true
	case *ast.UnaryNode:
		if o, ok := constantOf(n.Node); ok && o.kind == numberOperand && n.Operator == "-" {
			o.integer, o.number = -o.integer, -o.number
			return o, true
		}
	}
	return operand{}, false
}

// texts are the fields that always are texts, so that comparing them with anything else is a mistake.
var texts = map[string]bool{"@timestamp": true, "log.level": true, "message": true, "service.name": true, "trace.id": true, "span.id": true,
	"parent.id": true, "event.dataset": true, "host.name": true, "log.file.path": true, "event.kind": true, "error.message": true}

// fits says what is wrong with a comparison of a field whose kind is known.
func fits(node ast.Node, name string, op operator, constant operand) error {
	number := name == "event.duration" || name == "log.offset"
	switch {
	case op >= hasPart && constant.kind != textOperand:
		return &positionError{node, "only a text can be in, begin or end another; write it in quotes"}
	case op >= isLess && op < hasPart && constant.kind != textOperand && constant.kind != numberOperand:
		return &positionError{node, "only numbers and texts have an order"}
	case constant.kind == nilOperand:
	case texts[name] && constant.kind != textOperand:
		return &positionError{node, fmt.Sprintf("%s is a text; write what it is compared with in quotes", name)}
	case number && constant.kind != numberOperand:
		return &positionError{node, fmt.Sprintf("%s is a number; write what it is compared with without quotes", name)}
	}
	return nil
}

// truthOf says what is wrong with a field that is a condition by itself.
func truthOf(node ast.Node, name string) error {
	if texts[name] || name == "event.duration" || name == "log.offset" {
		return &positionError{node, fmt.Sprintf("%s is neither true nor false; compare it, as in %s != nil", name, name)}
	}
	return nil
}

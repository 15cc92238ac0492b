package process

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

// machine runs a condition in the library's machine. It allocates.
type machine struct {
	program *vm.Program
	vm      vm.VM
	env     machineEnv
}

// machineEnv is what expressions see: the fields of the event, by name.
type machineEnv struct {
	c  *Chain
	ev *event.Event
}

func newMachine(program *vm.Program) *machine { return &machine{program: program} }

func (m *machine) holds(c *Chain, ev *event.Event) bool {
	m.env = machineEnv{c, ev}
	out, err := m.vm.Run(m.program, m.env)
	truth, ok := out.(bool)
	return err == nil && ok && truth
}

// Field is what the event has under a name: nil, a text, number, truth value, list or map.
func (e machineEnv) Field(text string) any {
	n := e.c.machineName(text)
	return e.c.goValue(e.c.get(e.ev, n))
}

func (c *Chain) machineName(text string) *name {
	n, ok := c.names[text]
	if !ok {
		made := newName(text)
		n = &made
	}
	return n
}

// goValue is v as expressions know values.
func (c *Chain) goValue(v event.Value) any {
	o := c.operandOf(v)
	switch o.kind {
	case nilOperand:
		return nil
	case textOperand:
		return string(o.text)
	case boolOperand:
		return o.truth
	case numberOperand:
		if o.whole {
			return int(o.integer)
		}
		return o.number
	}
	var decoded any
	if err := json.Unmarshal(v.Bytes, &decoded); err != nil {
		return nil
	}
	return decoded
}

// operandOfAny is what a value of the machine's is to a comparison.
func operandOfAny(v any) operand {
	switch v := v.(type) {
	case nil:
		return operand{}
	case string:
		return operand{kind: textOperand, text: []byte(v)}
	case bool:
		return operand{kind: boolOperand, truth: v}
	case int:
		return operand{kind: numberOperand, integer: int64(v), whole: true, number: float64(v)}
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return operand{kind: numberOperand, integer: r.Int(), whole: true, number: float64(r.Int())}
	case r.CanFloat():
		return operand{kind: numberOperand, number: r.Float()}
	}
	return operand{kind: otherOperand}
}

// prefix keeps the names of our functions apart from what can be written.
const prefix = "\x00"

// machineFunctions are the operators that compare, by our rules.
var machineFunctions = func() (options []expr.Option) {
	for word, op := range operators {
		options = append(options, expr.Function(prefix+word, func(params ...any) (any, error) {
			a, b := operandOfAny(params[0]), operandOfAny(params[1])
			if a.kind == otherOperand && b.kind == otherOperand && op <= isDifferent {
				return reflect.DeepEqual(params[0], params[1]) == (op == isEqual), nil
			}
			return op.holds(a, b), nil
		}, new(func(any, any) bool)))
	}
	return append(options,
		expr.Function(prefix+"in", func(params ...any) (any, error) { return isIn(params[0], params[1]), nil }, new(func(any, any) bool)),
		expr.Function(prefix+"true", func(params ...any) (any, error) {
			return equal(operandOfAny(params[0]), operand{kind: boolOperand, truth: true}), nil
		}, new(func(any) bool)))
}()

func isIn(item, list any) bool {
	r := reflect.ValueOf(list)
	switch r.Kind() {
	case reflect.Map:
		key, ok := item.(string)
		return ok && r.Type().Key().Kind() == reflect.String && r.MapIndex(reflect.ValueOf(key)).IsValid()
	case reflect.Slice, reflect.Array:
		for i := range r.Len() {
			if equal(operandOfAny(item), operandOfAny(r.Index(i).Interface())) {
				return true
			}
		}
	}
	return false
}

// rewriter turns the names in an expression into questions for fields, and comparisons into calls of our functions.
type rewriter struct {
	names     map[string]bool // of fields
	variables map[string]int  // declared by let around the node
	err       *positionError
}

func (r *rewriter) fail(node ast.Node, format string, args ...any) {
	if r.err == nil {
		r.err = &positionError{node, fmt.Sprintf(format, args...)}
	}
}

// collect notes the fields that an expression names, and what in it cannot be.
func (r *rewriter) collect(node ast.Node) {
	r.walk(&node, func(*ast.Node, string) {}, func(*ast.Node) {})
}

// rewrite changes the expression.
func (r *rewriter) rewrite(node *ast.Node) {
	r.walk(node, func(node *ast.Node, name string) {
		ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "Field"}, Arguments: []ast.Node{&ast.StringNode{Value: name}}})
	}, func(node *ast.Node) {
		switch n := (*node).(type) {
		case *ast.BinaryNode:
			_, compares := operators[n.Operator]
			switch {
			case compares || n.Operator == "in":
				ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: prefix + n.Operator}, Arguments: []ast.Node{n.Left, n.Right}})
			case n.Operator == "and" || n.Operator == "or" || n.Operator == "&&" || n.Operator == "||":
				asTruth(&n.Left)
				asTruth(&n.Right)
			}
		case *ast.UnaryNode:
			if n.Operator == "not" || n.Operator == "!" {
				asTruth(&n.Node)
			}
		case *ast.ConditionalNode:
			asTruth(&n.Cond)
		}
	})
	asTruth(node)
}

// asTruth makes a truth value of a field that stands where one must.
func asTruth(node *ast.Node) {
	if call, ok := (*node).(*ast.CallNode); ok {
		if callee, ok := call.Callee.(*ast.IdentifierNode); ok && callee.Value == "Field" {
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: prefix + "true"}, Arguments: []ast.Node{*node}})
		}
	}
}

// root is the name that a chain begins with.
func root(node ast.Node) string {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return root(n.Node)
	case *ast.MemberNode:
		return root(n.Node)
	}
	return ""
}

// walk goes from the outside inwards, because a chain of names is one name; field is called for each, behind for every
// other node when what is in it has been seen.
func (r *rewriter) walk(node *ast.Node, field func(*ast.Node, string), behind func(*ast.Node)) {
	if name, ok := fieldName(*node); ok && r.variables[root(*node)] == 0 {
		if err := checkName(name); err != nil {
			r.fail(*node, "%v", err)
		}
		if name == "$env" {
			r.fail(*node, "$env has no meaning here; write the name of a field")
		}
		r.names[name] = true
		field(node, name)
		return
	}
	inner := func(nodes ...*ast.Node) {
		for _, n := range nodes {
			if *n != nil {
				r.walk(n, field, behind)
			}
		}
	}
	list := func(nodes []ast.Node) {
		for i := range nodes {
			inner(&nodes[i])
		}
	}
	switch n := (*node).(type) {
	case *ast.UnaryNode:
		inner(&n.Node)
	case *ast.BinaryNode:
		inner(&n.Left, &n.Right)
		if text, ok := n.Right.(*ast.StringNode); ok && n.Operator == "matches" {
			if _, err := redfa.Compile(text.Value); err != nil {
				r.fail(text, "%v", err)
			}
		}
	case *ast.ChainNode:
		inner(&n.Node)
	case *ast.MemberNode:
		if n.Method {
			r.fail(n, "values have no methods")
		}
		inner(&n.Node, &n.Property)
	case *ast.SliceNode:
		inner(&n.Node, &n.From, &n.To)
	case *ast.CallNode:
		r.fail(n, "there is no such function; a field whose name is no chain of words is field(\"x-request-id\")")
		list(n.Arguments)
	case *ast.BuiltinNode:
		list(n.Arguments)
	case *ast.PredicateNode:
		inner(&n.Node)
	case *ast.ConditionalNode:
		inner(&n.Cond, &n.Exp1, &n.Exp2)
	case *ast.VariableDeclaratorNode:
		inner(&n.Value)
		r.variables[n.Name]++
		inner(&n.Expr)
		r.variables[n.Name]--
	case *ast.SequenceNode:
		list(n.Nodes)
	case *ast.ArrayNode:
		list(n.Nodes)
	case *ast.MapNode:
		list(n.Pairs)
	case *ast.PairNode:
		inner(&n.Key, &n.Value)
	}
	behind(node)
}

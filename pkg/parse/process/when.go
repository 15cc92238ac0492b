package process

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// A condition is an expression of github.com/expr-lang/expr in which names, with dots, are fields of the document. It is
// compiled twice: what most conditions are made of, comparisons of a field with a constant and and, or, not of those,
// becomes a tree of our own that allocates nothing (cond.go); all else runs in the library's machine (machine.go). Both
// compare by the same rules (operand.go), so that it makes no difference which of them does it:
//
//   - an absent field and null are nil; any comparison but == nil and != nil with nil is false, and != is the opposite of ==;
//   - beside a number, a text that is a number counts as one, because in most formats every value is text; beside true or
//     false, so does a text that says so;
//   - values that cannot be compared are different, and neither is smaller;
//   - an expression that fails is false.

// compileWhen compiles a condition, and adds the names in it to the chain's. An empty one is nil, which always holds.
func (c *Chain) compileWhen(text string) (cond, error) {
	if text == "" {
		return nil, nil
	}
	config := conf.New(machineEnv{})
	for _, option := range append(machineFunctions, expr.AsBool()) {
		option(config)
	}
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, positioned(err)
	}
	r := rewriter{names: map[string]bool{}, variables: map[string]int{}}
	if r.collect(tree.Node); r.err != nil {
		return nil, r.err.at(tree.Source)
	}
	compiled, err := c.compileCond(tree.Node)
	if err != nil {
		return nil, positionedIn(err, tree.Source)
	}
	for text := range r.names {
		c.ask(text)
	}
	if compiled != nil {
		return compiled, nil
	}
	r.rewrite(&tree.Node)
	if _, err := checker.Check(tree, config); err != nil {
		return nil, positioned(err)
	}
	program, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, positioned(err)
	}
	return newMachine(program), nil
}

// positioned is an error of the library's in one line.
func positioned(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return fmt.Errorf("column 1: %s", strings.TrimSpace(err.Error()))
	}
	if strings.Contains(at.Message, "unrecognized character: U+0040") {
		at.Message += "; a field whose name is no chain of words is field(\"@timestamp\")"
	}
	return fmt.Errorf("column %d: %s", at.Column+1, at.Message)
}

// positionError is one at a node.
type positionError struct {
	node ast.Node
	msg  string
}

func (e *positionError) Error() string { return e.msg }

func (e *positionError) at(source file.Source) error {
	return positioned((&file.Error{Location: e.node.Location(), Message: e.msg}).Bind(source))
}

func positionedIn(err error, source file.Source) error {
	var at *positionError
	if errors.As(err, &at) {
		return at.at(source)
	}
	return err
}

// fieldName is the name of the field that a node stands for: a chain of names, or field("NAME") for one that is no chain.
func fieldName(node ast.Node) (name string, ok bool) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.ChainNode:
		return fieldName(n.Node)
	case *ast.MemberNode:
		property, isText := n.Property.(*ast.StringNode)
		if !isText || n.Method {
			return "", false
		}
		outer, ok := fieldName(n.Node)
		return outer + "." + property.Value, ok
	case *ast.CallNode:
		callee, isName := n.Callee.(*ast.IdentifierNode)
		if !isName || callee.Value != "field" || len(n.Arguments) != 1 {
			return "", false
		}
		text, isText := n.Arguments[0].(*ast.StringNode)
		if !isText {
			return "", false
		}
		return text.Value, true
	}
	return "", false
}

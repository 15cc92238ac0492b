package filebeat

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tailspan/tailspan/internal/imports"
)

// node is a value of the configuration. Keys with dots are maps in maps, as Beats reads them.
type node struct {
	at   imports.Pos
	path string
	text string
	list []*node
	keys []string // of a map, in the order of the file
	of   map[string]*node
	kind yaml.Kind
	bare bool // a number, true or false
}

// maxNodes bounds what aliases may make of a file.
const maxNodes = 100_000

// reader makes nodes of YAML.
type reader struct {
	file   string
	ledger *imports.Ledger
	count  int
}

func (r *reader) read(y *yaml.Node, path string) (*node, error) {
	if r.count++; r.count > maxNodes {
		return nil, fmt.Errorf("%s:%d: the file has more than %d values", r.file, y.Line, maxNodes)
	}
	n := &node{at: imports.Pos{File: r.file, Line: y.Line, Col: y.Column}, path: path, kind: y.Kind}
	switch y.Kind {
	case yaml.AliasNode:
		return r.read(y.Alias, path)
	case yaml.MappingNode:
		n.of = map[string]*node{}
		for i := 0; i+1 < len(y.Content); i += 2 {
			if err := r.put(n, strings.Split(y.Content[i].Value, "."), y.Content[i+1]); err != nil {
				return nil, err
			}
		}
	case yaml.SequenceNode:
		for _, item := range y.Content {
			inner, err := r.read(item, path)
			if err != nil {
				return nil, err
			}
			n.list = append(n.list, inner)
		}
	default:
		n.text = y.Value
		n.bare = y.Tag == "!!int" || y.Tag == "!!float" || y.Tag == "!!bool"
		if y.Tag == "!!null" {
			n.text = ""
		}
	}
	return n, nil
}

// put puts a value under a key with dots.
func (r *reader) put(n *node, key []string, value *yaml.Node) error {
	path := strings.TrimPrefix(n.path+"."+key[0], ".")
	inner := n.of[key[0]]
	if len(key) > 1 {
		if inner == nil || inner.of == nil {
			inner = &node{at: imports.Pos{File: r.file, Line: value.Line, Col: value.Column}, path: path, kind: yaml.MappingNode, of: map[string]*node{}}
			n.add(key[0], inner)
		}
		return r.put(inner, key[1:], value)
	}
	made, err := r.read(value, path)
	if err != nil {
		return err
	}
	if inner != nil && inner.of != nil && made.of != nil { // a map, and keys with dots that lead into it
		for _, k := range made.keys {
			inner.add(k, made.of[k])
		}
		return nil
	}
	n.add(key[0], made)
	return nil
}

func (n *node) add(key string, value *node) {
	if n.of[key] == nil {
		n.keys = append(n.keys, key)
	}
	n.of[key] = value
}

// get is the value under keys joined by dots, nil when there is none.
func (n *node) get(path string) *node {
	for _, key := range strings.Split(path, ".") {
		if n == nil {
			return nil
		}
		n = n.of[key]
	}
	return n
}

// str is the text under the path, empty when there is none.
func (n *node) str(path string) string {
	if inner := n.get(path); inner != nil {
		return inner.text
	}
	return ""
}

// texts are the texts of a list, or the only one.
func (n *node) texts() []string {
	switch {
	case n == nil:
		return nil
	case n.kind == yaml.ScalarNode && n.text != "":
		return []string{n.text}
	}
	var all []string
	for _, item := range n.list {
		all = append(all, item.text)
	}
	return all
}

// value is what a field is set to.
func (n *node) value() any {
	if n.bare {
		return imports.Number(n.text)
	}
	return imports.Environment(n.text)
}

// on reports that the value says true.
func (n *node) on() bool { return n != nil && (n.text == "true" || n.text == "yes" || n.text == "on") }

// off reports that the value says false.
func (n *node) off() bool {
	return n != nil && (n.text == "false" || n.text == "no" || n.text == "off")
}

// leaf reports a directive: a value, or a list of values.
func (n *node) leaf() bool {
	return n.of == nil && !slices.ContainsFunc(n.list, func(item *node) bool { return !item.leaf() || item.list != nil }) || n.of != nil && len(n.keys) == 0
}

// each calls f for every directive in n.
func (n *node) each(f func(*node)) {
	switch {
	case n == nil:
	case n.leaf():
		f(n)
	default:
		for _, key := range n.keys {
			n.of[key].each(f)
		}
		for _, item := range n.list {
			item.each(f)
		}
	}
}

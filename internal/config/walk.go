package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxValues bounds what aliases can multiply a file to.
const maxValues = 100_000

// walker goes through the YAML nodes beside the types that they are for.
type walker struct {
	problems *problems
	lines    map[string]int
	dir      string // of the configuration file
	values   int    // visited, aliases followed
}

// scalar is a leaf: the text as it stands in the file after expansion, whatever YAML makes of it.
type scalar struct {
	text string
	tag  string // YAML's idea of its type; "!!str" for quoted and expanded ones
	size bool   // the key counts bytes
}

// pair and pairs are a map whose names the user chose. Viper would fold their case in a map.
type pair struct {
	name  string
	value any
}
type pairs []pair

// value gives what viper gets for the node: a map[string]any, a []any, pairs, a scalar, or nil when there is nothing, or
// nothing usable and that has been reported.
func (w *walker) value(n *yaml.Node, t reflect.Type, key string) any {
	n = follow(n)
	if !w.accept(n, key) {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case isNull(n) && t.Kind() == reflect.Struct && !isUnion(t):
		return map[string]any{}
	case isNull(n):
		return nil
	case n.Kind == yaml.ScalarNode && (isScalar(t) || isUnion(t)):
		return w.scalar(n, t, key)
	case n.Kind == yaml.ScalarNode && t == inputType: // input: stdin
		return map[string]any{"type": w.scalar(n, reflect.TypeFor[string](), key)}
	case n.Kind == yaml.ScalarNode && t.Kind() == reflect.Slice && isScalar(t.Elem()):
		return w.single(n, t, key)
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		return w.structure(n, t, key)
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		return w.pairs(n, t, key)
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		return w.list(n, t, key)
	}
	w.refuse(n, key, shape(n)+" does not fit here; "+wanted(t, isSize(t, key)))
	return nil
}

// accept refuses tags, which say nothing here that the key does not, and files that explode.
func (w *walker) accept(n *yaml.Node, key string) bool {
	if w.values++; w.values >= maxValues {
		if w.values == maxValues {
			w.refuse(n, key, fmt.Sprintf("more than %d values, aliases followed; write fewer", maxValues))
		}
		return false
	}
	known := []string{"", "!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!!merge", "!!timestamp"}
	if !slices.Contains(known, n.ShortTag()) {
		w.refuse(n, key, "the tag "+quote(n.Tag)+" has no meaning here; leave it out")
		return false
	}
	return true
}

// refuse reports a problem at the key, or at the node when the key has no line of its own.
func (w *walker) refuse(n *yaml.Node, key, msg string) {
	if line, ok := w.lines[key]; ok {
		w.problems.addAt(line, key, msg)
		return
	}
	w.problems.addAt(n.Line, key, msg)
}

// structure reads a map whose keys are the struct's.
func (w *walker) structure(n *yaml.Node, t reflect.Type, key string) any {
	fields := fieldsOf(t)
	tree := map[string]any{}
	for name, node := range w.entries(n, key) {
		path := below(key, name.Value)
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name.Value })
		if i < 0 {
			w.problems.addAt(name.Line, path, unknownKey(name.Value, keysOf(t)))
			continue
		}
		if value := w.value(node, fields[i].typ, path); value != nil {
			tree[name.Value] = value
		}
	}
	return tree
}

// pairs reads a map whose names are the user's.
func (w *walker) pairs(n *yaml.Node, t reflect.Type, key string) any {
	list := pairs{}
	for name, node := range w.entries(n, key) {
		path := key + "[" + name.Value + "]"
		w.lines[path] = name.Line
		if value := w.value(node, t.Elem(), path); value != nil {
			list = append(list, pair{name.Value, value})
		}
	}
	return list
}

// list reads a list. An item that is not usable keeps its place, so that the others keep their numbers.
func (w *walker) list(n *yaml.Node, t reflect.Type, key string) any {
	items := make([]any, len(n.Content))
	for i, node := range n.Content {
		path := key + "[" + strconv.Itoa(i) + "]"
		w.lines[path] = node.Line
		if isNull(follow(node)) {
			w.refuse(node, path, "the item is empty; "+wanted(t.Elem(), false))
			continue
		}
		items[i] = w.value(node, t.Elem(), path)
	}
	return items
}

// single reads one scalar where a list of them is wanted.
func (w *walker) single(n *yaml.Node, t reflect.Type, key string) any {
	if value := w.scalar(n, t.Elem(), key); value != nil {
		return []any{value}
	}
	return nil
}

// scalar expands one scalar.
func (w *walker) scalar(n *yaml.Node, t reflect.Type, key string) any {
	text, err := expand(n.Value, w.dir)
	if err != nil {
		w.refuse(n, key, err.Error())
		return nil
	}
	tag := n.ShortTag()
	if text != n.Value {
		tag = "!!str"
		w.problems.hidden = append(w.problems.hidden, hidden{key, text, n.Value})
	}
	return scalar{text: text, tag: tag, size: isSize(t, key)}
}

// isSize says whether the key counts bytes.
func isSize(t reflect.Type, key string) bool {
	integer := t.Kind() == reflect.Int || t.Kind() == reflect.Int64
	return integer && t != durationType && slices.Contains(sizeKeys, lastPart(key))
}

// lastPart is the last part of a key path.
func lastPart(key string) string {
	if above := parent(key); above != "" {
		return key[len(above)+1:]
	}
	return key
}

// shape names a node in a message.
func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	return quote(n.Value)
}

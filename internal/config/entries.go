package config

import (
	"fmt"
	"iter"

	"go.yaml.in/yaml/v3"
)

const maxMerges = 20 // of maps into one, merges within merges among them; ends those that merge themselves

// entries yields the keys and values of a map, first its own, then those merged in by <<, of which its own and earlier
// ones win. It notes the line of each and reports keys that are there twice.
func (w *walker) entries(n *yaml.Node, key string) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(name, value *yaml.Node) bool) {
		seen := map[string]bool{}
		maps := []*yaml.Node{n}
		for i := 0; i < len(maps); i++ {
			var merged []*yaml.Node
			for name, value := range keyValues(maps[i]) {
				switch {
				case name.ShortTag() == "!!merge":
					merged = append(merged, w.merged(value, key)...)
				case !w.fresh(name, key, seen, i == 0):
				case !yield(name, value):
					return
				}
			}
			if maps = append(maps, merged...); len(maps) > maxMerges {
				w.refuse(n, key, fmt.Sprintf("<< merges more than %d maps; write fewer", maxMerges))
				return
			}
		}
	}
}

// fresh notes a key and its line, and says whether it is there for the first time. That a key is there again is an error
// in the map itself, and the sense of it in a merged one.
func (w *walker) fresh(name *yaml.Node, key string, seen map[string]bool, own bool) bool {
	path := below(key, name.Value)
	if name.Kind != yaml.ScalarNode {
		w.problems.addAt(name.Line, key, shape(name)+" cannot be a key; write a name")
		return false
	}
	if !seen[name.Value] {
		seen[name.Value] = true
		w.lines[path] = name.Line
		return true
	}
	if own {
		msg := fmt.Sprintf("the key is there twice, first in line %d; write it once", w.lines[path])
		w.problems.addAt(name.Line, path, msg)
	}
	return false
}

// merged lists the maps that a << has as its value: one, or a list of them.
func (w *walker) merged(value *yaml.Node, key string) []*yaml.Node {
	value = follow(value)
	if value.Kind == yaml.MappingNode {
		return []*yaml.Node{value}
	}
	var maps []*yaml.Node
	for _, item := range value.Content {
		if item = follow(item); item.Kind == yaml.MappingNode {
			maps = append(maps, item)
		}
	}
	if value.Kind != yaml.SequenceNode || len(maps) < len(value.Content) {
		w.problems.addAt(value.Line, key, "<< merges maps only; write an alias of one, or a list of such aliases")
	}
	return maps
}

// keyValues yields a map's keys and values as they stand, keys that are aliases followed.
func keyValues(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(name, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(follow(n.Content[i]), n.Content[i+1]) {
				return
			}
		}
	}
}

// follow is the node that an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull says whether nothing stands there: no text, null or ~.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

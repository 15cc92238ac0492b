package search

import (
	"cmp"
	"slices"

	"github.com/valyala/fastjson"
)

// Field is a field of a document with one of its values.
type Field struct {
	Name  string `json:"name"`  // dotted
	Value string `json:"value"` // as in Count; "null" for null
	Text  bool   `json:"text"`  // the value is a text
}

// Fields takes a document apart: one Field for each value, those of an array one behind the other, in order of their names.
func Fields(document []byte) ([]Field, error) {
	v, err := fastjson.ParseBytes(document)
	if err != nil {
		return nil, err
	}
	var all []Field
	collect(&all, "", v, 0)
	slices.SortStableFunc(all, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// maxDepth bounds how deep a document is looked into. Deeper ones are not parsed in the first place.
const maxDepth = 300

func collect(all *[]Field, name string, v *fastjson.Value, depth int) {
	if depth > maxDepth {
		return
	}
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, member *fastjson.Value) {
			below := string(key)
			if name != "" {
				below = name + "." + below
			}
			collect(all, below, member, depth+1)
		})
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			collect(all, name, item, depth+1)
		}
	case fastjson.TypeString:
		*all = append(*all, Field{name, string(v.GetStringBytes()), true})
	default:
		*all = append(*all, Field{name, string(v.MarshalTo(nil)), false})
	}
}

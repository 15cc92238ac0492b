package imports

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Draft is a configuration of ours being written. Its nodes remember which directives they come from, so that what the
// check takes out of it is reported as theirs.
type Draft struct {
	Root      Map
	pipelines *yaml.Node
	from      map[*yaml.Node][]Pos
}

// NewDraft begins a configuration; the comment stands at its head.
func NewDraft(comment string) *Draft {
	d := &Draft{from: map[*yaml.Node][]Pos{}}
	d.Root = d.Map()
	d.Root.Comment(comment)
	d.pipelines = &yaml.Node{Kind: yaml.SequenceNode}
	d.Root.Set("pipelines", d.pipelines)
	return d
}

// Map is a map of the draft.
type Map struct {
	*yaml.Node
	draft *Draft
}

// Map makes an empty map.
func (d *Draft) Map() Map { return Map{&yaml.Node{Kind: yaml.MappingNode}, d} }

// AddPipeline adds a pipeline with the name and returns it.
func (d *Draft) AddPipeline(name string) Map {
	m := d.Map()
	m.Set("name", name)
	d.pipelines.Content = append(d.pipelines.Content, m.Node)
	return m
}

// Pipelines is how many there are.
func (d *Draft) Pipelines() int { return len(d.pipelines.Content) }

// Comment puts a comment above the map.
func (m Map) Comment(text string) {
	if text == "" {
		return
	}
	m.HeadComment = commented(text)
}

func commented(text string) string {
	return "# " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n# ")
}

// Set gives the key a value, in place of one that it has: a text, number, truth value, list of texts, Map, list of Maps or
// node. The directives it comes from follow.
func (m Map) Set(key string, value any, from ...Pos) {
	node := m.draft.node(value)
	m.draft.from[node] = append(m.draft.from[node], from...)
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.draft.from[node] = append(m.draft.from[node], m.draft.from[m.Content[i+1]]...)
			m.Content[i+1] = node
			return
		}
	}
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, node)
}

// Get is the value of the key, nil when there is none.
func (m Map) Get(key string) *yaml.Node {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// Delete takes the key out.
func (m Map) Delete(key string) {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content = append(m.Content[:i], m.Content[i+2:]...)
			return
		}
	}
}

// Below is the map under the key, made when it is not there.
func (m Map) Below(key string) Map {
	if node := m.Get(key); node != nil && node.Kind == yaml.MappingNode {
		return Map{node, m.draft}
	}
	inner := m.draft.Map()
	m.Set(key, inner)
	return inner
}

// Append adds an item to the list under the key.
func (m Map) Append(key string, item any, from ...Pos) {
	node := m.draft.node(item)
	m.draft.from[node] = append(m.draft.from[node], from...)
	list := m.Get(key)
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode}
		m.Set(key, list)
	}
	list.Content = append(list.Content, node)
}

// Note puts a comment above the key.
func (m Map) Note(key, text string) {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content[i].HeadComment = commented(text)
		}
	}
}

// node is the value as YAML.
func (d *Draft) node(value any) *yaml.Node {
	switch v := value.(type) {
	case *yaml.Node:
		return v
	case Map:
		return v.Node
	case []Map:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, m := range v {
			list.Content = append(list.Content, m.Node)
		}
		return list
	}
	n := new(yaml.Node)
	if err := n.Encode(value); err != nil { // only of values that are no values of YAML, such as functions
		panic(err)
	}
	if n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	}
	return n
}

// Number is a number as it is written in the configuration that is read.
func Number(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// Bytes is the draft as a text.
func (d *Draft) Bytes() ([]byte, error) { return encode(d.Root.Node) }

func encode(root *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return nil, err
	}
	err := encoder.Close()
	return out.Bytes(), err
}

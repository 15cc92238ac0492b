package logstash

import (
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// mutations are what mutate can do, in the order in which it does, whatever the order of its settings.
var mutations = []string{"coerce", "rename", "update", "replace", "convert", "gsub", "uppercase", "capitalize", "lowercase", "strip", "split", "join", "merge", "copy"}

// mutate changes fields.
func (m *maker) mutate(p *Plugin, when cond) {
	for _, name := range mutations {
		for _, s := range p.Settings {
			if s.Name == name {
				m.ledger.Carry(s.Pos)
				m.mutation(s, when)
			}
		}
	}
	if s, ok := p.setting("tag_on_failure"); ok {
		m.ledger.Needless(s.Pos, "a value that cannot be changed stays as it is")
	}
	m.common(p, when)
}

// mutation drafts one of them.
func (m *maker) mutation(s Setting, when cond) {
	from := []imports.Pos{s.Pos}
	switch s.Name {
	case "rename", "copy":
		for _, e := range s.Value.entries() {
			m.move(s, when, e)
		}
	case "replace", "update", "coerce":
		m.setExisting(s, when)
	case "convert":
		for _, e := range s.Value.entries() {
			m.convert(s.Pos, when, dotted(e.Key), e.Value.texts())
		}
	case "gsub":
		m.gsub(s, when)
	case "uppercase", "lowercase", "strip":
		names := m.editable(s, s.Value.texts())
		if s.Name == "strip" {
			m.step("replace", when, from, "fields", names, "pattern", `^\s+|\s+$`, "with", "")
			return
		}
		m.step(s.Name, when, from, "fields", names)
	case "split":
		for _, e := range s.Value.entries() {
			m.step("split", when, from, "fields", m.editable(s, []string{e.Key}), "separator", e.Value.Text)
		}
	case "merge":
		m.merge(s, when)
	default: // capitalize, join
		m.ledger.Lose(s.Pos, "has no counterpart")
	}
}

// editable are the names of fields that are going to be changed.
func (m *maker) editable(s Setting, keys []string) (names []string) {
	for _, key := range keys {
		names = append(names, m.ours(key))
		m.touch(dotted(key))
	}
	return names
}

// move is rename or copy of one field.
func (m *maker) move(s Setting, when cond, e Entry) {
	from, to := dotted(e.Key), dotted(e.Value.Text)
	ours := m.ours(from)
	target := m.target(to)
	if strings.Contains(e.Value.Text, "%{") || strings.Contains(e.Key, "%{") {
		m.ledger.Lose(s.Pos, "the name %s depends on the line", e.Value.Text)
		return
	}
	if ours != target {
		m.step(s.Name, when, []imports.Pos{s.Pos}, "field", ours, "to", target)
	}
	value, constant := m.consts[from]
	m.touch(to)
	if constant && when.is == always {
		m.consts[to] = value
		delete(m.produced, to)
	}
	if s.Name == "rename" {
		m.touch(from)
	}
}

// setExisting is replace, update, which leaves fields alone that are not there, and coerce, which those that are.
func (m *maker) setExisting(s Setting, when cond) {
	for _, e := range s.Value.entries() {
		name := imports.FieldText(m.ours(e.Key))
		here := when
		switch s.Name {
		case "update":
			here = when.and(cond{text: name + " != nil"})
		case "coerce":
			here = when.and(cond{text: name + " == nil"})
		}
		m.setField(s.Pos, here, e.Key, e.Value)
	}
}

// types are the types of convert by ours.
var types = map[string]string{"integer": "long", "int": "long", "float": "double", "string": "string", "boolean": "boolean"}

func (m *maker) convert(at imports.Pos, when cond, name string, words []string) {
	typ, known := types[strings.Join(words, "")]
	if !known {
		m.ledger.Lose(at, "%s: there is no type %s", name, strings.Join(words, " "))
		return
	}
	ours := m.ours(name)
	m.touch(name)
	m.step("convert", when, []imports.Pos{at}, "fields", []string{ours}, "type", typ)
}

// gsub replaces what an expression matches.
func (m *maker) gsub(s Setting, when cond) {
	list := s.Value.texts()
	for i := 0; i+2 < len(list); i += 3 {
		name := dotted(list[i])
		pattern, err := re2(list[i+1])
		if err != nil {
			m.ledger.Lose(s.Pos, "%s: the expression is not one of RE2: %v", name, err)
			continue
		}
		if name == "message" && slices.Contains([]string{"", "json", "csv", "kv", "dissect"}, m.inner()) {
			m.early(s, list[i])
			if m.inner() != "" {
				continue
			}
		}
		ours := m.ours(name)
		m.touch(name)
		m.step("replace", when, []imports.Pos{s.Pos}, "fields", []string{ours}, "pattern", pattern, "with", replacement(imports.Environment(list[i+2])))
	}
}

// inner is the format of what is inside all envelopes, empty while there is none.
func (m *maker) inner() string {
	if len(m.format) == 0 {
		return ""
	}
	return m.format[len(m.format)-1]
}

// early notes that a step comes before the line is parsed in Logstash, and after it here.
func (m *maker) early(s Setting, field string) {
	if m.inner() != "" {
		m.ledger.Lose(s.Pos, "%s: the line is not there any more once it was taken apart", field)
		return
	}
	m.before = append(m.before, s.Pos)
}

// merge joins lists.
func (m *maker) merge(s Setting, when cond) {
	for _, e := range s.Value.entries() {
		to := dotted(e.Key)
		for _, from := range e.Value.texts() {
			value, constant := m.consts[dotted(from)]
			if to == "tags" && constant {
				m.addTag(value, when, s.Pos)
				continue
			}
			if to == "tags" {
				m.startTags()
			}
			m.step("append", when, []imports.Pos{s.Pos}, "field", m.ours(to), "values", []string{"%{" + m.ours(from) + "}"})
			m.touch(to)
		}
	}
}

package logstash

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// kv reads pairs.
func (m *maker) kv(p *Plugin, when cond) {
	stepped := p.text("prefix")+p.text("target")+p.text("trim_value")+p.text("trim") != ""
	if stepped || !m.begin(p, "kv", source(p), when) {
		m.kvStep(p, when)
		return
	}
	success := m.success(when)
	for _, s := range p.Settings {
		m.kvSetting(s, success, "")
	}
	m.common(p, success)
}

func (m *maker) kvSetting(s Setting, when cond, prefix string) {
	switch s.Name {
	case "source":
		m.ledger.Carry(s.Pos)
	case "field_split", "value_split", "whitespace":
		m.ledger.Carry(s.Pos)
		m.kvKeys().Set(s.Name, unescaped(s.Value.Text), s.Pos)
	case "exclude_keys":
		m.ledger.Carry(s.Pos)
		m.step("remove", when, []imports.Pos{s.Pos}, "fields", mapped(s.Value.texts(), func(key string) string { return prefix + key }))
	case "default_keys":
		m.ledger.Carry(s.Pos)
		for _, e := range s.Value.entries() {
			m.setField(s.Pos, when.and(cond{text: imports.FieldText(prefix+dotted(e.Key)) + " == nil"}), prefix+dotted(e.Key), e.Value)
		}
	case "include_brackets", "allow_empty_values", "allow_duplicate_values", "recursive":
		m.ledger.Needless(s.Pos, "is so, or makes no difference to most lines")
	case "tag_on_failure":
		m.failing(s)
	}
}

// kvKeys are the options of kv.
func (m *maker) kvKeys() imports.Map { return m.pipe.Below("kv") }

// unescaped has the characters that are written with a backslash in a set.
func unescaped(text string) string {
	return strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\s`, " ").Replace(text)
}

// csv reads columns.
func (m *maker) csv(p *Plugin, when cond) {
	keys, success, prefix := m.pipe, m.success(when), ""
	target := dotted(p.text("target"))
	if target != "" || !m.begin(p, "csv", source(p), when) {
		step := m.parse(p, "csv", source(p), when, "_csvparsefailure")
		if keys, success = step.keys, step.success; target != "" {
			prefix = target + "."
			keys.Set("prefix", prefix)
			m.touch(target)
		}
	}
	m.dynamic = true
	for _, s := range p.Settings {
		switch s.Name {
		case "source", "target":
			m.ledger.Carry(s.Pos)
		case "columns":
			m.ledger.Carry(s.Pos)
			keys.Set("columns", mapped(s.Value.texts(), dotted), s.Pos)
		case "separator":
			m.ledger.Carry(s.Pos)
			keys.Set("delimiter", unescaped(s.Value.Text), s.Pos)
		case "convert":
			m.ledger.Carry(s.Pos)
			for _, e := range s.Value.entries() {
				m.convert(s.Pos, success, prefix+dotted(e.Key), e.Value.texts())
			}
		case "skip_header":
			m.skipHeader(p, s, prefix)
		case "quote_char":
			if s.Value.Text == `"` || s.Value.Text == `\"` {
				m.ledger.Needless(s.Pos, "is so")
			}
		case "skip_empty_columns", "skip_empty_rows":
			m.ledger.Needless(s.Pos, "makes no difference to lines that have content")
		case "tag_on_failure":
			m.failing(s)
		}
	}
	m.common(p, success)
}

// skipHeader drops the line that has the names of the columns.
func (m *maker) skipHeader(p *Plugin, s Setting, prefix string) {
	columns, _ := p.setting("columns")
	names := columns.Value.texts()
	if !s.Value.on() {
		m.ledger.Needless(s.Pos, "is so")
		return
	}
	if len(names) == 0 {
		return
	}
	m.ledger.Carry(s.Pos)
	first := prefix + dotted(names[0])
	m.step("drop", cond{is: always}, []imports.Pos{s.Pos}, "when", imports.FieldText(first)+" == "+strconv.Quote(names[0]))
}

// mapped is f of each text.
func mapped(list []string, f func(string) string) []string {
	made := make([]string, len(list))
	for i, text := range list {
		made[i] = f(text)
	}
	return made
}

// dissect takes the message apart by the text between fields.
func (m *maker) dissect(p *Plugin, when cond) {
	mapping, ok := p.setting("mapping")
	if !ok {
		m.common(p, when)
		return
	}
	success := m.success(when)
	for _, e := range mapping.Value.entries() {
		m.ledger.Carry(mapping.Pos)
		text := dissectKeys(e.Value.Text)
		if m.inner() == "dissect" && dotted(e.Key) == "message" && !m.produced["message"] {
			m.tried(p.Pos, when)
		} else if !m.begin(p, "dissect", dotted(e.Key), when) {
			step := m.parse(p, "dissect", dotted(e.Key), when, "_dissectfailure")
			step.keys.Set("pattern", text, mapping.Pos)
			success = step.success
			continue
		}
		m.patterns = append(m.patterns, pattern{text, mapping.Pos})
		for _, key := range fieldRef.FindAllStringSubmatch(text, -1) {
			m.produced[strings.Trim(key[1], "+?&->")] = true
		}
	}
	for _, s := range p.Settings {
		switch s.Name {
		case "convert_datatype":
			m.ledger.Carry(s.Pos)
			for _, e := range s.Value.entries() {
				m.convert(s.Pos, success, dotted(e.Key), e.Value.texts())
			}
		case "tag_on_failure":
			m.failing(s)
		}
	}
	m.common(p, success)
}

// dissectKeys writes the keys of a pattern with dots; the signs in front of and behind a name stay.
func dissectKeys(text string) string {
	return fieldRefPlus.ReplaceAllStringFunc(text, func(ref string) string {
		inside := ref[2 : len(ref)-1]
		if !strings.Contains(inside, "[") {
			return ref
		}
		sign := inside[:strings.IndexByte(inside, '[')]
		rest := inside[strings.LastIndexByte(inside, ']')+1:]
		return "%{" + sign + dotted(inside[len(sign):len(inside)-len(rest)]) + rest + "}"
	})
}

// date reads the time.
func (m *maker) date(p *Plugin, when cond) {
	match, ok := p.setting("match")
	if !ok {
		match, ok = m.oldMatch(p)
	}
	if !ok {
		m.common(p, when)
		return
	}
	list := match.Value.texts()
	target := dotted(p.text("target"))
	if target != "" && target != "@timestamp" {
		m.touch(target)
		m.dateStep(p, match, when, target)
		m.common(p, when)
		return
	}
	if m.stepped(list) {
		m.dateStep(p, match, when, "")
		m.common(p, when)
		return
	}
	m.dateMatch(match, list, when)
	for _, s := range p.Settings {
		switch s.Name {
		case "target":
			m.ledger.Needless(s.Pos, "is so")
		case "timezone":
			m.ledger.Carry(s.Pos)
			m.pipe.Below("timestamp").Set("timezone", imports.Environment(s.Value.Text), s.Pos)
		case "locale":
			m.locale(s)
		case "tag_on_failure":
			m.ledger.Needless(s.Pos, "a line without a time that can be read has that of the line before it")
		}
	}
	m.common(p, when)
}

// oldMatch is the setting of the first versions, whose name is that of the field, as a match.
func (m *maker) oldMatch(p *Plugin) (match Setting, ok bool) {
	for _, s := range p.Settings {
		switch s.Name {
		case "target", "timezone", "locale", "type", "tags", "add_tag", "remove_tag", "add_field", "remove_field", "tag_on_failure":
			continue
		}
		if neutral[s.Name] || len(s.Value.texts()) == 0 {
			continue
		}
		list := []Value{{kind: textValue, Text: s.Name}}
		for _, layout := range s.Value.texts() {
			list = append(list, Value{kind: textValue, Text: layout})
		}
		return Setting{Pos: s.Pos, Name: "match", Value: Value{kind: listValue, List: list}}, true
	}
	return match, false
}

func (m *maker) locale(s Setting) {
	if strings.HasPrefix(strings.ToLower(s.Value.Text), "en") {
		m.ledger.Needless(s.Pos, "names of months are English")
		return
	}
	m.ledger.Lose(s.Pos, "names of months are English")
}

// dateMatch adds the layouts; the field is read where lines are parsed, or, when a processor made it, set as the time.
func (m *maker) dateMatch(match Setting, list []string, when cond) {
	if len(list) == 0 {
		return
	}
	m.ledger.Carry(match.Pos)
	name := dotted(list[0])
	for _, joda := range list[1:] {
		layout, err := strptime(joda)
		if err != nil {
			m.ledger.Lose(match.Pos, "the layout %q: %v", joda, err)
			continue
		}
		if !slices.Contains(m.layouts, layout) {
			m.layouts = append(m.layouts, layout)
		}
	}
	if len(m.layouts) == 0 {
		return
	}
	stamp := m.pipe.Below("timestamp")
	switch {
	case m.timeAt == name:
	case m.timeAt == "":
		m.timeAt = name
		stamp.Set("field", name, match.Pos)
	}
	stamp.Set("layouts", m.layouts, match.Pos)
}

// stepped reports whether the time is to be read by a step: a second one, or one that a step made.
func (m *maker) stepped(list []string) bool {
	if len(list) == 0 {
		return false
	}
	name := dotted(list[0])
	return m.timeAt != name && (m.timeAt != "" || len(m.format) == 0 || m.unnamed || slices.Contains(m.edited, name))
}

// dateStep reads a time behind the format, into target or, when that is empty, @timestamp.
func (m *maker) dateStep(p *Plugin, match Setting, when cond, target string) {
	list := match.Value.texts()
	m.ledger.Carry(match.Pos)
	var layouts []string
	for _, joda := range list[1:] {
		layout, err := strptime(joda)
		if err != nil {
			m.ledger.Lose(match.Pos, "the layout %q: %v", joda, err)
			continue
		}
		layouts = append(layouts, layout)
	}
	if len(layouts) == 0 {
		return
	}
	keys := m.step("date", when, []imports.Pos{match.Pos}, "field", m.ours(list[0]), "layouts", layouts)
	if target != "" {
		keys.Set("to", m.target(target))
	}
	for _, s := range p.Settings {
		switch s.Name {
		case "target":
			m.ledger.Carry(s.Pos)
		case "timezone":
			m.ledger.Carry(s.Pos)
			keys.Set("timezone", imports.Environment(s.Value.Text), s.Pos)
		case "locale":
			m.locale(s)
		case "tag_on_failure":
			m.ledger.Needless(s.Pos, "a value that is no time stays as it is")
		}
	}
}

package logstash

import (
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// userAgent takes apart what a browser says it is.
func (m *maker) userAgent(p *Plugin, when cond) {
	inner := m.step("user_agent", when, []imports.Pos{p.Pos})
	for _, s := range p.Settings {
		switch s.Name {
		case "source":
			m.ledger.Carry(s.Pos)
			inner.Set("field", m.ours(s.Value.Text), s.Pos)
		case "target":
			m.ledger.Carry(s.Pos)
			inner.Set("to", dotted(s.Value.Text), s.Pos)
		case "prefix", "regexes", "lru_cache_size":
			m.ledger.Needless(s.Pos, "the fields are ECS's user_agent.*")
		}
	}
	m.dynamic = true
	m.common(p, when)
}

// fingerprint adds a hash.
func (m *maker) fingerprint(p *Plugin, when cond) {
	fields, to, key := []string{m.ours("message")}, "fingerprint", ""
	from := []imports.Pos{p.Pos}
	for _, s := range p.Settings {
		switch s.Name {
		case "source", "fields":
			fields = mapped(s.Value.texts(), m.ours)
		case "target":
			to = dotted(s.Value.Text)
		case "method", "algorithm":
			m.method(s)
			continue
		case "key":
			key = imports.Environment(s.Value.Text)
		case "base64encode":
			m.ledger.Lose(s.Pos, "the hash is in hexadecimal digits")
			continue
		case "concatenate_sources", "concatenate_all_fields":
			m.ledger.Needless(s.Pos, "the values of all fields are hashed together")
			continue
		default:
			continue
		}
		m.ledger.Carry(s.Pos)
		from = append(from, s.Pos)
	}
	if strings.HasPrefix(to, "@metadata") {
		m.consts[to] = "%{fingerprint}" // an id of the document's: every document has one that is the same when it is sent again
		m.ledger.Needless(p.Pos, "every document has an _id that is the same when it is sent again")
	} else {
		m.touch(to)
		keys := m.step("fingerprint", when, from, "fields", fields, "to", to)
		if key != "" {
			keys.Set("key", key)
		}
	}
	m.common(p, when)
}

func (m *maker) method(s Setting) {
	if s.Value.Text == "SHA256" {
		m.ledger.Carry(s.Pos, "the length of each value is hashed, too, so hashes differ from Logstash's")
		return
	}
	m.ledger.Carry(s.Pos, "the hash is SHA-256, so values differ from those of "+s.Value.Text)
}

// maxEntries bounds a dictionary that is written as processors.
const maxEntries = 200

// translate looks values up in a dictionary.
func (m *maker) translate(p *Plugin, when cond) {
	field := p.text("source") + p.text("field")
	target := p.text("target") + p.text("destination")
	if target == "" {
		target = "translation"
	}
	dictionary, ok := p.setting("dictionary")
	entries := dictionary.Value.entries()
	if !ok || len(entries) > maxEntries || p.text("regex") == "true" || p.text("exact") == "false" {
		m.losePlugin(p, "write the dictionary as CSV with a head for 'lookup'")
		return
	}
	name := imports.FieldText(m.ours(field))
	if s, ok := p.setting("fallback"); ok {
		m.setField(s.Pos, when.and(cond{text: name + " != nil"}), target, s.Value)
	}
	for _, e := range entries {
		m.setField(dictionary.Pos, when.and(cond{text: name + " == " + strconv.Quote(e.Key)}), target, e.Value)
	}
	for _, s := range p.Settings {
		switch s.Name {
		case "source", "field", "target", "destination", "dictionary", "fallback":
			m.ledger.Carry(s.Pos)
		case "override", "exact", "regex", "refresh_interval":
			m.ledger.Needless(s.Pos, "is so")
		}
	}
	m.common(p, when)
}

// prune takes fields away by their names.
func (m *maker) prune(p *Plugin, when cond) {
	for _, s := range p.Settings {
		if s.Name != "blacklist_names" {
			continue
		}
		m.ledger.Carry(s.Pos)
		var names []string
		for _, text := range s.Value.texts() {
			name, ok := globOf(text)
			if !ok {
				m.ledger.Lose(s.Pos, "%q: names of fields are matched by * only", text)
				continue
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			m.step("remove", when, []imports.Pos{s.Pos}, "fields", names)
		}
	}
	m.common(p, when)
}

// globOf writes an expression for names with stars, when it is simple enough.
func globOf(pattern string) (string, bool) {
	name := strings.TrimPrefix(pattern, "^")
	if name == pattern {
		name = "*" + name
	}
	if strings.HasSuffix(name, "$") {
		name = strings.TrimSuffix(name, "$")
	} else {
		name += "*"
	}
	name = strings.ReplaceAll(name, ".*", "*")
	return name, !strings.ContainsAny(name, `\[](){}+?|^$`)
}

// deDot has nothing to do: names may have dots.
func (m *maker) deDot(p *Plugin, when cond) {
	m.ledger.Needless(p.Pos, "names may have dots here and in Elasticsearch")
	for _, s := range p.Settings {
		m.ledger.Needless(s.Pos, "names may have dots here and in Elasticsearch")
	}
}

// uuid has nothing to do when it makes the id of a document.
func (m *maker) uuid(p *Plugin, when cond) {
	m.ledger.Needless(p.Pos, "every document has an _id of its own, which is the same when it is sent again")
	for _, s := range p.Settings {
		m.ledger.Needless(s.Pos, "every document has an _id of its own")
	}
	m.produced[dotted(p.text("target"))] = true
}

// truncate cuts values; only whole lines can be cut here.
func (m *maker) truncate(p *Plugin, when cond) {
	for _, s := range p.Settings {
		fields := p.setting1("fields").texts()
		if s.Name == "length_bytes" && (len(fields) == 0 || len(fields) == 1 && fields[0] == "message") && len(m.format) == 0 {
			m.ledger.Carry(s.Pos)
			m.pipe.Set("max_line", s.Value.Text, s.Pos)
		}
		if s.Name == "fields" && len(fields) == 1 && fields[0] == "message" {
			m.ledger.Carry(s.Pos)
		}
	}
	m.common(p, when)
}

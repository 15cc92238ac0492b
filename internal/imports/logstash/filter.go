package logstash

import (
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// filters draft the filters by name. Each says of its own settings what became of them; what it says nothing of, common
// looks at.
var filters map[string]func(m *maker, p *Plugin, when cond)

func init() {
	filters = map[string]func(*maker, *Plugin, cond){
		"grok": (*maker).grok, "json": (*maker).json, "kv": (*maker).kv, "csv": (*maker).csv, "dissect": (*maker).dissect,
		"date": (*maker).date, "mutate": (*maker).mutate, "drop": (*maker).drop, "geoip": (*maker).geoip,
		"useragent": (*maker).userAgent, "fingerprint": (*maker).fingerprint, "translate": (*maker).translate,
		"prune": (*maker).prune, "de_dot": (*maker).deDot, "uuid": (*maker).uuid, "multiline": (*maker).multilineFilter,
		"truncate": (*maker).truncate, "anonymize": (*maker).fingerprint, "cef": (*maker).noop, "syslog_pri": (*maker).syslogPriority,
		"split": (*maker).split,
	}
}

// filter drafts one filter.
func (m *maker) filter(p *Plugin, when cond) {
	draft, known := filters[p.Name]
	if !known {
		m.losePlugin(p, "there is no such step; Elasticsearch's ingest pipelines (ingest_pipeline) may do it")
		m.dynamic = m.dynamic || p.Name == "ruby"
		return
	}
	if when = m.only(p, when); when.is == never {
		return
	}
	m.ledger.Carry(p.Pos)
	draft(m, p, when)
}

// only is the condition that old versions have as settings of a filter: a type, and tags.
func (m *maker) only(p *Plugin, when cond) cond {
	for _, s := range p.Settings {
		switch s.Name {
		case "type":
			m.ledger.Carry(s.Pos)
			when = when.and(m.eval(&Compare{"==", Field("type"), Literal{Text: s.Value.Text}}))
		case "tags":
			m.ledger.Carry(s.Pos)
			for _, tag := range s.Value.texts() {
				when = when.and(m.evalTag(tag))
			}
		}
	}
	return when
}

// noop is of filters that have nothing to do.
func (m *maker) noop(p *Plugin, when cond) { m.common(p, when) }

// common drafts the settings that every filter has, and says of those that are left that they are lost. They take effect
// where the filter succeeded.
func (m *maker) common(p *Plugin, when cond) {
	for _, name := range []string{"add_field", "remove_field", "add_tag", "remove_tag"} {
		for _, s := range p.Settings {
			if s.Name == name {
				m.commonSetting(s, when)
			}
		}
	}
	for _, s := range p.Settings {
		switch {
		case neutral[s.Name]:
			m.ledger.Needless(s.Pos, "says nothing of lines")
		case !m.ledger.Decided(s.Pos):
			m.ledger.Lose(s.Pos, "has no counterpart")
		}
	}
}

func (m *maker) commonSetting(s Setting, when cond) {
	m.ledger.Carry(s.Pos)
	switch s.Name {
	case "add_field":
		for _, e := range s.Value.entries() {
			m.setField(s.Pos, when, e.Key, e.Value)
		}
	case "remove_field":
		m.removeFields(s.Pos, when, s.Value.texts())
	case "add_tag":
		for _, tag := range s.Value.texts() {
			if tag, ok := m.template(tag); ok {
				m.addTag(tag, when, s.Pos)
			} else {
				m.ledger.Lose(s.Pos, "a tag with a date or metadata in it has no counterpart")
			}
		}
	case "remove_tag":
		for _, tag := range s.Value.texts() {
			if !m.removeTag(tag, when, s.Pos) {
				m.ledger.Needless(s.Pos, "lines that do not parse have no tag, but "+unparsed)
			}
		}
	}
}

// setField gives a field a value; a name with fields in it has no counterpart.
func (m *maker) setField(at imports.Pos, when cond, key string, value Value) {
	name := dotted(key)
	text, ok := m.template(value.Text)
	switch {
	case strings.Contains(key, "%{"):
		m.ledger.Lose(at, "the name %s depends on the line", key)
		return
	case value.kind == listValue:
		m.ledger.Lose(at, "%s: a list has no counterpart", name)
		return
	case !ok:
		m.ledger.Lose(at, "%s: %q has a date or metadata in it", name, value.Text)
		return
	case strings.HasPrefix(name, "@metadata"):
		m.metadata(at, when, name, text)
		return
	}
	if when.is == always && !strings.Contains(text, "%{") && !m.produced[name] {
		m.consts[name] = text
	} else {
		m.touch(name)
	}
	m.step("set", when, []imports.Pos{at}, "field", m.target(name), "value", text)
}

// metadata are fields that no document has; a constant one may be part of the name of an index.
func (m *maker) metadata(at imports.Pos, when cond, name, text string) {
	if when.is != always || strings.Contains(text, "%{") {
		m.ledger.Lose(at, "%s: metadata that depends on the line has no counterpart", name)
		return
	}
	m.consts[name] = text
}

// target is the name that a field is given.
func (m *maker) target(name string) string {
	switch name {
	case "host":
		return "host.name"
	case "path":
		return "log.file.path"
	}
	return name
}

// touch takes down that a field is not any more what it was.
func (m *maker) touch(name string) {
	m.produced[name] = true
	delete(m.consts, name)
	if !slices.Contains(m.edited, name) {
		m.edited = append(m.edited, name)
	}
}

func (m *maker) removeFields(at imports.Pos, when cond, names []string) {
	var all []string
	for _, key := range names {
		if strings.Contains(key, "%{") {
			m.ledger.Lose(at, "the name %s depends on the line", key)
			continue
		}
		name := dotted(key)
		if name == "tags" {
			m.tags = tags{}
		}
		if _, is := m.fact(name); is == never || name == "@version" || strings.HasPrefix(name, "@metadata") {
			continue // there is none
		}
		if name == "@timestamp" {
			m.ledger.Lose(at, "every document has an @timestamp")
			continue
		}
		ours := m.ours(name)
		if ours == "event.original" || ours == "@timestamp" { // only there when it was asked for; what was read as the time is gone
			continue
		}
		m.touch(name)
		all = append(all, ours)
	}
	if len(all) > 0 {
		m.step("remove", when, []imports.Pos{at}, "fields", all)
	}
}

// drop drops lines.
func (m *maker) drop(p *Plugin, when cond) {
	if s, ok := p.setting("percentage"); ok && s.Value.Text != "100" {
		m.ledger.Lose(s.Pos, "a share of the lines by chance; 'sample' keeps a share of the traces")
		m.ledger.Lose(p.Pos, "drops a share of the lines by chance; 'sample' keeps a share of the traces")
		return
	} else if ok {
		m.ledger.Carry(s.Pos)
	}
	text := when.text
	if when.is == always {
		text = "true"
	}
	m.step("drop", cond{is: always}, []imports.Pos{p.Pos}, "when", text)
	m.common(p, when)
}

// geoip adds where an address is.
func (m *maker) geoip(p *Plugin, when cond) {
	field, database, target := "", "${GEOIP_DATABASE:-/usr/share/GeoIP/GeoLite2-City.mmdb}", ""
	from := []imports.Pos{p.Pos}
	for _, s := range p.Settings {
		switch s.Name {
		case "source":
			field = m.ours(s.Value.Text)
		case "database":
			database = imports.Environment(s.Value.Text)
		case "target":
			target = dotted(s.Value.Text)
		case "fields", "cache_size", "default_database_type":
			m.ledger.Needless(s.Pos, "the fields are ECS's geo.* and as.*, as the database has them")
			continue
		case "tag_on_failure":
			m.ledger.Needless(s.Pos, "an address that the database does not have leaves no fields")
			continue
		case "add_field": // often of coordinates, which geo.location has
			if strings.Contains(strings.Join(texts(s.Value), " "), "[geoip]") {
				m.ledger.Needless(s.Pos, "geo.location has the coordinates")
			}
			continue
		default:
			continue
		}
		m.ledger.Carry(s.Pos)
		from = append(from, s.Pos)
	}
	if _, given := p.setting("database"); !given {
		m.ledger.Carry(p.Pos, "the database is not part of tailspan: name one by GEOIP_DATABASE, also for this import")
	}
	inner := m.step("geoip", when, from, "field", field)
	if target != "" {
		inner.Set("to", target)
		m.produced[target] = true
	}
	inner.Set("database", database)
	m.dynamic = true
	m.common(without(p, m.ledger, "add_field"), when)
}

// texts are all texts in a value.
func texts(v Value) []string {
	all := v.texts()
	for _, e := range v.Map {
		all = append(append(all, e.Key), texts(e.Value)...)
	}
	return all
}

// without is the plugin without settings of the name that were decided.
func without(p *Plugin, l *imports.Ledger, name string) *Plugin {
	c := *p
	c.Settings = slices.DeleteFunc(slices.Clone(p.Settings), func(s Setting) bool { return s.Name == name && l.Decided(s.Pos) })
	return &c
}

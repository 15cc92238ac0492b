package logstash

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
	"github.com/tailspan/tailspan/pkg/parse/grok"
)

// parsing is a step that takes a field apart.
type parsing struct {
	keys    imports.Map
	when    cond // of the filter
	success cond // and that the field was of the format
}

// parse takes a field apart by a step. tag is what Logstash adds to tags on a failure unless the filter says otherwise; empty
// when a text that is not of the format is no failure there.
func (m *maker) parse(p *Plugin, format, field string, when cond, tag string) parsing {
	m.ledger.Carry(p.Pos)
	m.before = nil
	step := parsing{when: when, success: when}
	step.keys = m.step("parse", when, []imports.Pos{p.Pos}, "field", m.ours(field), "format", format)
	if format != "grok" {
		m.dynamic, m.unnamed = true, true
	}
	var tags []string
	if tag != "" {
		tags = []string{tag}
	}
	if s, ok := p.setting("tag_on_failure"); ok {
		m.ledger.Carry(s.Pos)
		tags = s.Value.texts()
	}
	if len(tags) == 0 {
		return step
	}
	m.startTags()
	step.keys.Set("tag_on_failure", tags)
	step.success = when.and(cond{text: "not (" + strconv.Quote(tags[0]) + " in tags)"})
	for _, tag := range tags {
		if slices.Contains(m.stepTags, tag) {
			m.ledger.Carry(p.Pos, "what it adds when it succeeds is not added where a filter before gave the tag "+tag)
		} else {
			m.stepTags = append(m.stepTags, tag)
		}
	}
	return step
}

// taken drafts what every filter has, for one that became a step; the settings named are carried over.
func (m *maker) taken(p *Plugin, step parsing, names ...string) {
	for _, s := range p.Settings {
		if slices.Contains(names, s.Name) {
			m.ledger.Carry(s.Pos)
		}
	}
	m.common(p, step.success)
}

// grokStep is grok of a field that the format did not capture, or of the message once more.
func (m *maker) grokStep(p *Plugin, match Setting, field string, patterns []string, when cond) cond {
	step := m.parse(p, "grok", field, when, "_grokparsefailure")
	var texts []string
	for _, text := range patterns {
		texts = append(texts, imports.Environment(strings.ReplaceAll(text, `\"`, `"`)))
		names, ok := m.captured(text)
		m.dynamic, m.unnamed = m.dynamic || !ok, m.unnamed || !ok
		for _, name := range names {
			m.touch(name)
		}
	}
	step.keys.Set("pattern", texts, match.Pos)
	if len(step.success.text) == 0 || step.success.text == when.text {
		return cond{is: always}
	}
	return cond{text: "not (" + strconv.Quote(m.failureOf(p)) + " in tags)"}
}

// failureOf is the first tag that a grok filter gives on a failure.
func (m *maker) failureOf(p *Plugin) string {
	if s, ok := p.setting("tag_on_failure"); ok {
		if tags := s.Value.texts(); len(tags) > 0 {
			return tags[0]
		}
	}
	return "_grokparsefailure"
}

// kvStep reads pairs in a field.
func (m *maker) kvStep(p *Plugin, when cond) {
	m.trimValues(p, when)
	step := m.parse(p, "kv", source(p), when, "")
	prefix := p.text("prefix")
	if target := dotted(p.text("target")); target != "" {
		prefix = target + "." + prefix
		m.touch(target)
	}
	if prefix != "" {
		step.keys.Set("prefix", prefix)
	}
	for _, s := range p.Settings {
		switch s.Name {
		case "field_split", "value_split", "whitespace":
			m.ledger.Carry(s.Pos)
			step.keys.Below("kv").Set(s.Name, unescaped(s.Value.Text), s.Pos)
		case "prefix", "target":
			m.ledger.Carry(s.Pos)
		default:
			m.kvSetting(s, when, prefix)
		}
	}
	m.common(p, step.success)
}

// trimValues takes characters off both ends of values while they stand in the text.
func (m *maker) trimValues(p *Plugin, when cond) {
	for _, name := range []string{"trim_value", "trim"} {
		s, ok := p.setting(name)
		if !ok {
			continue
		}
		ends, between := p.text("field_split"), p.text("value_split")
		if ends == "" {
			ends = " "
		}
		if between == "" {
			between = "="
		}
		m.ledger.Carry(s.Pos)
		field, chars := m.ours(source(p)), set(unescaped(s.Value.Text))
		m.step("replace", when, []imports.Pos{s.Pos}, "fields", []string{field}, "pattern", "("+set(unescaped(between))+")"+chars+"+", "with", "$1")
		m.step("replace", when, []imports.Pos{s.Pos}, "fields", []string{field}, "pattern", chars+"+("+set(unescaped(ends))+"|$)", "with", "$1")
	}
}

// set is an expression for any of the characters.
func set(chars string) string {
	return "[" + strings.NewReplacer(`\`, `\\`, "]", `\]`, "[", `\[`, "^", `\^`, "-", `\-`).Replace(unbackslashed.ReplaceAllString(chars, "$1")) + "]"
}

// unbackslashed finds characters that users put backslashes before, as they must in the sets that Logstash makes of them.
var unbackslashed = regexp.MustCompile(`\\([^\w\s])`)

// syslogPriority names what a priority says.
func (m *maker) syslogPriority(p *Plugin, when cond) {
	field := dotted(p.text("syslog_pri_field_name"))
	legacy := m.legacy || m.produced["syslog_pri"]
	switch {
	case field == "" && legacy:
		field = "syslog_pri"
	case field == "":
		field = "log.syslog.priority"
	}
	here := when.and(cond{text: imports.FieldText(m.ours(field)) + " != nil"})
	m.parse(p, "syslog_priority", field, here, "")
	m.ledger.Carry(p.Pos, "a line without a priority gets none; Logstash takes 13")
	if legacy {
		for _, names := range [][2]string{{"facility.code", "syslog_facility_code"}, {"facility.name", "syslog_facility"}, {"severity.code", "syslog_severity_code"}, {"severity.name", "syslog_severity"}} {
			m.step("rename", here, []imports.Pos{p.Pos}, "field", "log.syslog."+names[0], "to", names[1])
			m.touch(names[1])
		}
	}
	for _, s := range p.Settings {
		switch s.Name {
		case "syslog_pri_field_name":
			m.ledger.Carry(s.Pos)
		case "use_labels":
			m.ledger.Needless(s.Pos, "the names are always added")
		case "facility_labels", "severity_labels":
			m.ledger.Lose(s.Pos, "the names are those that Logstash has without it")
		}
	}
	m.common(p, when)
}

// usesHost reports whether a pattern asks for HOST, which Logstash's library had before it was HOSTNAME.
func (m *maker) usesHost() bool {
	defs, _ := grok.Builtin(m.library())
	_, there := defs["HOST"]
	return !there && slices.ContainsFunc(m.patterns, func(p pattern) bool {
		return strings.Contains(p.text, "%{HOST:") || strings.Contains(p.text, "%{HOST}")
	})
}

// split makes an event of each line of the message, which here is one line.
func (m *maker) split(p *Plugin, when cond) {
	if field := p.text("field"); field != "" && field != "message" || p.text("terminator") != "" || m.pipe.Get("multiline") != nil {
		m.losePlugin(p, "a line has one document")
		return
	}
	m.ledger.Needless(p.Pos, "lines are split already")
	m.common(p, when)
}

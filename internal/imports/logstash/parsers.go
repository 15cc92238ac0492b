package logstash

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
	"github.com/tailspan/tailspan/pkg/parse/grok"
)

// source is the field that a filter reads, the message unless it says otherwise.
func source(p *Plugin) string {
	if name := dotted(p.text("source")); name != "" {
		return name
	}
	return "message"
}

// tried notes that lines are parsed whatever the condition around the filter says.
func (m *maker) tried(at imports.Pos, when cond) {
	if when.is == open && when.text != unparsed {
		m.ledger.Carry(at, "is tried on every line, not only where "+when.text)
	}
}

// begin puts a format at the place of the filter: the first one, or inside those before when it reads what they leave. It is
// false when there is no such place, or the line is taken apart that way already, which placed says; then a step is to do it.
func (m *maker) begin(p *Plugin, format, field string, when cond) (placed bool) {
	switch {
	case len(m.before) > 0: // only a step comes behind what changed the message
		return false
	case len(m.format) == 0 && field == "message":
	case len(m.format) == 0:
		return false
	case usesPatterns(format) && slices.ContainsFunc(m.format, usesPatterns):
		return false
	case m.inner() == "grok" && m.recapture(field), m.inner() != "grok" && slices.Contains(inside, field):
		m.ledger.Carry(p.Pos, field+" itself does not stay in the document")
	default:
		return false
	}
	if len(m.format) > 0 && when.is == open && format == "json" {
		format = "auto" // others are no errors
	} else {
		m.tried(p.Pos, when)
	}
	m.format = append(m.format, format)
	m.dynamic = m.dynamic || format != "grok" && format != "dissect" && format != "csv"
	return true
}

// once reports JSON in the message of JSON, which the line is already.
func (m *maker) once(p *Plugin, format, field string) bool {
	if m.inner() != format || format != "json" || !slices.Contains(inside, field) {
		return false
	}
	m.ledger.Carry(p.Pos, "the line is taken apart once")
	return true
}

// inside are the fields that a format leaves for the next.
var inside = []string{"message", "msg", "log"}

func usesPatterns(format string) bool { return format == "grok" || format == "dissect" }

// recapture makes the patterns capture the field as message, which is what the next format takes apart.
func (m *maker) recapture(field string) bool {
	if field == "message" {
		return m.produced["message"]
	}
	capture := regexp.MustCompile(`(%\{\w+:)` + bracketed(field) + `(:\w+)?\}|(\(\?<)` + bracketed(field) + `>`)
	found := false
	for i := range m.patterns {
		if capture.MatchString(m.patterns[i].text) {
			found = true
			m.patterns[i].text = capture.ReplaceAllStringFunc(m.patterns[i].text, func(text string) string {
				parts := capture.FindStringSubmatch(text)
				if parts[3] != "" {
					return parts[3] + "message>"
				}
				return parts[1] + "message}"
			})
		}
	}
	return found
}

// bracketed is an expression for the name of a field, with dots or brackets.
func bracketed(name string) string {
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return `(?:\[?` + strings.Join(parts, `(?:\.|\]\[)`) + `\]?)`
}

// json reads an object.
func (m *maker) json(p *Plugin, when cond) {
	target := dotted(p.text("target"))
	if m.once(p, "json", source(p)) {
		m.rest(p, when)
		return
	}
	if target == "" && m.begin(p, "json", source(p), when) {
		for _, s := range p.Settings {
			switch s.Name {
			case "source":
				m.ledger.Carry(s.Pos)
			case "skip_on_invalid_json", "tag_on_failure":
				m.failing(s)
			}
		}
		m.common(p, m.success(when))
		return
	}
	if s, ok := p.setting("skip_on_invalid_json"); ok && s.Value.on() {
		when = when.and(cond{text: imports.FieldText(m.ours(source(p))) + ` matches "^\\s*[{]"`})
	}
	step := m.parse(p, "json", source(p), when, "_jsonparsefailure")
	if target != "" {
		step.keys.Set("prefix", target+".")
		m.touch(target)
	}
	m.taken(p, step, "source", "target", "skip_on_invalid_json")
}

// rest is of a filter whose parsing was said all about: what else it asks for.
func (m *maker) rest(p *Plugin, when cond) {
	for _, s := range p.Settings {
		if s.Name == "source" || s.Name == "tag_on_failure" {
			m.ledger.Carry(s.Pos)
		}
	}
	m.common(p, when)
}

// failing is of settings about lines that do not parse.
func (m *maker) failing(s Setting) {
	m.failures = append(m.failures, s.Value.texts()...)
	m.ledger.Needless(s.Pos, "lines that do not parse are kept and have "+unparsed)
}

// success is the condition under which what a parsing filter adds is added.
func (m *maker) success(when cond) cond {
	if when.is == open && when.text == unparsed {
		return when
	}
	return when.and(cond{text: parsed})
}

// grok takes the message apart by patterns.
func (m *maker) grok(p *Plugin, when cond) {
	m.grokSettings(p)
	success := cond{is: always}
	for _, s := range p.Settings { // match may be there several times, and then all count
		if s.Name == "pattern" { // as old versions have it
			success = success.and(m.grokField(p, s, "message", s.Value.texts(), when))
		}
		if s.Name == "match" {
			for _, e := range s.Value.entries() {
				success = success.and(m.grokField(p, s, dotted(e.Key), e.Value.texts(), when))
			}
		}
	}
	if success.is == always || when.is == open && when.text == unparsed && success.text == parsed {
		success = m.success(when)
	} else {
		success = when.and(success)
	}
	m.common(p, success)
}

// grokField is grok of one field; success is the condition for that it was.
func (m *maker) grokField(p *Plugin, match Setting, field string, patterns []string, when cond) (success cond) {
	m.ledger.Carry(match.Pos)
	switch {
	case m.inner() == "grok" && field == "message" && !m.produced["message"]:
		if when.text != unparsed {
			m.ledger.Carry(match.Pos, "of several patterns the first that matches counts, also where Logstash takes the fields of two filters")
		}
		m.tried(p.Pos, when)
	case m.inner() == "grok" && m.compose(field, patterns, match.Pos, when):
		return cond{is: always}
	default:
		if m.inner() == "grok" || !m.begin(p, "grok", field, when) {
			return m.grokStep(p, match, field, patterns, when)
		}
	}
	for _, text := range patterns {
		m.patterns = append(m.patterns, pattern{imports.Environment(strings.ReplaceAll(text, `\"`, `"`)), match.Pos})
		m.captures(text)
	}
	return m.success(cond{is: always})
}

// captures takes down which fields a pattern gives.
func (m *maker) captures(text string) {
	names, ok := m.captured(text)
	m.dynamic = m.dynamic || !ok
	for _, name := range names {
		m.produced[name] = true
		delete(m.consts, name)
	}
}

// captured are the fields that a pattern gives; false when that is not known.
func (m *maker) captured(text string) (names []string, ok bool) {
	defs, _ := grok.Builtin(m.library())
	for _, e := range m.definitions {
		defs[e.Key] = e.Value.Text
	}
	compiled, err := defs.Compile(text)
	if err != nil {
		return nil, false
	}
	for _, field := range compiled.Fields {
		names = append(names, field.Name)
	}
	return names, true
}

// library is the library of patterns.
func (m *maker) library() string {
	if m.legacy {
		return grok.Legacy
	}
	return grok.ECS
}

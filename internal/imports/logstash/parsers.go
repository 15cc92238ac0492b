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

// begin puts a format at the place of the filter: the first one, or inside those before when it reads what they leave. It
// reports false, and says why, when it cannot.
func (m *maker) begin(p *Plugin, format, field string, when cond) bool {
	for _, at := range m.before {
		m.ledger.Lose(at, "changes the message before it is taken apart; here steps come behind that")
	}
	m.before = nil
	switch {
	case len(m.format) == 0 && field == "message":
	case len(m.format) == 0:
		m.losePlugin(p, "only the message can be taken apart, and "+field+" is another field")
		return false
	case m.inner() == format && slices.Contains(inside, field) && format == "json":
		m.ledger.Carry(p.Pos, "the line is taken apart once")
		return false
	case usesPatterns(format) && slices.ContainsFunc(m.format, usesPatterns):
		m.losePlugin(p, "one pipeline cannot take apart the message twice by patterns")
		return false
	case m.inner() == "grok" && m.recapture(field), m.inner() != "grok" && slices.Contains(inside, field):
		m.ledger.Carry(p.Pos, field+" itself does not stay in the document")
	default:
		m.losePlugin(p, "what is inside "+field+" can be taken apart only when the format before it leaves it as its message")
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
	if !m.begin(p, "json", source(p), when) {
		m.rest(p, when)
		return
	}
	for _, s := range p.Settings {
		switch s.Name {
		case "source":
			m.ledger.Carry(s.Pos)
		case "target":
			m.ledger.Lose(s.Pos, "the fields stand at the top of the document, not below %s", s.Value.Text)
		case "skip_on_invalid_json", "tag_on_failure":
			m.failing(s)
		}
	}
	m.common(p, m.success(when))
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
	for _, s := range p.Settings { // match may be there several times, and then all count
		if s.Name == "pattern" { // as old versions have it
			m.grokField(p, s, "message", s.Value.texts(), when)
		}
		if s.Name == "match" {
			for _, e := range s.Value.entries() {
				m.grokField(p, s, dotted(e.Key), e.Value.texts(), when)
			}
		}
	}
	m.common(p, m.success(when))
}

// grokField is grok of one field.
func (m *maker) grokField(p *Plugin, match Setting, field string, patterns []string, when cond) {
	m.ledger.Carry(match.Pos)
	switch {
	case m.inner() == "grok" && field == "message" && !m.produced["message"]:
		if when.text != unparsed {
			m.ledger.Carry(match.Pos, "of several patterns the first that matches counts, also where Logstash takes the fields of two filters")
		}
		m.tried(p.Pos, when)
	case m.inner() == "grok":
		if !m.compose(field, patterns, match.Pos, when) {
			m.ledger.Lose(match.Pos, "%s is not what a pattern before it captured, and only the message can be taken apart", field)
		}
		return
	default:
		if !m.begin(p, "grok", field, when) {
			return
		}
	}
	for _, text := range patterns {
		m.patterns = append(m.patterns, pattern{imports.Environment(strings.ReplaceAll(text, `\"`, `"`)), match.Pos})
		m.captures(text)
	}
}

// captures takes down which fields a pattern gives.
func (m *maker) captures(text string) {
	defs, _ := grok.Builtin(m.library())
	for _, e := range m.definitions {
		defs[e.Key] = e.Value.Text
	}
	compiled, err := defs.Compile(text)
	if err != nil {
		m.dynamic = true
		return
	}
	for _, field := range compiled.Fields {
		m.produced[field.Name] = true
		delete(m.consts, field.Name)
	}
}

// library is the library of patterns.
func (m *maker) library() string {
	if m.legacy {
		return grok.Legacy
	}
	return grok.ECS
}

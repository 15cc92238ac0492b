package logstash

import (
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// maker drafts one pipeline, walking the filters with what is known of its lines.
type maker struct {
	ledger *imports.Ledger
	draft  *imports.Draft
	out    *output
	pipe   imports.Map
	origin *origin
	legacy bool // fields have the names that grok's patterns gave them before ECS

	consts   map[string]string // fields that every line has with this value
	produced map[string]bool   // fields that a filter may have given or changed
	dynamic  bool              // a filter may have given any field
	tags     tags

	format      []string
	patterns    []pattern // of grok and dissect
	dirs        []pattern // pattern_dirs
	composed    int       // definitions made of patterns that read what another has captured
	definitions []Entry
	defined     []imports.Pos
	before      []imports.Pos // what changes the message before it was taken apart
	failures    []string      // tags of the user's own that say that a line was not parsed
	layouts     []string
	timeAt      string   // the field of the time
	edited      []string // fields that processors have changed
	steps       []imports.Map
	unnamed     bool     // a step may have given any field
	stepTags    []string // that steps give to lines whose fields they could not take apart
}

// pattern is one of the format's, and where it was written.
type pattern struct {
	text string
	from imports.Pos
}

// fact is what is known of a field: its value when always, that it is not there when never.
func (m *maker) fact(name string) (string, truth) {
	if m.produced[name] || m.dynamic && m.consts[name] == "" {
		return "", open
	}
	if value, ok := m.consts[name]; ok && !strings.Contains(value, "${") {
		return value, always
	} else if ok {
		return "", open
	}
	if isPath(name) && len(m.origin.paths) == 1 && !strings.ContainsAny(m.origin.paths[0], "*?[{") {
		return m.origin.paths[0], always
	}
	switch name {
	case "message", "host", "host.name", "path", "log.file.path", "@timestamp", "@version", "event.original", "tags":
		return "", open
	}
	if m.origin.exact || m.origin.chosen(name) {
		return "", never
	}
	return "", open
}

// ours is the name that a field of Logstash's has in our documents.
func (m *maker) ours(name string) string {
	name = dotted(name)
	if m.produced[name] || m.consts[name] != "" {
		return m.role(name)
	}
	switch name {
	case "path":
		return "log.file.path"
	case "source":
		if m.origin.plugin != nil && m.origin.plugin.Name == "beats" {
			return "log.file.path"
		}
	case "host", "beat.hostname", "beat.name", "agent.name", "agent.hostname":
		return "host.name"
	case "message":
		if len(m.format) > 0 && m.format[len(m.format)-1] != "grok" && !m.keepsMessage() {
			m.pipe.Set("keep_original", true)
			return "event.original"
		}
	}
	return m.role(name)
}

// keepsMessage reports whether the format leaves a message.
func (m *maker) keepsMessage() bool {
	return slices.Contains([]string{"syslog", "auto", "none", "json"}, m.format[len(m.format)-1])
}

// role is the name of a field that the line itself chose and that has a role here: its level.
func (m *maker) role(name string) string {
	if len(m.format) == 0 || slices.Contains(m.format, "grok") {
		return name
	}
	switch name {
	case "level", "severity", "lvl", "loglevel", "log_level", "levelname":
		return "log.level"
	case "msg":
		return "message"
	case "timestamp", "time", "ts":
		return "@timestamp"
	}
	return name
}

// template is a text with fields in it, as set has it; false when it has a date.
func (m *maker) template(text string) (string, bool) {
	if strings.Contains(text, "%{+") || strings.Contains(text, "%{[@metadata]") {
		return "", false
	}
	return imports.Environment(fieldRef.ReplaceAllStringFunc(text, func(ref string) string {
		return "%{" + m.ours(fieldRef.FindStringSubmatch(ref)[1]) + "}"
	})), true
}

// step adds a processor with its keys and values.
func (m *maker) step(kind string, when cond, from []imports.Pos, keysAndValues ...any) imports.Map {
	inner, outer := m.draft.Map(), m.draft.Map()
	for pair := range slices.Chunk(keysAndValues, 2) {
		inner.Set(pair[0].(string), pair[1])
	}
	if when.is == open {
		inner.Set("when", when.text)
	}
	outer.Set(kind, inner, from...)
	m.steps = append(m.steps, outer)
	return inner
}

// walk goes through the statements. guard is the condition around them.
func (m *maker) walk(body []Statement, guard cond, plugin func(*Plugin, cond)) {
	for _, s := range body {
		switch s := s.(type) {
		case *Plugin:
			plugin(s, guard)
		case *Branch:
			m.branch(s, guard, plugin)
		}
	}
}

func (m *maker) branch(b *Branch, guard cond, plugin func(*Plugin, cond)) {
	rest := guard
	for _, arm := range b.Arms {
		holds := m.eval(arm.When)
		here := rest.and(holds)
		switch here.is {
		case never:
		case beyond:
			m.ledger.Lose(arm.Pos, "%s", here.text)
			m.lose(arm.Body, "its condition was not carried over")
		default:
			m.ledger.Carry(arm.Pos)
			m.walk(arm.Body, here, plugin)
		}
		if rest = rest.and(holds.not()); rest.is == never {
			return
		}
	}
}

// lose says of everything in the statements that it is lost.
func (m *maker) lose(body []Statement, why string) {
	for _, s := range body {
		switch s := s.(type) {
		case *Plugin:
			m.losePlugin(s, why)
		case *Branch:
			for _, arm := range s.Arms {
				m.ledger.Lose(arm.Pos, "%s", why)
				m.lose(arm.Body, why)
			}
		}
	}
}

func (m *maker) losePlugin(p *Plugin, why string) {
	m.ledger.Lose(p.Pos, "%s", why)
	for _, s := range p.Settings {
		if !neutral[s.Name] {
			m.ledger.Lose(s.Pos, "%s", why)
		} else {
			m.ledger.Needless(s.Pos, "says nothing of lines")
		}
	}
}

// neutral settings say nothing of lines.
var neutral = map[string]bool{"id": true, "enable_metric": true, "periodic_flush": true, "timeout_millis": true, "timeout_scope": true, "tag_on_timeout": true, "ecs_compatibility": true}

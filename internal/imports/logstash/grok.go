package logstash

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// grokSettings drafts the settings of grok but match.
func (m *maker) grokSettings(p *Plugin) {
	for _, s := range p.Settings {
		switch s.Name {
		case "patterns_dir":
			m.ledger.Carry(s.Pos)
			for _, dir := range s.Value.texts() {
				if one := (pattern{patternDir(dir, s.Pos.File), s.Pos}); !slices.ContainsFunc(m.dirs, func(known pattern) bool { return known.text == one.text }) {
					m.dirs = append(m.dirs, one)
				}
			}
		case "pattern_definitions":
			m.ledger.Carry(s.Pos)
			m.definitions = append(m.definitions, s.Value.entries()...)
			m.defined = append(m.defined, s.Pos)
		case "overwrite":
			m.ledger.Needless(s.Pos, "what is captured again replaces what was there")
		case "break_on_match":
			if s.Value.on() {
				m.ledger.Needless(s.Pos, "the first pattern that matches counts")
			} else {
				m.ledger.Lose(s.Pos, "the first pattern that matches counts, and no other is tried")
			}
		case "singles":
			m.ledger.Needless(s.Pos, "is so")
		case "tag_on_failure":
			m.failing(s)
		case "named_captures_only", "keep_empty_captures":
			if s.Value.on() == (s.Name == "named_captures_only") {
				m.ledger.Needless(s.Pos, "is so")
			} else {
				m.ledger.Lose(s.Pos, "cannot be switched")
			}
		case "patterns_files_glob":
			m.ledger.Needless(s.Pos, "all files of the folder are read")
		}
	}
}

// patternDir is a folder of patterns. A relative one is beside the configuration when there is such a folder; so is one of another
// machine, by its last name, when the configuration was copied from there together with it.
func patternDir(dir, file string) string {
	if info, err := os.Stat(dir); err == nil && info.IsDir() && filepath.IsAbs(dir) {
		return dir
	}
	beside := filepath.Join(filepath.Dir(file), dir)
	if filepath.IsAbs(dir) {
		beside = filepath.Join(filepath.Dir(file), filepath.Base(dir))
	}
	if info, err := os.Stat(beside); err != nil || !info.IsDir() {
		return imports.Environment(dir)
	}
	if abs, err := filepath.Abs(beside); err == nil {
		return abs
	}
	return beside
}

// greedy are the patterns that capture what is left, in which another may be found anywhere.
var greedy = regexp.MustCompile(`^(GREEDYDATA|DATA|GREEDYMULTILINE|JAVALOGMESSAGE|MESSAGE)$`)

// compose writes patterns for a field that a pattern before has captured into that pattern: in the place of what captured
// it stands a definition of its own. The pattern without it stays, for lines that the new one does not match.
func (m *maker) compose(field string, patterns []string, at imports.Pos, when cond) bool {
	capture := regexp.MustCompile(`%\{(\w+):` + bracketed(field) + `\}`)
	var made []pattern
	found := false
	for _, outer := range m.patterns {
		place := capture.FindStringSubmatchIndex(outer.text)
		if place == nil || strings.HasPrefix(outer.text[place[2]:place[3]], innerName) {
			made = append(made, outer)
			continue
		}
		found = true
		for _, text := range patterns {
			loose := greedy.MatchString(outer.text[place[2]:place[3]])
			name := m.define(within(imports.Environment(text), loose), at)
			made = append(made, pattern{outer.text[:place[2]] + name + outer.text[place[3]:], at})
		}
		made = append(made, outer)
	}
	if !found {
		return false
	}
	for _, text := range patterns {
		m.captures(text)
	}
	m.patterns = made
	m.tried(at, when)
	return true
}

// within is a pattern as part of another, which it must fill from end to end.
func within(text string, loose bool) string {
	text = strings.ReplaceAll(text, `\"`, `"`)
	begins := strings.HasPrefix(text, "^") || strings.HasPrefix(text, `\A`)
	ends := strings.HasSuffix(text, "$") && !strings.HasSuffix(text, `\$`)
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "^"), `\A`), "$")
	text = "(?:" + text + ")"
	if loose && !begins {
		text = ".*?" + text
	}
	if loose && !ends {
		text += ".*"
	}
	return text
}

// innerName begins the names of definitions made here.
const innerName = "INNER"

// define gives a pattern a name.
func (m *maker) define(text string, at imports.Pos) string {
	m.composed++
	name := fmt.Sprint(innerName, m.composed)
	m.definitions = append(m.definitions, Entry{name, Value{Text: text}})
	m.defined = append(m.defined, at)
	return name
}

// finishFormat writes the format and what belongs to it.
func (m *maker) finishFormat() {
	if len(m.format) == 0 {
		if m.pipe.Get("format") == nil {
			m.pipe.Set("format", "none")
		}
		return
	}
	if len(m.format) == 1 {
		m.pipe.Set("format", m.format[0])
	} else {
		m.pipe.Set("format", m.format)
	}
	for _, p := range m.patterns {
		m.pipe.Append("pattern", p.text, p.from)
	}
	if !contains(m.format, "grok") {
		return
	}
	if m.legacy {
		m.pipe.Set("patterns", "legacy")
	}
	for _, dir := range m.dirs {
		m.pipe.Append("pattern_dirs", dir.text, dir.from)
	}
	if m.usesHost() {
		m.pipe.Below("pattern_definitions").Set("HOST", "%{HOSTNAME}")
	}
	for _, e := range m.definitions {
		m.pipe.Below("pattern_definitions").Set(e.Key, imports.Environment(e.Value.Text), m.defined...)
	}
}

func contains(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
}

// oldNames are fields that Logstash's patterns had before ECS and have no more.
var oldNames = map[string]bool{"clientip": true, "response": true, "httpversion": true, "verb": true, "referrer": true, "auth": true, "ident": true,
	"bytes": true, "agent": true, "rawrequest": true, "logsource": true, "program": true, "remotehost": true, "syslog_pri": true, "useragent": true}

// legacyNames reports whether the filters name fields as patterns named them before ECS, unless a filter says which names.
func legacyNames(body []Statement) bool {
	legacy, said := false, false
	each(body, func(p *Plugin) {
		for _, s := range p.Settings {
			if s.Name == "ecs_compatibility" {
				legacy, said = s.Value.Text == "disabled", true
			}
			for _, text := range texts(s.Value) {
				if !said && (oldNames[dotted(text)] || referred(text)) {
					legacy = true
				}
			}
		}
	})
	return legacy
}

// referred reports whether the text has %{NAME} of an old name.
func referred(text string) bool {
	for _, ref := range fieldRef.FindAllStringSubmatch(text, -1) {
		if oldNames[ref[1]] {
			return true
		}
	}
	return false
}

// each calls f for every plugin in the statements.
func each(body []Statement, f func(*Plugin)) {
	for _, s := range body {
		switch s := s.(type) {
		case *Plugin:
			f(s)
		case *Branch:
			for _, arm := range s.Arms {
				each(arm.Body, f)
			}
		}
	}
}

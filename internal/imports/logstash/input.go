package logstash

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
	"github.com/tailspan/tailspan/pkg/parse/grok"
)

// input drafts what is read.
func (m *maker) input() {
	o := m.origin
	p := o.plugin
	if o.guessed {
		o.paths = []string{"/var/log/" + o.name + "/*.log"}
		m.pipe.Comment(guess(o))
	}
	var from []imports.Pos
	if p != nil {
		if s, ok := p.setting("path"); ok && !o.guessed {
			from = append(from, s.Pos)
			m.ledger.Carry(s.Pos)
		}
		m.inputPlugin(p)
	}
	if o.received == "" {
		m.pipe.Set("paths", mapped(o.paths, imports.Environment), from...)
	}
	if p != nil {
		for _, s := range p.Settings {
			m.inputSetting(p, s)
		}
	}
	m.constants()
}

func guess(o *origin) string {
	from := "names no file"
	if o.plugin != nil {
		from = "has the input " + o.plugin.Name + ", which names no file"
	}
	return "Logstash " + from + ": write the paths of these logs."
}

// inputPlugin says what became of the input itself.
func (m *maker) inputPlugin(p *Plugin) {
	if m.origin.received != "" {
		m.receive(p)
		return
	}
	switch p.Name {
	case "file":
		m.ledger.Carry(p.Pos)
	case "beats", "elastic_agent", "lumberjack":
		m.ledger.Carry(p.Pos, "files are read where they are; import Filebeat's configuration for their paths")
	case "stdin":
		m.ledger.Carry(p.Pos, "its lines are of several kinds, and each pipeline has one: write them to files, or give each an input: stdin of its own")
	case "tcp", "udp", "unix":
		m.ledger.Lose(p.Pos, "its lines are of several kinds, and one port has one pipeline: let each kind have its own port, or write files")
	case "syslog":
		m.ledger.Carry(p.Pos, "its lines are of several kinds, and one port has one pipeline: let the syslog daemon write a file for each")
		m.format = []string{"syslog"}
		m.dynamic = true
	default:
		m.ledger.Lose(p.Pos, "no such source; files are read")
	}
}

// inputSetting drafts one setting.
func (m *maker) inputSetting(p *Plugin, s Setting) {
	v := s.Value
	if m.receivedSetting(p, s) {
		return
	}
	switch s.Name {
	case "path":
	case "type", "tags", "add_field":
		m.ledger.Carry(s.Pos)
	case "exclude":
		m.ledger.Carry(s.Pos)
		m.pipe.Set("exclude", append([]string{"*.gz"}, v.texts()...), s.Pos)
	case "start_position":
		m.ledger.Carry(s.Pos)
		if v.Text == "end" {
			m.pipe.Set("start_at", "end", s.Pos)
		}
	case "ignore_older":
		m.ledger.Carry(s.Pos)
		m.pipe.Set("ignore_older", seconds(v.Text), s.Pos)
	case "max_open_files", "discover_interval", "stat_interval", "close_older", "sincedb_path", "sincedb_write_interval", "sincedb_clean_after", "file_chunk_size", "file_chunk_count", "file_completed_action", "file_completed_log_path", "mode", "check_archive_validity", "exit_after_read", "file_sort_by", "file_sort_direction", "delimiter":
		m.ledger.Needless(s.Pos, "files and their positions are kept track of without settings")
	case "codec":
		m.codec(p, s)
	case "format": // as the first versions have it
		if v.Text == "json_event" || v.Text == "json" {
			m.ledger.Carry(s.Pos)
			m.format, m.dynamic = []string{"json"}, true
		} else if v.Text == "plain" {
			m.ledger.Needless(s.Pos, "is so")
		} else {
			m.ledger.Lose(s.Pos, "there is no format %s", v.Text)
		}
	default:
		switch {
		case neutral[s.Name]:
			m.ledger.Needless(s.Pos, "says nothing of lines")
		case p.Name == "beats" || p.Name == "lumberjack" || p.Name == "elastic_agent" || p.Name == "syslog" || p.Name == "stdin" || p.Name == "tcp" || p.Name == "udp":
			m.ledger.Needless(s.Pos, "nothing is listened on")
		default:
			m.ledger.Lose(s.Pos, "no such source")
		}
	}
}

// seconds is a number of seconds, or a text such as "2 days", as a duration.
func seconds(text string) string {
	number, unit, found := strings.Cut(strings.TrimSpace(text), " ")
	if !found {
		number = strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
		unit = text[len(number):]
	}
	switch {
	case unit == "" || strings.HasPrefix(unit, "s"):
		return number + "s"
	case strings.HasPrefix(unit, "mi"), unit == "m":
		return number + "m"
	case strings.HasPrefix(unit, "h"):
		return number + "h"
	case strings.HasPrefix(unit, "d"):
		return hours(number, 24)
	case strings.HasPrefix(unit, "w"):
		return hours(number, 7*24)
	}
	return text
}

// hours is a number of days or weeks.
func hours(number string, each float64) string {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	return strconv.FormatFloat(n*each, 'f', -1, 64) + "h"
}

// codec drafts how an input's bytes are lines.
func (m *maker) codec(p *Plugin, s Setting) {
	name := s.Value.Text
	if s.Value.Plugin != nil {
		name = s.Value.Plugin.Name
		for _, inner := range s.Value.Plugin.Settings {
			m.codecSetting(name, s.Value.Plugin, inner)
		}
	}
	m.ledger.Carry(s.Pos)
	switch name {
	case "json", "json_lines":
		m.format, m.dynamic = []string{"json"}, true
	case "cef":
		m.format, m.dynamic = []string{"cef"}, true
	case "csv":
		m.format, m.dynamic = []string{"csv"}, true
	case "plain", "line", "multiline", "rubydebug", "gzip_lines":
	default:
		m.ledger.Lose(s.Pos, "there is no format %s", name)
	}
}

func (m *maker) codecSetting(codec string, p *Plugin, s Setting) {
	m.ledger.Carry(s.Pos)
	switch s.Name {
	case "charset":
		m.pipe.Set("encoding", s.Value.Text, s.Pos)
	case "pattern":
		if codec == "multiline" {
			m.multiline(p, s)
		}
	case "negate", "what":
	case "max_lines":
		m.pipe.Below("multiline").Set("max_lines", imports.Number(s.Value.Text), s.Pos)
	case "auto_flush_interval":
		m.pipe.Below("multiline").Set("timeout", seconds(s.Value.Text), s.Pos)
	case "columns":
		m.pipe.Set("columns", s.Value.texts(), s.Pos)
	case "separator":
		m.pipe.Set("delimiter", unescaped(s.Value.Text), s.Pos)
	case "patterns_dir", "max_bytes", "multiline_tag", "delimiter", "format":
		m.ledger.Needless(s.Pos, "is bounded by max_line, or is so")
	default:
		m.ledger.Lose(s.Pos, "has no counterpart")
	}
}

// multilineFilter is the filter of old versions, with the settings of the codec.
func (m *maker) multilineFilter(p *Plugin, when cond) {
	m.tried(p.Pos, when)
	for _, s := range p.Settings {
		switch s.Name {
		case "pattern", "negate", "what", "max_lines":
			m.codecSetting("multiline", p, s)
		case "stream_identity", "max_age", "allow_duplicates", "source":
			m.ledger.Needless(s.Pos, "lines of a file follow one another")
		}
	}
	m.common(p, when)
}

// multiline drafts which lines are one event.
func (m *maker) multiline(p *Plugin, s Setting) {
	text, ok := expand(s.Value.Text)
	if !ok {
		m.ledger.Lose(s.Pos, "%q is no expression of RE2", s.Value.Text)
		return
	}
	negate, what := p.setting1("negate").on(), p.text("what")
	switch {
	case what == "previous" && negate:
		m.pipe.Below("multiline").Set("start", text, s.Pos)
	case what == "previous":
		m.pipe.Below("multiline").Set("continue", text, s.Pos)
	case what == "next" && negate:
		m.pipe.Below("multiline").Set("end", text, s.Pos)
	default:
		m.ledger.Lose(s.Pos, "lines that go on in the next one can be told only by how the last one ends")
	}
}

var reference = regexp.MustCompile(`%\{(\w+)(?::[^}]*)?\}`)

// around finds what the library's definitions ask of the characters beside a number or a time, and must not be; RE2 cannot ask.
var around = regexp.MustCompile(`\(\?<?!<?\[[^\]]*\]\)`)

// expand writes an expression with patterns of grok in it out; a number may then begin inside another.
func expand(text string) (string, bool) {
	defs, _ := grok.Builtin(grok.ECS)
	for range 20 {
		if !reference.MatchString(text) {
			break
		}
		text = reference.ReplaceAllStringFunc(text, func(ref string) string {
			return "(?:" + around.ReplaceAllString(defs[reference.FindStringSubmatch(ref)[1]], "") + ")"
		})
	}
	text, err := re2(strings.ReplaceAll(text, "(?>", "(?:"))
	return text, err == nil
}

// constants are the fields that an input gives all its lines.
func (m *maker) constants() {
	for _, name := range slices.Sorted(maps.Keys(m.origin.consts)) {
		if strings.HasPrefix(name, "@metadata") {
			continue
		}
		field := m.draft.Map()
		field.Set("name", name)
		field.Set("value", m.origin.consts[name])
		m.pipe.Append("fields", field)
	}
}

// finish writes what was gathered.
func (m *maker) finish() {
	m.finishFormat()
	m.finishTags()
	for _, step := range m.steps {
		m.pipe.Append("process", step)
	}
}

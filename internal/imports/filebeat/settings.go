package filebeat

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// byItself are settings of inputs that nothing has to be done for.
var byItself = []string{"scan_frequency", "close", "close_inactive", "close_renamed", "close_removed", "close_eof", "close_timeout", "clean_inactive",
	"clean_removed", "clean_renamed", "harvester_limit", "harvester_buffer_size", "backoff", "max_backoff", "backoff_factor", "recursive_glob", "file_identity",
	"take_over", "publisher_pipeline", "harvester_buffer", "buffer_size", "rotation", "force_close_files", "spool_size", "idle_timeout", "keep_null", "delete",
	"legacy_clean_inactive", "ignore_inactive", "allow_deprecated_id_duplication", "allow_deprecated_use", "tail_on_rotate", "scan", "compression"}

// settings drafts what an input says beyond its kind and paths.
func (p *pipeline) settings(n *node) {
	for _, key := range byItself {
		p.needless(n.get(key), "files are opened, followed and closed without settings")
	}
	p.reading(n)
	p.multiline(n.get("multiline"))
	p.json(n.get("json"))
	p.parsers(n.get("parsers"))
	p.fields(n)
	p.lines(n)
	p.processors(n.get("processors"))
	if ingest := n.get("pipeline"); ingest != nil {
		p.carry(ingest)
		p.ingest = true
		p.pipe.Set("ingest_pipeline", index(ingest.text), ingest.at)
	}
	if name := n.get("index"); name != nil {
		p.index(name, "")
	}
	if t := n.get("document_type"); t != nil {
		p.field("type", t)
	}
}

// reading drafts which files are read, and from where.
func (p *pipeline) reading(n *node) {
	p.exclude(n.get("exclude_files"))
	p.exclude(n.get("prospector.scanner.exclude_files"))
	for _, path := range []string{"include_files", "prospector.scanner.include_files"} {
		p.lose(n.get(path), "which files are read is said by paths")
	}
	if scanner := n.get("prospector.scanner"); scanner != nil {
		p.needless(scanner.get("check_interval"), "is found out by itself")
		p.needless(scanner.get("fingerprint"), "files are known by more than their names and inodes")
		p.needless(scanner.get("resend_on_touch"), "what was delivered is not sent again")
		p.symlinks(scanner.get("symlinks"))
		p.needless(scanner.get("recursive_glob"), "is so")
	}
	p.symlinks(n.get("symlinks"))
	if older := n.get("ignore_older"); older != nil {
		p.carry(older)
		p.pipe.Set("ignore_older", older.text, older.at)
	}
	if tail := n.get("tail_files"); tail != nil {
		p.carry(tail)
		if tail.on() {
			p.pipe.Set("start_at", "end", tail.at)
		}
	}
	if encoding := n.get("encoding"); encoding != nil {
		p.carry(encoding)
		if name := strings.TrimSuffix(encoding.text, "-bom"); name != "plain" && name != "utf-8" {
			p.pipe.Set("encoding", name, encoding.at)
		}
	}
	for _, key := range []string{"max_bytes", "message_max_bytes"} {
		if size := n.get(key); size != nil {
			p.carry(size)
			p.pipe.Set("max_line", binarySize(size.text), size.at)
		}
	}
}

var unit = regexp.MustCompile(`(?i)^\s*(\d+)\s*([kmg])i?b?$`)

// binarySize is a size as ours is written.
func binarySize(text string) string {
	if parts := unit.FindStringSubmatch(text); parts != nil {
		return parts[1] + strings.ToUpper(parts[2]) + "iB"
	}
	return text
}

func (p *pipeline) symlinks(n *node) {
	if n == nil {
		return
	}
	p.carry(n)
	if n.off() {
		p.pipe.Set("follow_symlinks", false, n.at)
	}
}

// exclude drafts files that are not read. Filebeat has expressions, and globs are wanted.
func (p *pipeline) exclude(n *node) {
	if n == nil {
		return
	}
	globs := []string{"*.gz"}
	p.carry(n)
	for _, text := range n.texts() {
		glob, ok := globOf(text)
		if !ok {
			p.lose(n, "%q: files are excluded by globs", text)
			continue
		}
		if glob != globs[0] {
			globs = append(globs, glob)
		}
	}
	p.pipe.Set("exclude", globs, n.at)
}

// globOf writes an expression for paths as a glob, when it is simple enough.
func globOf(pattern string) (string, bool) {
	glob, begins := strings.CutPrefix(pattern, "^")
	glob, ends := strings.CutSuffix(glob, "$")
	glob = strings.NewReplacer(`\.`, ".", ".*", "*", ".+", "?*", `\-`, "-", `\/`, "/", `\d`, "[0-9]", ".", "?").Replace(glob)
	if strings.Contains(pattern, `\.`) || !strings.Contains(pattern, ".") { // a dot that is one
		glob = strings.NewReplacer(`\.`, ".", ".*", "*", ".+", "?*", `\-`, "-", `\/`, "/", `\d`, "[0-9]").Replace(strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$"))
	}
	if !begins && !strings.HasPrefix(glob, "*") {
		glob = "*" + glob
	}
	if !ends && !strings.HasSuffix(glob, "*") {
		glob += "*"
	}
	if strings.ContainsAny(glob, `\()|+^$`) {
		return "", false
	}
	if strings.Contains(glob, "/") {
		glob = "**/" + strings.TrimLeft(glob, "*/")
	}
	return glob, true
}

// multiline drafts which lines are one event.
func (p *pipeline) multiline(n *node) {
	if n == nil {
		return
	}
	pattern, negate, match := n.get("pattern"), n.get("negate").on(), n.str("match")
	kind := ""
	switch {
	case n.str("type") == "count" || n.str("type") == "while_pattern" || pattern == nil:
		p.lose(n, "only patterns tell where an event begins or ends")
		return
	case match == "before" && negate:
		kind = "end"
	case match != "before" && negate:
		kind = "start"
	case match != "before":
		kind = "continue"
	default:
		p.lose(n, "lines that go on in the next one can be told only by how the last one ends")
		return
	}
	m := p.pipe.Below("multiline")
	m.Set(kind, pattern.text, pattern.at)
	for _, key := range n.keys {
		inner := n.of[key]
		switch key {
		case "pattern", "negate", "match", "type":
			p.carry(inner)
		case "max_lines", "timeout":
			p.carry(inner)
			m.Set(key, imports.Number(inner.text), inner.at)
		case "flush_pattern":
			p.lose(inner, "an event ends where the next one begins")
		default:
			p.needless(inner, "makes no difference")
		}
	}
}

// json drafts lines that are objects.
func (p *pipeline) json(n *node) {
	if n == nil {
		return
	}
	p.format = append(p.format, "json")
	for _, key := range n.keys {
		inner := n.of[key]
		switch key {
		case "keys_under_root":
			if inner.on() {
				p.carry(inner)
			} else {
				p.carry(inner, "the fields stand at the top of the document, not below json")
			}
		case "target":
			if inner.text == "" {
				p.carry(inner)
			} else {
				p.lose(inner, "the fields stand at the top of the document")
			}
		case "message_key":
			p.carry(inner)
			if name := inner.text; name != "message" && name != "msg" && name != "" {
				p.step("rename", "", []imports.Pos{inner.at}, "field", name, "to", "message")
			}
		case "add_error_key", "ignore_decoding_error":
			p.needless(inner, "lines that are no JSON are kept, with error.message")
		default:
			p.needless(inner, "is so")
		}
	}
	if len(n.keys) == 0 {
		p.carry(n)
	}
}

// parsers drafts the parsers of a filestream.
func (p *pipeline) parsers(n *node) {
	if n == nil {
		return
	}
	for _, item := range n.list {
		for _, key := range item.keys {
			inner := item.of[key]
			switch key {
			case "ndjson":
				p.json(inner)
			case "multiline":
				p.multiline(inner)
			case "container":
				p.carry(inner)
				p.framing(inner, strings.Join(scalars(p.pipe.Get("paths")), " "))
			case "syslog":
				p.carry(inner)
				p.format = append(p.format, "syslog")
			case "include_message":
				p.include(inner.get("patterns"))
			}
		}
		if len(item.keys) == 0 {
			p.lose(item, "is no parser")
		}
	}
}

// fields drafts constant fields and tags.
func (p *pipeline) fields(n *node) {
	p.constants(n.get("fields"), n.get("fields_under_root").on())
	p.carry(n.get("fields_under_root"))
	if tags := n.get("tags"); tags != nil {
		p.carry(tags)
		p.tags = append(p.tags, tags.texts()...)
		p.tagFrom = append(p.tagFrom, tags.at)
	}
}

func (p *pipeline) constants(n *node, root bool) {
	if n == nil {
		return
	}
	prefix := "fields."
	if root {
		prefix = ""
	}
	base := len(n.path) + 1
	n.each(func(leaf *node) {
		if leaf.list != nil || len(leaf.path) < base {
			p.lose(leaf, "a list is no value of a field")
			return
		}
		p.field(prefix+leaf.path[base:], leaf)
	})
}

// field drafts a constant field.
func (p *pipeline) field(name string, value *node) {
	p.carry(value)
	m := p.draft.Map()
	m.Set("name", name)
	m.Set("value", value.value())
	p.pipe.Append("fields", m, value.at)
}

// lines drafts which lines are kept. Filebeat looks at them before they are taken apart.
func (p *pipeline) lines(n *node) {
	p.include(n.get("include_lines"))
	if exclude := n.get("exclude_lines"); exclude != nil {
		for _, text := range exclude.texts() {
			p.rawStep("drop", exclude, text)
		}
	}
}

func (p *pipeline) include(n *node) {
	if n != nil {
		p.rawStep("keep", n, strings.Join(n.texts(), "|"))
	}
}

// rawStep is a step about the line as it was.
func (p *pipeline) rawStep(kind string, n *node, pattern string) {
	p.carry(n)
	p.raw = append(p.raw, rawStep{p.step(kind, "", []imports.Pos{n.at}, "when", ""), pattern})
}

// rawStep is a step whose condition is about the line as it was.
type rawStep struct {
	step    imports.Map
	pattern string
}

// settleRaw writes the conditions, now that it is known whether the format leaves the line as the message.
func (p *pipeline) settleRaw() {
	field := "message"
	if len(p.raw) > 0 && len(p.format) > 0 && p.format[0] != "auto" {
		field = "event.original"
		p.pipe.Set("keep_original", true)
	}
	for _, raw := range p.raw {
		raw.step.Set("when", field+" matches "+strconv.Quote(imports.Environment(raw.pattern)))
	}
}

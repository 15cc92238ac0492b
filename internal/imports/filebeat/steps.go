package filebeat

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

func (p *pipeline) dropEvent(n *node, when string) {
	if when == "" {
		when = "true"
	}
	from := positions(n)
	p.carry(n)
	p.step("drop", "", from, "when", when)
}

func (p *pipeline) dropFields(n *node, when string) {
	fields := n.get("fields")
	p.carry(fields)
	var names []string
	for _, name := range fields.texts() {
		if strings.HasPrefix(name, "/") && strings.HasSuffix(name, "/") {
			p.lose(fields, "%s: names of fields are matched by * only", name)
			continue
		}
		if !ownFields[name] {
			names = append(names, ours(name))
		}
	}
	if len(names) > 0 {
		p.step("remove", when, positions(fields), "fields", names)
	}
}

// ownFields are fields that Filebeat gives documents, and tailspan does not.
var ownFields = map[string]bool{"agent": true, "agent.type": true, "agent.id": true, "agent.version": true, "agent.ephemeral_id": true, "beat": true,
	"beat.version": true, "input": true, "input.type": true, "prospector": true, "prospector.type": true, "ecs": true, "@version": true, "@metadata": true,
	"offset": true, "host.architecture": true, "host.os": true, "host.id": true, "host.containerized": true, "host.mac": true, "host.ip": true}

// renameFields is rename and copy_fields.
func (p *pipeline) renameFields(n *node, when string) {
	kind := "rename"
	if strings.HasSuffix(n.path, "copy_fields") {
		kind = "copy"
	}
	fields := n.get("fields")
	p.carry(fields)
	if fields == nil {
		return
	}
	for _, item := range fields.list {
		p.step(kind, when, positions(item), "field", ours(item.str("from")), "to", item.str("to"))
	}
}

// addFields is add_fields and add_labels.
func (p *pipeline) addFields(n *node, when string) {
	target := "fields"
	values := n.get("fields")
	if strings.HasSuffix(n.path, "add_labels") {
		target, values = "labels", n.get("labels")
	} else if t := n.get("target"); t != nil {
		p.carry(t)
		target = t.text
	}
	if values == nil {
		return
	}
	base := len(values.path) + 1
	values.each(func(leaf *node) {
		if leaf.list != nil {
			p.lose(leaf, "a list is no value of a field")
			return
		}
		p.carry(leaf)
		name := strings.TrimPrefix(target+"."+leaf.path[min(base, len(leaf.path)):], ".")
		p.step("set", when, []imports.Pos{leaf.at}, "field", name, "value", leaf.value())
	})
}

func (p *pipeline) addTags(n *node, when string) {
	tags := n.get("tags")
	if t := n.get("target"); t != nil && t.text != "" && t.text != "tags" {
		p.lose(n, "tags stand in tags")
		return
	}
	p.carry(n)
	if when == "" && !p.appends {
		p.tags = append(p.tags, tags.texts()...)
		p.tagFrom = append(p.tagFrom, positions(tags)...)
		return
	}
	p.startTags()
	for _, tag := range tags.texts() {
		p.step("set", both(when, "tags != nil"), positions(tags), "field", "tags", "value", "%{tags},"+tag)
		p.step("set", both(when, "tags == nil"), positions(tags), "field", "tags", "value", tag)
	}
}

// startTags sets the tags that every line has; further ones are appended to that text, which is made a list at the end.
func (p *pipeline) startTags() {
	if !p.appends && len(p.tags) > 0 {
		p.step("set", "", p.tagFrom, "field", "tags", "value", strings.Join(p.tags, ","))
	}
	p.appends = true
}

var types = map[string]string{"integer": "long", "long": "long", "float": "double", "double": "double", "string": "string", "boolean": "boolean"}

func (p *pipeline) convert(n *node, when string) {
	fields := n.get("fields")
	p.needless(n.get("tag"), "says nothing of lines")
	if fields == nil {
		return
	}
	for _, item := range fields.list {
		p.carry(item)
		from, to, typ := ours(item.str("from")), item.str("to"), item.str("type")
		if to != "" && to != from {
			kind := "copy"
			if n.str("mode") == "rename" {
				kind = "rename"
			}
			p.step(kind, when, positions(item), "field", from, "to", to)
			from = to
		}
		switch {
		case typ == "" || typ == "ip":
		case types[typ] == "":
			p.lose(item, "there is no type %s", typ)
		default:
			p.step("convert", when, positions(item), "fields", []string{from}, "type", types[typ])
		}
	}
}

// letters is lowercase and uppercase.
func (p *pipeline) letters(n *node, when string) {
	p.carry(n)
	kind := n.path[strings.LastIndexByte(n.path, '.')+1:]
	p.step(kind, when, positions(n), "fields", mapped(n.get("fields").texts(), ours))
}

func (p *pipeline) replace(n *node, when string) {
	fields := n.get("fields")
	if fields == nil {
		return
	}
	for _, item := range fields.list {
		p.carry(item)
		p.step("replace", when, positions(item), "fields", []string{ours(item.str("field"))}, "pattern", item.str("pattern"), "with", item.str("replacement"))
	}
}

// parsing reports whether a processor that takes the message apart can become the format.
func (p *pipeline) parsing(n *node, field, format, when string) bool {
	if field != "message" && field != "" && !(field == "log" && slices.Equal(p.format, []string{"json"})) {
		p.lose(n, "only the message can be taken apart, and %s is another field", field)
		return false
	}
	if slices.Contains(p.format, format) {
		if format == "json" {
			p.carry(n, "the line is taken apart once")
		} else {
			p.lose(n, "the message is taken apart once")
		}
		return false
	}
	note := ""
	if when != "" {
		note = "is tried on every line, not only where " + when
	}
	p.carry(n, note)
	p.format = append(p.format, format)
	return true
}

func (p *pipeline) dissect(n *node, when string) {
	if !p.parsing(n, n.str("field"), "dissect", when) {
		return
	}
	prefix := "dissect."
	if target := n.get("target_prefix"); target != nil {
		prefix = target.text + "."
	}
	if prefix == "." {
		prefix = ""
	}
	pattern := tokenizerKey.ReplaceAllStringFunc(n.str("tokenizer"), func(key string) string {
		parts := tokenizerKey.FindStringSubmatch(key)
		if name := parts[2]; name != "" && parts[1] != "?" && parts[1] != "&" {
			if typ := types[strings.TrimPrefix(parts[3], "|")]; typ != "" {
				p.step("convert", "", positions(n.get("tokenizer")), "fields", []string{prefix + name}, "type", typ)
			}
			return "%{" + parts[1] + prefix + name + parts[4] + "}"
		}
		return key
	})
	p.pipe.Append("pattern", pattern, positions(n.get("tokenizer"))...)
}

// tokenizerKey is %{NAME}, with signs before and behind the name, and a type.
var tokenizerKey = regexp.MustCompile(`%\{([+?&*]?)([^}|]*?)(\|\w+)?(->)?\}`)

func (p *pipeline) decodeJSON(n *node, when string) {
	fields := n.get("fields").texts()
	field := "message"
	if len(fields) > 0 {
		field = fields[0]
	}
	if len(fields) > 1 {
		p.lose(n.get("fields"), "only the message can be taken apart")
		return
	}
	if !p.parsing(n, field, "json", when) {
		return
	}
	if when != "" || p.pipe.Get("framing") != nil {
		p.format[len(p.format)-1] = "auto" // what is no JSON is no error
	}
	if target := n.get("target"); target != nil && target.text != "" {
		p.lose(target, "the fields stand at the top of the document, not below %s", target.text)
	}
}

func (p *pipeline) syslog(n *node, when string) {
	p.parsing(n, n.str("field"), "syslog", when)
}

func (p *pipeline) timestamp(n *node, when string) {
	stamp := p.pipe.Below("timestamp")
	var layouts []string
	if target := n.get("target_field"); target != nil && target.text != "@timestamp" {
		p.lose(n, "only @timestamp is read as a time")
		return
	}
	for _, layout := range n.get("layouts").texts() {
		made, ok := strptime(layout)
		if !ok {
			p.lose(n.get("layouts"), "the layout %q", layout)
			continue
		}
		layouts = append(layouts, made)
	}
	p.carry(n)
	stamp.Set("field", ours(n.str("field")), positions(n.get("field"))...)
	stamp.Set("layouts", layouts, positions(n.get("layouts"))...)
	if zone := n.get("timezone"); zone != nil && zone.text != "Local" {
		stamp.Set("timezone", zone.text, zone.at)
	}
	p.needless(n.get("test"), "tests stand below tests")
}

func (p *pipeline) fingerprint(n *node, when string) {
	to := n.str("target_field")
	if to == "" {
		to = "fingerprint"
	}
	p.carry(n)
	if method := n.get("method"); method != nil && method.text != "sha256" {
		p.carry(method, "the hash is SHA-256, so values differ from those of "+method.text)
	}
	if strings.HasPrefix(to, "@metadata") {
		p.needless(n, "every document has an _id that is the same when it is sent again")
		return
	}
	p.step("fingerprint", when, positions(n), "fields", mapped(n.get("fields").texts(), ours), "to", to)
}

// rateLimit is throttle: 10/s is ten in a second.
func (p *pipeline) rateLimit(n *node, when string) {
	limit, per, ok := strings.Cut(n.str("limit"), "/")
	if !ok {
		return
	}
	p.carry(n)
	inner := p.step("throttle", when, positions(n), "limit", imports.Number(limit), "per", "1"+per)
	if fields := n.get("fields").texts(); len(fields) > 0 {
		inner.Set("by", mapped(fields, ours))
	}
}

// kubernetes is what is known of the pod that writes a file, which the agent finds out by itself.
func (p *pipeline) kubernetes(n *node, _ string) {
	p.carry(n, "matchers and indexers have no counterpart: pods are known by the paths of their logs")
	p.draft.Root.Set("kubernetes", "auto", positions(n)...)
}

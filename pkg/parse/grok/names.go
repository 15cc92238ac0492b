package grok

import (
	"fmt"
	"path"
	"strings"
)

// renamer gives a field that a definition captures another name and type; no name: it is not captured any more.
type renamer func(definition string, r reference) (field, typ string)

// rename applies the renamer to every capture of every definition.
func (d Definitions) rename(f renamer) {
	for name, text := range d {
		d[name] = renameIn(name, text, f)
	}
}

// renameIn applies the renamer to the captures in the text of a definition.
func renameIn(name, text string, f renamer) string {
	var out strings.Builder
	for {
		i := strings.IndexAny(text, "%(")
		if i < 0 {
			return out.String() + text
		}
		out.WriteString(text[:i])
		text = text[i:]
		capture, rest := captureAt(text)
		if rest == "" && capture.field == "" {
			out.WriteByte(text[0])
			text = text[1:]
			continue
		}
		field, typ := f(name, capture)
		out.WriteString(capture.written(field, typ))
		text = rest
	}
}

// captureAt reads the %{NAME:field:type} or (?<field> that the text begins with, and returns what follows; nothing if it
// begins with neither.
func captureAt(text string) (r reference, rest string) {
	switch {
	case strings.HasPrefix(text, "%{"):
		inside, after, found := strings.Cut(text[2:], "}")
		r, err := parseReference(inside)
		if !found || err != nil || r.field == "" {
			return reference{}, ""
		}
		r.field = dotted(r.field)
		return r, after
	case strings.HasPrefix(text, "(?P<"), strings.HasPrefix(text, "(?<") && text[3] != '=' && text[3] != '!':
		open, after, _ := strings.Cut(text, ">")
		_, name, _ := strings.Cut(open, "<")
		return reference{field: dotted(strings.ReplaceAll(name, "___", "."))}, after
	}
	return reference{}, ""
}

// written is the capture as it stands in a definition, under another name and type.
func (r reference) written(field, typ string) string {
	switch {
	case field == "" && r.name == "":
		return "(?:"
	case field == "":
		return "%{" + r.name + "}"
	case r.name == "":
		return "(?<" + field + ">"
	case typ == "":
		return "%{" + r.name + ":" + field + "}"
	}
	return "%{" + r.name + ":" + field + ":" + typ + "}"
}

// logstashNames are the names of Logstash's ecs-v1 patterns where go-grok has others, which follow later versions of ECS.
var logstashNames = map[string]string{
	"exim.log.message.body.size": "exim.log.message.size",
	"host.name":                  "host.hostname",
	"http.request.body.size":     "http.request.body.bytes",
	"http.response.body.size":    "http.response.body.bytes",
	"network.protocol.name":      "network.protocol",
	"process.command":            "process.name",
}

// asLogstash names what go-grok's definitions capture as Logstash's ecs-v1 patterns do.
func asLogstash(definition string, r reference) (field, typ string) {
	field = r.field
	if name, ok := logstashNames[field]; ok {
		field = name
	}
	isIP := strings.HasPrefix(r.name, "IPV") || r.name == "IP" && !strings.HasPrefix(definition, "HAPROXY") || definition == "CLOUDFRONT_ACCESS_LOG"
	if side, ok := strings.CutSuffix(field, ".address"); ok && isIP {
		field = side + ".ip"
	}
	field = strings.TrimPrefix(field, "db.")
	if rest, ok := strings.CutPrefix(field, "metadata."); ok {
		field = "@metadata." + rest
	}
	return field, r.typ
}

// legacyNames reads what the fields of definitions are called in the legacy library: on each line a pattern of names of
// definitions and field=name pairs. The first line that has definition and field counts.
func legacyNames(text string) (renamer, error) {
	type line struct {
		definitions string
		names       map[string]string
	}
	var lines []line
	for raw := range strings.Lines(text) {
		words := strings.Fields(raw)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		l := line{words[0], map[string]string{}}
		for _, word := range words[1:] {
			field, name, ok := strings.Cut(word, "=")
			if !ok {
				return nil, fmt.Errorf("%q is not field=name", word)
			}
			l.names[field] = name
		}
		lines = append(lines, l)
	}
	return func(definition string, r reference) (field, typ string) {
		for _, l := range lines {
			name, ok := l.names[r.field]
			if match, _ := path.Match(l.definitions, definition); ok && match {
				return name, ""
			}
		}
		return "", ""
	}, nil
}

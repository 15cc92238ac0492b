package filebeat

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tailspan/tailspan/internal/imports"
)

// finish drafts what the top of the file says of all events, and writes what was gathered.
func (p *pipeline) finish() {
	p.fields(p.root)
	p.processors(p.root.get("processors"))
	p.needless(p.root.get("fields_under_root"), "is so")
	p.settleRaw()
	format := slices.Compact(p.format)
	switch {
	case len(format) == 0:
		p.pipe.Set("format", "auto")
		if p.ingest {
			p.pipe.Set("format", "none")
		}
	case len(format) == 1:
		p.pipe.Set("format", format[0])
	default:
		p.pipe.Set("format", format)
	}
}

// finishSteps writes the processors, after the output has added its own.
func (p *pipeline) finishSteps() {
	if p.appends || len(p.tags) > 0 {
		p.startTags()
		p.step("split", "", p.tagFrom, "fields", []string{"tags"}, "separator", ",")
	}
	for _, step := range p.steps {
		p.pipe.Append("process", step)
	}
}

// scalars are the texts of a list of ours.
func scalars(n *yaml.Node) (all []string) {
	if n == nil {
		return nil
	}
	for _, item := range n.Content {
		all = append(all, item.Value)
	}
	return all
}

// goLayout are the parts of a layout of Go's by those of strptime; longer ones first.
var goLayout = []struct{ from, to string }{
	{"January", "%B"}, {"Monday", "%A"}, {"2006", "%Y"}, {"Z07:00", "%z"}, {"-07:00", "%z"}, {"-0700", "%z"}, {"Z0700", "%z"}, {"-07", "%z"},
	{"Jan", "%b"}, {"Mon", "%a"}, {"MST", "%Z"}, {"002", "%j"}, {"01", "%m"}, {"02", "%d"}, {"_2", "%e"}, {"03", "%I"}, {"04", "%M"}, {"05", "%S"},
	{"06", "%y"}, {"15", "%H"}, {"PM", "%p"}, {"pm", "%p"}, {"1", "%m"}, {"2", "%d"}, {"3", "%I"}, {"4", "%M"}, {"5", "%S"},
}

// words are the layouts of Filebeat that are words.
var words = map[string]string{"UNIX": "unix", "UNIX_MS": "unix_ms"}

// strptime writes a layout of Go's in strptime's directives.
func strptime(layout string) (string, bool) {
	if word, ok := words[layout]; ok {
		return word, true
	}
	var out strings.Builder
next:
	for layout != "" {
		if n := fraction(layout); n > 0 {
			out.WriteString(layout[:1] + "%f")
			layout = layout[n:]
			continue
		}
		for _, part := range goLayout {
			if strings.HasPrefix(layout, part.from) {
				out.WriteString(part.to)
				layout = layout[len(part.from):]
				continue next
			}
		}
		if layout[0] >= '0' && layout[0] <= '9' {
			return "", false
		}
		out.WriteString(strings.ReplaceAll(layout[:1], "%", "%%"))
		layout = layout[1:]
	}
	return out.String(), true
}

// fraction is the length of a fraction of a second at the beginning: .000, ,000 or .999.
func fraction(layout string) int {
	if layout[0] != '.' && layout[0] != ',' {
		return 0
	}
	for _, digit := range "09" {
		if n := len(layout[1:]) - len(strings.TrimLeft(layout[1:], string(digit))); n > 0 {
			return 1 + n
		}
	}
	return 0
}

// index writes the name of an index.
func index(text string) string {
	return imports.Environment(reference.ReplaceAllString(text, "%{$1}"))
}

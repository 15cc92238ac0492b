package logstash

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// origin is where the lines of one pipeline come from, and what all of them have before any filter.
type origin struct {
	name     string
	plugin   *Plugin // nil: the configuration has no input
	paths    []string
	guessed  bool   // the paths are for the user to fill in
	received string // the type of an input that is no file; "" for files
	exact    bool   // lines have what is known here and no more
	consts   map[string]string
	tags     []string
	by       string // the field whose value was chosen among those the conditions name
	from     []imports.Pos
}

// chosen reports whether the field is the one that was chosen by.
func (o *origin) chosen(name string) bool { return o.by == name }

// pathMatches reports whether every file of the origin has a path that the expression matches, whatever stands for its stars.
func (o *origin) pathMatches(pattern string) bool {
	if o.guessed || len(o.paths) == 0 {
		return false
	}
	re := regexp.MustCompile(pattern)
	for _, path := range o.paths {
		if !slices.ContainsFunc(strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("*?[]{}", r) }), re.MatchString) {
			return false
		}
	}
	return true
}

// findOrigins finds where lines come from.
func findOrigins(inputs, filters, outputs []Statement, l *imports.Ledger) []*origin {
	kinds := discriminators(append(slices.Clone(filters), outputs...))
	byPath := asksForPath(filters) || asksForPath(outputs)
	var all []*origin
	seen := map[string]bool{}
	for _, p := range plugins(inputs, l) {
		base := newOrigin(p)
		if p.Name == "file" {
			all = append(all, splitPaths(base, p.setting1("path").texts(), byPath)...)
			continue
		}
		made := variants(base, kinds)
		// Where a document goes is decided by its fields; only filters ask for pipelines of their own.
		if listening := received(base, len(variants(base, discriminators(filters)))); listening != nil {
			all = append(all, listening...)
			continue
		}
		key := signature(base)
		if seen[key] && base.consts["type"] == "" {
			l.Carry(p.Pos, "its lines are those of another input that names no file either")
			settings(p, l)
			continue
		}
		seen[key] = true
		all = append(all, made...)
	}
	if len(all) == 0 {
		all = variants(&origin{name: "app", guessed: true, consts: map[string]string{}}, kinds)
	}
	return all
}

// settings says of the settings of an input that is not drafted what became of them.
func settings(p *Plugin, l *imports.Ledger) {
	for _, s := range p.Settings {
		l.Needless(s.Pos, "lines are read from files")
	}
}

func signature(o *origin) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(o.consts)) {
		parts = append(parts, k+"="+o.consts[k])
	}
	return strings.Join(append(parts, o.tags...), ",")
}

func (p *Plugin) setting1(name string) Value {
	s, _ := p.setting(name)
	return s.Value
}

// plugins are those of the inputs; conditions there have no meaning.
func plugins(body []Statement, l *imports.Ledger) (all []*Plugin) {
	for _, s := range body {
		switch s := s.(type) {
		case *Plugin:
			all = append(all, s)
		case *Branch:
			for _, arm := range s.Arms {
				l.Lose(arm.Pos, "an input has no conditions")
				all = append(all, plugins(arm.Body, l)...)
			}
		}
	}
	return all
}

func newOrigin(p *Plugin) *origin {
	o := &origin{name: p.Name, plugin: p, consts: map[string]string{}, guessed: p.Name != "file"}
	codec := p.setting1("codec")
	plain := codec.Text == "" || codec.Text == "plain" || codec.Text == "line"
	if codec.Plugin != nil {
		plain = codec.Plugin.Name == "multiline" || codec.Plugin.Name == "plain" || codec.Plugin.Name == "line"
	}
	o.exact = p.Name == "file" && plain
	for _, s := range p.Settings {
		switch s.Name {
		case "type":
			o.consts["type"] = s.Value.Text
			o.name = s.Value.Text
		case "tags":
			o.tags = s.Value.texts()
			o.from = append(o.from, s.Pos)
		case "add_field":
			for _, e := range s.Value.entries() {
				if !strings.Contains(e.Value.Text, "%{") {
					o.consts[dotted(e.Key)] = imports.Environment(e.Value.Text)
				}
			}
		}
	}
	if o.name == p.Name && len(o.tags) > 0 {
		o.name = o.tags[0]
	}
	o.name = imports.PipelineName(o.name)
	return o
}

// splitPaths makes an origin of each path when conditions ask for it, and otherwise one of all.
func splitPaths(o *origin, paths []string, each bool) []*origin {
	if o.name == "file" && len(paths) > 0 {
		o.name = imports.PathName(paths[0])
	}
	if !each || len(paths) < 2 {
		o.paths = paths
		return []*origin{o}
	}
	var all []*origin
	for _, path := range paths {
		one := *o
		one.paths, one.name = []string{path}, imports.PathName(path)
		one.consts, one.tags = maps.Clone(o.consts), slices.Clone(o.tags)
		all = append(all, &one)
	}
	return all
}

// asksForPath reports whether a condition is about the path of the file.
func asksForPath(body []Statement) bool {
	found := false
	fields(body, func(name string, _ Expr) { found = found || isPath(name) })
	return found
}

func isPath(name string) bool { return name == "path" || name == "log.file.path" }

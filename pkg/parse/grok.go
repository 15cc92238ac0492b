package parse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/grok"
	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

var grokKinds = []kind{
	{name: "grok", make: newGrok, keys: []string{"pattern", "patterns", "pattern_dirs", "pattern_definitions"}},
}

// grokFormat takes a line apart with the first of its patterns that matches, as Logstash's grok does: what was captured
// empty is no field, a field captured more than once is a list. The line stays in message unless that was captured.
type grokFormat struct {
	patterns []*grokPattern
	fault    []byte
	known    []knownField // of the fields of the last line
}

// grokPattern is a pattern and what becomes of its captures.
type grokPattern struct {
	*redfa.Matcher
	fields []grokField
}

type grokField struct {
	name     []byte // as it stands between quotes
	role     *role
	message  bool
	captures []grokCapture
}

type grokCapture struct {
	index int // of its start among the positions of a match
	typ   grok.Type
}

// newGrok compiles what the configuration says.
func newGrok(cfg *Config) (format, error) {
	if len(cfg.Pattern) == 0 {
		return nil, confkey.Errorf("pattern", "is missing; format grok needs a pattern, or a list of them")
	}
	defs, err := grokDefinitions(cfg)
	if err != nil {
		return nil, err
	}
	return compileGrok(cfg.Pattern, defs, []string{cfg.Timestamp.Field, cfg.Duration.Field, cfg.Trace.TraceID, cfg.Trace.SpanID, cfg.Trace.ParentID})
}

// grokDefinitions lays the configuration's definitions over those of its folders, and those over the library's.
func grokDefinitions(cfg *Config) (grok.Definitions, error) {
	library := cfg.Patterns
	if library == "" {
		library = grok.ECS
	}
	var errs []error
	defs, ok := grok.Builtin(library)
	if !ok {
		errs = append(errs, confkey.Errorf("patterns", "%q is not a library; write %s", library, strings.Join(grok.Libraries, " or ")))
		defs = grok.Definitions{}
	}
	for i, dir := range cfg.PatternDirs {
		if err := defs.ReadDir(dir); err != nil {
			errs = append(errs, confkey.Errorf(fmt.Sprintf("pattern_dirs[%d]", i), "%v", err))
		}
	}
	for name, text := range cfg.PatternDefinitions {
		defs[name] = text
	}
	return defs, errors.Join(errs...)
}

// compileGrok compiles the patterns. Fields below @metadata are kept only if they are among those wanted: Logstash lets
// them leave no trace in the document.
func compileGrok(patterns []string, defs grok.Definitions, wanted []string) (*grokFormat, error) {
	f := &grokFormat{fault: []byte("grok: no pattern matches")}
	var errs []error
	for i, text := range patterns {
		p, err := defs.Compile(text)
		if err != nil {
			errs = append(errs, confkey.Errorf(patternKey(patterns, i), "%v", err))
			continue
		}
		compiled := &grokPattern{Matcher: p.NewMatcher()}
		for _, field := range p.Fields {
			if !isMetadata(field.Name) || slices.Contains(wanted, field.Name) {
				compiled.add(field)
			}
		}
		f.patterns = append(f.patterns, compiled)
	}
	return f, errors.Join(errs...)
}

func isMetadata(name string) bool {
	return name == "@metadata" || strings.HasPrefix(name, "@metadata.")
}

func (p *grokPattern) add(field grok.Field) {
	name := jsontext.AppendEscaped(nil, field.Name)
	r := roleOf(name)
	g := grokField{name: name, role: &r, message: field.Name == "message"}
	for _, c := range field.Captures {
		g.captures = append(g.captures, grokCapture{2 * c.Group, c.Type})
	}
	p.fields = append(p.fields, g)
}

func (f *grokFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	for _, pat := range f.patterns {
		if at := pat.Match(ev.Line); at != nil {
			n := len(ev.Fields)
			f.known = pat.fill(p, ev, at, f.known[:0])
			p.knows(n, len(ev.Fields), f.known)
			found.chosen, found.captured = true, true
			return true
		}
	}
	p.fault = append(p.fault[:0], f.fault...)
	return false
}

// fill adds what was captured at the positions, and appends which of these fields have a duty.
func (g *grokPattern) fill(p *Parser, ev *event.Event, at []int, known []knownField) []knownField {
	whole, n := true, 0
	for i := range g.fields {
		f := &g.fields[i]
		for k, c := range f.captures {
			from, to := at[c.index], at[c.index+1]
			if from >= to {
				continue
			}
			value, kind := ev.Line[from:to], event.Text
			if len(f.captures) > k+1 && c.typ == grok.String {
				value, kind = f.rest(p, ev, at, k+1, value)
			} else if c.typ != grok.String {
				value, kind = p.typed(value, c.typ)
			}
			if f.role.concernsChosen() {
				known = append(known, knownField{int32(n), f.role})
			}
			n++
			ev.Add(f.name, value, kind)
			whole = whole && !f.message
			break
		}
	}
	if whole {
		ev.Message = event.Value{Bytes: ev.Line, Kind: event.Text, Set: true}
	}
	return known
}

// rest makes a list of a text and of what the captures from k on add to it; the text alone when that is nothing.
func (f *grokField) rest(p *Parser, ev *event.Event, at []int, k int, value []byte) ([]byte, event.Kind) {
	start := -1
	for _, c := range f.captures[k:] {
		from, to := at[c.index], at[c.index+1]
		if from >= to {
			continue
		}
		if start < 0 {
			start = len(p.spare)
			p.spare = jsontext.AppendString(append(p.spare, '['), value)
		}
		p.spare = append(p.spare, ',')
		p.spare = appendTyped(p.spare, ev.Line[from:to], c.typ)
	}
	if start < 0 {
		return value, event.Text
	}
	p.spare = append(p.spare, ']')
	return p.spare[start:len(p.spare):len(p.spare)], event.JSON
}

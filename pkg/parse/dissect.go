package parse

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

var dissectKinds = []kind{
	{name: "dissect", make: newDissectFormat, keys: []string{"pattern", "append_separator"}},
}

// dissectFormat takes a line apart at the text between the keys of a pattern, in the syntax of Elasticsearch's dissect
// processor (see newDissection), with the first pattern that matches.
type dissectFormat struct {
	patterns  []*dissection
	separator []byte
	found     []span // what each part of the pattern held
}

func newDissectFormat(cfg *Config) (format, error) {
	if len(cfg.Pattern) == 0 {
		return nil, confkey.Errorf("pattern", "is missing; format dissect needs one such as '%%{client} %%{method}', or a list of them")
	}
	f := &dissectFormat{separator: []byte(cfg.AppendSeparator)}
	var errs []error
	for i, text := range cfg.Pattern {
		d, err := newDissection(text)
		if err != nil {
			key := "pattern"
			if len(cfg.Pattern) > 1 {
				key = fmt.Sprintf("pattern[%d]", i)
			}
			errs = append(errs, confkey.Errorf(key, "%v", err))
		}
		f.patterns = append(f.patterns, d)
	}
	return f, errors.Join(errs...)
}

func (f *dissectFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	for _, d := range f.patterns {
		if !f.match(d, ev.Line) {
			continue
		}
		for i := range d.fields {
			f.add(p, ev, &d.fields[i])
		}
		found.chosen = true
		found.twins = found.twins || d.references
		return true
	}
	p.fault = append(p.fault[:0], "dissect: no pattern matches"...)
	return false
}

// match looks for the text between the keys, each behind the one before, and notes where the values stand.
func (f *dissectFormat) match(d *dissection, line []byte) bool {
	if len(line) <= len(d.lead) || !bytes.HasPrefix(line, d.lead) {
		return false
	}
	f.found = f.found[:0]
	i := len(d.lead)
	for j := range d.parts {
		part := &d.parts[j]
		if len(part.until) == 0 { // only the last one
			f.found = append(f.found, span{i, len(line)})
			return true
		}
		n := bytes.Index(line[i:], part.until)
		if n < 0 {
			return false
		}
		f.found = append(f.found, span{i, i + n})
		i += n + len(part.until)
		for part.padded && bytes.HasPrefix(line[i:], part.until) {
			i += len(part.until)
		}
	}
	return true
}

// add adds one field of the match.
func (f *dissectFormat) add(p *Parser, ev *event.Event, d *dissected) {
	name := d.name
	if d.named >= 0 {
		name = p.nameOf("", f.found[d.named].of(ev.Line))
	}
	value := f.found[d.values[0]].of(ev.Line)
	if len(d.values) > 1 {
		start := len(p.spare)
		p.spare = append(p.spare, value...)
		for _, j := range d.values[1:] {
			p.spare = append(append(p.spare, f.separator...), f.found[j].of(ev.Line)...)
		}
		value = p.spare[start:len(p.spare):len(p.spare)]
	}
	ev.Add(name, value, event.Text)
}

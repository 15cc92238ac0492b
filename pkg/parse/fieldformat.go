package parse

import (
	"errors"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// fieldFormats are the formats that a field of a document can have: those whose fields have names of the text's or of the
// configuration's choice, so that no member of them has a role in the document.
var fieldFormats = []string{"json", "logfmt", "kv", "grok", "regex", "dissect", "csv", "tsv", "syslog_priority"}

// fieldFormat takes fields of documents apart by a format of lines.
type fieldFormat struct {
	parser *Parser
	format format
	ev     event.Event
	found  resolution
}

// formatOf makes the format of a processor's field; grok's definitions are those of the pipeline.
func (p *Parser) formatOf(s *process.Parse) (process.Format, error) {
	if !slices.Contains(fieldFormats, s.Format) {
		return nil, confkey.Errorf("format", "%q is not allowed here; write %s", s.Format, strings.Join(fieldFormats, ", "))
	}
	cfg := Config{Format: []string{s.Format}, Pattern: s.Pattern, Columns: s.Columns, Delimiter: s.Delimiter,
		Timestamp: Timestamp{Mode: Off}, Duration: Duration{Mode: Off}, Trace: Trace{Mode: Off}}
	if s.KV != (KV{}) {
		cfg.KV = filled(s.KV)
	}
	switch s.Format {
	case "grok":
		cfg.Patterns, cfg.PatternDirs, cfg.PatternDefinitions = p.cfg.Patterns, p.cfg.PatternDirs, p.cfg.PatternDefinitions
	case "dissect":
		cfg.AppendSeparator = p.cfg.AppendSeparator
	case "syslog_priority":
		cfg.Format = []string{"none"}
	}
	inner, err := New(cfg)
	f := &fieldFormat{parser: inner}
	if len(inner.chain) > 0 {
		f.format = inner.chain[0]
	}
	switch s.Format {
	case "json":
		f.format = &objectFormat{}
	case "syslog_priority":
		f.format = priorityFormat{}
	}
	return f, err
}

// filled is kv with the defaults in the place of what is not given.
func filled(kv KV) KV {
	usual := DefaultKV()
	for _, option := range []struct{ given, usual *string }{
		{&kv.FieldSplit, &usual.FieldSplit}, {&kv.ValueSplit, &usual.ValueSplit}, {&kv.Whitespace, &usual.Whitespace},
	} {
		if *option.given == "" {
			*option.given = *option.usual
		}
	}
	return kv
}

// Take takes text, which is valid UTF-8, apart.
func (f *fieldFormat) Take(text []byte) (*event.Event, []byte) {
	f.ev.Raw, f.found = text, resolution{}
	f.parser.begin(&f.ev)
	if !f.format.take(f.parser, &f.ev, &f.found) {
		return nil, f.parser.fault
	}
	return &f.ev, nil
}

// objectFormat reads one JSON object, every member of which is a field.
type objectFormat struct{ scan scanner }

func (f *objectFormat) take(p *Parser, ev *event.Event, _ *resolution) bool {
	var ok bool
	ev.Fields, ok = f.scan.scan(ev.Line, ev.Fields)
	if ok && f.scan.breaks {
		ev.Line = p.oneLine(ev.Line)
		ev.Fields, ok = f.scan.scan(ev.Line, ev.Fields[:0])
	}
	if !ok {
		p.fault = f.scan.appendFault(p.fault[:0])
		return false
	}
	if f.scan.mayTangle() {
		p.twins.untangle(ev)
	}
	return true
}

// clockOf makes what reads the times of a processor's field. Errors are below the processor.
func (p *Parser) clockOf(d *process.Date) (process.Clock, error) {
	cfg := Timestamp{Field: d.Field, Layouts: d.Layouts, Timezone: d.Timezone, Now: p.cfg.Timestamp.Now}
	if cfg.Timezone == "" {
		cfg.Timezone = p.cfg.Timestamp.Timezone
	}
	times, err := newTimeParser(cfg)
	if err == nil {
		return times.parse, nil
	}
	var errs []error
	for _, e := range confkey.All(err) {
		errs = append(errs, confkey.Errorf(strings.TrimPrefix(e.Key, "timestamp."), "%s", e.Msg))
	}
	return nil, errors.Join(errs...)
}

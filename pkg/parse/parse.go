// Package parse turns lines into events: it takes a line apart in the format that its pipeline names, finds its time,
// level, trace context and duration, and gives those their ECS names (Elastic Common Schema 9).
//
// A line is never lost here. What does not parse becomes an event that carries the whole line and says why. Nothing is
// allocated for an ordinary line: values stay where they are in the line, and what has to be written anew goes into
// memory that the Parser uses again for the next line.
package parse

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// Parser parses the lines of one pipeline. It belongs to one goroutine.
type Parser struct {
	cfg       Config
	parseLine func(p *Parser, ev *event.Event)
	patterns  []*pattern
	times     *timeParser
	unit      durationUnit
	constants []constant
	service   []byte // the pipeline's service.name
	want      wanted

	scan  scanner
	roles roles
	twins untangler
	trace traceContext
	ids   []idField
	text  []byte // a line that had to be changed as a whole
	plain []byte // the unescaped text of the value being looked at
	spare []byte // values written anew for the event being made
	fault []byte // why the line did not parse
}

// New compiles cfg. The error joins everything wrong with it, as confkey errors below the pipeline.
func New(cfg Config) (*Parser, error) {
	p := &Parser{cfg: cfg, want: wantedBy(cfg), service: []byte(strings.ToValidUTF8(cfg.Service, "\uFFFD"))}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	switch cfg.Format {
	case "", "auto":
		p.parseLine = (*Parser).parseAuto
	case "none":
		p.parseLine = (*Parser).parseText
	case "json":
		p.parseLine = (*Parser).parseJSON
	case "regex":
		p.parseLine = (*Parser).parsePatterns
		p.patterns, err = compilePatterns(cfg.Pattern)
		note(err)
	default:
		note(confkey.Errorf("format", "%q is not a format; this version has auto, none, json and regex", cfg.Format))
	}
	p.times, err = newTimeParser(cfg.Timestamp)
	note(err)
	if cfg.Duration.Unit != "" {
		var ok bool
		if p.unit, ok = unitOf(cfg.Duration.Unit); !ok {
			note(confkey.Errorf("duration.unit", "%q is not a unit; write ns, us, ms, s, m, h or d", cfg.Duration.Unit))
		}
	}
	p.constants, err = constants(cfg.Fields)
	note(err)
	return p, errors.Join(errs...)
}

// Parse fills ev from ev.Raw. What it puts there is valid until the next Parse, and as long as ev.Raw is.
func (p *Parser) Parse(ev *event.Event) {
	p.begin(ev)
	if !utf8.Valid(ev.Raw) {
		p.text = appendValid(p.text[:0], ev.Raw)
		ev.Line = p.text
		p.spare = base64.StdEncoding.AppendEncode(p.spare, ev.Raw)
		ev.Original = event.Value{Bytes: p.spare, Kind: event.Text, Set: true}
	} else if p.cfg.KeepOriginal {
		ev.Original = event.Value{Bytes: ev.Raw, Kind: event.Text, Set: true}
	}
	p.parseLine(p, ev)
	if len(p.constants) > 0 {
		p.addConstants(ev)
	}
	if len(p.service) > 0 && !ev.Service.Set && ev.Known&event.HasService == 0 {
		ev.Service = event.Value{Bytes: p.service, Kind: event.Text, Set: true}
	}
}

// maxKept is the size from which the memory that one line needed is not kept for the next.
const maxKept = 1 << 20

// begin forgets the line before.
func (p *Parser) begin(ev *event.Event) {
	raw, offset, cut := ev.Raw, ev.Offset, ev.Cut
	if cap(ev.Fields) > maxFields {
		ev.Fields = nil
	}
	ev.Reset()
	ev.Raw, ev.Line, ev.Offset, ev.Cut = raw, raw, offset, cut
	if p.spare = p.spare[:0]; cap(p.spare) > maxKept {
		p.spare = nil
	}
	if cap(p.text) > maxKept {
		p.text = nil
	}
}

// appendValid appends b with each invalid byte replaced by U+FFFD.
func appendValid(dst, b []byte) []byte {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		dst = utf8.AppendRune(dst, r)
		b = b[size:]
	}
	return dst
}

// fail makes ev the event of a line that did not parse: the whole line, and why.
func (p *Parser) fail(ev *event.Event, fault []byte) {
	ev.Fields, ev.Known = ev.Fields[:0], 0
	ev.Failure = fault
	p.parseText(ev)
}

// parseText takes the line as one message and looks for what a text line usually says of itself.
func (p *Parser) parseText(ev *event.Event) {
	ev.Message = event.Value{Bytes: ev.Line, Kind: event.Text, Set: true}
	if p.cfg.Timestamp.Mode != Off {
		if t, _, _, ok := p.times.find(ev.Line); ok {
			ev.Time = t
		}
	}
	ev.Level = findLevel(ev.Line)
	walk := textWalk{line: ev.Line, duration: p.want.durationText}
	if p.cfg.Trace.Mode != Off {
		p.trace.reset()
		walk.trace = &p.trace
	}
	if walk.trace == nil && !walk.duration {
		return
	}
	walk.run()
	ev.Duration, ev.HasDuration = walk.ns, walk.found
	if walk.trace != nil {
		ev.TraceID, ev.SpanID, ev.ParentID = p.trace.resolve()
	}
}

func (p *Parser) parseJSON(ev *event.Event) {
	if !p.readJSON(ev) {
		p.fault = p.scan.appendFault(p.fault[:0])
		p.fail(ev, p.fault)
	}
}

// parseAuto takes a line that is a JSON object as JSON and any other as text.
func (p *Parser) parseAuto(ev *event.Event) {
	line := bytes.TrimLeft(ev.Line, " \t\r\n")
	if len(line) == 0 || line[0] != '{' || !p.readJSON(ev) {
		ev.Fields = ev.Fields[:0]
		p.parseText(ev)
	}
}

func (p *Parser) readJSON(ev *event.Event) bool {
	fields, ok := p.scan.scan(ev.Line, ev.Fields[:0])
	if ok && p.scan.breaks {
		// Between tokens a line end is a blank, and inside strings there is none: the document stays on one line.
		p.text = appendOneLine(p.text[:0], ev.Line)
		ev.Line = p.text
		fields, ok = p.scan.scan(ev.Line, fields[:0])
	}
	ev.Fields = fields
	if !ok {
		return false
	}
	if p.scan.mayTangle() {
		p.twins.untangle(ev)
	}
	p.resolve(ev, resolution{dots: p.scan.dots})
	return true
}

// appendOneLine appends line with blanks for line ends. They may share their memory.
func appendOneLine(dst, line []byte) []byte {
	dst = append(dst, line...)
	for i, c := range dst {
		if c == '\n' || c == '\r' {
			dst[i] = ' '
		}
	}
	return dst
}

// Reading returns the time that a line without a time of its own takes when there was none before it in its file.
func Reading(now time.Time) event.Time {
	t := event.TimeOf(now)
	t.Nsec -= t.Nsec % 1_000_000
	t.Digits = 3
	return t
}

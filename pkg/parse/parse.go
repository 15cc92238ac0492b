// Package parse turns lines into events: it takes a line apart in the format that its pipeline names, finds its time,
// level, trace context and duration, and gives those their ECS names (Elastic Common Schema 9).
//
// A line is never lost here. What does not parse becomes an event that carries the whole line and says why. Nothing is
// allocated for an ordinary line: values stay where they are in the line, and what has to be written anew goes into
// memory that the Parser uses again for the next line.
package parse

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// Parser parses the lines of one pipeline. It belongs to one goroutine.
type Parser struct {
	cfg       Config
	chain     []format // each but the last takes an envelope off
	times     *timeParser
	marks     jsontext.Marks // of the line as it stands in the file, or of what is in it
	marksRaw  bool           // the former
	unit      durationUnit
	constants []constant
	process   *process.Chain
	service   []byte // the pipeline's service.name
	want      wanted

	found  resolution // of the line being parsed
	keys   keyMemo
	stops  textStops
	levels levelMemo
	roles  roles
	known  knownFields
	names  [][]byte // that are looked up among the fields of a line
	inside [][]byte // and those below which everything is
	twins  untangler
	trace  traceContext
	ids    []idField
	text   []byte // lines that had to be changed as a whole
	plain  []byte // the unescaped text of the value being looked at
	spare  []byte // values written anew for the event being made
	fault  []byte // why the line did not parse

	before func() *event.Past // what the lines of the file before this one have left; nil when the caller does not tell files apart
}

// Follow lets the lines that are parsed from now on know of those before them in their file, by what before returns.
func (p *Parser) Follow(before func() *event.Past) { p.before = before }

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
	p.chain, err = newChain(&p.cfg)
	note(err)
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
	p.process, err = process.New(cfg.Process, process.Options{Times: p.times.read, Mend: mend, Untangle: p.twins.untangle,
		Formats: p.formatOf, Clocks: p.clockOf, Dataset: cfg.Dataset, Host: cfg.Host, Shared: cfg.Shared})
	note(err)
	note(p.process.Guard(cfg.Guard))
	p.names = namesWatched(p)
	return p, errors.Join(errs...)
}

// Parse fills ev from ev.Raw. What it puts there is valid until the next Parse, and as long as ev.Raw is.
func (p *Parser) Parse(ev *event.Event) {
	p.begin(ev)
	p.marksRaw = true
	if !p.marks.Mark(ev.Raw) && !utf8.Valid(ev.Raw) {
		p.text = appendValid(p.text, ev.Raw)
		ev.Line = p.text
		p.spare = base64.StdEncoding.AppendEncode(p.spare, ev.Raw)
		ev.Original = event.Value{Bytes: p.spare, Kind: event.Text, Set: true}
	} else if p.cfg.KeepOriginal {
		ev.Original = event.Value{Bytes: ev.Raw, Kind: event.Text, Set: true}
	}
	p.takeApart(ev)
	if len(p.constants) > 0 {
		p.addConstants(ev)
	}
	if len(p.service) > 0 && !ev.Service.Set && ev.Known&event.HasService == 0 {
		ev.Service = event.Value{Bytes: p.service, Kind: event.Text, Set: true}
	}
}

// Process runs the pipeline's processors over an event that Parse has made of a line of the file at path, and that has its
// time. What they write is valid until the next Process. It may drop the event.
func (p *Parser) Process(ev *event.Event, path []byte) {
	if p.process.Len() > 0 {
		p.process.Run(ev, path)
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
	p.known.told = false
	if p.spare = p.spare[:0]; cap(p.spare) > maxKept {
		p.spare = nil
	}
	if p.text = p.text[:0]; cap(p.text) > maxKept {
		p.text = nil
	}
}

// markLine makes the parser's marks those of ev.Line.
func (p *Parser) markLine(ev *event.Event) {
	raw := len(ev.Line) == len(ev.Raw) && len(ev.Line) > 0 && &ev.Line[0] == &ev.Raw[0]
	if raw && p.marksRaw {
		return
	}
	p.marks.Mark(ev.Line)
	p.marksRaw = raw
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

// Reading returns the time that a line without a time of its own takes when there was none before it in its file.
func Reading(now time.Time) event.Time {
	t := event.TimeOf(now)
	t.Nsec -= t.Nsec % 1_000_000
	t.Digits = 3
	return t
}

package parse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// format takes the lines of one way of writing apart. It belongs to one Parser.
type format interface {
	// take appends to ev.Fields what ev.Line says, and notes in found how the fields are to be understood. It reports
	// whether the line is of the format; when it is not, p.fault says why, and the caller takes back what was added.
	// Names and values are slices of ev.Line, of what p.keep returned, or of memory of the format's own that is valid
	// until its next take.
	//
	// A field of a name with a role (see roleOf) need not be read any further: `timestamp` becomes @timestamp, `level`
	// log.level, and so on. What is inside an envelope is its field message.
	take(p *Parser, ev *event.Event, found *resolution) bool
}

// kind is a format by its name in the configuration.
type kind struct {
	name string
	make func(cfg *Config) (format, error)
	keys []string // of the configuration that belong to it, beyond those of every format

	// fits says cheaply whether auto should try the format on a line, so strictly that hardly any other line passes; nil:
	// auto never does.
	fits func(line []byte) bool
	// begins are the bytes that such a line may begin with, empty for any; undated, that it does not begin with a date of
	// ISO 8601; unleveled, that it does not begin with a time of ISO 8601 and a level; barred, that there is a bar in it.
	// They save auto from asking.
	begins                     string
	undated, unleveled, barred bool
	// envelope says that what is inside, in the field message, has a format of its own, which auto looks for in turn.
	envelope bool
}

// kinds are all formats but auto, which is made of them.
var kinds = func() []kind {
	var all []kind
	for _, some := range [][]kind{basicKinds, grokKinds, envelopeKinds, syslogKinds, auditKinds, nginxKinds, apacheKinds, haproxyKinds, envoyKinds, elbKinds, w3cKinds, logfmtKinds, kvKinds, dissectKinds, csvKinds, cefKinds, leefKinds, headKinds, mongodbKinds} {
		all = append(all, some...)
	}
	return all
}()

var basicKinds = []kind{
	{name: "none", make: func(*Config) (format, error) { return textFormat{}, nil }},
	{name: "json", make: func(*Config) (format, error) { return new(jsonFormat), nil }, fits: fitsJSON, begins: "{ \t\r\n"},
	{name: "regex", make: newRegexFormat, keys: []string{"pattern"}},
}

// FormatNames are the words for the key format.
func FormatNames() []string {
	names := []string{"auto"}
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

func kindOf(name string) *kind {
	if name == "auto" {
		return &kind{name: name, make: newAuto}
	}
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}

// newChain makes the formats that cfg names.
func newChain(cfg *Config) ([]format, error) {
	names := cfg.Format
	if len(names) == 0 {
		names = []string{"auto"}
	}
	var chain []format
	var errs []error
	used := map[string]bool{}
	for i, name := range names {
		key := "format"
		if len(names) > 1 {
			key = fmt.Sprintf("format[%d]", i)
		}
		k := kindOf(name)
		if k == nil {
			errs = append(errs, confkey.Errorf(key, "%q is not a format; write %s", name, strings.Join(FormatNames(), ", ")))
			continue
		}
		for _, key := range k.keys {
			used[key] = true
		}
		f, err := k.make(cfg)
		errs = append(errs, err)
		chain = append(chain, f)
	}
	if len(chain) < len(names) {
		return nil, errors.Join(errs...) // what the other keys are for cannot be told
	}
	for _, key := range keysGiven(cfg) {
		if !used[key] {
			errs = append(errs, confkey.Errorf(key, "format %s has no use for it; write a format that has, such as %s, or leave it out", strings.Join(names, ", "), formatWith(key)))
		}
	}
	return chain, errors.Join(errs...)
}

// keysGiven are the keys of cfg that belong to some formats only.
func keysGiven(cfg *Config) []string {
	var given []string
	for _, key := range []struct {
		name  string
		given bool
	}{
		{"pattern", len(cfg.Pattern) > 0},
		{"patterns", cfg.Patterns != ""},
		{"pattern_dirs", len(cfg.PatternDirs) > 0},
		{"pattern_definitions", len(cfg.PatternDefinitions) > 0},
		{"append_separator", cfg.AppendSeparator != ""},
		{"columns", len(cfg.Columns) > 0},
		{"delimiter", cfg.Delimiter != ""},
		{"kv", cfg.KV != KV{}},
	} {
		if key.given {
			given = append(given, key.name)
		}
	}
	return given
}

// formatWith is the first format that has the key.
func formatWith(key string) string {
	for _, k := range kinds {
		if slices.Contains(k.keys, key) {
			return k.name
		}
	}
	return ""
}

// takeApart gives the line to the formats: each takes an envelope off, and the last one what is inside.
func (p *Parser) takeApart(ev *event.Event) {
	p.found = resolution{}
	found := &p.found
	p.trace.reset()
	for i, f := range p.chain {
		if i > 0 && !p.unwrap(ev, found) {
			break
		}
		found.last = i == len(p.chain)-1
		if n := len(ev.Fields); !f.take(p, ev, found) {
			ev.Fields = ev.Fields[:n]
			ev.Failure = p.fault
			textFormat{}.take(p, ev, found)
			break
		}
	}
	if found.twins || found.envelope > 0 && len(ev.Fields) > int(found.envelope) {
		p.twins.untangle(ev)
	}
	p.resolve(ev, found)
}

var messageNames = [][]byte{[]byte("message"), []byte("msg"), []byte("log"), []byte("MESSAGE")}

// unwrap makes the message of an envelope the line; false when it has none.
func (p *Parser) unwrap(ev *event.Event, found *resolution) bool {
	for _, name := range messageNames {
		i := event.Lookup(ev.Fields, name)
		if i < 0 {
			continue
		}
		inside, quoted := p.textOf(&ev.Fields[i])
		if !quoted {
			continue
		}
		if ev.Fields[i].Kind != event.Text { // it may have been unescaped, and that memory is needed again
			inside = p.keep("", inside)
		}
		ev.Remove(i)
		ev.Line = inside
		for j := range ev.Fields {
			ev.Fields[j].To = 0 // they stand in another line
		}
		found.twins = found.twins || found.envelope > 0
		found.envelope, found.dots, found.free = int32(len(ev.Fields)), 0, nil
		return true
	}
	return false
}

// textFormat takes the line as one message.
type textFormat struct{}

func (textFormat) take(_ *Parser, ev *event.Event, found *resolution) bool {
	ev.Message = event.Value{Bytes: ev.Line, Kind: event.Text, Set: true}
	found.free = ev.Line
	return true
}

// fitsJSON leaves to docker and mongodb what is theirs.
func fitsJSON(line []byte) bool {
	return beginsObject(line) && !fitsMongodb(line) && !fitsDocker(line)
}

// beginsObject reports whether the first byte that is no blank is a brace.
func beginsObject(line []byte) bool {
	for _, c := range line {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			return c == '{'
		}
	}
	return false
}

// jsonFormat reads one JSON object.
type jsonFormat struct {
	scan  scanner
	whole shapes // of lines whose members need not all be fields
	parts shapes // of those beside which there are fields of an envelope's
	apart bool   // the members of every line are to be fields
}

func (f *jsonFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	n := len(ev.Fields)
	known := &f.whole
	if f.apart || !p.mayReadDirectly(found, n) {
		known = &f.parts
	}
	if plan := known.scan(p, ev, &f.scan); plan != nil {
		found.dots = plan.dots
		return true
	}
	fields, ok := f.scan.scan(ev.Line, ev.Fields)
	if ok && !f.scan.breaks {
		known.apart = known == &f.parts
		known.learn(p, &f.scan, ev.Line, fields, n)
	}
	if ok && f.scan.breaks {
		// Between tokens a line end is a blank, and inside strings there is none: the document stays on one line.
		ev.Line = p.oneLine(ev.Line)
		fields, ok = f.scan.scan(ev.Line, fields[:n])
	}
	ev.Fields = fields
	if !ok {
		p.fault = f.scan.appendFault(p.fault[:0])
		return false
	}
	found.dots = f.scan.dots
	found.twins = found.twins || f.scan.mayTangle()
	return true
}

// oneLine is line with blanks for line ends, in memory of its own: an envelope's fields may refer to what line is in.
func (p *Parser) oneLine(line []byte) []byte {
	n := len(p.text)
	p.text = append(p.text, line...)
	line = p.text[n:]
	for i, c := range line {
		if c == '\n' || c == '\r' {
			line[i] = ' '
		}
	}
	return line
}

package parse

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// wanted is what a configuration wants to be looked for, and where.
type wanted struct {
	time, duration, trace bool // under the names that they usually have

	durationText bool // under those names in free text

	named         bool // any of these fields
	names         [][]byte
	timeField     wantedField
	durationField wantedField
	ids           bool           // any of the following
	idFields      [3]wantedField // of trace, span, parent
}

// wantedField is a field that the configuration names; without a name it is none.
type wantedField struct {
	name []byte
	last int // where it was found last
}

// in finds the field where it is a scalar, or -1.
func (w *wantedField) in(ev *event.Event) int {
	if len(w.name) == 0 {
		return -1
	}
	i := event.Find(ev.Fields, w.name, &w.last)
	if i >= 0 && ev.Fields[i].Kind == event.Object {
		return -1
	}
	return i
}

func wantedBy(cfg Config) wanted {
	w := wanted{
		time:     usual(cfg.Timestamp.Mode, cfg.Timestamp.Field),
		duration: usual(cfg.Duration.Mode, cfg.Duration.Field),
		trace:    usual(cfg.Trace.Mode, cfg.Trace.TraceID+cfg.Trace.SpanID+cfg.Trace.ParentID),
	}
	w.durationText = cfg.Duration.Mode == "" || cfg.Duration.Mode == Auto
	named := func(mode Mode, name string) wantedField {
		if mode != Field || name == "" {
			return wantedField{}
		}
		w.named = true
		field := wantedField{name: jsontext.AppendEscaped(nil, name)}
		w.names = append(w.names, field.name)
		return field
	}
	w.timeField = named(cfg.Timestamp.Mode, cfg.Timestamp.Field)
	w.durationField = named(cfg.Duration.Mode, cfg.Duration.Field)
	for i, name := range []string{cfg.Trace.TraceID, cfg.Trace.SpanID, cfg.Trace.ParentID} {
		w.idFields[i] = named(cfg.Trace.Mode, name)
		w.ids = w.ids || w.idFields[i].name != nil
	}
	return w
}

// usual reports whether the usual names are looked at: also when the configuration says how to read, but not what.
func usual(mode Mode, field string) bool {
	return mode == "" || mode == Auto || mode == Field && field == ""
}

// namesWatched are the names that the parser may look up among the fields of a line, beyond those with a claim and those that it
// wants for itself.
func namesWatched(p *Parser) [][]byte {
	var names [][]byte
	for i := range p.constants {
		names = append(names, p.constants[i].name)
	}
	for _, name := range p.cfg.Asked {
		names = append(names, jsontext.AppendEscaped(nil, name))
	}
	for _, name := range p.process.Asked() {
		escaped := jsontext.AppendEscaped(nil, strings.ToValidUTF8(name, "\uFFFD"))
		names, p.inside = append(names, escaped), append(p.inside, append(escaped, '.'))
	}
	return names
}

// ownNames are those that it looks up whatever the configuration says.
var ownNames = func() [][]byte {
	names := slices.Collect(maps.Values(moved))
	return append(names, messageNames...)
}()

// watched reports whether a field with the full name, or one inside or around it, may be looked up. Below labels any may.
func (p *Parser) watched(path []byte) bool {
	return anyWithin(ownNames, path) || p.asked(path)
}

// asked is watched, as far as it is up to the configuration.
func (p *Parser) asked(path []byte) bool {
	return anyWithin(p.want.names, path) || p.askedByOthers(path)
}

// askedByOthers is asked, but for what the parser wants for time, duration and ids.
func (p *Parser) askedByOthers(path []byte) bool {
	if bytes.HasPrefix(path, labels) {
		return true
	}
	for _, name := range p.inside {
		if bytes.HasPrefix(path, name) {
			return true
		}
	}
	return anyWithin(p.names, path)
}

// anyWithin reports whether one of the names lies at, below or above path.
func anyWithin(names [][]byte, path []byte) bool {
	for _, name := range names {
		if within(name, path) || len(name) > 0 && within(path, name) {
			return true
		}
	}
	return false
}

// within reports whether path is the name of what lies at or below name.
func within(path, name []byte) bool {
	return bytes.HasPrefix(path, name) && (len(path) == len(name) || path[len(name)] == '.')
}

var labels = []byte("labels")

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// best is the field chosen so far for a duty that only one field can have.
type best struct {
	field int
	rank  uint8
}

// wins reports whether a field of the rank is to be preferred.
func (b best) wins(rank uint8) bool { return b.rank == 0 || rank < b.rank }

// resolution is what one pass over the fields of a line has found.
type resolution struct {
	time, level, message, service best
	text                          bool // there is a field message already
	log                           int  // 1 + a scalar field log; 0 for none
	stamp                         int  // 1 + a field @timestamp that is not the document's; 0 for none
}

// resolve gives the fields that say a line's time, level, ids and duration their ECS names. chosen tells that the names
// come from the configuration: then a scalar in the place of an ECS object stays where it is.
func (p *Parser) resolve(ev *event.Event, chosen bool) {
	var found resolution
	p.trace.reset()
	for i := 0; i < len(ev.Fields); i++ {
		f := &ev.Fields[i]
		r := p.roles.of(ev.Fields, i)
		switch {
		case f.Removed:
			i = int(f.End) - 1
		case f.Kind != event.Object:
			p.assign(ev, &found, i, r, chosen)
		case !r.look:
			i = int(f.End) - 1
		}
	}
	if found.log > 0 {
		if i := found.log - 1; found.message.rank == 0 {
			found.message = best{i, 2}
		} else {
			p.rename(ev, i, []byte("labels.log"))
		}
	}
	if found.message.rank > 1 && !found.text {
		ev.Message = take(ev, found.message.field)
	}
	if found.service.rank > 1 && ev.Known&event.HasService == 0 {
		ev.Service = take(ev, found.service.field)
	}
	p.configured(ev)
	if i := found.stamp - 1; i >= 0 && !ev.Fields[i].Removed {
		p.rename(ev, i, []byte("labels.@timestamp"))
	}
	ev.TraceID, ev.SpanID, ev.ParentID = p.trace.resolve()
}

// take removes field i from the document and returns its value.
func take(ev *event.Event, i int) event.Value {
	ev.Remove(i)
	return event.Value{Bytes: ev.Fields[i].Value, Kind: ev.Fields[i].Kind, Set: true}
}

// assign does for field i, which is no object with members, what its role asks for.
func (p *Parser) assign(ev *event.Event, found *resolution, i int, r role, chosen bool) {
	f := &ev.Fields[i]
	switch r.duty {
	case noDuty:
	case timeDuty:
		p.assignTime(ev, found, i, r)
	case levelDuty:
		if found.level.wins(r.rank) && p.assignLevel(ev, i, r.rank == 1) {
			found.level = best{i, r.rank}
		}
	case messageDuty:
		found.text = found.text || r.rank == 1
		if found.message.wins(r.rank) {
			found.message = best{i, r.rank}
		}
	case serviceDuty:
		if found.service.wins(r.rank) {
			found.service = best{i, r.rank}
		}
		ev.Known |= r.known
	case traceDuty:
		if p.cfg.Trace.Mode == "" || p.cfg.Trace.Mode == Auto {
			if !p.assignTrace(ev, i, r.trace) && f.Parent < 0 && ecsID(f.Name) {
				p.rename(ev, i, p.keep("labels.", f.Name))
			}
		}
	case durationDuty:
		if !ev.HasDuration && (p.cfg.Duration.Mode == "" || p.cfg.Duration.Mode == Auto) {
			p.assignDuration(ev, i, r.unit)
		}
	case eventDurationDuty:
		if !p.assignDuration(ev, i, 1) && f.Parent < 0 {
			p.rename(ev, i, p.keep("labels.", f.Name))
		}
	case knownDuty:
		ev.Known |= r.known
	case objectDuty:
		if !chosen && f.Parent < 0 && scalar(f) {
			if r.trace == 0 || p.cfg.Trace.Mode == Off || !p.assignTrace(ev, i, r.trace) {
				p.moveScalar(ev, found, i)
			}
		}
	case metaDuty:
		if f.Parent < 0 {
			p.rename(ev, i, p.keep("labels.", f.Name))
		}
	}
}

func (p *Parser) assignTime(ev *event.Event, found *resolution, i int, r role) {
	if f := &ev.Fields[i]; f.Parent < 0 && string(f.Name) == "@timestamp" {
		found.stamp = i + 1 // moved aside unless it becomes the document's: there can be only one
	}
	if p.cfg.Timestamp.Mode != "" && p.cfg.Timestamp.Mode != Auto || !found.time.wins(r.rank) {
		return
	}
	text, _ := p.textOf(&ev.Fields[i])
	t, ok := p.times.parse(text)
	if !ok {
		return
	}
	if found.time.rank > 0 {
		ev.Fields[found.time.field].Removed = false
	}
	ev.Time, found.time = t, best{i, r.rank}
	ev.Remove(i)
}

// assignLevel takes field i as log.level. A word that no logger uses for a level is left alone, unless the line itself
// calls it log.level.
func (p *Parser) assignLevel(ev *event.Event, i int, ecs bool) bool {
	text, quoted := p.textOf(&ev.Fields[i])
	text = bytes.TrimSpace(text)
	level := levelOf(text)
	if level == nil && !quoted {
		level = pinoLevel(text)
	}
	if level == nil && ecs && string(text) != "null" {
		level = p.keep("", bytes.ToLower(text))
	}
	if level == nil && !ecs {
		return false
	}
	ev.Level = level
	ev.Remove(i)
	return true
}

func (p *Parser) assignTrace(ev *event.Event, i int, r traceRole) bool {
	text, quoted := p.textOf(&ev.Fields[i])
	if !p.trace.offer(r, text, !quoted) {
		return false
	}
	ev.Remove(i)
	return true
}

func (p *Parser) assignDuration(ev *event.Event, i int, unit durationUnit) bool {
	text, quoted := p.textOf(&ev.Fields[i])
	if !quoted && unit == 0 {
		return false
	}
	ns, ok := parseDuration(text, unit)
	if !ok {
		return false
	}
	ev.Duration, ev.HasDuration = ns, true
	ev.Remove(i)
	return true
}

// configured reads the fields that the configuration names for time, duration and ids.
func (p *Parser) configured(ev *event.Event) {
	if name := p.cfg.Timestamp.Field; name != "" {
		if i := p.named(ev, name); i >= 0 {
			text, _ := p.textOf(&ev.Fields[i])
			if t, ok := p.times.parse(text); ok {
				ev.Time = t
				ev.Remove(i)
			}
		}
	}
	if name := p.cfg.Duration.Field; name != "" {
		if i := p.named(ev, name); i >= 0 {
			p.assignDuration(ev, i, p.unit)
		}
	}
	for _, id := range []struct{ field, name string }{
		{p.cfg.Trace.TraceID, "trace.id"}, {p.cfg.Trace.SpanID, "span.id"}, {p.cfg.Trace.ParentID, "parent.id"},
	} {
		if id.field == "" {
			continue
		}
		if i := p.named(ev, id.field); i >= 0 {
			p.assignTrace(ev, i, traceKey([]byte(id.name)))
		}
	}
}

// named finds the scalar field with the name, or -1.
func (p *Parser) named(ev *event.Event, name string) int {
	p.plain = append(p.plain[:0], name...)
	i := lookup(ev.Fields, p.plain)
	if i >= 0 && ev.Fields[i].Kind == event.Object {
		return -1
	}
	return i
}

// textOf returns the text of a scalar and whether it was text in the line: quoted, or of a format without types.
// The text is valid until the next call.
func (p *Parser) textOf(f *event.Field) (text []byte, quoted bool) {
	v := f.Value
	switch {
	case f.Kind == event.Text:
		return v, true
	case len(v) < 2 || v[0] != '"':
		return v, false
	}
	v = v[1 : len(v)-1]
	if bytes.IndexByte(v, '\\') >= 0 {
		p.plain = jsontext.AppendUnescaped(p.plain[:0], v)
		return p.plain, true
	}
	return v, true
}

// ecsID reports whether the name is one that the document keeps for an id of its own.
func ecsID(name []byte) bool {
	return string(name) == "trace.id" || string(name) == "span.id" || string(name) == "parent.id"
}

// scalar reports whether Elasticsearch would refuse the value where it expects an object.
func scalar(f *event.Field) bool {
	if f.Kind == event.Text {
		return true
	}
	switch f.Value[0] {
	case '{', 'n':
		return false
	case '[':
		rest := bytes.TrimLeft(f.Value[1:], " \t\n\r")
		return rest[0] != '{' && rest[0] != ']'
	}
	return true
}

// moved names where a scalar in the place of an ECS object goes.
var moved = map[string][]byte{
	"service": []byte("service.name"), "host": []byte("host.name"), "error": []byte("error.message"),
	"user": []byte("user.name"), "url": []byte("url.original"), "event": []byte("event.action"),
}

// moveScalar gives a scalar under the name of an ECS object a name that Elasticsearch accepts.
func (p *Parser) moveScalar(ev *event.Event, found *resolution, i int) {
	f := &ev.Fields[i]
	if string(f.Name) == "log" {
		found.log = i + 1
		return
	}
	to, ok := moved[string(f.Name)]
	if !ok || lookup(ev.Fields, to) >= 0 {
		p.rename(ev, i, p.keep("labels.", f.Name))
		return
	}
	p.rename(ev, i, to)
	switch string(to) {
	case "service.name":
		ev.Known |= event.HasService
	case "host.name":
		ev.Known |= event.HasHost
	}
}

// rename gives field i, which stands at the top, another name.
func (p *Parser) rename(ev *event.Event, i int, name []byte) {
	f := &ev.Fields[i]
	f.Name, f.To = name, 0
}

// keep puts together a name or value that lives as long as the event.
func (p *Parser) keep(prefix string, rest []byte) []byte {
	start := len(p.spare)
	p.spare = append(append(p.spare, prefix...), rest...)
	return p.spare[start:]
}

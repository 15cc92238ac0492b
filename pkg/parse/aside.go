package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// reserved are the names of the line's that it must not have, now that it is known what tailspan says itself: the
// document would have them twice, or Elasticsearch would refuse it.
func (p *Parser) reserved(ev *event.Event, found *resolution) claims {
	if found.has&^claimsKnown == 0 && ev.Failure == nil {
		return 0
	}
	c := claimTime
	if ev.Message.Set { // of what was inside, beside the envelope's
		c |= claimMessage
	}
	if ev.Level != nil {
		c |= claimLevel
	}
	if p.want.trace {
		c |= claimIDs // what is left under the name of an id is none
	}
	if ev.TraceID != nil {
		c |= claimTraceID
	}
	if ev.SpanID != nil {
		c |= claimSpanID
	}
	if ev.ParentID != nil {
		c |= claimParentID
	}
	if p.cfg.Duration.Mode != Off {
		c |= claimDuration
	}
	if ev.Cut {
		c |= claimFlags
	}
	if !found.chosen {
		c |= claimLogFile
	}
	c &= found.has
	if ev.Failure != nil {
		c |= claimKind | claimError // which found.has does not know when they are nested
	}
	return c
}

// reservedNames are the names behind the claims that reserved may make.
var reservedNames = []struct {
	claim claims
	name  []byte
}{
	{claimTime, []byte("@timestamp")}, {claimMessage, []byte("message")}, {claimLevel, []byte("log.level")}, {claimTraceID, []byte("trace.id")},
	{claimSpanID, []byte("span.id")}, {claimParentID, []byte("parent.id")}, {claimDuration, []byte("event.duration")},
	{claimFlags, []byte("log.flags")}, {claimLogFile, []byte("log.file")}, {claimKind, []byte("event.kind")},
	{claimError, []byte("error.message")},
}

// clear moves fields with any of the names aside.
func (p *Parser) clear(ev *event.Event, clash claims) {
	for _, r := range reservedNames {
		if clash&r.claim == 0 {
			continue
		}
		for i := event.Lookup(ev.Fields, r.name); i >= 0; i = event.Lookup(ev.Fields, r.name) { // an object may have it dotted and nested
			p.aside(ev, i)
		}
	}
}

var underscore = []byte("_")

// aside moves field i below labels, where ECS has room for any name, because its own is taken or would be refused.
func (p *Parser) aside(ev *event.Event, i int) {
	if isNull(&ev.Fields[i]) {
		ev.Remove(i)
		return
	}
	p.plain = event.AppendPath(p.plain[:0], ev.Fields, int32(i))
	name := p.keep("labels.", p.plain)
	for event.Lookup(ev.Fields, name) >= 0 {
		p.plain = append(p.plain[:0], name...)
		name = p.keep(string(p.plain), underscore)
	}
	f := &ev.Fields[i]
	if f.Parent < 0 {
		rename(f, name)
		return
	}
	value, kind := f.Value, f.Kind
	if kind == event.Object {
		kind = event.JSON
		if f.Changed {
			value = mend(value)
		}
	}
	ev.Remove(i)
	ev.Add(name, value, kind)
}

// moved names where a scalar in the place of an ECS object goes.
var moved = map[string][]byte{
	"service": []byte("service.name"), "host": []byte("host.name"), "error": []byte("error.message"),
	"user": []byte("user.name"), "url": []byte("url.original"), "event": []byte("event.action"),
}

var (
	nameOutcome    = []byte("event.outcome")
	outcomeFailure = []byte("failure")
	outcomeSuccess = []byte("success")
)

// moveScalar gives a scalar under the name of an ECS object a name that Elasticsearch accepts.
func (p *Parser) moveScalar(ev *event.Event, found *resolution, i int, to []byte) {
	f := &ev.Fields[i]
	if f.Parent < 0 && string(f.Name) == "error" {
		if outcome := p.outcomeOf(f); outcome != nil {
			p.moveOutcome(ev, i, outcome)
			return
		}
	}
	switch {
	case f.Parent >= 0: // only log.file can be inside an object
		found.has |= claimLogFile
	case string(f.Name) == "log" && !isArray(f):
		found.log = i + 1
	case len(to) == 0 || found.dots&nameBit(f.Name) != 0 && event.Lookup(ev.Fields, to) >= 0 || string(f.Name) == "service" && isMillis(f.Value):
		p.aside(ev, i)
	case string(f.Name) == "service":
		found.has |= claims(event.HasService)
		ev.Service = take(ev, i)
	default:
		found.has |= claimOf(to)
		rename(f, to)
	}
}

// isMillis reports whole milliseconds, in quotes or not: what Heroku's router logs as service is how long that took, not what it is.
func isMillis(value []byte) bool {
	if n := len(value); n > 1 && value[0] == '"' {
		value = value[1 : n-1]
	}
	digits, ok := bytes.CutSuffix(value, []byte("ms"))
	return ok && len(digits) > 0 && allDigits(digits)
}

// outcomeOf is what OpenTracing's tag error says, which is true or false; nil for any other value, which is a message.
func (p *Parser) outcomeOf(f *event.Field) []byte {
	text, _ := p.textOf(f)
	switch {
	case bytes.EqualFold(text, []byte("true")):
		return outcomeFailure
	case bytes.EqualFold(text, []byte("false")):
		return outcomeSuccess
	}
	return nil
}

// moveOutcome makes field i the outcome of the event, unless the line tells that itself.
func (p *Parser) moveOutcome(ev *event.Event, i int, outcome []byte) {
	if event.Lookup(ev.Fields, nameOutcome) >= 0 {
		p.aside(ev, i)
		return
	}
	f := &ev.Fields[i]
	rename(f, nameOutcome)
	f.Value, f.Kind = outcome, event.Text
}

// rename gives a field at the top of the document another name.
func rename(f *event.Field, name []byte) { f.Name, f.To = name, 0 }

func isNull(f *event.Field) bool { return f.Kind == event.JSON && f.Value[0] == 'n' }

func isArray(f *event.Field) bool { return f.Kind == event.JSON && f.Value[0] == '[' }

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

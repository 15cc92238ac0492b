package parse

import (
	"bytes"
	"math"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// resolution is what one pass over the fields of a line has found.
type resolution struct {
	has                   claims // names of tailspan's that fields of the line have
	time, level, duration best
	message, service      best   // under names that are not those of ECS; taken only when the line has no better ones
	log                   int    // 1 + a scalar field log; 0 for none
	said                  int    // 1 + the field message; 0 for none
	proxy                 bool   // it has a field that proxies log of a request
	last                  bool   // the format takes what the line itself says, and is no envelope
	read                  uint8  // what a pattern's groups said of what a line has one of, and was read on the way
	chosen                bool   // the names come from the configuration: a scalar in the place of an ECS object stays
	captured              bool   // a pattern captured the fields: a level stays what it was captured as, too
	dots                  uint64 // nameBits of what stands before the first dot of dotted names
	twins                 bool   // a field may be there twice
	free                  []byte // text in which time, level, ids and a duration may stand as a person would write them; nil: none
	envelope              int32  // number of fields that an envelope had; what was inside knows better
}

// best is the best field so far for a duty that only one field can have. The zero value is none.
type best struct {
	field int
	rank  uint8
}

// wins reports whether a field of the rank is to be preferred.
func (b *best) wins(rank uint8) bool { return b.rank == 0 || rank < b.rank }

// wins reports whether field i, of the rank, is to be preferred to the best one so far.
func (found *resolution) wins(b best, i int, rank uint8) bool {
	return b.wins(rank) || int32(b.field) < found.envelope && int32(i) >= found.envelope
}

// take removes field i from the document, because it became what the duty is about, and brings back the one that had
// been taken before. Only what an envelope said is gone when the line inside it says the same.
func (b *best) take(ev *event.Event, i int, rank uint8, envelope int32) {
	if b.rank > 0 && (int32(b.field) >= envelope || int32(i) < envelope) {
		ev.Fields[b.field].Removed = false
	}
	b.field, b.rank = i, rank
	ev.Remove(i)
}

// note remembers field i, which stays in the document for the time being, when it can be text.
func (b *best) note(f *event.Field, i int, rank uint8) {
	if b.wins(rank) && scalar(f) && !isArray(f) {
		b.field, b.rank = i, rank
	}
}

// idField is a field whose value was understood as ids.
type idField struct {
	field int
	role  *role
}

// knownFields are those of the fields of an event that their format knows the roles of.
type knownFields struct {
	told     bool
	from, to int
	dutiful  []knownField // those that have a duty
}

// knownField is a field, counted from the first that is known, and its role.
type knownField struct {
	field int32
	role  *role
}

// concernsChosen reports whether resolve has anything to do about a field whose name comes from the configuration: there a scalar in the
// place of an ECS object stays.
func (r *role) concernsChosen() bool {
	return r.duty != noDuty && (r.duty != objectDuty || r.trace != notTrace)
}

// knows notes that of the fields in [from,to) only those in dutiful have a duty.
func (p *Parser) knows(from, to int, dutiful []knownField) {
	p.known = knownFields{told: true, from: from, to: to, dutiful: dutiful}
}

// resolve gives the fields that say a line's time, level, ids and duration their ECS names.
func (p *Parser) resolve(ev *event.Event, found *resolution) {
	p.ids = p.ids[:0]
	from := 0
	if p.known.told {
		p.assignFrom(ev, found, 0, p.known.from)
		for _, k := range p.known.dutiful {
			if i := p.known.from + int(k.field); !ev.Fields[i].Removed {
				p.assign(ev, found, i, k.role)
			}
		}
		from = p.known.to
	}
	p.assignFrom(ev, found, from, math.MaxInt)
	if p.want.named {
		p.configured(ev, found)
	}
	if p.trace.dirty != 0 {
		p.settleIDs(ev, found)
	}
	p.settleText(ev, found)
	p.readText(ev, found)
	if clash := p.reserved(ev, found); clash != 0 {
		p.clear(ev, clash)
	}
	ev.Known = event.Known(found.has & claimsKnown)
}

// assignFrom does for the fields from i on, up to end, what their roles ask for.
func (p *Parser) assignFrom(ev *event.Event, found *resolution, i, end int) {
	for i < len(ev.Fields) && i < end {
		f := &ev.Fields[i]
		if f.Removed {
			i = int(f.End)
			continue
		}
		r := p.roles.of(ev.Fields, i)
		next := i + 1
		if f.Kind == event.Object && !r.look {
			next = int(f.End)
		}
		if r.duty != noDuty {
			p.assign(ev, found, i, r)
		}
		i = next
	}
}

// assign does for field i what its role asks for.
func (p *Parser) assign(ev *event.Event, found *resolution, i int, r *role) {
	f := &ev.Fields[i]
	taken := false
	found.proxy = found.proxy || r.proxy
	switch {
	case f.Kind == event.Object:
		if r.duty == metaDuty {
			p.aside(ev, i)
		}
	case r.claims != 0 && isNull(f): // says nothing, and must not stand beside what tailspan says
		ev.Remove(i)
		taken = true
	default:
		taken = p.assignScalar(ev, found, i, r)
	}
	if !taken {
		found.has |= r.claims
		if r.claims == claimMessage {
			found.said = i + 1
		}
	}
}

// assignScalar does it for a field that is no object with members, and reports whether the field left the document.
func (p *Parser) assignScalar(ev *event.Event, found *resolution, i int, r *role) (taken bool) {
	switch r.duty {
	case timeDuty:
		return p.takesTime(r) && p.assignTime(ev, found, i, r.rank)
	case startDuty:
		p.assignStart(ev, found, i, r)
	case levelDuty:
		return p.assignLevel(ev, found, i, r.rank)
	case severityDuty:
		return p.assignSeverity(ev, found, i, r)
	case messageDuty:
		found.message.note(&ev.Fields[i], i, r.rank)
	case serviceDuty:
		found.service.note(&ev.Fields[i], i, r.rank)
	case traceDuty:
		return p.want.trace && p.offer(ev, i, r)
	case durationDuty:
		return p.takesDuration(r) && p.assignDuration(ev, found, i, r)
	case objectDuty:
		if (!p.want.trace || r.trace == notTrace || !p.offer(ev, i, r)) && !found.chosen && scalar(&ev.Fields[i]) {
			p.moveScalar(ev, found, i, r.moved)
		}
	case metaDuty:
		p.aside(ev, i)
	}
	return false
}

func (p *Parser) assignTime(ev *event.Event, found *resolution, i int, rank uint8) bool {
	if !found.wins(found.time, i, rank) {
		return false
	}
	text, _ := p.textOf(&ev.Fields[i])
	t, ok := p.times.parse(text)
	if !ok {
		return false
	}
	if f := &ev.Fields[i]; f.Parent >= 0 && string(f.Name) == "epochSecond" {
		addNanos(ev, &t)
	}
	ev.Time = t
	found.time.take(ev, i, rank, found.envelope)
	return true
}

// assignLevel takes field i as log.level. A word that no logger uses for a level is left alone, unless the line itself
// calls it log.level.
func (p *Parser) assignLevel(ev *event.Event, found *resolution, i int, rank uint8) bool {
	f := &ev.Fields[i]
	if !found.wins(found.level, i, rank) || isArray(f) {
		return false
	}
	text, quoted := p.textOf(f)
	level := p.levels.of(text)
	if level == nil && !quoted {
		if level = pinoLevel(text); level == nil && len(text) == 1 && event.Lookup(ev.Fields, nameShortMessage) >= 0 {
			level = syslogScale.level(text)
		}
	}
	if text = trimBlanks(text); level == nil && rank == 1 && len(text) > 0 {
		level = p.lower(text)
	}
	if level == nil {
		return false
	}
	ev.Level = level
	if found.captured && rank > 1 {
		found.level.note(f, i, rank)
		return false
	}
	found.level.take(ev, i, rank, found.envelope)
	return true
}

func (p *Parser) assignDuration(ev *event.Event, found *resolution, i int, r *role) bool {
	if !found.wins(found.duration, i, r.rank) {
		return false
	}
	text, quoted := p.textOf(&ev.Fields[i])
	ns, ok := p.durationOf(text, quoted, r)
	if !ok {
		return false
	}
	ev.Duration, ev.HasDuration = ns, true
	found.duration.take(ev, i, r.rank, found.envelope)
	return true
}

// takesTime reports whether a field with the role may tell the time of the line.
func (p *Parser) takesTime(r *role) bool {
	return p.want.time || r.rank == 1 && p.cfg.Timestamp.Mode != Off
}

// takesDuration reports whether a field with the role may tell how long something took.
func (p *Parser) takesDuration(r *role) bool {
	return p.want.duration || r.rank == 1 && p.cfg.Duration.Mode != Off
}

// durationOf is what a field with the role tells, by the unit of its name or of the configuration; a number needs one.
func (p *Parser) durationOf(text []byte, quoted bool, r *role) (ns int64, ok bool) {
	unit := r.unit
	if unit == 0 {
		unit = p.unit
	}
	if !quoted && unit == 0 {
		return 0, false
	}
	return parseDuration(text, unit)
}

// offer reads field i as ids. Whether they become those of the line turns out when all have been read.
func (p *Parser) offer(ev *event.Event, i int, r *role) bool {
	text, quoted := p.textOf(&ev.Fields[i])
	if !p.trace.offer(r.trace, text, !quoted) {
		return false
	}
	p.ids = append(p.ids, idField{i, r})
	return true
}

// settleIDs chooses the ids of the line and removes the fields that they came from.
func (p *Parser) settleIDs(ev *event.Event, found *resolution) {
	p.trace.incoming = found.proxy
	ev.TraceID, ev.SpanID, ev.ParentID = p.trace.resolve()
	if ev.SpanID == nil && p.trace.caller != nil {
		ev.SpanID = p.trace.deriveSpan(ev.TraceID, ev.ParentID, ev.Raw)
	}
	for _, o := range p.ids {
		f := &ev.Fields[o.field]
		switch {
		case p.trace.used(o.role.trace) && !isTransaction(f, o.role.trace):
			ev.Remove(o.field)
		case o.role.duty == objectDuty && !found.chosen:
			p.moveScalar(ev, found, o.field, o.role.moved)
		default:
			found.has |= o.role.claims
		}
	}
}

// isTransaction reports ECS's transaction.id, which stays even when it does for the span: it has a name of its own.
func isTransaction(f *event.Field, r traceRole) bool {
	return r == ecsTransaction && (f.Parent >= 0 || string(f.Name) == "transaction.id")
}

// settleText chooses what else may be message and service.name where the line does not say them itself.
func (p *Parser) settleText(ev *event.Event, found *resolution) {
	switch {
	case found.has&claimMessage != 0 || ev.Message.Set:
	case found.message.rank > 0:
		ev.Message = take(ev, found.message.field)
	case found.log > 0:
		ev.Message = take(ev, found.log-1)
		found.log = 0
	}
	if found.log > 0 {
		p.aside(ev, found.log-1)
	}
	if found.service.rank > 0 && found.has&claims(event.HasService) == 0 {
		ev.Service = take(ev, found.service.field)
		found.has |= claims(event.HasService)
	}
	if found.has&claimOriginal != 0 {
		ev.Original.Set = false
	}
}

// readText looks in the message for what the fields did not say.
func (p *Parser) readText(ev *event.Event, found *resolution) {
	walk := textWalk{line: found.free, stops: &p.stops, keys: &p.keys}
	if p.want.trace && ev.TraceID == nil && ev.SpanID == nil {
		walk.trace = &p.trace
		p.trace.reset()
		p.trace.incoming = false
	}
	if found.free != nil {
		p.readHead(ev, found)
		walk.duration = p.want.durationText && !ev.HasDuration
	} else if walk.trace != nil {
		walk.line = p.messageText(ev, found)
	}
	if walk.trace == nil && !walk.duration {
		return
	}
	walk.run()
	if walk.found {
		ev.Duration, ev.HasDuration = walk.ns, true
	}
	if walk.trace != nil {
		ev.TraceID, ev.SpanID, ev.ParentID = p.trace.resolve()
	}
}

// readHead finds time and level where a line of text usually begins with them.
func (p *Parser) readHead(ev *event.Event, found *resolution) {
	outer := found.time.rank > 0 && int32(found.time.field) < found.envelope
	if p.cfg.Timestamp.Mode != Off && (!ev.Time.Set || outer) {
		if t, start, _, ok := p.times.find(found.free); ok && (!outer || start < 3) {
			ev.Time = t
		}
	}
	if ev.Level == nil && found.has&claimLevel == 0 {
		ev.Level = findLevel(found.free)
	}
}

// messageText is the text of the message, valid until the next call of textOf; nil when it is no text.
func (p *Parser) messageText(ev *event.Event, found *resolution) []byte {
	f := event.Field{Value: ev.Message.Bytes, Kind: ev.Message.Kind}
	if !ev.Message.Set {
		if found.said == 0 {
			return nil
		}
		f = ev.Fields[found.said-1]
	}
	if text, quoted := p.textOf(&f); quoted {
		return text
	}
	return nil
}

// take removes field i from the document and returns its value.
func take(ev *event.Event, i int) event.Value {
	ev.Remove(i)
	return event.Value{Bytes: ev.Fields[i].Value, Kind: ev.Fields[i].Kind, Set: true}
}

// configured reads the fields that the configuration names for time, duration and ids, unless they were read on the way.
func (p *Parser) configured(ev *event.Event, found *resolution) {
	if found.read&oneTime == 0 {
		if i := p.want.timeField.in(ev); i >= 0 {
			if found.time.rank > 0 { // the field that it was taken from comes back
				found.has |= claimTime
			}
			if !p.assignTime(ev, found, i, 0) && !isNull(&ev.Fields[i]) {
				p.noTime(ev)
			}
		}
	}
	if found.read&oneDuration == 0 {
		if i := p.want.durationField.in(ev); i >= 0 {
			if found.duration.rank > 0 {
				found.has |= claimDuration
			}
			p.assignDuration(ev, found, i, &role{unit: p.unit})
		}
	}
	if !p.want.ids {
		return
	}
	for k := range p.want.idFields {
		if i := p.want.idFields[k].in(ev); i >= 0 {
			p.offer(ev, i, &idRoles[k])
		}
	}
}

// noTime reports that the field which the configuration names holds no time. The line keeps what else was found in it.
func (p *Parser) noTime(ev *event.Event) {
	p.fault = append(p.fault[:0], "timestamp: the field "...)
	p.fault = append(p.fault, p.want.timeField.name...)
	p.fault = append(p.fault, " holds no time in any of the layouts"...)
	ev.Failure = p.fault
}

var idRoles = [3]role{{trace: ecsTrace}, {trace: ecsSpan}, {trace: ecsParent}}

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

// lower is text in lower case, valid as long as the event.
func (p *Parser) lower(text []byte) []byte {
	for _, c := range text {
		if c >= 0x80 {
			return bytes.ToLower(text)
		}
	}
	kept := p.keep("", text)
	for i, c := range kept {
		kept[i] = lower(c)
	}
	return kept
}

// keep puts together a name or value that lives as long as the event.
func (p *Parser) keep(prefix string, rest []byte) []byte {
	start := len(p.spare)
	p.spare = append(append(p.spare, prefix...), rest...)
	return p.spare[start:len(p.spare):len(p.spare)]
}

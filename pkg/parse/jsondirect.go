package parse

import "github.com/tailspan/tailspan/pkg/event"

// Most lines have one member for their time, one for their level, one for each id and one for the duration, and what those
// say leaves the document for a name of ECS. On a known path such a member is read where it stands, without becoming a field that
// resolve looks at and the encoder passes over. When its value is not what the name promises, the line is read again with
// all of its fields.

// mostMisses is how many values may be something else before a member is always a field.
const mostMisses = 64

// kinds of what a line has one of.
const (
	oneTime = 1 << iota
	oneLevel
	oneDuration
	oneTrace
	oneSpan
	oneParent
	oneService
)

// oneOf is what the role may give the line.
func oneOf(r *role) uint8 {
	switch {
	case r.duty == timeDuty:
		return oneTime
	case r.duty == levelDuty:
		return oneLevel
	case r.duty == durationDuty:
		return oneDuration
	case r.duty == serviceDuty || r.claims&claims(event.HasService) != 0 || r.duty == objectDuty && string(r.moved) == "service.name":
		return oneService
	}
	switch r.trace {
	case notTrace:
		return 0
	case ecsTrace, plainTrace:
		return oneTrace
	case ecsSpan, plainSpan:
		return oneSpan
	case ecsParent, plainParent:
		return oneParent
	}
	return oneTrace | oneSpan | oneParent
}

// chooseDirect marks the members of a path that are to be read on the way: those that nothing else in the line competes with.
func (p *Parser) chooseDirect(path []step) {
	var once, twice uint8
	for i := range path {
		for j := range path[i].opens {
			if r := path[i].opens[j].role; r != nil {
				twice |= once & oneOf(r)
				once |= oneOf(r)
			}
		}
		if r := path[i].leaf.role; r != nil {
			twice |= once & oneOf(r)
			once |= oneOf(r)
		}
	}
	depth := 0
	for i := range path {
		st := &path[i]
		depth += len(st.opens) - len(st.ends)
		if r := st.leaf.role; r != nil && depth == 0 && oneOf(r)&twice == 0 {
			if p.readsDirectly(r) && !p.asked(st.leaf.name) {
				st.does |= readsOnTheWay
			}
		}
	}
}

// readsDirectly reports whether a field with the role is taken out of the document when its value is what it should be.
func (p *Parser) readsDirectly(r *role) bool {
	if p.want.named || r.proxy {
		return false
	}
	switch r.duty {
	case timeDuty:
		return p.takesTime(r)
	case levelDuty:
		return true
	case durationDuty:
		return p.takesDuration(r)
	case objectDuty:
		return oneOf(r) == oneService
	case traceDuty:
		return p.want.trace && oneOf(r) != oneTrace|oneSpan|oneParent
	}
	return false
}

// readDirect reads a JSON value for what its member's role says; plain is a string without escapes. False when it is nothing of
// the kind.
func (p *Parser) readDirect(ev *event.Event, r *role, value []byte, plain bool) (ok bool) {
	if r.duty == objectDuty {
		ev.Service = event.Value{Bytes: value, Kind: event.JSON, Set: true}
		return plain
	}
	if plain {
		value = value[1 : len(value)-1]
	} else if value[0] == '"' {
		return false
	}
	switch r.duty {
	case timeDuty:
		ev.Time, ok = p.times.parse(value)
		return ok
	case levelDuty:
		ev.Level = p.levels.of(value)
		return ev.Level != nil
	case durationDuty:
		ev.Duration, ev.HasDuration = p.durationOf(value, plain, r)
		return ev.HasDuration
	}
	return p.trace.offer(r.trace, value, !plain)
}

// unread forgets what was read on the way.
func (p *Parser) unread(ev *event.Event) {
	ev.Time, ev.Level, ev.Service, ev.Duration, ev.HasDuration = event.Time{}, nil, event.Value{}, 0, false
	p.trace.reset()
}

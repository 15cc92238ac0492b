package parse

import "github.com/tailspan/tailspan/pkg/event"

// Most lines have one member for their time, one for their level, one for each id and one for the duration, and what those
// say leaves the document for a name of ECS. On a known path of a JSON line, and in the groups of a pattern, such a member is read where
// it stands, without becoming a field that resolve looks at and the encoder passes over. When its value is not what the name
// promises, the line is read again with all of its fields.

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

// mayReadDirectly reports whether not every member of the line has to be a field: when it stands behind no fields of an envelope, n of them,
// when it is no envelope itself, and when no processor looks at all members.
func (p *Parser) mayReadDirectly(found *resolution, n int) bool {
	return found.last && n == 0 && !p.process.Whole()
}

// census counts what a line has one of.
type census struct{ once, twice uint8 }

func (c *census) add(r *role) {
	one := oneOf(r)
	c.twice |= c.once & one
	c.once |= one
}

// alone reports whether nothing else that was added competes with r.
func (c *census) alone(r *role) bool { return c.twice&oneOf(r) == 0 }

// quickOutline is the outline in which those pieces are read on the way that nothing else in the line competes with; nil when there are none.
func (p *Parser) quickOutline(pieces []piece) *outline {
	if p.want.named {
		return nil
	}
	var all census
	for i := range pieces {
		all.add(pieces[i].role)
	}
	return quickened(pieces, func(pc *piece) bool {
		return pc.field.Kind != event.Object && pc.field.Parent < 0 && all.alone(pc.role) && p.readsDirectly(pc.role) && !p.asked(pc.field.Name)
	})
}

// chooseGroups does the same for the groups of a pattern, where the configuration may name the time and the duration.
func (p *Parser) chooseGroups(groups []group) {
	var all census
	said := make([]*role, len(groups))
	for i := range groups {
		said[i] = groups[i].role
		switch name := string(groups[i].name); name {
		case "":
		case string(p.want.timeField.name):
			said[i] = &role{duty: timeDuty}
		case string(p.want.durationField.name):
			said[i] = &role{duty: durationDuty, unit: p.unit}
		}
		all.add(said[i])
	}
	for i, r := range said {
		g := &groups[i]
		if r.duty != objectDuty && all.alone(r) && (r != g.role || p.readsDirectly(r)) && !p.askedByOthers(g.name) {
			g.direct = r
		}
	}
}

// readsDirectly reports whether a field with the role is taken out of the document when its value is what it should be.
func (p *Parser) readsDirectly(r *role) bool {
	if r.proxy {
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

// readDirect reads text for what its role says; quoted is what textOf says of it. False when it is nothing of the kind.
func (p *Parser) readDirect(ev *event.Event, r *role, text []byte, quoted bool) (ok bool) {
	switch r.duty {
	case timeDuty:
		ev.Time, ok = p.times.parse(text)
		return ok
	case levelDuty:
		ev.Level = p.levels.of(text)
		return ev.Level != nil
	case durationDuty:
		ev.Duration, ev.HasDuration = p.durationOf(text, quoted, r)
		return ev.HasDuration
	}
	return p.trace.offer(r.trace, text, !quoted)
}

// unread forgets what was read on the way.
func (p *Parser) unread(ev *event.Event) {
	ev.Time, ev.Level, ev.Service, ev.Duration, ev.HasDuration = event.Time{}, nil, event.Value{}, 0, false
	p.trace.reset()
}

package detect

import (
	"cmp"
	"slices"
	"time"
)

const (
	joins         = int64(5 * time.Minute)  // what begins so long after an incident is a part of it
	quietFor      = int64(3 * time.Minute)  // without anything unusual, and it is over
	normalAfter   = int64(time.Hour)        // what has lasted so long is how things are now
	silenceAtMost = int64(24 * time.Hour)   // the same for what does not come any more
	cooling       = int64(10 * time.Minute) // the same again after it was over is no finding
	settling      = int64(2 * time.Minute)  // nothing is, so soon after
	mostMembers   = 64
	mostIncidents = 8 // of a service at once
	novelFading   = 0.99808
	mostNovel     = 3 // a service that often has new templates has no findings of them
	patience      = 4 // windows that a candidate waits for others of its cause
)

// incident is one cause: what it was found by first, and everything of the same service that came with it.
type incident struct {
	finding Finding
	rule    Rule
	series  *series
	members []member
	opened  int64
	active  int64 // when something of it was unusual last
}

type member struct {
	rule   Rule
	series *series
}

func (in *incident) has(s *series) bool {
	return slices.ContainsFunc(in.members, func(m member) bool { return m.series == s })
}

// join makes a candidate a part of the incident; false when it is already, or there is no room.
func (in *incident) join(c *candidate) bool {
	m := member{c.rule, c.series}
	if slices.Contains(in.members, m) || len(in.members) == mostMembers {
		return false
	}
	in.members = append(in.members, m)
	return true
}

// takes reports whether what was found is a part of the incident.
func (in *incident) takes(c *candidate, now int64) bool {
	return in.has(c.series) || now-in.opened < joins || slices.ContainsFunc(in.members, func(m member) bool {
		return (m.series.id == "" || c.series.id == "") && m.rule.family() == c.rule.family()
	})
}

// family are rules about the same: of a service that is silent, or logs twice as much, each template is.
func (r Rule) family() Rule {
	if r == Heartbeat || r == Silence {
		return Rate
	}
	return r
}

// pastIncident is what it was found by and when it was over.
type pastIncident struct {
	rule Rule
	key  uint64
	at   int64
}

// decide makes findings of what was found, each of one cause.
func (e *Engine) decide(svc *service, j *judgement) {
	svc.over = slices.DeleteFunc(svc.over, func(p pastIncident) bool { return j.now-p.at > cooling })
	var rest []candidate
	for i := range j.found {
		c := &j.found[i]
		if k := slices.IndexFunc(svc.incidents, func(in *incident) bool { return in.takes(c, j.now) }); k >= 0 {
			e.goOn(svc.incidents[k], c, j.now)
		} else if !svc.cooling(c, j.now) {
			rest = append(rest, *c)
		}
	}
	if len(rest) > 0 && len(svc.incidents) < mostIncidents && (!j.waiting || slices.ContainsFunc(rest, func(c candidate) bool { return c.series.streak[c.rule] >= patience })) {
		e.open(svc, rest, j)
	}
	e.close(svc, j)
}

// goOn takes note that an incident is not over.
func (e *Engine) goOn(in *incident, c *candidate, now int64) {
	in.active = now
	news := in.join(c)
	if news {
		in.finding.add(c)
	}
	if c.rule == in.rule && c.series == in.series && c.score > in.finding.Score {
		in.finding.measure(c)
		news = true
	}
	if news {
		e.view.show(&in.finding)
	}
}

// cooling reports whether something so similar was over so recently that this is its aftermath.
func (svc *service) cooling(c *candidate, now int64) bool {
	if c.rule == Novel && svc.novel > mostNovel {
		c.series.old = true
		return true
	}
	return slices.ContainsFunc(svc.over, func(p pastIncident) bool {
		return now-p.at < settling || p.rule == c.rule && p.key == c.series.key
	})
}

// open makes one finding of all that was found at once.
func (e *Engine) open(svc *service, found []candidate, j *judgement) {
	first := choose(found)
	in := &incident{rule: first.rule, series: first.series, opened: j.now, active: j.now}
	since := first.since
	for i := range found {
		in.join(&found[i])
		since = min(since, found[i].since)
	}
	if svc.incidents = append(svc.incidents, in); first.rule == Novel {
		svc.novel++
	}
	for s := range svc.each {
		if svc.concerned(s) {
			s.unlearn(since, j.now)
		}
	}
	in.finding = e.describe(svc, in, &first, found, j.now)
	e.tell(&in.finding)
}

// choose is the one of the candidates that says most: by rule, then what is of one template before what is of the service, unless
// several templates have it or it is about errors, then the surest.
func choose(found []candidate) candidate {
	var templates [ruleCount]int
	for i := range found {
		if found[i].series.id != "" {
			templates[found[i].rule]++
		}
	}
	general := func(c *candidate) bool {
		whole := c.series.id == ""
		return whole == (templates[c.rule] == 1 && c.rule != Errors) // the other one of the two is better
	}
	return slices.MinFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), compareBool(general(&a), general(&b)), cmp.Compare(b.score, a.score))
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// close ends incidents of which nothing is left, and those that have become how things are.
func (e *Engine) close(svc *service, j *judgement) {
	svc.incidents = slices.DeleteFunc(svc.incidents, func(in *incident) bool {
		lasting := normalAfter
		if in.rule == Silence || in.rule == Heartbeat {
			if lasting = silenceAtMost; in.series.last <= in.finding.Since.UnixNano() {
				in.active = j.now
			}
		}
		reason := ""
		switch {
		case j.now-in.active >= quietFor:
			reason = "as before"
		case j.now-in.opened >= lasting:
			reason = "normal now"
			for _, m := range in.members {
				m.series.restart()
			}
			svc.all.restart()
		default:
			return false
		}
		for _, m := range in.members {
			svc.over = append(svc.over, pastIncident{m.rule, m.series.key, j.now})
			m.series.old = true
		}
		in.finding.resolve(reason, j.now)
		e.tell(&in.finding)
		return true
	})
}

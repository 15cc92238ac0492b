package cause

import (
	"math"
	"slices"
	"strings"
	"time"
)

const (
	harmless = 0.03 // the score of a deploy after which nothing got worse
	innocent = 0.1  // what is left of a deploy's when what got worse did so elsewhere, or before
	partOfIt = 0.5  // what is left of a change that is a part of a deploy's or a host's
)

// group is a change that others are parts of: a deploy, or a service on some of its hosts.
type group struct {
	*candidate
	members []*candidate
	within  bool // it is part of another group itself
}

// groups are the deploys, and the hosts on which services got worse; what is a part of them is lowered.
func (s *Study) groups(w *walk, spans []*candidate) []*candidate {
	hosts := w.uneven(spans)
	var all []*group
	for _, change := range s.versions.changes((s.to - s.from) / bins) {
		if s.Service == "" || change.service == s.Service || w.services[change.service] != nil {
			all = append(all, w.deploy(change, spans, hosts, s.to-s.from))
		}
	}
	var kept []*candidate
	parts := map[*candidate]bool{}
	for _, g := range slices.Concat(all, sick(hosts), hosts) {
		if g.within {
			continue
		}
		kept = append(kept, g.candidate)
		for _, m := range g.members {
			parts[m] = true
		}
	}
	for m := range parts {
		m.Score *= partOfIt
	}
	return kept
}

// deploy is what got worse in a service when it was started or became another version; whole is how long the time is that is looked
// at. Where it was on the hosts that are worse than others, it stands for those.
func (w *walk) deploy(change change, spans []*candidate, hosts []*group, whole int64) *group {
	g := &group{candidate: &candidate{}}
	g.Cause = Cause{Kind: Deploy, Service: change.service, Hosts: change.hosts, Version: change.to, Previous: change.from,
		Since: time.Unix(0, change.at).UTC(), Text: change.String(), Lines: change.lines}
	scores := []float64{harmless}
	for _, h := range hosts {
		if h.Service == change.service && overlap(h.Hosts, change.hosts) >= 0.5 && nearness(h.Since.UnixNano()-change.at, whole) > innocent {
			scores = append(scores, min(0.98, 1.05*h.Score*nearness(h.Since.UnixNano()-change.at, whole)))
			g.take(h.candidate, "")
			g.members = append(g.members, h.members...)
			h.within = true
		}
	}
	everywhere := w.everywhere(change)
	for _, m := range spans {
		if m.Service != change.service && m.op.callee() != change.service || slices.Contains(g.members, m) {
			continue
		}
		near := nearness(m.Since.UnixNano()-change.at, whole)
		if !everywhere || slices.ContainsFunc(hosts, func(h *group) bool { return slices.Contains(h.members, m) }) {
			near *= innocent // it got worse elsewhere
		}
		scores = append(scores, min(0.95, 1.05*m.Score*near))
		if near > innocent {
			g.take(m, m.Operation+" ")
			g.members = append(g.members, m)
		}
	}
	g.Score = either(scores)
	return g
}

// take adds what a part of it says.
func (g *group) take(m *candidate, name string) {
	g.Text += "; then: " + name + m.Text
	for _, measure := range m.Measures[:min(len(m.Measures), 2)] {
		if name != "" {
			measure.Name = name + measure.Name
		}
		g.Measures = append(g.Measures, measure)
	}
	for _, id := range m.Traces {
		if len(g.Traces) < maxExamples && !slices.Contains(g.Traces, id) {
			g.Traces = append(g.Traces, id)
		}
	}
}

func (c *change) String() string {
	text := "was started"
	switch {
	case c.from != "":
		text = c.from + " became " + c.to
	case c.to != "":
		text = "was started as " + c.to
	}
	if hosts := strings.Join(c.hosts, ", "); hosts != "" {
		text += " on " + hosts
	}
	return text
}

// nearness is how much an onset so long behind a deploy can be of it: all at once, and nothing when it was there before.
func nearness(late, whole int64) float64 {
	tolerance := whole / 30
	switch {
	case late < -tolerance:
		return innocent
	case late <= tolerance:
		return 1
	}
	return math.Exp(-float64(late-tolerance) / float64(whole) * 6)
}

// overlap is the share that two lists of hosts have in common.
func overlap(a, b []string) float64 {
	both := 0
	for _, host := range a {
		if slices.Contains(b, host) {
			both++
		}
	}
	return float64(both) / float64(max(1, len(a)+len(b)-both))
}

// callee is the service that an operation mostly calls.
func (o *operation) callee() string {
	if len(o.below) == 0 {
		return o.peer
	}
	return frequent(o.below)
}

// everywhere reports whether a change was on all hosts on which the service's spans are.
func (w *walk) everywhere(c change) bool {
	for _, o := range w.order {
		if o.service != c.service {
			continue
		}
		for host := range o.hosts[after] {
			if !slices.Contains(c.hosts, host) {
				return false
			}
		}
	}
	return true
}

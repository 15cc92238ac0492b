package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	leastOthers = 10   // calls on the other hosts, to tell some from them
	mostOfIt    = 0.75 // of the harm on some of the hosts, to be theirs
)

// harm is what got worse on a host, and how sure that is.
type harm struct {
	host   string
	amount float64
	z      float64 // against what was before
	counts counts
}

// uneven finds the services of which only some hosts got worse, of those on which they run.
func (w *walk) uneven(spans []*candidate) []*group {
	byService := map[string]*group{}
	var order []string
	for _, c := range spans {
		if c.Kind != Slow && c.Kind != Errors {
			continue
		}
		bad := c.bad()
		if bad == nil {
			continue
		}
		slices.Sort(bad)
		key := c.Service + "\x00" + strings.Join(bad, "\x00")
		u := byService[key]
		if u == nil {
			u = &group{candidate: &candidate{}}
			u.Cause = Cause{Kind: Host, Service: c.Service, Hosts: bad, Since: c.Since}
			byService[key] = u
			order = append(order, key)
		}
		u.members = append(u.members, c)
	}
	var all []*group
	for _, key := range order {
		byService[key].describe()
		all = append(all, byService[key])
	}
	return all
}

// sick are hosts on which several services got worse: then it is the host's matter.
func sick(groups []*group) []*group {
	byHosts := map[string][]*group{}
	for _, g := range groups {
		if key := strings.Join(g.Hosts, "\x00"); !g.within {
			byHosts[key] = append(byHosts[key], g)
		}
	}
	var all []*group
	for _, services := range byHosts {
		if len(services) < 2 {
			continue
		}
		first := services[0]
		s := &group{candidate: &candidate{Cause: Cause{Kind: Host, Hosts: first.Hosts, Since: first.Since, Text: "several services got worse there and hardly elsewhere"}}}
		var scores []float64
		for _, g := range services {
			g.within = true
			scores = append(scores, g.Score)
			s.members = append(s.members, g.members...)
			s.take(g.candidate, g.Service+" ")
			if g.Since.Before(s.Since) {
				s.Since = g.Since
			}
		}
		s.Score = min(0.98, 1.02*either(scores))
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *group) int { return slices.Compare(a.Hosts, b.Hosts) })
	return all
}

// describe makes one cause of what got worse on the hosts.
func (g *group) describe() {
	var scores []float64
	var texts []string
	for _, c := range g.members {
		scores = append(scores, c.Score)
		measures, text := c.onHosts(g.Hosts)
		texts = append(texts, text)
		g.take(&candidate{Cause: Cause{Measures: measures, Traces: c.Traces}}, "")
		if c.Since.Before(g.Since) {
			g.Since = c.Since
		}
	}
	g.Score = min(0.97, 1.02*either(scores))
	g.Text = "on " + strings.Join(g.Hosts, ", ") + " and hardly elsewhere: " + strings.Join(texts, "; ")
}

// bad are the hosts on which the candidate's operation got worse, when it did not on the others; nil when there are no others, or they
// did as well. It is all those that are worse than before, or else the one that has most of it.
func (c *candidate) bad() []string {
	all := c.harms()
	if len(all) < 2 {
		return nil
	}
	var worse []string
	for _, h := range all {
		if h.z >= 3 {
			worse = append(worse, h.host)
		}
	}
	for _, hosts := range [][]string{worse, {all[0].host}} {
		if c.theirs(all, hosts) {
			return hosts
		}
	}
	return nil
}

// harms is what got worse on each host, the worst first.
func (c *candidate) harms() []harm {
	var all []harm
	for host, is := range c.op.hosts[after] {
		was := c.op.hosts[before][host]
		if was == nil || was.calls < fewest {
			was = &c.op.of[before]
		}
		h := harm{host: host, counts: *is}
		if c.Kind == Slow {
			h.amount, h.z = (is.self.mean()-was.self.mean())*float64(is.calls), growth(&was.self, &is.self)
		} else {
			h.amount = float64(is.origins) - part(was.origins, was.calls)*float64(is.calls)
			h.z = rise(was.origins, was.calls, is.origins, is.calls)
		}
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b harm) int { return cmp.Or(cmp.Compare(b.amount, a.amount), strings.Compare(a.host, b.host)) })
	return all
}

// theirs reports whether most of the harm is on these hosts, they are worse than the others, and there are others.
func (c *candidate) theirs(all []harm, hosts []string) bool {
	var here, there counts
	sum, amount := 0.0, 0.0
	for _, h := range all {
		sum += max(0, h.amount)
		if slices.Contains(hosts, h.host) {
			amount += max(0, h.amount)
			here.merge(&h.counts)
		} else {
			there.merge(&h.counts)
		}
	}
	z := growth(&there.self, &here.self)
	if c.Kind == Errors {
		z = rise(there.origins, there.calls, here.origins, here.calls)
	}
	return there.calls >= leastOthers && amount >= mostOfIt*sum && z >= beyond(len(all))
}

func (c *counts) merge(o *counts) {
	c.calls += o.calls
	c.origins += o.origins
	c.self.n += o.self.n
	c.self.sum += o.self.sum
	c.self.sq += o.self.sq
}

// onHosts are the numbers of a candidate on these hosts and on the others.
func (c *candidate) onHosts(hosts []string) ([]Measure, string) {
	var here, there [2]counts
	for s := range c.op.hosts {
		for host, n := range c.op.hosts[s] {
			if slices.Contains(hosts, host) {
				here[s].merge(n)
			} else {
				there[s].merge(n)
			}
		}
	}
	unit, value, show := Nanoseconds, func(n *counts) float64 { return n.self.mean() }, duration
	name := "self time, mean"
	if c.Kind == Errors {
		unit, value, show = Share, func(n *counts) float64 { return part(n.origins, n.calls) }, percent
		name = "calls at which a failure began"
	}
	measure := func(which string, n *[2]counts) Measure {
		return Measure{c.Operation + ": " + name + ", " + which, unit, value(&n[before]), value(&n[after]), [2]int{n[before].calls, n[after].calls}}
	}
	all := []Measure{measure("there", &here), measure("on the other hosts", &there)}
	text := fmt.Sprintf("%s: %s %s → %s there, %s → %s on the others", c.Operation, name, show(all[0].Before), show(all[0].After), show(all[1].Before), show(all[1].After))
	return all, text
}

package cause

import (
	"slices"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
)

// side is before (0) or after (1).
type side int

const (
	before side = iota
	after
)

// place is an operation of a service.
type place struct{ service, operation string }

// counts are what is known of an operation at one time, as a whole or on one host.
type counts struct {
	calls    int
	self     moments // of each call, as own has it
	aside    int     // calls that were at work when nobody waited for the trace any more
	origins  int     // calls at which a failure began
	failed   int
	selves   []int64 // self times, as own has them, in no order
	critical int64   // nanoseconds on critical paths
}

// add takes in a call of a trace of which the longest root ends at end.
func (c *counts) add(n *trace.Node, end int64) {
	c.calls++
	c.self.add(float64(own(n)))
	if n.End() > end && (n.Parent == nil || !n.Parent.Failed) { // who failed may have waited until it gave up
		c.aside++
	}
	c.critical += n.Critical
	if n.Failed {
		c.failed++
	}
	if n.Cause {
		c.origins++
	}
}

// own is the time in which nothing that a span waited for was at work. Other than trace.Node's Self, work that the span began and that
// goes on behind its end does not count as waited for: else a mail that is sent meanwhile would hide how slow its sender is.
func own(n *trace.Node) int64 {
	covered, until := int64(0), n.Start
	for _, c := range n.Children { // in order of start
		if c.Async {
			continue
		}
		if from, to := max(c.Start, until), min(c.End(), n.End()); to > from {
			covered += to - from
			until = to
		}
	}
	return n.Duration - covered
}

// median is the median of the self times.
func (c *counts) median() int64 {
	slices.Sort(c.selves)
	return trace.Quantile(c.selves, 50)
}

// operation is what traces tell of a place.
type operation struct {
	place
	of      [2]counts
	hosts   [2]map[string]*counts
	traces  [2]int            // that it is in
	took    [2]moments        // the time that what those began with took, in nanoseconds
	failing [2]int            // traces in which a failure began at it
	groups  [2]moments        // calls of it for each call of what calls it
	again   [2]int            // calls that were not the first of their group
	failed  [2]int            // of them, those behind one that failed
	alone   bool              // its lines name no trace, so nobody knows what it waited for
	peer    string            // that its spans say they call
	roots   map[place]*[2]int // traces that it is in, by what they begin with
	below   map[string]int
	reasons map[string]int // of the failures that began at it
}

const (
	maxOperations = 5000   // that are told apart; further ones are not looked at
	maxHosts      = 20_000 // of all operations together, those of each counted
	maxReasons    = 100    // of an operation
	maxRoots      = 20     // of an operation
)

// walk is one pass over all traces with the baseline ending at split.
type walk struct {
	split      int64
	service    string // only what it has to do with
	operations map[place]*operation
	order      []*operation // as they came
	traces     [2]int
	failed     [2]int
	took       [2][]int64
	services   map[string]*[2]int // traces that they are in
	begun      map[place]*begun
	groups     map[*trace.Node]int // of calls that were made more often for one call of their caller's: how often
	beyond     float64             // from how many standard errors on something is no chance
	hosts      int                 // of operations, one by one
	left       bool                // spans were not counted: there were too many operations
}

func newWalk(split int64, service string) *walk {
	return &walk{split: split, service: service, operations: map[place]*operation{}, services: map[string]*[2]int{}, groups: map[*trace.Node]int{}, begun: map[place]*begun{}}
}

// begun are the traces that begin with an operation.
type begun struct {
	traces [2]int
	took   [2]moments // of that operation, in nanoseconds
}

// sideOf is the side of a time.
func (w *walk) sideOf(at int64) side {
	if at < w.split {
		return before
	}
	return after
}

// at is the operation of a node; nil when there are too many.
func (w *walk) at(n *trace.Node) *operation {
	key := place{n.Service, n.Name}
	o := w.operations[key]
	if o == nil {
		if len(w.order) == maxOperations {
			w.left = true
			return nil
		}
		o = &operation{place: key, hosts: [2]map[string]*counts{{}, {}}, below: map[string]int{}, reasons: map[string]int{}, roots: map[place]*[2]int{}}
		w.operations[key] = o
		w.order = append(w.order, o)
	}
	return o
}

// add takes in a trace. alone says that it is one line that names no trace.
func (w *walk) add(t *trace.Trace, alone bool) {
	nodes, within := scope(t, w.service)
	if len(nodes) == 0 {
		return
	}
	s := w.sideOf(t.Start)
	if !alone {
		w.traces[s]++
		w.took[s] = append(w.took[s], t.Duration)
		if t.Failed() {
			w.failed[s]++
		}
	}
	root := t.Root() // how long that took: the trace may go on for long when nobody waits any more
	w.begins(s, root)
	seen, began, services := map[*operation]bool{}, map[*operation]bool{}, map[string]bool{}
	for _, n := range nodes {
		services[n.Service] = true
		o := w.at(n)
		if o == nil {
			continue
		}
		o.alone = o.alone || alone
		w.count(o, s, n, root.End())
		if !seen[o] {
			seen[o] = true
			o.traces[s]++
			o.took[s].add(float64(root.Duration))
			o.begins(s, place{root.Service, root.Name})
		}
		if n.Cause && !began[o] {
			began[o] = true
			o.failing[s]++
		}
		w.repeats(s, n, within)
	}
	for name := range services {
		both := w.services[name]
		if both == nil {
			both = new([2]int)
			w.services[name] = both
		}
		both[s]++
	}
}

// begins counts a trace by what it begins with.
func (w *walk) begins(s side, root *trace.Node) {
	key := place{root.Service, root.Name}
	b := w.begun[key]
	if b == nil {
		if len(w.begun) == maxOperations {
			return
		}
		b = &begun{}
		w.begun[key] = b
	}
	b.traces[s]++
	b.took[s].add(float64(root.Duration))
}

func (o *operation) begins(s side, root place) {
	n := o.roots[root]
	if n == nil {
		if len(o.roots) == maxRoots {
			return
		}
		n = new([2]int)
		o.roots[root] = n
	}
	n[s]++
}

// root is what most of its traces begin with.
func (o *operation) root() (root place, traces [2]int) {
	for r, n := range o.roots {
		more := n[before] + n[after] - traces[before] - traces[after]
		if more > 0 || more == 0 && r.service+" "+r.operation < root.service+" "+root.operation {
			root, traces = r, *n
		}
	}
	return root, traces
}

// count takes in a call of an operation, in a trace of which the longest root ends at end.
func (w *walk) count(o *operation, s side, n *trace.Node, end int64) {
	o.of[s].add(n, end)
	o.of[s].selves = append(o.of[s].selves, own(n))
	host := o.hosts[s][instance(n)]
	if host == nil && w.hosts < maxHosts {
		w.hosts++
		host = &counts{}
		o.hosts[s][instance(n)] = host
	}
	if host != nil {
		host.add(n, end)
	}
	if o.peer == "" && n.Kind == event.KindClient {
		o.peer = attribute(n, "peer.service", "server.address", "db.system.name", "network.peer.address")
	}
	for _, c := range n.Children {
		if c.Service != n.Service && (o.below[c.Service] > 0 || len(o.below) < maxReasons) {
			o.below[c.Service]++
		}
	}
	if n.Cause && s == after && (o.reasons[n.Reason] > 0 || len(o.reasons) < maxReasons) {
		o.reasons[n.Reason]++
	}
}

// repeats counts how often a call was made for one call of its caller's.
func (w *walk) repeats(s side, n *trace.Node, within func(*trace.Node) bool) {
	last := map[*operation]*trace.Node{}
	size := map[*operation]int{}
	for _, c := range n.Children { // in order of start
		if !within(c) {
			continue
		}
		o := w.at(c)
		if o == nil {
			continue
		}
		if size[o]++; size[o] > 1 {
			o.again[s]++
			if last[o].Failed {
				o.failed[s]++
			}
		}
		last[o] = c
	}
	for o, n := range size {
		o.groups[s].add(float64(n))
	}
	if len(size) == len(n.Children) {
		return
	}
	for _, c := range n.Children {
		if many := size[w.operations[place{c.Service, c.Name}]]; many > 1 {
			w.groups[c] = many
		}
	}
}

// instance is where a span ran: the host that its line names or, finer, the pod or instance.
func instance(n *trace.Node) string {
	if name := attribute(n, "service.instance.id", "service.node.name", "kubernetes.pod.name"); name != "" {
		return name
	}
	return n.Host
}

func attribute(n *trace.Node, names ...string) string {
	for _, name := range names {
		for i := range n.Attributes {
			if n.Attributes[i].Name == name && n.Attributes[i].Value != "" {
				return n.Attributes[i].Value
			}
		}
	}
	return ""
}

// scope is the spans of a trace that a service has to do with, and which those are: its own, what they called, and what called them
// directly. All of them when no service is named.
func scope(t *trace.Trace, service string) (nodes []*trace.Node, within func(*trace.Node) bool) {
	if service == "" {
		return t.Spans, func(*trace.Node) bool { return true }
	}
	inside := map[*trace.Node]bool{}
	for _, n := range t.Spans { // a parent before its children
		inside[n] = n.Service == service || n.Parent != nil && inside[n.Parent]
	}
	for _, n := range t.Spans {
		if inside[n] && n.Parent != nil {
			inside[n.Parent] = true
		}
	}
	for _, n := range t.Spans {
		if inside[n] {
			nodes = append(nodes, n)
		}
	}
	return nodes, func(n *trace.Node) bool { return inside[n] }
}

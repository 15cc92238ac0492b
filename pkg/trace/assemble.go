package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// Trace is a trace put together of the spans that are known.
type Trace struct {
	ID       string
	Start    int64   // nanoseconds since 1970: of the first span, clocks corrected
	Duration int64   // up to the end of the last one
	Spans    []*Node // in order of start; a parent before its children
	Roots    []*Node // those without a parent that is known
	Logs     []Log   // lines of no known span
	Clocks   []Clock // hosts whose clock was found to be off
	Twice    int     // spans that were there more than once, and are counted once

	Bottleneck Share // the operation with the most time on the critical path
}

// Node is a span at its place in a trace.
type Node struct {
	event.Span
	Shift    int64 // nanoseconds added to Start because the clock of its host is off
	Parent   *Node
	Children []*Node // in order of start
	Missing  bool    // it names a parent that is not there
	Behind   bool    // it was put below the proxy that passed its caller's context on unchanged
	Async    bool    // it goes on after its parent has ended, or starts then
	Self     int64   // nanoseconds in which no child was at work
	Critical int64   // nanoseconds that it is on the critical path by itself
	Path     []Part  // of the critical path, in order of time
	OnPath   bool    // it or something below it is on the critical path
	Cause    bool    // it failed, and nothing below it did

	depth int
}

// Part is a piece of time: nanoseconds since 1970.
type Part struct{ From, To int64 }

// Assemble puts together the spans of one trace, in whatever order they come; it takes the spans over. There must be one
// at least.
func Assemble(spans []event.Span, logs []Log) *Trace {
	t := &Trace{Logs: logs}
	nodes := t.unique(spans)
	if len(nodes) == 0 {
		return t
	}
	t.ID = nodes[0].TraceID
	byID := make(map[string]*Node, len(nodes))
	for _, n := range nodes {
		byID[n.SpanID] = n
	}
	for _, n := range nodes {
		if n.ParentID == "" {
			continue
		}
		n.Parent = byID[n.ParentID]
		n.Missing = n.Parent == nil
	}
	breakCycles(nodes)
	behindProxies(nodes)
	t.correctClocks(nodes)
	t.grow(nodes)
	t.measure()
	t.attachLogs()
	return t
}

// unique keeps one span of each id: it is in several documents when a line was shipped twice, or when its service
// exports the span itself as well. The one that tells most counts, and the others add what it lacks.
func (t *Trace) unique(spans []event.Span) []*Node {
	slices.SortStableFunc(spans, func(a, b event.Span) int {
		return cmp.Or(strings.Compare(a.SpanID, b.SpanID), cmp.Compare(a.Origin, b.Origin), cmp.Compare(b.Duration, a.Duration),
			cmp.Compare(len(b.Attributes), len(a.Attributes)), cmp.Compare(a.Start, b.Start), strings.Compare(a.Service, b.Service),
			strings.Compare(a.Name, b.Name), strings.Compare(a.ParentID, b.ParentID), strings.Compare(a.ID, b.ID))
	})
	var nodes []*Node
	for _, s := range spans {
		if n := len(nodes) - 1; n >= 0 && nodes[n].SpanID == s.SpanID {
			t.Twice++
			nodes[n].merge(&s)
			continue
		}
		nodes = append(nodes, &Node{Span: s})
	}
	return nodes
}

// merge takes over what another copy of the span knows.
func (n *Node) merge(s *event.Span) {
	if n.ParentID == "" {
		n.ParentID = s.ParentID
	}
	n.Service, n.Name, n.Host = firstText(n.Service, s.Service), firstText(n.Name, s.Name), firstText(n.Host, s.Host)
	if n.Kind == event.KindUnknown {
		n.Kind = s.Kind
	}
	if s.Failed && !n.Failed {
		n.Failed, n.Reason = true, s.Reason
	}
	for _, l := range s.Logs {
		if len(n.Logs) < maxLogs && !slices.ContainsFunc(n.Logs, func(have event.SpanLog) bool { return have.Time == l.Time && have.Message == l.Message }) {
			n.Logs = append(n.Logs, l)
		}
	}
	n.Attributes = sorted(append(n.Attributes, s.Attributes...))
}

// breakCycles makes a root of one span of every circle of parents: hostile or broken ids must not hide spans.
func breakCycles(nodes []*Node) {
	state := make(map[*Node]int, len(nodes)) // the walk that it was met in
	for walk, n := range nodes {
		for n != nil && state[n] == 0 {
			state[n] = walk + 1
			n = n.Parent
		}
		if n != nil && state[n] == walk+1 {
			n.Parent, n.Missing = nil, true
		}
	}
}

// behindProxies puts spans below the proxy whose line shows that they were called through it: a proxy that passes the
// context of its caller on unchanged makes its own span and the one behind it children of the same parent.
func behindProxies(nodes []*Node) {
	proxies, upstreams := map[string][]*Node{}, map[string][]*Node{} // by the parent they name
	for _, n := range nodes {
		switch {
		case n.Origin == event.FromProxy && n.ParentID != "":
			proxies[n.ParentID] = append(proxies[n.ParentID], n)
		case n.Origin == event.FromUpstream:
			upstreams[n.ParentID] = append(upstreams[n.ParentID], n)
		}
	}
	for _, n := range nodes {
		if n.Kind == event.KindClient || n.Kind == event.KindProducer || n.Origin != event.FromLine && n.Origin != event.FromPair {
			continue
		}
		through := shortest(proxies[n.ParentID], n)
		if through == nil {
			continue
		}
		if up := shortest(upstreams[through.SpanID], n); up != nil {
			through = up
		}
		n.Parent, n.Missing, n.Behind = through, false, true
	}
}

// maxCandidates bounds how many proxies, or tries of one, are looked at for one span.
const maxCandidates = 64

// shortest is the shortest span of another service that n fits into; nil when there is none.
func shortest(outer []*Node, n *Node) *Node {
	var best *Node
	for _, p := range outer[:min(len(outer), maxCandidates)] {
		if p != n && p.Service != n.Service && p.Duration+rounding >= n.Duration && p.holds(n) && (best == nil || p.Duration < best.Duration) {
			best = p
		}
	}
	return best
}

// rounding is how much a proxy's time may be short by: nginx and others write milliseconds.
const rounding = 2_000_000

// holds reports whether n was at work while the span was; clocks of different hosts are not compared.
func (n *Node) holds(inner *Node) bool {
	return n.Host != inner.Host || inner.Start >= n.Start-rounding && inner.End() <= n.End()+rounding
}

// grow links the nodes into trees, in order of start.
func (t *Trace) grow(nodes []*Node) {
	for _, n := range nodes {
		n.Start += n.Shift
	}
	byStart := func(a, b *Node) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.Duration, a.Duration), strings.Compare(a.SpanID, b.SpanID))
	}
	slices.SortFunc(nodes, byStart)
	for _, n := range nodes {
		if n.Parent == nil {
			t.Roots = append(t.Roots, n)
			continue
		}
		n.Parent.Children = append(n.Parent.Children, n)
		n.Async = n.End() > n.Parent.End() && n.End()-n.Parent.End() > rounding || n.Start >= n.Parent.End() && n.Parent.Duration > 0 && n.Duration > 0
	}
	t.Start = nodes[0].Start
	end := t.Start
	for _, n := range nodes {
		end = max(end, n.End())
	}
	t.Duration = end - t.Start
	order(t.Roots, 0, &t.Spans)
	slices.SortStableFunc(t.Spans, func(a, b *Node) int { return cmp.Compare(a.Start, b.Start) })
}

// order lists nodes and what is below them, each before its children. It keeps a stack of its own: a hostile trace may
// be as deep as it has spans.
func order(roots []*Node, depth int, all *[]*Node) {
	type place struct {
		node  *Node
		depth int
	}
	var stack []place
	for _, n := range slices.Backward(roots) {
		stack = append(stack, place{n, depth})
	}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		p.node.depth = p.depth
		*all = append(*all, p.node)
		for _, child := range slices.Backward(p.node.Children) {
			stack = append(stack, place{child, p.depth + 1})
		}
	}
}

// attachLogs gives lines that name only the trace to the innermost span of their service and host that was at work.
func (t *Trace) attachLogs() {
	type place struct{ service, host string }
	places := map[place][]*Node{} // in order of start
	for _, n := range t.Spans {
		p := place{n.Service, n.Host}
		places[p] = append(places[p], n)
	}
	var rest []Log
	for _, l := range t.Logs {
		if n := innermost(places[place{l.Service, l.Host}], l.Time); n != nil {
			n.Logs = append(n.Logs, l.SpanLog)
		} else {
			rest = append(rest, l)
		}
	}
	t.Logs = rest
	for _, n := range t.Spans {
		slices.SortStableFunc(n.Logs, func(a, b event.SpanLog) int {
			return cmp.Or(cmp.Compare(a.Time, b.Time), strings.Compare(a.Message, b.Message))
		})
	}
}

// lookBack is how many spans that began before a line are asked whether it is theirs.
const lookBack = 256

// innermost is the span at work at a time of its own host's clock; nil when there is none.
func innermost(nodes []*Node, at int64) *Node {
	i, _ := slices.BinarySearchFunc(nodes, at, func(n *Node, at int64) int {
		if n.Start-n.Shift <= at {
			return -1
		}
		return 1
	})
	var best *Node
	for _, n := range slices.Backward(nodes[max(0, i-lookBack):i]) {
		if at <= n.End()-n.Shift && (best == nil || n.depth > best.depth) {
			best = n
		}
	}
	return best
}

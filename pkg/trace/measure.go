package trace

import (
	"cmp"
	"slices"
	"strings"
)

// Share is what a service or operation has of a trace, or of many.
type Share struct {
	Service  string
	Name     string // of the operation; empty for a whole service
	Spans    int
	Failed   int
	Self     int64 // nanoseconds
	Critical int64 // nanoseconds of self time on critical paths
}

// measure finds self times, the critical path, error origins and the bottleneck.
func (t *Trace) measure() {
	for _, n := range t.Spans {
		n.Self = n.Duration - n.covered()
	}
	// The roots together are what the trace waits for; time in which none was at work is nobody's.
	whole := Node{Children: t.Roots}
	whole.Start, whole.Duration = t.Start, t.Duration
	whole.findPath(whole.Start, whole.End())
	for _, n := range t.Spans {
		slices.Reverse(n.Path)
	}
	t.findCauses()
	for _, s := range t.Operations() {
		if s.Critical > t.Bottleneck.Critical {
			t.Bottleneck = s
		}
	}
}

// covered is how long children were at work while n was, in nanoseconds.
func (n *Node) covered() int64 {
	sum, until := int64(0), n.Start
	for _, c := range n.Children { // in order of start
		from, to := max(c.Start, until), min(c.End(), n.End())
		if to > from {
			sum += to - from
			until = to
		}
	}
	return sum
}

// findPath walks the critical path back from the time to: the child that ended last is what n waited for, and before that
// child began, the one that ended last by then. What is left is n's own.
func (n *Node) findPath(from, to int64) {
	byEnd := slices.Clone(n.Children)
	slices.SortFunc(byEnd, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(b.End(), a.End()), cmp.Compare(b.Start, a.Start), strings.Compare(a.SpanID, b.SpanID))
	})
	at := to
	for _, c := range byEnd {
		start, end := max(c.Start, from), min(c.End(), at)
		if start >= end {
			continue
		}
		n.own(end, at)
		c.OnPath = true
		c.findPath(start, end)
		at = start
	}
	n.own(from, at)
}

func (n *Node) own(from, to int64) {
	if from < to {
		n.Critical += to - from
		n.Path = append(n.Path, Part{from, to})
	}
}

// findCauses marks the failed spans without a failed one anywhere below them.
func (t *Trace) findCauses() {
	below := make(map[*Node]bool, len(t.Spans))
	var all []*Node
	order(t.Roots, 0, &all)
	for _, n := range slices.Backward(all) { // children before parents
		n.Cause = n.Failed && !below[n]
		if n.Parent != nil && (n.Failed || below[n]) {
			below[n.Parent] = true
		}
	}
}

// Operations are the shares of each service's operations, the one with most time on the critical path first.
func (t *Trace) Operations() []Share {
	return t.shares(func(n *Node) Share { return Share{Service: n.Service, Name: n.Name} })
}

// Services are the shares of each service.
func (t *Trace) Services() []Share {
	return t.shares(func(n *Node) Share { return Share{Service: n.Service} })
}

func (t *Trace) shares(of func(*Node) Share) []Share {
	sums := map[Share]*Share{}
	var all []*Share
	for _, n := range t.Spans {
		key := of(n)
		s := sums[key]
		if s == nil {
			s = &Share{Service: key.Service, Name: key.Name}
			sums[key] = s
			all = append(all, s)
		}
		s.Spans++
		s.Self += n.Self
		s.Critical += n.Critical
		if n.Failed {
			s.Failed++
		}
	}
	return ranked(all)
}

// ranked are the shares in order.
func ranked(all []*Share) []Share {
	shares := make([]Share, len(all))
	for i, s := range all {
		shares[i] = *s
	}
	slices.SortFunc(shares, func(a, b Share) int { return a.compare(&b) })
	return shares
}

// compare orders shares by time on the critical path, then by self time, the most first.
func (s *Share) compare(o *Share) int {
	return cmp.Or(cmp.Compare(o.Critical, s.Critical), cmp.Compare(o.Self, s.Self), strings.Compare(s.Service, o.Service), strings.Compare(s.Name, o.Name))
}

// Failed reports whether anything in the trace failed.
func (t *Trace) Failed() bool {
	return slices.ContainsFunc(t.Spans, func(n *Node) bool { return n.Failed })
}

// Root is the longest span without a parent, which gives the trace its name; nil in a trace without spans.
func (t *Trace) Root() *Node {
	var root *Node
	for _, n := range t.Roots {
		if root == nil || n.Duration > root.Duration {
			root = n
		}
	}
	return root
}

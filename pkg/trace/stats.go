package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// Stats gathers what many traces say of services and operations, and who calls whom.
type Stats struct {
	Traces     int
	operations map[operation]*OperationStats
	calls      map[Call]*CallStats
}

type operation struct{ service, name string }

// OperationStats is what is known of one operation of a service.
type OperationStats struct {
	Share
	Durations []int64 // nanoseconds, in no order
	OnPath    int     // traces on whose critical path it was
}

// Call is from whom to whom a call went.
type Call struct{ From, To string }

// CallStats are the calls of one service by another.
type CallStats struct {
	Call
	Count, Failed int
	Durations     []int64 // nanoseconds, as the called service saw them, in no order
}

// Add takes in a trace.
func (s *Stats) Add(t *Trace) {
	if s.operations == nil {
		s.operations, s.calls = map[operation]*OperationStats{}, map[Call]*CallStats{}
	}
	s.Traces++
	touched := map[operation]bool{}
	for _, n := range t.Spans {
		key := operation{n.Service, n.Name}
		o := s.operations[key]
		if o == nil {
			o = &OperationStats{Share: Share{Service: n.Service, Name: n.Name}}
			s.operations[key] = o
		}
		o.Spans++
		o.Self += n.Self
		o.Critical += n.Critical
		o.Durations = append(o.Durations, n.Duration)
		if n.Failed {
			o.Failed++
		}
		if n.Critical > 0 && !touched[key] {
			touched[key] = true
			o.OnPath++
		}
		s.call(n)
	}
}

// call counts a span that another service asked for, or a server that only the client's span tells of.
func (s *Stats) call(n *Node) {
	from, to := "", n.Service
	switch {
	case n.Parent != nil && n.Parent.Service != n.Service:
		from = n.Parent.Service
	case n.Kind == event.KindClient && !slices.ContainsFunc(n.Children, func(c *Node) bool { return c.Service != n.Service }):
		from, to = n.Service, firstAttribute(n.Attributes, "peer.service", "server.address", "db.system.name", "network.peer.address")
	}
	if from == "" || to == "" {
		return
	}
	c := s.calls[Call{from, to}]
	if c == nil {
		c = &CallStats{Call: Call{from, to}}
		s.calls[c.Call] = c
	}
	c.Count++
	c.Durations = append(c.Durations, n.Duration)
	if n.Failed {
		c.Failed++
	}
}

// Operations lists the operations, the one with the most self time on critical paths first.
func (s *Stats) Operations() []*OperationStats {
	var all []*OperationStats
	for _, o := range s.operations {
		slices.Sort(o.Durations)
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *OperationStats) int { return a.compare(&b.Share) })
	return all
}

// Calls lists who calls whom, the most frequent first.
func (s *Stats) Calls() []*CallStats {
	var all []*CallStats
	for _, c := range s.calls {
		slices.Sort(c.Durations)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *CallStats) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return all
}

// Quantile is the smallest of the sorted durations that at least p percent of them do not exceed; 0 when there are none.
func Quantile(sorted []int64, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100 // rounded up, from 1
	return sorted[max(rank, 1)-1]
}

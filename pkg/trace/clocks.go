package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// Clock is a host whose clock does not agree with that of the host where the trace begins.
type Clock struct {
	Host  string
	Ahead int64 // nanoseconds that it is ahead by, as far as the trace shows; negative: behind
	Calls int   // from which that was seen
}

// hostPair is two hosts between which there were calls; a is before b in the order of names.
type hostPair struct{ a, b string }

// bounds is what one call says of how much b's clock must be moved so that the called span lies within the calling one.
type bounds struct{ low, high int64 }

// correctClocks finds hosts whose spans lie outside of the spans that called them and moves all spans of such a host by the
// same time; durations stay as they are. A call that is answered lies within the span that makes it; the reverse is
// not sure, so clocks that could be right are left alone. Messages are no such calls.
func (t *Trace) correctClocks(nodes []*Node) {
	calls := map[hostPair][]bounds{}
	for _, n := range nodes {
		p := n.Parent
		if p == nil || p.Host == n.Host || p.Host == "" || n.Host == "" || n.Duration > p.Duration || n.Kind == event.KindConsumer || p.Kind == event.KindProducer {
			continue
		}
		if low, high := p.Start-n.Start, p.End()-n.End(); p.Host < n.Host {
			calls[hostPair{p.Host, n.Host}] = append(calls[hostPair{p.Host, n.Host}], bounds{low, high})
		} else {
			calls[hostPair{n.Host, p.Host}] = append(calls[hostPair{n.Host, p.Host}], bounds{-high, -low})
		}
	}
	if len(calls) == 0 {
		return
	}
	shift := spread(beginning(nodes).Host, calls)
	for _, n := range nodes {
		n.Shift = shift[n.Host].by
	}
	for host, s := range shift {
		if s.by != 0 {
			t.Clocks = append(t.Clocks, Clock{host, -s.by, s.calls})
		}
	}
	slices.SortFunc(t.Clocks, func(a, b Clock) int { return strings.Compare(a.Host, b.Host) })
}

// beginning is the longest span without a parent: its clock is the trace's.
func beginning(nodes []*Node) *Node {
	var first *Node
	for _, n := range nodes {
		if n.Parent == nil && (first == nil || n.Duration > first.Duration) {
			first = n
		}
	}
	return first // breakCycles has left one at least
}

// correction is how much the spans of a host are moved.
type correction struct {
	by    int64
	calls int
}

// spread goes from host to host along calls, those with most evidence first.
func spread(from string, calls map[hostPair][]bounds) map[string]correction {
	type edge struct {
		to string
		correction
	}
	edges := map[string][]edge{}
	for pair, all := range calls {
		by := agreed(all)
		edges[pair.a] = append(edges[pair.a], edge{pair.b, correction{by, len(all)}})
		edges[pair.b] = append(edges[pair.b], edge{pair.a, correction{-by, len(all)}})
	}
	shift := map[string]correction{from: {}}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		host := queue[0]
		slices.SortFunc(edges[host], func(a, b edge) int { return cmp.Or(b.calls-a.calls, strings.Compare(a.to, b.to)) })
		for _, e := range edges[host] {
			if _, known := shift[e.to]; !known {
				shift[e.to] = correction{shift[host].by + e.by, e.calls}
				queue = append(queue, e.to)
			}
		}
	}
	return shift
}

// agreed is the time to move by that most calls allow: none if that is among it, else the middle of the range, as if ways
// there and back took the same time.
func agreed(all []bounds) int64 {
	type edge struct {
		at    int64
		opens int // 1 or -1
	}
	edges := make([]edge, 0, 2*len(all))
	for _, b := range all {
		edges = append(edges, edge{b.low, 1}, edge{b.high, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), b.opens-a.opens) })
	most, open := 0, 0
	var best bounds
	for i, e := range edges {
		open += e.opens
		if e.opens < 0 || open < most {
			continue
		}
		allowed := bounds{e.at, edges[i+1].at} // there is one: what was opened is closed behind it
		if open > most || distance(allowed) < distance(best) {
			most, best = open, allowed
		}
	}
	if distance(best) == 0 {
		return 0
	}
	return best.low + (best.high-best.low)/2
}

// distance is how far a range is from zero.
func distance(b bounds) int64 { return max(0, b.low, -b.high) }

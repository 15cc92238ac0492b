package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/trace"
)

// candidate is a change that may be the cause.
type candidate struct {
	Cause
	op     *operation             // nil: it is not one operation's
	among  place                  // not its calls differ, but in how many of the traces that begin with this there are some
	weight float64                // what it adds to all of its kind: time or failing traces, for each trace
	is     func(*trace.Node) bool // whether a span of the time behind shows it; nil: spans do not tell
}

const (
	leastSlower = 0.1     // of its self time before: a smaller change is not looked at
	leastTime   = 100_000 // ns, the same
	halfSlower  = 0.25    // of the time that its traces took before: so much more of it is half as bad as can be
	halfFailing = 0.05    // of traces
	halfMore    = 0.5     // calls for each that there was before
	leastMore   = 0.05    // the same: a smaller change is not looked at
	asideShare  = 0.5     // what self time counts that no trace waits for
	aloneShare  = 0.7     // how much lines count that nobody knows what they waited for, where there are traces as well
)

// spans compares operations, and returns those that changed.
func (w *walk) spans() []*candidate {
	w.beyond = beyond(len(w.order))
	var slow, errors, repeats []*candidate
	for _, o := range w.order {
		if c := w.slower(o); c != nil {
			slow = append(slow, c)
		}
		if c := w.failing(o); c != nil {
			errors = append(errors, c)
		}
		if c := w.repeated(o); c != nil {
			repeats = append(repeats, c)
		}
	}
	shared(slow)
	shared(errors)
	all := slices.Concat(slow, errors, repeats)
	for _, c := range all {
		if c.op.alone && w.traces[after] > 0 {
			c.Score *= aloneShare
		}
	}
	return all
}

// shared gives each candidate the part that it has of all that its kind added.
func shared(all []*candidate) {
	sum := 0.0
	for _, c := range all {
		sum += c.weight
	}
	for _, c := range all {
		c.Score *= c.weight / sum
	}
}

// slower compares the self times of an operation: time in which nothing below it was at work.
func (w *walk) slower(o *operation) *candidate {
	was, is := &o.of[before], &o.of[after]
	more, z := is.self.mean()-was.self.mean(), growth(&was.self, &is.self)
	if z < w.beyond || more < leastTime || more < leastSlower*was.self.mean() {
		return w.oftener(o)
	}
	nobody := 1.0
	if 2*is.aside > is.calls {
		nobody = asideShare
	}
	here, there := w.perTrace(o, was.critical, before), w.perTrace(o, is.critical, after)
	limit := was.self.mean() + more/2
	c := &candidate{op: o, is: func(n *trace.Node) bool { return float64(own(n)) >= limit },
		weight: nobody * max(there-here, asideShare*more*float64(is.calls)/float64(max(1, w.traces[after])))}
	c.Cause = Cause{Kind: Slow, Service: o.service, Operation: o.operation, Dependency: o.peer, Text: w.slowness(o),
		Score: nobody * certainty(z) * severity(w.prolonged(o, more), halfSlower)}
	calls := [2]int{was.calls, is.calls}
	c.Measures = []Measure{
		{"self time, median", Nanoseconds, float64(was.median()), float64(is.median()), calls},
		{"self time, mean", Nanoseconds, was.self.mean(), is.self.mean(), calls},
		{"on critical paths, for each trace", Nanoseconds, here, there, w.traces},
	}
	return c
}

// oftener compares in how many of the traces that begin alike an operation runs at all. What is slow often has a name of its own,
// for names are made of what lines say: "answered late" and not "answered".
func (w *walk) oftener(o *operation) *candidate {
	root, in := o.root()
	all := w.begun[root]
	if all == nil || o.alone || all.traces[before] < fewest {
		return nil
	}
	n := all.traces
	share := [2]float64{part(in[before], n[before]), part(in[after], n[after])}
	was, is := share[before]*o.eachTrace(before), share[after]*o.eachTrace(after)
	more := min(is-was, all.took[after].mean()-all.took[before].mean()) // it may do what another operation did before
	z := rise(in[before], n[before], in[after], n[after])
	if z < w.beyond || more < leastTime || more < leastSlower*was {
		return nil
	}
	c := &candidate{op: o, weight: more * part(n[after], w.traces[after]), is: func(*trace.Node) bool { return true }, among: root}
	c.Cause = Cause{Kind: Slow, Service: o.service, Operation: o.operation, Dependency: o.peer,
		Score: certainty(z) * severity(more/max(all.took[before].mean(), 1), halfSlower)}
	c.Text = fmt.Sprintf("runs in more traces: %s → %s of those that begin with %s %s, and takes %s in the mean by itself", percent(share[before]), percent(share[after]),
		root.service, root.operation, duration(o.of[after].self.mean()))
	c.Measures = []Measure{
		{"traces that it runs in", Share, share[before], share[after], n},
		{"self time for each trace", Nanoseconds, was, is, n},
	}
	return c
}

// eachTrace is the mean of the self time in traces that the operation is in.
func (o *operation) eachTrace(s side) float64 {
	return o.of[s].self.sum / float64(max(1, o.traces[s]))
}

// prolonged is by which share of their time the traces of an operation take longer when its calls take so much longer.
func (w *walk) prolonged(o *operation, more float64) float64 {
	return more * float64(o.of[after].calls) / float64(max(1, o.traces[after])) / max(o.took[before].mean(), 1)
}

// slowness says by how much an operation is slower.
func (w *walk) slowness(o *operation) string {
	was, is := &o.of[before], &o.of[after]
	text := fmt.Sprintf("takes longer by itself: %s → %s in the mean, %s → %s in the middle", duration(was.self.mean()), duration(is.self.mean()),
		duration(float64(was.median())), duration(float64(is.median())))
	if o.peer != "" {
		text += "; its spans say that they call " + o.peer
	}
	return text
}

// perTrace is a sum of an operation for each trace of a side.
func (w *walk) perTrace(o *operation, sum int64, s side) float64 {
	n := w.traces[s]
	if o.alone {
		n = o.of[s].calls
	}
	return float64(sum) / float64(max(1, n))
}

// failing compares in how many traces a failure began at an operation: it failed, and nothing below it did.
func (w *walk) failing(o *operation) *candidate {
	n := [2]int{}
	for s := range n {
		if n[s] = w.traces[s]; o.alone {
			n[s] = o.of[s].calls
		} else if both := w.services[o.service]; both != nil && both[before] > 0 && both[after] > 0 {
			n[s] = both[s]
		}
	}
	if n[before] < fewest || n[after] < fewest {
		return nil
	}
	z := rise(o.failing[before], n[before], o.failing[after], n[after])
	was, is := float64(o.failing[before])/float64(n[before]), float64(o.failing[after])/float64(n[after])
	if z < w.beyond {
		return nil
	}
	c := &candidate{op: o, weight: w.perTrace(o, int64(o.failing[after]), after) - w.perTrace(o, int64(o.failing[before]), before),
		is: func(n *trace.Node) bool { return n.Cause }}
	c.weight = max(c.weight, (is-was)*float64(n[after])/float64(max(1, w.traces[after])), 1e-9)
	c.Cause = Cause{Kind: Errors, Service: o.service, Operation: o.operation, Dependency: o.peer, Score: certainty(z) * severity(is-was, halfFailing)}
	c.Measures = []Measure{
		{"traces in which a failure began at it", Share, was, is, n},
		{"calls at which a failure began", Share, part(o.of[before].origins, o.of[before].calls), part(o.of[after].origins, o.of[after].calls), [2]int{o.of[before].calls, o.of[after].calls}},
	}
	c.Text = fmt.Sprintf("fails, and nothing below it: %s → %s of the traces of %s", percent(was), percent(is), o.service)
	c.Text += because(o.reasons)
	return c
}

// repeated compares how often an operation is called for one call of its caller.
func (w *walk) repeated(o *operation) *candidate {
	was, is := &o.groups[before], &o.groups[after]
	z := growth(was, is)
	more := is.mean()/max(was.mean(), 1) - 1
	if z < w.beyond || more < leastMore {
		return nil
	}
	usual := int(was.mean() + 0.5)
	c := &candidate{op: o, weight: 1, is: func(n *trace.Node) bool { return max(w.groups[n], 1) > usual }}
	c.Cause = Cause{Kind: Calls, Service: o.service, Operation: o.operation, Dependency: o.peer, Score: certainty(z) * severity(more, halfMore)}
	failed := part(o.failed[after], o.again[after])
	if failed >= 0.5 {
		c.Kind = Retries
	}
	c.Measures = []Measure{
		{"calls for each call of its caller", Number, was.mean(), is.mean(), [2]int{was.n, is.n}},
		{"repetitions behind one that failed", Share, part(o.failed[before], o.again[before]), failed, [2]int{o.again[before], o.again[after]}},
	}
	c.Text = fmt.Sprintf("is called more often within a request: %.2f → %.2f times; %s of the repetitions come behind a call that failed", was.mean(), is.mean(), percent(failed))
	return c
}

func part(of, all int) float64 { return float64(of) / float64(max(1, all)) }

// frequent is the most frequent of the texts.
func frequent(all map[string]int) string {
	best := ""
	for text, n := range all {
		if text != "" && (best == "" || n > all[best] || n == all[best] && text < best) {
			best = text
		}
	}
	return best
}

// because is the most frequent reason, as the end of a sentence.
func because(reasons map[string]int) string {
	reason, sum := frequent(reasons), 0
	for _, n := range reasons {
		sum += n
	}
	switch {
	case reason == "":
		return ""
	case 2*reasons[reason] > sum:
		return "; mostly: " + clip(reason)
	}
	return "; for example: " + clip(reason)
}

func percent(share float64) string {
	switch p := 100 * share; {
	case p == 0:
		return "0 %"
	case p < 0.1:
		return "< 0.1 %"
	case p < 10:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}

func duration(ns float64) string { return trace.FormatDuration(int64(ns)) }

const maxExamples = 3

// illustrate finds when the candidates began, and examples of them, in the traces of the time behind.
func illustrate(all []*candidate, traces []studied) {
	type found struct {
		samples  []sample
		examples []*trace.Node
	}
	finds := make([]found, len(all))
	byOp := map[place][]int{}
	for i, c := range all {
		if c.is != nil {
			byOp[c.op.place] = append(byOp[c.op.place], i)
		}
	}
	for _, t := range traces { // in order of time
		for i, c := range all {
			if root := t.Root(); c.among != (place{}) && c.among == (place{root.Service, root.Name}) {
				finds[i].samples = append(finds[i].samples, sample{t.Start, 0}) // and 1 for each call
			}
		}
		for _, n := range t.Spans {
			for _, i := range byOp[place{n.Service, n.Name}] {
				value := 0.0
				if all[i].is(n) {
					value = 1
					finds[i].examples = append(finds[i].examples, n)
				}
				finds[i].samples = append(finds[i].samples, sample{t.Start, value})
			}
		}
	}
	for i, c := range all {
		if c.is == nil {
			continue
		}
		slices.SortFunc(finds[i].samples, func(a, b sample) int { return cmp.Compare(a.at, b.at) })
		c.Since = time.Unix(0, onset(finds[i].samples)).UTC()
		c.Traces = examples(c, finds[i].examples)
	}
}

// examples are the traces that show a candidate best, by id: the ones with the most time or, of failures, the first ones; since it
// began.
func examples(c *candidate, nodes []*trace.Node) []string {
	nodes = slices.DeleteFunc(nodes, func(n *trace.Node) bool { return n.TraceID == "" || n.End() < c.Since.UnixNano() })
	slices.SortStableFunc(nodes, func(a, b *trace.Node) int {
		if c.Kind == Slow {
			return cmp.Or(cmp.Compare(own(b), own(a)), strings.Compare(a.TraceID, b.TraceID))
		}
		return cmp.Compare(a.Start, b.Start)
	})
	ids := []string{}
	for _, n := range nodes {
		if len(ids) < maxExamples && !slices.Contains(ids, n.TraceID) {
			ids = append(ids, n.TraceID)
		}
	}
	return ids
}

package cause

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tailspan/tailspan/pkg/trace"
)

const (
	maxCauses  = 20
	leastScore = 0.005 // a candidate below it says nothing
	loadWeight = 0.4   // more requests are no harm by themselves
	moreLoad   = 1.5   // times as many traces are looked at
	halfLoad   = 1.0   // so many more than before make a half
)

// rank is the report with the baseline ending at split.
func (s *Study) rank(traces []studied, split int64) Report {
	w := newWalk(split, s.Service)
	for _, t := range traces {
		w.add(t.Trace, t.alone)
	}
	s.crowded = w.left
	r := s.totals(w)
	spans := w.spans()
	behind := slices.DeleteFunc(slices.Clone(traces), func(t studied) bool { return t.Start < split })
	illustrate(spans, traces)
	explain(spans, behind)
	bin := s.bin(split)
	all := slices.Concat(s.silent(w, spans, bin), s.groups(w, spans), spans)
	scale := s.scale(w, bin)
	minutes := Both[float64]{time.Duration(split - s.begin()).Minutes(), time.Duration(s.end() - split).Minutes()}
	all = append(all, s.statements.grown(s.bin(s.begin()), bin, s.bin(s.end()), scale, s.concerns(w), minutes)...)
	if c := w.load(minutes); c != nil {
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b *candidate) int { return cmp.Compare(b.Score, a.Score) })
	r.Causes = []Cause{}
	for _, c := range all[:min(len(all), maxCauses)] {
		if c.Score < leastScore {
			break
		}
		c.Score = math.Round(c.Score*1000) / 1000
		c.Lines, c.Traces, c.Measures = orEmpty(c.Lines), orEmpty(c.Traces), orEmpty(c.Measures)
		r.Causes = append(r.Causes, c.Cause)
	}
	return r
}

func orEmpty[T any](list []T) []T { return append([]T{}, list...) }

// bin is the one that begins nearest to a time.
func (s *Study) bin(at int64) int {
	return min(max(int(math.Round(float64(at-s.from)/float64(s.to-s.from)*bins)), 0), bins)
}

// begin is where documents and traces begin when that is behind the beginning of the window: nobody knows what was before.
func (s *Study) begin() int64 {
	begin := s.At.UnixNano() - 1
	for i, n := range s.documents {
		if n > 0 {
			begin = min(begin, s.from+(s.to-s.from)/bins*int64(i))
			break
		}
	}
	if len(s.traces) > 0 {
		begin = min(begin, s.traces[0].Start)
	}
	return max(begin, s.from)
}

// end is where documents and traces end when that is before the end of the window: it may lie in the future.
func (s *Study) end() int64 {
	last := 0
	for i, n := range s.documents {
		if n > 0 {
			last = i + 1
		}
	}
	end := s.from + (s.to-s.from)/bins*int64(last)
	for _, t := range s.traces[max(0, len(s.traces)-1):] {
		end = max(end, t.Start)
	}
	return min(max(end, s.At.UnixNano()+1), s.to)
}

// scale is how many lines behind to expect for one before, if nothing has changed: by the length of time or, when there are more
// requests as well, by their number.
func (s *Study) scale(w *walk, bin int) float64 {
	scale := max(float64(s.bin(s.end())-bin), 1) / float64(max(bin-s.bin(s.begin()), 1))
	if w.traces[before] >= fewest {
		scale = max(scale, float64(w.traces[after])/float64(w.traces[before]))
	}
	return scale
}

// concerns tells which services' lines are looked at: all, or those that have a part in the traces of the one that was asked about.
func (s *Study) concerns(w *walk) func(service string) bool {
	return func(service string) bool {
		return s.Service == "" || service == s.Service || w.services[service] != nil
	}
}

func (s *Study) totals(w *walk) Report {
	r := Report{At: s.At.UTC(), From: s.From().UTC(), Split: time.Unix(0, w.split).UTC(), To: s.To().UTC(), Service: s.Service}
	bin := s.bin(w.split)
	for i, n := range s.documents {
		if i < bin {
			r.Documents.Before += int64(n)
		} else {
			r.Documents.After += int64(n)
		}
	}
	for i, side := range []*Side{&r.Traces.Before, &r.Traces.After} {
		slices.Sort(w.took[i])
		*side = Side{w.traces[i], w.failed[i], trace.Quantile(w.took[i], 50), trace.Quantile(w.took[i], 95)}
	}
	return r
}

// load is that there are more requests.
func (w *walk) load(minutes Both[float64]) *candidate {
	longer := minutes.After / max(minutes.Before, 1e-6)
	expected := float64(w.traces[before]) * longer
	is := float64(w.traces[after])
	if w.traces[before] < fewest || is < moreLoad*expected {
		return nil
	}
	c := &candidate{}
	z := surplus(is, expected, longer)
	c.Cause = Cause{Kind: Load, Score: loadWeight * certainty(z) * severity(is/expected-1, halfLoad), Since: time.Unix(0, w.split).UTC(),
		Measures: []Measure{{"traces", PerMinute, float64(w.traces[before]) / minutes.Before, is / minutes.After, w.traces}}}
	c.Text = fmt.Sprintf("there are more requests: %.3g → %.3g traces a minute", c.Measures[0].Before, c.Measures[0].After)
	return c
}

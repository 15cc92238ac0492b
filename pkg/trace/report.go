package trace

import (
	"cmp"
	"slices"
	"time"
)

// Choice says which traces a Report lists.
type Choice struct {
	Slow      bool   // the slowest first instead of the latest
	Failed    bool   // only those in which something failed
	Service   string // only those with a span of it; empty: all
	Operation string // only those with a span of that name; empty: all
	Limit     int    // how many
}

// Report is what many traces say of operations, and some of those traces. Its JSON is what `tailspan traces --json` prints.
type Report struct {
	Traces     int         `json:"traces"` // that were chosen from
	Operations []Operation `json:"operations"`
	List       []Listed    `json:"list"`
}

// Operation is how often an operation of a service ran, and how fast.
type Operation struct {
	Service  string  `json:"service"`
	Name     string  `json:"name"`
	Count    int     `json:"count"`
	Failed   int     `json:"failed"`
	P50      int64   `json:"p50_ns"`
	P95      int64   `json:"p95_ns"`
	P99      int64   `json:"p99_ns"`
	Baseline int64   `json:"baseline_p95_ns"` // 0: too few calls to tell
	Change   float64 `json:"change"`          // P95 by Baseline; 0: unknown
}

// Listed is one trace of a Report.
type Listed struct {
	ID       string  `json:"trace_id"`
	Start    string  `json:"start"`
	Duration int64   `json:"duration_ns"`
	Service  string  `json:"service"`
	Name     string  `json:"name"`
	Spans    int     `json:"spans"`
	Failed   bool    `json:"failed"`
	Cause    string  `json:"cause,omitempty"` // what failed first
	Baseline int64   `json:"baseline_p50_ns"` // of such traces; 0: too few to tell
	Change   float64 `json:"change"`          // Duration by Baseline; 0: unknown
}

// enough is how many calls make a baseline.
const enough = 5

// NewReport sums up traces, with those of the time before as the baseline.
func NewReport(now, before []*Trace, choice Choice) Report {
	var stats, base Stats
	for _, t := range before {
		base.Add(t)
	}
	r := Report{Operations: []Operation{}, List: []Listed{}}
	var chosen []*Trace
	for _, t := range now {
		if len(t.Spans) > 0 && choice.fits(t) {
			stats.Add(t)
			chosen = append(chosen, t)
		}
	}
	r.Traces = len(chosen)
	for _, o := range stats.Operations() {
		if choice.Service != "" && o.Service != choice.Service || choice.Operation != "" && o.Name != choice.Operation {
			continue
		}
		line := Operation{Service: o.Service, Name: o.Name, Count: o.Spans, Failed: o.Failed,
			P50: Quantile(o.Durations, 50), P95: Quantile(o.Durations, 95), P99: Quantile(o.Durations, 99)}
		line.Baseline = base.quantile(o.Service, o.Name, 95)
		line.Change = ratio(line.P95, line.Baseline)
		r.Operations = append(r.Operations, line)
	}
	slices.SortStableFunc(chosen, func(a, b *Trace) int {
		if choice.Slow {
			return cmp.Compare(b.Duration, a.Duration)
		}
		return cmp.Compare(b.Start, a.Start)
	})
	for _, t := range chosen[:min(len(chosen), max(choice.Limit, 0))] {
		r.List = append(r.List, listed(t, &base))
	}
	return r
}

// fits reports whether the trace is one of those that were asked for.
func (c Choice) fits(t *Trace) bool {
	if c.Failed && !t.Failed() {
		return false
	}
	return slices.ContainsFunc(t.Spans, func(n *Node) bool {
		return (c.Service == "" || n.Service == c.Service) && (c.Operation == "" || n.Name == c.Operation)
	})
}

func listed(t *Trace, base *Stats) Listed {
	root := t.Root()
	l := Listed{ID: t.ID, Start: rfc3339(t.Start), Duration: t.Duration, Service: root.Service, Name: root.Name, Spans: len(t.Spans), Failed: t.Failed()}
	for _, n := range t.Spans {
		if n.Cause {
			l.Cause = n.Service + " " + n.Name
			break
		}
	}
	l.Baseline = base.quantile(root.Service, root.Name, 50)
	l.Change = ratio(root.Duration, l.Baseline)
	return l
}

func ratio(now, before int64) float64 {
	if before <= 0 {
		return 0
	}
	return float64(now) / float64(before)
}

// quantile is that of an operation; 0 when it ran too seldom to tell.
func (s *Stats) quantile(service, name string, p int) int64 {
	o := s.operations[operation{service, name}]
	if o == nil || len(o.Durations) < enough {
		return 0
	}
	slices.Sort(o.Durations)
	return Quantile(o.Durations, p)
}

// Summary is what `tailspan bottleneck --json` prints.
type Summary struct {
	Traces     int            `json:"traces"`
	Operations []RankedWork   `json:"operations"`
	Calls      []CallsSummary `json:"calls"`
}

// RankedWork is an operation and what traces waited for it.
type RankedWork struct {
	Service  string  `json:"service"`
	Name     string  `json:"name"`
	Critical int64   `json:"critical_ns"` // self time on critical paths
	Share    float64 `json:"share"`       // of all time on critical paths
	Self     int64   `json:"self_ns"`
	Count    int     `json:"count"`
	Failed   int     `json:"failed"`
	OnPath   int     `json:"traces_on_path"`
}

// CallsSummary is the calls of one service by another.
type CallsSummary struct {
	From      string  `json:"from"`
	To        string  `json:"to"`
	Count     int     `json:"count"`
	PerSecond float64 `json:"per_second"`
	Failed    int     `json:"failed"`
	P50       int64   `json:"p50_ns"`
	P95       int64   `json:"p95_ns"`
}

// Summary ranks operations and lists calls; length is the time that they were counted in.
func (s *Stats) Summary(length time.Duration) Summary {
	sum := Summary{Traces: s.Traces, Operations: []RankedWork{}, Calls: []CallsSummary{}}
	all := int64(0)
	for _, o := range s.operations {
		all += o.Critical
	}
	for _, o := range s.Operations() {
		sum.Operations = append(sum.Operations, RankedWork{o.Service, o.Name, o.Critical, ratio(o.Critical, all), o.Self, o.Spans, o.Failed, o.OnPath})
	}
	for _, c := range s.Calls() {
		sum.Calls = append(sum.Calls, CallsSummary{c.From, c.To, c.Count, float64(c.Count) / max(length.Seconds(), 1e-3), c.Failed,
			Quantile(c.Durations, 50), Quantile(c.Durations, 95)})
	}
	return sum
}

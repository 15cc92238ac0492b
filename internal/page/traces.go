package page

import (
	"net/http"
	"time"

	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
)

// maxSpans is how many of a trace are shown; nobody looks through more.
const maxSpans = 3000

// traceJSON is a trace as the waterfall wants it. Times are nanoseconds since the trace began.
type traceJSON struct {
	ID         string     `json:"trace_id"`
	Start      string     `json:"start"` // RFC 3339, UTC
	Duration   int64      `json:"duration_ns"`
	Spans      []spanJSON `json:"spans"` // a parent before its children, and those below it
	Lines      []lineJSON `json:"lines"` // of no known span
	Services   []share    `json:"services"`
	Bottleneck share      `json:"bottleneck"`
	Clocks     []clock    `json:"clocks"`
	More       int        `json:"more_spans"` // that are not listed
	Warning    string     `json:"warning,omitempty"`
}

type spanJSON struct {
	ID         string      `json:"span_id"`
	Depth      int         `json:"depth"`
	Service    string      `json:"service"`
	Name       string      `json:"name"`
	Kind       string      `json:"kind"`
	Host       string      `json:"host"`
	From       int64       `json:"from_ns"`
	Duration   int64       `json:"duration_ns"`
	Self       int64       `json:"self_ns"`
	Critical   int64       `json:"critical_ns"`
	OnPath     bool        `json:"on_path"`
	Path       [][2]int64  `json:"path"` // pieces of the critical path: from, to
	Failed     bool        `json:"failed"`
	Cause      bool        `json:"cause"` // it failed, and nothing below it did
	Reason     string      `json:"reason"`
	Async      bool        `json:"async"`
	Missing    bool        `json:"missing_parent"`
	Document   string      `json:"document"` // _id of the line that tells of it
	Attributes [][2]string `json:"attributes"`
	Lines      []lineJSON  `json:"lines"`
}

type lineJSON struct {
	At         int64       `json:"at_ns"`
	Service    string      `json:"service,omitempty"`
	Message    string      `json:"message"`
	Attributes [][2]string `json:"attributes"`
}

type share struct {
	Service  string `json:"service"`
	Name     string `json:"name"`
	Spans    int    `json:"spans"`
	Failed   int    `json:"failed"`
	Self     int64  `json:"self_ns"`
	Critical int64  `json:"critical_ns"`
}

type clock struct {
	Host  string `json:"host"`
	Ahead int64  `json:"ahead_ns"`
}

// trace answers /api/trace.
func (p *page) trace(r *http.Request) (any, error) {
	id := trace.NormalID(r.FormValue("id"))
	if id == "" {
		return nil, wrong("id is no trace id; write one of up to 32 hexadecimal digits")
	}
	var t *trace.Trace
	err := p.ask(r.Context(), func(source search.Source) (err error) {
		t, err = source.Trace(r.Context(), id)
		return err
	})
	switch {
	case t != nil:
		return waterfall(t, warning(err)), nil
	case err != nil:
		return nil, err
	}
	return nil, &mistake{http.StatusNotFound, "no line names this trace (any more)", -1}
}

// waterfall is the trace for the page.
func waterfall(t *trace.Trace, warning string) traceJSON {
	start := t.Start
	if len(t.Spans) == 0 && len(t.Logs) > 0 {
		start = t.Logs[0].Time
	}
	body := traceJSON{ID: t.ID, Start: time.Unix(0, start).UTC().Format(time.RFC3339Nano), Duration: t.Duration, Spans: []spanJSON{},
		Lines: []lineJSON{}, Services: []share{}, Bottleneck: share(t.Bottleneck), Clocks: []clock{}, Warning: warning}
	var below func(nodes []*trace.Node, at int)
	below = func(nodes []*trace.Node, at int) {
		for _, n := range nodes {
			if len(body.Spans) == maxSpans {
				body.More = len(t.Spans) - maxSpans
				return
			}
			body.Spans = append(body.Spans, spanOfNode(n, start, at))
			below(n.Children, at+1)
		}
	}
	below(t.Roots, 0)
	for _, l := range t.Logs {
		body.Lines = append(body.Lines, lineJSON{l.Time - start, l.Service, l.Message, pairs(l.Attributes)})
	}
	for _, s := range t.Services() {
		body.Services = append(body.Services, share(s))
	}
	for _, c := range t.Clocks {
		body.Clocks = append(body.Clocks, clock{c.Host, c.Ahead})
	}
	return body
}

func spanOfNode(n *trace.Node, start int64, depth int) spanJSON {
	s := spanJSON{ID: n.SpanID, Depth: depth, Service: n.Service, Name: n.Name, Kind: kindNames[n.Kind], Host: n.Host, From: n.Start - start,
		Duration: n.Duration, Self: n.Self, Critical: n.Critical, OnPath: n.OnPath, Path: [][2]int64{}, Failed: n.Failed, Cause: n.Cause,
		Reason: n.Reason, Async: n.Async, Missing: n.Missing, Document: n.ID, Attributes: pairs(n.Attributes), Lines: []lineJSON{}}
	for _, part := range n.Path {
		s.Path = append(s.Path, [2]int64{part.From - start, part.To - start})
	}
	for _, l := range n.Logs {
		s.Lines = append(s.Lines, lineJSON{At: l.Time - start, Message: l.Message, Attributes: pairs(l.Attributes)})
	}
	return s
}

var kindNames = map[event.SpanKind]string{event.KindServer: "server", event.KindClient: "client", event.KindProducer: "producer", event.KindConsumer: "consumer", event.KindInternal: "internal"}

func pairs(attributes []event.Attribute) [][2]string {
	all := make([][2]string, len(attributes))
	for i, a := range attributes {
		all[i] = [2]string{a.Name, a.Value}
	}
	return all
}

// traces answers /api/traces: operations, and the slowest, failed or latest traces.
func (p *page) traces(r *http.Request) (any, error) {
	limit, err := number(r, "limit", 1, maxLimit, 50)
	if err != nil {
		return nil, err
	}
	choice := trace.Choice{Slow: r.FormValue("order") != "latest", Failed: r.FormValue("failed") == "true", Service: r.FormValue("service"),
		Operation: r.FormValue("operation"), Limit: limit}
	all, err := p.all(r)
	if err != nil {
		return nil, err
	}
	return struct {
		span
		trace.Report
		Warning string `json:"warning,omitempty"`
	}{spanOf(all.Selection, 0), trace.NewReport(all.traces, nil, choice), all.warning}, nil
}

// callers answers /api/map: who calls whom, and what traces waited for.
func (p *page) callers(r *http.Request) (any, error) {
	all, err := p.all(r)
	if err != nil {
		return nil, err
	}
	var stats trace.Stats
	for _, t := range all.traces {
		stats.Add(t)
	}
	return struct {
		span
		trace.Summary
		Warning string `json:"warning,omitempty"`
	}{spanOf(all.Selection, 0), stats.Summary(all.To.Sub(all.From)), all.warning}, nil
}

// allTraces is the traces of a range of time.
type allTraces struct {
	search.Selection
	traces  []*trace.Trace
	warning string
}

func (p *page) all(r *http.Request) (all allTraces, err error) {
	if all.Selection, err = p.selection(r); err != nil {
		return all, err
	}
	complete := true
	err = p.ask(r.Context(), func(source search.Source) (err error) {
		all.traces, complete, err = source.Traces(r.Context(), all.From, all.To)
		return err
	})
	if err != nil && len(all.traces) == 0 {
		return all, err
	}
	if all.warning = warning(err); !complete {
		all.warning = "there are more traces than can be held; choose a shorter range of time"
	}
	return all, nil
}

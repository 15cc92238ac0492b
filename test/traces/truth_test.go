//go:build traces

package traces_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
	"github.com/tailspan/tailspan/test/jaegertest"
)

// recorded is a span as the tracer of examples/shop knows it.
type recorded struct {
	TraceID  string `json:"trace_id"`
	SpanID   string `json:"span_id"`
	ParentID string `json:"parent_id"`
	Service  string `json:"service"`
	Name     string `json:"name"`
	Start    int64  `json:"start_ns"`
	Duration int64  `json:"duration_ns"`
	Failed   bool   `json:"failed"`
}

func (r *recorded) host() string {
	if r.Service == "web" || r.Service == "orders" {
		return "front"
	}
	return "back"
}

// precision is how far a span made of log lines may be from the one of the tracer, because of how its service writes:
// times and durations in milliseconds or microseconds, rounded or cut, and once more by Jaeger, which has microseconds.
func (r *recorded) precision() (start, took time.Duration) {
	switch {
	case r.Service == "web": // both in milliseconds
		return 1500*time.Microsecond + 2*time.Microsecond, 500*time.Microsecond + 2*time.Microsecond
	case r.Service == "payments": // the time in milliseconds
		return time.Millisecond + 2*time.Microsecond, 2 * time.Microsecond
	}
	return 3 * time.Microsecond, 2 * time.Microsecond
}

// slewing is how far the time of day, which starts are written in, may go another way than the clock that durations are
// measured with while a request lasts: NTP corrects it all the time.
const slewing = 500 * time.Microsecond

// isPair reports the one operation whose end is not in the log: the span lasts until Jaeger's client has written that it
// reports it.
func (r *recorded) isPair() bool { return r.Service == "stock" && r.Name == "reserve" }

// readTruth reads what the tracers recorded, by trace.
func readTruth(t *testing.T, path string) map[string][]recorded {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // was only read
	all := map[string][]recorded{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all[r.TraceID] = append(all[r.TraceID], r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// score counts how what was made of the logs agrees with the truth.
type score struct {
	mu sync.Mutex

	traces, complete        int // with all their spans, none of them without its length because a line of it is lost
	truth, found            int // spans
	parents                 int // spans that are found, with their service and parent
	same                    int // and with name, failure, start and duration
	timed, pairs, pairsNear int // durations to the log's precision, but of pairs; of pairs, within a millisecond
	injected, bottleneck    int // complete traces whose bottleneck is the slow dependency; is that of the truth
	path                    float64
	first                   []string // of what is wrong, the first few
}

func (s *score) wrong(format string, args ...any) {
	if len(s.first) < 10 {
		s.first = append(s.first, fmt.Sprintf(format, args...))
	}
}

// add compares one trace. skew is how far the clock of back is ahead, and that of front behind; slow the injected
// bottleneck, service and operation.
func (s *score) add(truth []recorded, got []jaegertest.Span, skew time.Duration, slow string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	byID := map[string]*jaegertest.Span{}
	for i := range got {
		byID[got[i].SpanID] = &got[i]
	}
	s.traces++
	s.truth += len(truth)
	s.found += len(got)
	whole := len(got) == len(truth)
	for i := range truth {
		r := &truth[i]
		span := byID[r.SpanID]
		if span == nil {
			whole = false
			s.wrong("missing: %+v", *r)
			continue
		}
		if span.Parent() != r.ParentID || span.Service != r.Service || span.Host != r.host() {
			whole = false
			s.wrong("got %+v\nwant %+v", *span, *r)
			continue
		}
		s.parents++
		if s.compare(r, span, skew) {
			s.same++
		}
		whole = whole && time.Duration(span.Duration*1000-r.Duration).Abs() < 10*time.Millisecond
	}
	if whole {
		s.complete++
		s.paths(truth, got, slow)
	}
}

// compare reports whether a span's name, failure, start and duration are those of the truth.
func (s *score) compare(r *recorded, span *jaegertest.Span, skew time.Duration) bool {
	if r.host() == "front" {
		skew = -skew
	}
	start, took := r.precision()
	start += slewing
	late := time.Duration(span.StartTime*1000-r.Start) - skew
	longer := time.Duration(span.Duration*1000 - r.Duration)
	if r.isPair() {
		s.pairs++
		if took = time.Millisecond; longer.Abs() <= took {
			s.pairsNear++
		}
	} else if longer.Abs() <= took {
		s.timed++
	}
	failed := span.Tag("error") == "true"
	if span.Name == r.Name && failed == r.Failed && late.Abs() <= start && longer.Abs() <= took {
		return true
	}
	s.wrong("%q late by %s, longer by %s, failed %t\nwant %+v", span.Name, late, longer, failed, *r)
	return false
}

// paths compares the critical path of a trace that is complete.
func (s *score) paths(truth []recorded, got []jaegertest.Span, slow string) {
	var known, made []event.Span
	for i := range truth {
		r := &truth[i]
		known = append(known, event.Span{TraceID: r.TraceID, SpanID: r.SpanID, ParentID: r.ParentID, Service: r.Service, Name: r.Name,
			Host: r.host(), Start: r.Start, Duration: r.Duration})
	}
	for i := range got {
		g := &got[i]
		made = append(made, event.Span{TraceID: g.TraceID, SpanID: g.SpanID, ParentID: g.Parent(), Service: g.Service, Name: g.Name,
			Host: g.Host, Start: g.StartTime * 1000, Duration: g.Duration * 1000})
	}
	want, have := trace.Assemble(known, nil), trace.Assemble(made, nil)
	if have.Bottleneck.Service+" "+have.Bottleneck.Name == slow {
		s.injected++
	}
	if have.Bottleneck.Service == want.Bottleneck.Service && have.Bottleneck.Name == want.Bottleneck.Name {
		s.bottleneck++
	}
	critical := map[string]int64{}
	all, both := int64(0), int64(0)
	for _, n := range want.Spans {
		critical[n.SpanID] = n.Critical
		all += n.Critical
	}
	for _, n := range have.Spans {
		both += min(n.Critical, critical[n.SpanID])
	}
	s.path += float64(both) / float64(cmp.Or(all, 1))
}

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

// String is the score for people.
func (s *score) String() string {
	var b strings.Builder
	percent := func(name string, part, whole int) {
		fmt.Fprintf(&b, "%-58s %7d of %7d  %8.4f %%\n", name, part, whole, 100*share(part, whole))
	}
	percent("precision: spans in Jaeger that are real, right parent", s.parents, s.found)
	percent("recall: recorded spans in Jaeger, right parent", s.parents, s.truth)
	percent("  same name, failure, start and duration as well", s.same, s.parents)
	percent("  duration to the log's precision", s.timed, s.parents-s.pairs)
	percent("  begin/report pairs: duration within 1 ms", s.pairsNear, s.pairs)
	percent("complete traces", s.complete, s.traces)
	percent("  bottleneck is the injected one", s.injected, s.complete)
	percent("  bottleneck is that of the recorded spans", s.bottleneck, s.complete)
	fmt.Fprintf(&b, "%-58s %37.4f %%\n", "  time on the critical path that both have", 100*s.path/float64(max(s.complete, 1)))
	return b.String()
}

package trace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/pkg/event"
)

// tree makes random traces.
type tree struct {
	rng   *rand.Rand
	hosts []string
	async bool
	spans []event.Span
}

// grow adds a span that takes from start to end and, as long as there is room and depth, spans below it. Children of a
// synchronous tree lie within their parent; some run beside each other.
func (g *tree) grow(parent string, start, end int64, depth int) {
	id := fmt.Sprintf("%016x", len(g.spans)+1)
	g.spans = append(g.spans, event.Span{TraceID: traceA, SpanID: id, ParentID: parent, Service: fmt.Sprintf("s%d", g.rng.IntN(4)),
		Name: fmt.Sprintf("op%d", g.rng.IntN(5)), Host: g.hosts[g.rng.IntN(len(g.hosts))], Start: start, Duration: end - start, Failed: g.rng.IntN(8) == 0, Lines: 1})
	for n := g.rng.IntN(4); n > 0 && depth > 0 && end-start > 10; n-- {
		from := start + g.rng.Int64N(end-start)
		to := from + g.rng.Int64N(end-from+1)
		if g.async && g.rng.IntN(3) == 0 {
			to += g.rng.Int64N(1000)
		}
		g.grow(id, from, to, depth-1)
	}
}

func randomTree(seed uint64, async bool, hosts ...string) *tree {
	g := &tree{rng: rand.New(rand.NewPCG(seed, 5)), hosts: hosts, async: async}
	start := int64(1e18)
	g.grow("", start, start+1+g.rng.Int64N(1_000_000), 5)
	return g
}

// shape is what an assembled trace says of itself, for comparison.
func shape(t *Trace) string {
	return string(t.AppendJSON(nil))
}

// TestOrderDoesNotMatter: spans come in any order, twice or not, and the trace is the same.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(300) {
		g := randomTree(seed, seed%2 == 0, "a", "b", "c")
		if seed%3 == 0 { // lines are missing
			g.spans = slices.DeleteFunc(g.spans, func(s event.Span) bool { return g.rng.IntN(4) == 0 && s.ParentID != "" })
		}
		want := shape(Assemble(slices.Clone(g.spans), nil))
		mixed := append(slices.Clone(g.spans), g.spans[:len(g.spans)/2]...)
		g.rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		again := Assemble(mixed, nil)
		if got := shape(again); got != want {
			t.Fatalf("seed %d:\n%s\n%s", seed, want, got)
		}
		if again.Twice != len(g.spans)/2 {
			t.Fatalf("seed %d: %d spans were twice, want %d", seed, again.Twice, len(g.spans)/2)
		}
	}
}

// TestMeasures holds random traces to what is true of every trace.
func TestMeasures(t *testing.T) {
	for seed := range uint64(500) {
		async := seed%2 == 1
		g := randomTree(seed, async, "a")
		if seed%5 == 0 {
			g.spans = slices.DeleteFunc(g.spans, func(s event.Span) bool { return g.rng.IntN(3) == 0 && s.ParentID != "" })
		}
		whole := len(g.spans)
		tr := Assemble(slices.Clone(g.spans), nil)
		if len(tr.Spans) != whole {
			t.Fatalf("seed %d: %d spans of %d", seed, len(tr.Spans), whole)
		}
		var parts []Part
		critical := int64(0)
		for _, n := range tr.Spans {
			if n.Self < 0 || n.Self > n.Duration || n.Critical < 0 || n.Critical > n.Self {
				t.Fatalf("seed %d: %s: critical %d, self %d, duration %d", seed, n.SpanID, n.Critical, n.Self, n.Duration)
			}
			critical += n.Critical
			for _, p := range n.Path {
				if p.From < n.Start || p.To > n.End() || p.From >= p.To {
					t.Fatalf("seed %d: a part of the path lies outside of its span", seed)
				}
				parts = append(parts, p)
			}
		}
		slices.SortFunc(parts, func(a, b Part) int { return int(a.From - b.From) })
		for i := 1; i < len(parts); i++ {
			if parts[i].From < parts[i-1].To {
				t.Fatalf("seed %d: two spans are on the critical path at once", seed)
			}
		}
		if len(tr.Roots) == 1 {
			root := tr.Roots[0]
			if !async && (critical != root.Duration || len(parts) > 0 && (parts[0].From != root.Start || parts[len(parts)-1].To != root.End())) {
				t.Fatalf("seed %d: the critical path takes %d, the root %d", seed, critical, root.Duration)
			}
			for i := 1; i < len(parts); i++ {
				if parts[i].From != parts[i-1].To {
					t.Fatalf("seed %d: the critical path has a gap", seed)
				}
			}
		}
		shares := int64(0)
		for _, s := range tr.Operations() {
			shares += s.Critical
		}
		if shares != critical {
			t.Fatalf("seed %d: shares add up to %d, not %d", seed, shares, critical)
		}
	}
}

// TestSequentialSelfTimes: without anything at the same time, self times add up to the duration of the trace.
func TestSequentialSelfTimes(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 9))
		var spans []event.Span
		var grow func(parent string, start, end int64, depth int)
		grow = func(parent string, start, end int64, depth int) {
			id := fmt.Sprintf("%016x", len(spans)+1)
			spans = append(spans, event.Span{TraceID: traceA, SpanID: id, ParentID: parent, Service: "s", Name: "n", Start: start, Duration: end - start})
			for from := start; depth > 0 && from < end; {
				from += rng.Int64N(end - from + 1)
				to := from + rng.Int64N(end-from+1)
				if to > from {
					grow(id, from, to, depth-1)
				}
				if from = to; rng.IntN(3) == 0 {
					return
				}
			}
		}
		grow("", 1e18, 1e18+10_000, 3)
		self := int64(0)
		for _, n := range Assemble(spans, nil).Spans {
			self += n.Self
		}
		if self != 10_000 {
			t.Fatalf("seed %d: self times add up to %d", seed, self)
		}
	}
}

// TestClocks puts hosts' clocks wrong by random times. Whatever is found, durations stay, spans of one host keep their
// distances, and every call that was answered within its caller fits there again.
func TestClocks(t *testing.T) {
	for seed := range uint64(300) {
		g := randomTree(seed, false, "a", "b", "c")
		off := map[string]int64{"a": g.rng.Int64N(2e9) - 1e9, "b": g.rng.Int64N(2e9) - 1e9, "c": g.rng.Int64N(2e9) - 1e9}
		spans := slices.Clone(g.spans)
		for i := range spans {
			spans[i].Start += off[spans[i].Host]
		}
		skewed := map[string]int64{}
		for _, s := range spans {
			skewed[s.SpanID] = s.Start
		}
		tr := Assemble(spans, nil)
		shift := map[string]int64{}
		for _, n := range tr.Spans {
			if n.Start != skewed[n.SpanID]+n.Shift {
				t.Fatalf("seed %d: the shift of %s is not what it says", seed, n.SpanID)
			}
			if known, ok := shift[n.Host]; ok && known != n.Shift {
				t.Fatalf("seed %d: host %s moved by %d and %d", seed, n.Host, known, n.Shift)
			}
			shift[n.Host] = n.Shift
			if truth := g.spans[index(g.spans, n.SpanID)]; n.Duration != truth.Duration {
				t.Fatalf("seed %d: a duration changed", seed)
			}
		}
		if root := tr.Roots[0]; root.Shift != 0 {
			t.Fatalf("seed %d: the clock of the root was moved", seed)
		}
	}
}

func index(spans []event.Span, id string) int {
	return slices.IndexFunc(spans, func(s event.Span) bool { return s.SpanID == id })
}

// TestOneClockOff: with two hosts all calls between them agree, so containment must be whole again.
func TestOneClockOff(t *testing.T) {
	for seed := range uint64(300) {
		g := randomTree(seed, false, "a", "b")
		off := g.rng.Int64N(2e9) - 1e9
		spans := slices.Clone(g.spans)
		root := spans[0].Host
		for i := range spans {
			if spans[i].Host != root {
				spans[i].Start += off
			}
		}
		tr := Assemble(spans, nil)
		for _, n := range tr.Spans {
			if p := n.Parent; p != nil && (n.Start < p.Start || n.End() > p.End()) {
				t.Fatalf("seed %d: %s lies outside of its parent", seed, n.SpanID)
			}
		}
		for _, c := range tr.Clocks {
			if c.Host == root || c.Ahead == 0 || c.Ahead > 0 != (off > 0) {
				t.Fatalf("seed %d: off by %d, found %+v", seed, off, c)
			}
		}
	}
}

// span makes a span of the table tests, in milliseconds since noon.
func span(id, parent int, service string, from, took float64, change ...func(*event.Span)) event.Span {
	s := event.Span{TraceID: traceA, SpanID: fmt.Sprintf("%016x", id), Service: service, Name: fmt.Sprintf("op%d", id), Host: "h", Start: at(from), Duration: int64(took * 1e6), Lines: 1}
	if parent > 0 {
		s.ParentID = fmt.Sprintf("%016x", parent)
	}
	for _, f := range change {
		f(&s)
	}
	return s
}

func failed(s *event.Span) { s.Failed, s.Reason = true, "broken" }

func kind(k event.SpanKind) func(*event.Span) { return func(s *event.Span) { s.Kind = k } }

// TestOneOfTwo: of a span that its service exported as well there is one, with what either of them knows.
func TestOneOfTwo(t *testing.T) {
	exported := span(2, 1, "bank", 10, 30.004, kind(event.KindServer))
	exported.Attributes = []event.Attribute{{Name: "http.route", Value: "/charge"}}
	line := span(2, 0, "bank", 10.3, 30, failed)
	line.Name, line.Logs = "charge", []event.SpanLog{{Time: at(20), Message: "refused"}}
	for _, both := range [][]event.Span{{exported, line}, {line, exported}} {
		tr := Assemble(append([]event.Span{span(1, 0, "shop", 0, 100)}, both...), nil)
		if len(tr.Spans) != 2 || tr.Twice != 1 {
			t.Fatalf("%d spans, %d twice", len(tr.Spans), tr.Twice)
		}
		got := tr.Spans[1]
		if got.Parent != tr.Spans[0] || got.Name != "op2" || !got.Failed || got.Reason != "broken" || got.Kind != event.KindServer ||
			len(got.Logs) != 1 || len(got.Attributes) != 1 || got.Duration != 30_004_000 {
			t.Errorf("%+v", got)
		}
	}
}

func host(name string) func(*event.Span) { return func(s *event.Span) { s.Host = name } }

func origin(o event.Origin) func(*event.Span) { return func(s *event.Span) { s.Origin = o } }

// places says of each span where it came to stand: below which parent, with which marks, and how long it is critical.
func places(t *Trace) []string {
	var out []string
	for _, n := range t.Spans {
		parent := "-"
		if n.Parent != nil {
			parent = n.Parent.Name
		}
		out = append(out, fmt.Sprintf("%s<%s %s self=%g critical=%g", n.Name, parent, n.marks(), float64(n.Self)/1e6, float64(n.Critical)/1e6))
	}
	return out
}

func TestAssemble(t *testing.T) {
	for _, c := range []struct {
		name  string
		spans []event.Span
		want  []string
	}{
		{"one after the other", []event.Span{span(1, 0, "a", 0, 100), span(2, 1, "b", 10, 30), span(3, 1, "b", 50, 40)},
			[]string{"op1<-  self=30 critical=30", "op2<op1  self=30 critical=30", "op3<op1  self=40 critical=40"}},
		{"beside each other", []event.Span{span(1, 0, "a", 0, 100), span(2, 1, "b", 10, 30), span(3, 1, "b", 10, 80)},
			[]string{"op1<-  self=20 critical=20", "op3<op1  self=80 critical=80", "op2<op1  self=30 critical=0"}},
		{"parent without a line", []event.Span{span(2, 1, "b", 10, 30), span(3, 1, "b", 50, 40)},
			[]string{"op2<- ? self=30 critical=30", "op3<- ? self=40 critical=40"}},
		{"goes on after its parent", []event.Span{span(1, 0, "a", 0, 50), span(2, 1, "b", 40, 100)},
			[]string{"op1<-  self=40 critical=40", "op2<op1 ~ self=100 critical=10"}},
		{"begins after its parent", []event.Span{span(1, 0, "a", 0, 50), span(2, 1, "b", 80, 30), span(3, 2, "c", 85, 10)},
			[]string{"op1<-  self=50 critical=50", "op2<op1 ~ self=20 critical=0", "op3<op2  self=10 critical=0"}},
		{"a message taken later", []event.Span{span(1, 0, "a", 0, 50), span(2, 1, "a", 10, 5, kind(event.KindProducer)), span(3, 2, "b", 500, 30, kind(event.KindConsumer), host("x"))},
			[]string{"op1<-  self=45 critical=45", "op2<op1  self=5 critical=5", "op3<op2 ~ self=30 critical=0"}},
		{"several roots", []event.Span{span(1, 0, "a", 0, 50), span(2, 0, "b", 100, 30), span(3, 2, "c", 110, 10)},
			[]string{"op1<-  self=50 critical=50", "op2<-  self=20 critical=20", "op3<op2  self=10 critical=10"}},
		{"circle", []event.Span{span(1, 2, "a", 0, 50), span(2, 1, "b", 10, 20)},
			[]string{"op1<- ? self=30 critical=30", "op2<op1  self=20 critical=20"}},
		{"deepest failure", []event.Span{span(1, 0, "a", 0, 100, failed), span(2, 1, "b", 10, 80), span(3, 2, "c", 20, 60, failed), span(4, 1, "d", 92, 5, failed)},
			[]string{"op1<- ! self=15 critical=15", "op2<op1  self=20 critical=20", "op3<op2 ✗ self=60 critical=60", "op4<op1 ✗ self=5 critical=5"}},
		{"clock behind", []event.Span{span(1, 0, "a", 0, 100), span(2, 1, "b", -500, 80, host("x")), span(3, 2, "b", -490, 20, host("x"))},
			[]string{"op1<-  self=20 critical=20", "op2<op1 ± self=60 critical=60", "op3<op2 ± self=20 critical=20"}},
		{"clocks that could be right", []event.Span{span(1, 0, "a", 0, 100), span(2, 1, "b", 0, 80, host("x"))},
			[]string{"op1<-  self=20 critical=20", "op2<op1  self=80 critical=80"}},
		{"behind a proxy", []event.Span{span(1, 9, "edge", 0, 100, origin(event.FromProxy)), span(2, 9, "app", 3, 90), span(3, 1, "edge", 0, 99, origin(event.FromUpstream))},
			[]string{"op1<- ? self=1 critical=1", "op3<op1  self=9 critical=9", "op2<op3  self=90 critical=90"}},
		{"beside a proxy", []event.Span{span(1, 9, "edge", 0, 100, origin(event.FromProxy)), span(2, 9, "app", 300, 90)},
			[]string{"op1<- ? self=100 critical=100", "op2<- ? self=90 critical=90"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, places(Assemble(c.spans, nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClockIsSaid(t *testing.T) {
	tr := Assemble([]event.Span{span(1, 0, "a", 0, 100), span(2, 1, "b", -500, 80, host("x"))}, nil)
	want := []Clock{{Host: "x", Ahead: -510e6, Calls: 1}} // the middle of what is possible
	if diff := cmp.Diff(want, tr.Clocks); diff != "" {
		t.Error(diff)
	}
}

func TestBottleneck(t *testing.T) {
	same := func(s *event.Span) { s.Name = "SELECT stock" }
	tr := Assemble([]event.Span{span(1, 0, "a", 0, 100), span(2, 1, "b", 0, 20, same), span(3, 1, "b", 20, 20, same), span(4, 1, "c", 40, 30), span(5, 1, "b", 70, 20, same)}, nil)
	want := Share{Service: "b", Name: "SELECT stock", Spans: 3, Self: 60e6, Critical: 60e6}
	if diff := cmp.Diff(want, tr.Bottleneck); diff != "" {
		t.Error(diff)
	}
}

// TestLogsWithoutSpan: a line that names only the trace goes to the innermost span of its service at that time.
func TestLogsWithoutSpan(t *testing.T) {
	l := func(service string, ms float64) Log {
		return Log{TraceID: traceA, Service: service, Host: "h", SpanLog: event.SpanLog{Time: at(ms), Message: service}}
	}
	tr := Assemble([]event.Span{span(1, 0, "a", 0, 100), span(2, 1, "a", 10, 30), span(3, 1, "b", 50, 40)}, []Log{l("a", 20), l("a", 60), l("b", 20), l("c", 20)})
	counts := fmt.Sprint(len(tr.Spans[0].Logs), len(tr.Spans[1].Logs), len(tr.Spans[2].Logs), len(tr.Logs))
	if counts != "1 1 0 2" {
		t.Error(counts)
	}
}

// TestDeepTrace: a chain of calls as long as a trace can be takes neither the stack nor quadratic time.
func TestDeepTrace(t *testing.T) {
	const depth = 100_000
	spans := make([]event.Span, depth)
	for i := range spans {
		spans[i] = span(i+1, i, "s", 0, 1000)
		spans[i].Start += int64(i)
		spans[i].Duration -= 2 * int64(i)
	}
	tr := Assemble(spans, nil)
	if len(tr.Roots) != 1 || len(tr.Spans) != depth {
		t.Fatalf("%d roots, %d spans", len(tr.Roots), len(tr.Spans))
	}
	if text := Draw(tr, Drawing{Width: 80}); len(text) < depth {
		t.Fatalf("%d bytes drawn", len(text))
	}
}

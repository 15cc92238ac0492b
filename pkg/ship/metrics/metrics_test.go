package metrics

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tailspan/tailspan/pkg/event"
)

func span(service, name string, took time.Duration, failed bool) event.Span {
	return event.Span{TraceID: "t", SpanID: name, Service: service, Name: name, Kind: event.KindServer, Start: 1e9, Duration: int64(took), Failed: failed, Lines: 2}
}

// TestCounts: values checked by hand. A duration of exactly a bound is in its bucket, as Prometheus has it.
func TestCounts(t *testing.T) {
	o := New(Config{MaxOperations: 2, Buckets: []float64{0.01, 0.1}})
	o.Send(t.Context(), []event.Span{
		span("shop", "GET /", 5*time.Millisecond, false), span("shop", "GET /", 10*time.Millisecond, true), span("shop", "GET /", time.Second, false),
		span("bank", "charge", 50*time.Millisecond, false), span("bank", "refund", 60*time.Millisecond, true), span("mail", "send", time.Millisecond, false),
	})
	got := o.Snapshot()
	want := &Snapshot{Buckets: []float64{0.01, 0.1}, Folded: 2, Operations: []Operation{
		{Key: Key{"shop", "GET /", "server"}, Failed: 1, Counts: []int64{2, 0, 1}, Seconds: 1.015},
		{Key: Key{"bank", "charge", "server"}, Counts: []int64{0, 1, 0}, Seconds: 0.05},
		{Key: Key{"bank", Other, ""}, Failed: 1, Counts: []int64{0, 1, 0}, Seconds: 0.06},
		{Key: Key{Other, Other, ""}, Counts: []int64{1, 0, 0}, Seconds: 0.001},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Operation{}, "Exemplars"), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error(diff)
	}
	first := got.Operations[0].Exemplars
	if first[0].Seconds != 0.01 || first[1].TraceID != "" || first[2].TraceID != "t" || !first[2].End.Equal(time.Unix(2, 0)) {
		t.Errorf("exemplars: %+v", first)
	}
	if n := o.Ledger[event.Indexed].Load(); n != 12 {
		t.Errorf("%d lines", n)
	}
}

// TestBounded: whatever names come, there are no more counts than the bound, one for each service, and one for the rest.
func TestBounded(t *testing.T) {
	const most = 50
	o := New(Config{MaxOperations: most})
	for i := range 100_000 {
		o.Send(t.Context(), []event.Span{span(fmt.Sprintf("s%d", i%1000), fmt.Sprintf("op%d", i), time.Millisecond, false)})
	}
	s := o.Snapshot()
	total := int64(0)
	for _, op := range s.Operations {
		for _, n := range op.Counts {
			total += n
		}
	}
	if len(s.Operations) > 2*most+1 || total != 100_000 || s.Folded != 100_000-most {
		t.Errorf("%d operations, %d spans, %d folded", len(s.Operations), total, s.Folded)
	}
}

// TestContinue: a counter never goes back when the configuration changes, but for other buckets.
func TestContinue(t *testing.T) {
	old := New(Config{MaxOperations: 5})
	for i := range 5 {
		old.Send(t.Context(), []event.Span{span("shop", fmt.Sprint(i), time.Millisecond, true)})
	}
	fewer := New(Config{MaxOperations: 2})
	fewer.Continue(old)
	if diff := cmp.Diff(old.Snapshot(), fewer.Snapshot()); diff != "" {
		t.Error(diff)
	}
	fewer.Send(t.Context(), []event.Span{span("shop", "0", time.Millisecond, true), span("shop", "new", time.Millisecond, true)})
	if s := fewer.Snapshot(); len(s.Operations) != 6 || s.Operations[0].Failed != 2 || s.Folded != 1 || old.Snapshot().Operations[0].Failed != 1 {
		t.Errorf("%+v", s)
	}
	others := New(Config{MaxOperations: 5, Buckets: []float64{1}})
	if others.Continue(old); len(others.Snapshot().Operations) != 0 {
		t.Error("counts of other buckets were taken over")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		good bool
	}{
		{Config{MaxOperations: 1}, true}, {Config{MaxOperations: 200, Buckets: []float64{0.1, 1}}, true},
		{Config{}, false}, {Config{MaxOperations: 1e6}, false}, {Config{MaxOperations: 1, Buckets: []float64{0}}, false},
		{Config{MaxOperations: 1, Buckets: []float64{1, 1}}, false}, {Config{MaxOperations: 1, Buckets: []float64{2, 1}}, false},
		{Config{MaxOperations: 1, Buckets: make([]float64, 100)}, false},
	} {
		if err := c.cfg.Check(); err == nil != c.good {
			t.Errorf("%+v: %v", c.cfg, err)
		}
	}
}

package pipeline

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
)

// spanSink takes spans as Jaeger does, but none below /away: a request whose client has given up may be seen to late.
type spanSink struct {
	t     *testing.T
	mu    sync.Mutex
	spans map[string]string // names, by trace and span id
	times int               // that a span came
}

func (s *spanSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/away") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	unpacked, err := gzip.NewReader(r.Body)
	if err != nil {
		s.t.Error(err)
		return
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		s.t.Error(err)
	}
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		s.t.Error(err)
	}
	for _, resource := range data.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				s.spans[fmt.Sprintf("%x %x", span.TraceId, span.SpanId)] = span.Name
				s.times++
			}
		}
	}
}

// spanConfig is a configuration with lines of 300 spans, a second apart, and as many lines of no trace.
func spanConfig(t *testing.T, endpoint string) (*config.Config, time.Time) {
	t.Helper()
	dir := t.TempDir()
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var lines strings.Builder
	for i := range 300 {
		fmt.Fprintf(&lines, `{"time":%q,"msg":"op","service":"shop","trace_id":"%032x","duration_ms":5}`+"\n", from.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i+1)
		fmt.Fprintf(&lines, `{"time":%q,"msg":"no trace","service":"shop","duration_ms":5}`+"\n", from.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	cfg := configured(t, dir, map[string]string{
		"a.log": lines.String(),
		"tailspan.yaml": fmt.Sprintf("data_dir: state\nhost: {name: h}\nshutdown_timeout: 1s\npipelines: [{name: a, paths: [a.log]}]\n"+
			"output: {console: {}, jaeger: {endpoint: %q}}\n", endpoint),
	})
	return cfg, from
}

// runOnce ships everything and returns the counts of each output.
func runOnce(t *testing.T, cfg *config.Config) map[string]event.Counts {
	t.Helper()
	agent, err := NewRunner(cfg, true, nil, io.Discard, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	counts := map[string]event.Counts{}
	for _, out := range agent.Status().Outputs {
		counts[out.Name] = out.Lines
	}
	return counts
}

// TestSpansBesideDocuments: the receiver of spans gets the lines that are spans, and no others.
func TestSpansBesideDocuments(t *testing.T) {
	sink := &spanSink{t: t, spans: map[string]string{}}
	server := httptest.NewServer(sink)
	defer server.Close()
	cfg, _ := spanConfig(t, server.URL)
	want := map[string]event.Counts{"console": {event.Read: 600, event.Indexed: 600}, "jaeger": {event.Read: 300, event.Indexed: 300}}
	if diff := cmp.Diff(want, runOnce(t, cfg)); diff != "" {
		t.Error(diff)
	}
	if len(sink.spans) != 300 {
		t.Errorf("%d spans", len(sink.spans))
	}
}

// TestSpansAsleep: a span is sent soon after its last line, and once nothing waits no timer runs.
func TestSpansAsleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newSpanOutput(spanTaker{ledger: new(event.Ledger), alone: true}, "h", nil, 1<<20, 0, slog.New(slog.DiscardHandler))
		o.batches = make(chan []event.Span, 10)
		for _, c := range []struct {
			trace string
			want  time.Duration
		}{
			{fmt.Sprintf(`"trace.id":"%032x",`, 1), settle},
			{"", time.Second},
		} {
			if o.due() != nil {
				t.Fatal("a timer runs while nothing waits")
			}
			document := fmt.Sprintf(`{"@timestamp":"2026-03-01T12:00:00Z",%s"service.name":"shop","message":"op","event.duration":5}`, c.trace)
			chunk := &spanChunk{binary.LittleEndian.AppendUint32(bytes.Repeat([]byte("0"), spanIDSize), uint32(len(document)))}
			chunk.buf = append(chunk.buf, document...)
			came := time.Now()
			o.read(chunk)
			for o.due() != nil {
				o.settle(<-o.due())
			}
			if took := time.Since(came); len(o.batches) != 1 || len(<-o.batches) != 1 || took != c.want {
				t.Errorf("%s: the span should have been sent after %v, and nothing have waited after that; it was %v", c.trace, c.want, took)
			}
		}
	})
}

// TestSpansGivenUp: a receiver that is away does not hold up the primary output; what it did not get is counted, and a
// replay brings it, as the same spans as a second run would.
func TestSpansGivenUp(t *testing.T) {
	sink := &spanSink{t: t, spans: map[string]string{}}
	server := httptest.NewServer(sink)
	defer server.Close()
	cfg, from := spanConfig(t, server.URL+"/away")
	want := map[string]event.Counts{"console": {event.Read: 600, event.Indexed: 600}, "jaeger": {event.Read: 300, event.Dropped: 300}}
	if diff := cmp.Diff(want, runOnce(t, cfg)); diff != "" {
		t.Error(diff)
	}
	cfg.Output.Jaeger.Endpoint = server.URL
	for range 2 {
		r, err := NewReplay(t.Context(), cfg, "jaeger", from, from.Add(100*time.Second), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Run(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Replayed{Files: 1, AllFiles: 1, Lines: 600, InRange: 200, Sent: 100}, r.Done()); diff != "" {
			t.Error(diff)
		}
	}
	if len(sink.spans) != 100 || sink.times != 200 {
		t.Errorf("%d spans came %d times", len(sink.spans), sink.times)
	}
}

// TestSpansAreBounded: while nobody takes chunks a worker gives up lines and counts them.
func TestSpansAreBounded(t *testing.T) {
	w, b, ledger := newSpanBench(t, false)
	const rounds = 2000
	for range rounds {
		if err := w.again(b); err != nil {
			t.Fatal(err)
		}
	}
	c := ledger.Snapshot()
	held := int64(rounds*len(b.Lines)) - c[event.Dropped]
	if c[event.Read] != c[event.Dropped] || c[event.Dropped] == 0 || held < 1000 || held > 100_000 {
		t.Errorf("%v, %d lines held", c, held)
	}
}

// TestSpansAllocateNothing: a worker's part in the making of spans is free of allocations, with room and without.
func TestSpansAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, counting := range []bool{false, true} {
		w, b, _ := newSpanBench(t, counting)
		spans := w.out.(*spanWriter)
		run := func() {
			if err := w.again(b); err != nil {
				t.Fatal(err)
			}
			for len(spans.o.queue) > 0 {
				c := <-spans.o.queue
				c.reset()
				spans.o.free.Put(c)
			}
		}
		for range 50 {
			run()
		}
		if n := testing.AllocsPerRun(50, run); n > 0 {
			t.Errorf("%v allocations for %d lines, metrics: %v", n, len(b.Lines), counting)
		}
	}
}

// newSpanBench is a worker whose only output is one of spans that was not started; counting makes it one of metrics.
func newSpanBench(t *testing.T, counting bool) (*worker, *event.Batch, *event.Ledger) {
	t.Helper()
	w, b := newBench(t, shapes[0])
	out, err := otlp.New(otlp.Config{Endpoint: "http://127.0.0.1:1"}, otlp.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	to := toReceiver(out)
	if counting {
		to = toMetrics(metrics.New(metrics.Config{MaxOperations: 10}))
	}
	w.out = newSpanOutput(to, "h", []string{"bench"}, 16<<20, 0, slog.New(slog.DiscardHandler)).writer(t.Context())
	return w, b, to.ledger
}

// TestReadFilesLikeRun: a file that was read already is read whole, with the ids that a run gives its lines.
func TestReadFilesLikeRun(t *testing.T) {
	sink := &spanSink{t: t, spans: map[string]string{}}
	server := httptest.NewServer(sink)
	defer server.Close()
	cfg, _ := spanConfig(t, server.URL)
	runOnce(t, cfg)
	traces, err := NewTraces(cfg, "", cfg.Pipelines[0].Tail.Paths, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	all, complete, err := traces.All(t.Context(), time.Time{}, time.Now().AddDate(10, 0, 0))
	if err != nil || !complete || len(all) != 300 {
		t.Fatalf("%d traces, complete: %v, %v", len(all), complete, err)
	}
	for _, tr := range all {
		if key := tr.ID + " " + tr.Spans[0].SpanID; sink.spans[key] != "op" {
			t.Fatalf("the receiver has no %s", key)
		}
	}
	one, err := traces.Trace(t.Context(), all[7].ID)
	if err != nil || one.Spans[0].SpanID != all[7].Spans[0].SpanID {
		t.Fatal(one, err)
	}
	if none, err := traces.Trace(t.Context(), strings.Repeat("f", 32)); none != nil || err != nil {
		t.Fatal(none, err)
	}
}

// TestOnceWaitsForRoom: a receiver that is only slower than files are read gets everything when they are shipped once.
func TestOnceWaitsForRoom(t *testing.T) {
	sink := &spanSink{t: t, spans: map[string]string{}}
	server := httptest.NewServer(sink)
	defer server.Close()
	cfg, _ := spanConfig(t, server.URL)
	const many = 8_000 // seven times what may wait
	var lines strings.Builder
	for i := range many {
		fmt.Fprintf(&lines, `{"time":"2026-03-01T12:00:00Z","msg":"op","service":"shop","trace_id":"%032x","duration_ms":5,"padding":%q}`+"\n", i+1, strings.Repeat("x", 300))
	}
	if err := os.WriteFile(cfg.Pipelines[0].Tail.Paths[0], []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Memory = 4 << 20 // an eighth of it is what may wait
	want := map[string]event.Counts{"console": {event.Read: many, event.Indexed: many}, "jaeger": {event.Read: many, event.Indexed: many}}
	if diff := cmp.Diff(want, runOnce(t, cfg)); diff != "" || len(sink.spans) != many {
		t.Error(len(sink.spans), diff)
	}
}

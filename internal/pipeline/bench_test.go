package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/kubernetes"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// accessPattern takes an access log line with time, trace id and duration apart.
const accessPattern = `^(?P<source.address>[^ ]*) (?P<ident>[^ ]*) (?P<user.name>[^ ]*) \[(?P<time>[^\]]*)\] "(?P<http.request.method>[^ ]*) (?P<url.original>[^ ]*) HTTP/(?P<http.version>[^"]*)" (?P<http.response.status_code>[0-9]*) (?P<http.response.body.bytes>[0-9]*) "(?P<http.request.referrer>[^"]*)" "(?P<user_agent.original>[^"]*)" rt=(?P<request_time>[0-9.]*) trace=(?P<trace_id>[0-9a-f]*) seq=(?P<seq>[0-9]*)$`

// shape is one kind of log with the pipeline that reads it.
type shape struct {
	name, pipeline string
	line           func(i int) string
}

var shapes = []shape{
	{"json", "format: json", func(i int) string {
		return fmt.Sprintf(`{"timestamp":"2026-01-02T03:%02d:%02d.%06dZ","level":"info","service":"checkout","seq":%d,"message":"order placed \"acme\"","trace_id":"%032x","span_id":"%016x","duration_ms":%d.672,"http":{"method":"PUT","path":"/api/v1/orders/%d","status":204},"user_id":"u-%d","host":{"region":"eu-west-1","node":"web-29"},"retry":0}`,
			i/60%60, i%60, i%1000000, i, i+1, i+7, i%1000, i, i)
	}},
	{"regex", "format: regex\n    pattern: '" + accessPattern + "'\n    timestamp: {field: time, layouts: ['%d/%b/%Y:%H:%M:%S %z']}", func(i int) string {
		return fmt.Sprintf(`10.14.216.93 - user%d [02/Jan/2026:03:%02d:%02d +0000] "GET /api/v1/orders/%d HTTP/1.1" 200 %d "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0" rt=0.%03d trace=%032x seq=%d`,
			i%500, i/60%60, i%60, i, i%50000, i%1000, i+1, i)
	}},
	{"text", "format: none", func(i int) string {
		return fmt.Sprintf(`2026-01-02T03:%02d:%02d.001Z WARN [catalog] [trace=%032x span=%016x] seq=%d PUT /health/check/%d status=204 took 672us`,
			i/60%60, i%60, i+1, i+7, i, i)
	}},
}

// chain is five processors of everyday use: the three of the design page, and two more.
const chain = `
    process:
      - drop: {when: 'log.level == "debug"'}
      - convert: {fields: [http.response.status_code, retry], type: long}
      - redact: {fields: [message], kinds: [email, card]}
      - rename: {field: user_id, to: user.id}
      - set: {field: labels.team, value: payments, when: 'service.name == "checkout"'}`

// processed are the shapes with a chain of processors.
func processed() []shape {
	var all []shape
	for _, s := range shapes {
		all = append(all, shape{s.name + " processed", s.pipeline + chain, s.line})
	}
	return all
}

// tagged are the shapes with a template for each line.
func tagged() []shape {
	var all []shape
	for _, s := range shapes {
		all = append(all, shape{s.name + " templates", s.pipeline + "\n    templates: on", s.line})
	}
	return all
}

// detected are the shapes with detectors that look at each line, and so with templates for them.
func detected() []shape {
	var all []shape
	for _, s := range shapes {
		all = append(all, shape{s.name + " detect", s.pipeline + "\ndetect: on", s.line})
	}
	return all
}

// sinkhole is an output that encodes documents and forgets them, so that what is measured is tailspan alone.
type sinkhole struct {
	encoder *ship.Encoder
	batch   *event.Batch
	ids     ship.IDs
	buf     []byte
}

func (s *sinkhole) Begin(b *event.Batch) { s.batch, s.ids = b, ship.IDsOf(b.Source) }
func (s *sinkhole) Add(ev *event.Event) error {
	if len(s.buf) > 1<<20 {
		s.buf = s.buf[:0]
	}
	s.buf = s.ids.Append(s.buf, ev.Offset, ev.Raw)
	s.buf = s.encoder.AppendDocument(s.buf, ev, s.batch.Path)
	return nil
}
func (s *sinkhole) End() error   { return nil }
func (s *sinkhole) Idle() error  { return nil }
func (s *sinkhole) Flush() error { return nil }

// newBench returns a worker for the shape and a batch of its lines.
func newBench(tb testing.TB, s shape) (*worker, *event.Batch) {
	tb.Helper()
	text := "pipelines:\n  - name: bench\n    paths: [/nowhere]\n    " + s.pipeline + "\noutput: {console: {}}\n"
	cfg := configured(tb, tb.TempDir(), map[string]string{"tailspan.yaml": text})
	parsers, err := Parsers(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	b := &event.Batch{Source: &event.Source{ID: 1}, Path: "/var/log/bench.log", Read: time.Unix(1, 0)}
	for i := range 500 {
		start := len(b.Data)
		b.Data = append(b.Data, s.line(i)...)
		b.Lines = append(b.Lines, event.Line{Start: int32(start), End: int32(len(b.Data)), Offset: int64(start)})
		b.Data = append(b.Data, '\n')
	}
	w := &worker{parsers: parsers, taggers: newStatements(cfg, cfg.Detect.On(), nil).taggers(), out: &sinkhole{encoder: ship.NewEncoder("bench", "host")}}
	if cfg.Detect.On() {
		engine := detect.New(cfg.Detect, detect.Options{Workers: 1, Memory: cfg.Memory / 8})
		go engine.Run(tb.Context(), func(now time.Time) time.Time { return now }, func([]byte) {})
		w.watch = newWatch(engine.Watcher(tb.Context(), nil), cfg)
	}
	return w, b
}

// again processes a batch that is not given back.
func (w *worker) again(b *event.Batch) error {
	b.Turn = b.Source.Next(w)
	return w.process(b)
}

// BenchmarkLine measures what a line costs from the arena to the bulk body; ns/op is per batch of 500 lines.
func BenchmarkLine(b *testing.B) {
	for _, s := range slices.Concat(shapes, processed(), tagged(), detected()) {
		b.Run(s.name, func(b *testing.B) {
			w, batch := newBench(b, s)
			b.SetBytes(int64(len(batch.Data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := w.again(batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestNoAllocations holds the hot path to what ARCHITECTURE.md says of it, over a mix of shapes in one worker's life.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, s := range slices.Concat(shapes, processed(), tagged(), detected()) {
		t.Run(s.name, func(t *testing.T) {
			w, batch := newBench(t, s)
			w.about = kubernetes.New(kubernetes.Config{Node: "node-1"}, nil)
			batch.Path = "/var/log/pods/shop_web-0_0f8b1f64-2f1f-4f0a-9d9e-7d1b7a1c2d3e/nginx/0.log"
			for range 40 { // detectors have memory for each series once they have seen enough of it
				if err := w.again(batch); err != nil {
					t.Fatal(err)
				}
			}
			allocs := testing.AllocsPerRun(20, func() {
				if err := w.again(batch); err != nil {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%.0f allocations for %d lines, want none", allocs, len(batch.Lines))
			}
		})
	}
}

// TestBenchLinesParse keeps the benchmark from measuring how fast lines fail.
func TestBenchLinesParse(t *testing.T) {
	for _, s := range slices.Concat(shapes, processed(), tagged(), detected()) {
		w, batch := newBench(t, s)
		if err := w.again(batch); err != nil {
			t.Fatal(err)
		}
		if doc := string(w.out.(*sinkhole).buf); strings.Contains(doc, "pipeline_error") || !strings.Contains(doc, `"trace.id":"`) {
			t.Errorf("%s: lines do not parse: %.500s", s.name, doc)
		}
	}
}

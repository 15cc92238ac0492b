package trace

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/pkg/event"
)

// line makes a document of the trace at ms after noon; rest is further members behind a comma.
func line(ms float64, span, rest string) string {
	return fmt.Sprintf(`{"@timestamp":%q,"trace.id":%q,"span.id":%q,"service.name":"shop"%s}`,
		time.Unix(0, at(ms)).UTC().Format(time.RFC3339Nano), traceA, span, rest)
}

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
		loose int
	}{
		{"lines of a span are its logs", []string{
			line(10, spanA, `,"message":"before"`), line(30, spanA, `,"message":"done with it","event.duration":25000000`), line(31, spanA, `,"message":"after"`)},
			[]string{"shop done with it kind=0 start=5ms took=25ms lines=3 logs=before,after"}, 0},
		{"begin and end", []string{line(10, spanA, `,"message":"audit started","parent.id":"00000000000000ff"`), line(15, spanA, `,"message":"within"`), line(20, spanA, `,"message":"audit finished"`)},
			[]string{"shop audit kind=0 start=10ms took=10ms lines=3 logs=audit started,within"}, 0},
		{"by action", []string{line(10, spanA, `,"message":"a","event.action":"start"`), line(20, spanA, `,"message":"b","event.action":"finish"`)},
			[]string{"shop b kind=0 start=10ms took=10ms lines=2 logs=a"}, 0},
		{"reported by Jaeger's client", []string{line(10, "0000000000000001", `,"message":"get cart"`),
			fmt.Sprintf(`{"@timestamp":"2026-03-01T12:00:00.040Z","service.name":"shop","message":"Reporting span %s:1:2:1"}`, traceA)},
			[]string{"shop get cart kind=0 start=10ms took=30ms lines=2 logs=get cart"}, 0},
		{"reported with its name", []string{line(10, "0000000000000001", `,"message":"cart started"`),
			fmt.Sprintf(`{"@timestamp":"2026-03-01T12:00:00.040Z","service.name":"shop","trace.id":%[1]q,"span.id":"0000000000000001","message":"Span reported: %[1]s:1:2:1 - GET /start"}`, traceA)},
			[]string{"shop GET /start kind=2 start=10ms took=30ms lines=2 logs=cart started"}, 0},
		{"reported, and nothing else", []string{fmt.Sprintf(`{"@timestamp":"2026-03-01T12:00:00.040Z","service.name":"shop","message":"jaeger Reporting span %s:1:2:1"}`, traceA)},
			[]string{"shop span kind=0 start=40ms took=0ms lines=1 logs="}, 0},
		{"OpenTracing's finish record", []string{line(20, spanA, `,"event.action":"finish","operation":"GET /cart","event.duration":7000000,"tags":{"span.kind":"server","error":true}`)},
			[]string{"shop GET /cart kind=2 start=13ms took=7ms failed:  lines=1 logs="}, 0},
		{"no end", []string{line(10, spanA, `,"message":"audit started"`)}, nil, 1},
		{"no beginning", []string{line(10, spanA, `,"message":"audit finished"`)}, nil, 1},
		{"the same twice", []string{line(30, spanA, `,"message":"x","event.duration":20000000`), line(30.2, spanA, `,"message":"y","event.duration":20100000,"http.request.method":"GET"`)},
			[]string{"shop GET kind=2 start=10.1ms took=20.1ms lines=2 logs=x"}, 0},
		{"measured within", []string{line(20, spanA, `,"message":"query","event.duration":5000000`), line(30, spanA, `,"message":"request","event.duration":25000000`)},
			[]string{"shop request kind=0 start=5ms took=25ms lines=1 logs=", "shop query kind=0 start=15ms took=5ms lines=1 logs="}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for try := range 5 {
				rand.New(rand.NewPCG(uint64(try), 1)).Shuffle(len(c.lines), func(i, j int) { c.lines[i], c.lines[j] = c.lines[j], c.lines[i] })
				spans, loose := collect(t, c.lines...)
				if c.name == "the same twice" && len(spans) == 1 {
					spans[0].Logs = spans[0].Logs[:min(len(spans[0].Logs), 1)]
				}
				got := map[string]bool{}
				for _, s := range spans {
					logs := ""
					for i, l := range s.Logs {
						if i > 0 {
							logs += ","
						}
						logs += l.Message
					}
					got[fmt.Sprintf("%s lines=%d logs=%s", brief(s), s.Lines, logs)] = true
				}
				want := map[string]bool{}
				for _, w := range c.want {
					want[w] = true
				}
				if diff := cmp.Diff(want, got); diff != "" || len(loose) != c.loose {
					t.Fatalf("%s loose: %d, want %d", diff, len(loose), c.loose)
				}
			}
		})
	}
}

// TestDerivedIDs: what has no id of its own has the same one whenever the line is read.
func TestDerivedIDs(t *testing.T) {
	document := `{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","event.duration":50000000,"request_time":"0.05","upstream_response_time":"0.010, 0.030","upstream_addr":"a:1, b:2","service.name":"edge"}`
	first, _ := collect(t, document)
	again, _ := collect(t, document)
	if diff := cmp.Diff(first, again); diff != "" || len(first) != 3 {
		t.Fatalf("%d spans: %s", len(first), diff)
	}
	other, _ := collect(t, `{}`, document) // the second document of its file
	for i := range first {
		for j := range other {
			if first[i].SpanID == other[j].SpanID {
				t.Errorf("two documents have one span id: %s", first[i].SpanID)
			}
		}
	}
}

func TestUpstreams(t *testing.T) {
	for _, c := range []struct {
		name, rest string
		want       []string
	}{
		{"nginx", `"event.duration":50000000,"upstream_response_time":"0.010, 0.030","upstream_addr":"a:1, b:2"`,
			[]string{"edge span kind=2 start=450ms took=50ms", "edge upstream a:1 kind=3 start=450ms took=10ms", "edge upstream b:2 kind=3 start=460ms took=30ms"}},
		{"nginx, a server that did not answer, and rounding", `"event.duration":50000000,"upstream_response_time":"-, 0.051","upstream_addr":"a:1, b:2"`,
			[]string{"edge span kind=2 start=450ms took=50ms", "edge upstream b:2 kind=3 start=450ms took=50ms", "edge upstream a:1 kind=3 start=450ms took=0ms"}},
		{"nginx without a server", `"event.duration":50000000,"upstream_response_time":"-"`, []string{"edge span kind=0 start=450ms took=50ms"}},
		{"Envoy in text", `"event.duration":50000000,"envoyproxy.response_flags":"-","envoyproxy.upstream_service_time":40,"envoyproxy.upstream_cluster":"c"`,
			[]string{"edge span kind=2 start=500ms took=50ms", "edge upstream c kind=3 start=500ms took=40ms"}},
		{"HAProxy", `"event.duration":109000000,"haproxy":{"server_name":"srv1","http":{"request":{"time_wait_ms":10,"time_wait_without_data_ms":69}},"total_waiting_time_ms":5,"connection_wait_time_ms":30}`,
			[]string{"edge span kind=2 start=500ms took=109ms", "edge upstream srv1 kind=3 start=515ms took=94ms"}},
		{"HAProxy, no server", `"event.duration":109000000,"haproxy":{"http":{"request":{"time_wait_ms":10,"time_wait_without_data_ms":-1}}}`,
			[]string{"edge span kind=2 start=500ms took=109ms"}},
		{"ELB", `"event.duration":50000000,"aws.elb.request_processing_time.sec":0.001,"aws.elb.backend_processing_time.sec":0.04,"aws.elb.backend.ip":"10.0.0.1"`,
			[]string{"edge span kind=2 start=450ms took=50ms", "edge upstream 10.0.0.1 kind=3 start=451ms took=40ms"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := Assemble(first(collect(t, `{"@timestamp":"`+noon+`","trace.id":"`+traceA+`","service.name":"edge",`+c.rest+`}`)), nil)
			var got []string
			for _, n := range tr.Spans {
				got = append(got, brief(n.Span))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func first(spans []event.Span, _ []Log) []event.Span { return spans }

func TestJoinerLimits(t *testing.T) {
	var r Reader
	j := NewJoiner(Limits{Settle: 5 * time.Second, Keep: time.Minute, Bytes: 100_000})
	var spans []event.Span
	emit := func(s event.Span) { spans = append(spans, s) }
	clock := time.Unix(0, 0)
	add := func(span, rest string) {
		rec, ok, err := r.Read("id"+span, []byte(line(0, span, rest)))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		j.Add(clock, rec, emit)
	}
	add("0000000000000001", `,"message":"x","event.duration":1`)
	add("0000000000000002", `,"message":"only a line"`)
	if j.Expire(clock.Add(4*time.Second), emit); len(spans) != 0 {
		t.Fatal("a span left before it settled")
	}
	clock = clock.Add(4 * time.Second)
	add("0000000000000001", `,"message":"late"`)
	if j.Expire(clock.Add(4*time.Second), emit); len(spans) != 0 {
		t.Fatal("a span left although a line of it had just come")
	}
	if j.Expire(clock.Add(6*time.Second), emit); len(spans) != 1 || len(spans[0].Logs) != 1 {
		t.Fatalf("%+v", spans)
	}
	if j.Bytes() == 0 {
		t.Fatal("a line without its span was forgotten too early")
	}
	if j.Expire(clock.Add(2*time.Minute), emit); j.Bytes() != 0 || len(spans) != 1 {
		t.Fatalf("%d bytes are kept, %d spans", j.Bytes(), len(spans))
	}
	for i := range 10_000 {
		add(fmt.Sprintf("%016x", i+100), `,"message":"x","event.duration":1`)
		if j.Bytes() > 100_000 {
			t.Fatalf("%d bytes are held", j.Bytes())
		}
	}
	if j.Flush(emit, nil); len(spans) != 10_001 {
		t.Fatalf("%d spans came out of 10001", len(spans))
	}
}

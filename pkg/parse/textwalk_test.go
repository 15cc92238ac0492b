package parse

import (
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// stops are those of whatever text is walked over.
var stops textStops

// durationIn is the duration that a text line says it took.
func durationIn(line string) (time.Duration, bool) {
	w := textWalk{line: []byte(line), stops: &stops, keys: new(keyMemo), duration: true}
	w.run()
	return time.Duration(w.ns), w.found
}

func TestDurationsInText(t *testing.T) {
	const ms, us = time.Millisecond, time.Microsecond
	for line, want := range map[string]time.Duration{
		"took=12ms": 12 * ms, "x took 672us": 672 * us, "duration: 1.5s": 1500 * ms, "a elapsed=0.25s b": 250 * ms,
		"duration_ms=12.5": 12500 * us, "request_time=0.012 x": 12 * ms, `latency="3ms"`: 3 * ms, "a='b' latency='3ms'": 3 * ms,
		"request_time=0.012 upstream_response_time=0.010": 12 * ms, "upstream_response_time=- request_time=0.012": 12 * ms,
		"first took=1ms then took=2ms": ms, "took=soon elapsed=2ms": 2 * ms, "took 12 elapsed 2ms": 2 * ms,
		`{"took":"12ms"} tail`: 12 * ms, `x {"duration_ms": 12.5, "a": 1}`: 12500 * us, `log: "{\"took\":\"12ms\"}"`: 12 * ms,
		"[took=12ms]": 12 * ms, "(took 12ms)": 12 * ms, "took 12ms, then": 12 * ms, "took 12ms.": 12 * ms, "took 12ms. Next": 12 * ms,
		"took 12ms: done": 12 * ms, "took=12ms;": 12 * ms, "took=12ms|x": 12 * ms, "took\t12ms\tx": 12 * ms, "took   12ms": 12 * ms,
		"took = 12ms": 12 * ms, "took: 12 ms x": 12 * ms, "took 3 seconds": 3 * time.Second, "took 12 µs.": 12 * us, "took 12μs": 12 * us,
		"took 1h2m3.5s": time.Hour + 2*time.Minute + 3500*ms, "took 1m 30s": 90 * time.Second, "took 1 min 5 sec 3 items": 65 * time.Second,
		"took 0 min 5 sec": 5 * time.Second, "took 5s 12s": 5 * time.Second, "took 1.5s 12ms": 1500 * ms, "took 5s 3 min": 5 * time.Second,
		"took PT0.012S": 12 * ms, "elapsed=PT1M1S": 61 * time.Second, "elapsed: 0:00:01.5": 1500 * ms, "elapsed=00:00:12": 12 * time.Second,
		"took=1ns": 1, "elapsed=9223372036854775807ns": 9223372036854775807, "dur=5ms": 5 * ms, "http.request.duration=5ms": 5 * ms,
		"took_s=1e-3": ms, "request_time: 0.000": 0, "took=0s": 0, "took=1.s": time.Second, "took=.5s": 500 * ms,
		"duration_ms=12, status=200": 12 * ms, "took=12ms, 5 items": 12 * ms, "request_time=0.012 s x": 12 * ms, "request_time=5 h: x": 5 * time.Second,
		"2026-01-02T03:04:05.678Z ERROR x took 5ms": 5 * ms, "duration_ms=12\r": 12 * ms, "elapsed_ms=3 d=4": 3 * ms,

		"completed in 12ms": 12 * ms, "Completed 200 OK in 12ms": 12 * ms, "Completed 200 OK in 180ms (Views: 0.4ms | ActiveRecord: 143.3ms)": 180 * ms, "processed 5 files in 3.5s.": 3500 * ms, "done in 1m 30s": 90 * time.Second,
		"GET /a/b.html?x=1 200 in 12ms": 12 * ms, `level=info msg="request completed in 12ms" status=200`: 12 * ms, "(finished in 3 seconds)": 3 * time.Second,
		"loaded in 5ms, 3 entries": 5 * ms, "loaded in 5ms; more": 5 * ms, "[loaded in 5ms] x": 5 * ms, "ready in 300 ms": 300 * ms,
		"completed in 12ms  ": 12 * ms, "has been closed in 5ms": 5 * ms, "connected. Server started in 2.5 seconds": 2500 * ms,
	} {
		if got, ok := durationIn(line); !ok || got != want {
			t.Errorf("%q took %v, %v; expected %v", line, got, ok, want)
		}
	}
}

func TestTextWithoutDuration(t *testing.T) {
	for _, line := range []string{
		"", "=", ":", "took", "took=", "took:", "took ", "took 12", "took=12", "took: 12", `took="12"`, `"took":12`, "took=0", "took 0", "took=\"0\"",
		"duration_ms 12", "request_time 0.012", "took=12KB", "took 12 items", "took 5M", "took=1,234ms", "duration_ms=12,5", "request_time=0.012, 0.003",
		"request_time=0.012 : 0.003", "took 1 min, 5 sec", "took 5-10s", "took 5s-10s", "took ~5ms", "took=12ms/5ms", "took 10:00:00", "took=10:00",
		"created_ms=12", "timeout=5s", "GET /x?duration=5m HTTP/1.1", "GET /x?a=1&took=5m", "max latency: 5ms", "avg took 5ms", "default duration=15m",
		"mistook 5ms", "items 5ms", "5ms", " 5ms", "x 5ms", "at 10:00:00 5ms", "took 9999999999999999999999s", "took 1 P", "took Paris", "took=5s5",
		"took 12msx", "took " + strings.Repeat("1", 100) + "s", "took=9223372036854775807ns5", "elapsed=2562047h 50m", "elapsed=-5ms", "elapsed=-1m 30s",

		"retrying in 5s", "connection failed, retrying in 5s", "will be closed in 30s", "expires in 3600s", "100 requests in 1m", "in 5s", "seen in 5s",
		"completed in 12", "completed in 12 items", "completed in 5 steps", "completed in 12ms flat", "completed in 12ms by x", "built-in 5ms", "login 5ms", "completed In 12ms",
		"Restart scheduled in 5s", "Rate limited to 5 requests in 1m", "completed: now in 5s", "stopped. Next run in 5s", "done; again in 5s",
	} {
		if got, ok := durationIn(line); ok {
			t.Errorf("%q took %v", line, got)
		}
	}
}

func TestDurationsInTextAreOnlyLookedForByThemselves(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		line string
		want bool
	}{
		{Config{}, "took 5ms", true}, {Config{Format: []string{"none"}}, "took 5ms", true}, {Config{Format: []string{"json"}}, "took 5ms", true},
		{Config{Duration: Duration{Mode: Auto}, Trace: Trace{Mode: Off}}, "took 5ms", true}, {Config{Format: []string{"regex"}, Pattern: []string{"^(?P<a>x)$"}}, "took 5ms", true},
		{Config{Duration: Duration{Mode: Off}}, "took 5ms", false}, {Config{Duration: Duration{Mode: Field, Field: "rt"}}, "took 5ms", false},
		{Config{Duration: Duration{Mode: Field, Unit: "ms"}}, "took=5ms", false},
		{Config{Format: []string{"json"}}, `{"message":"took 5ms"}`, false}, {Config{Format: []string{"json"}}, `{"took":"5ms"`, true},
	} {
		p, err := New(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		ev := event.Event{Raw: []byte(c.line)}
		p.Parse(&ev)
		if ev.HasDuration != c.want || ev.HasDuration && ev.Duration != 5e6 {
			t.Errorf("%+v: %q took %d, %v", c.cfg, c.line, ev.Duration, ev.HasDuration)
		}
		if c.line[0] != '{' && string(ev.Message.Bytes) != c.line {
			t.Errorf("the message is %q", ev.Message.Bytes)
		}
	}
}

// Ids and durations do not disturb each other.
func TestIDsAndDurationInOneLine(t *testing.T) {
	var c traceContext
	for _, line := range []string{
		"took=5ms trace_id=" + trace128 + " span_id=" + span1, "trace_id=" + trace128 + " took 5ms span_id: " + span1,
		"trace_id=" + trace128 + ":took=5ms span_id=" + span1 + " took=5ms", `{"traceId":"` + trace128 + `","took":"5ms","spanId":"` + span1 + `"} x`,
		"traceparent=00-" + trace128 + "-" + span1 + "-01 request_time=0.005", "b3=" + trace128 + "-" + span1 + " completed in 5ms",
	} {
		c.reset()
		w := textWalk{line: []byte(line), stops: &stops, keys: new(keyMemo), trace: &c, duration: true}
		w.run()
		if trace, span, _ := c.resolve(); !w.found || w.ns != 5e6 || string(span) != span1 || !strings.HasPrefix(string(trace), trace128) && trace != nil {
			t.Errorf("%q: %s %s %d %v", line, trace, span, w.ns, w.found)
		}
	}
}

// Names that repeat without an end must not cost more than the line is long.
func TestTextWalkIsLinear(t *testing.T) {
	if raceEnabled {
		t.Skip("what is looked at is time")
	}
	var c traceContext
	for _, part := range []string{"took:", "took=", `took="`, "took: ", "took 1 ", "took ", " in 5", "completed in 5s ", "duration_ms=1,", "took 5s ", " ", "=", `"`, "took=1m 1s "} {
		line := []byte(strings.Repeat(part, 1<<20/len(part)))
		c.reset()
		start := time.Now()
		w := textWalk{line: line, stops: &stops, keys: new(keyMemo), trace: &c, duration: true}
		w.run()
		if spent := time.Since(start); spent > 10*time.Second {
			t.Errorf("%q takes %v per MiB", part, spent)
		}
	}
}

func FuzzTextWalk(f *testing.F) {
	for _, seed := range []string{
		"took=12ms", "x took 672us y", "duration: 1.5s", `latency="3ms"`, "completed in 12ms", "took 1m 30s, 5", "request_time=0.012, 0.003", "took PT1.5S.",
		"elapsed: 0:00:01", `"took":"\"5ms\""`, "took 5 µs", "took=5\xc2", "GET /x 200 in 5 ms.", "trace_id=" + trace128 + " took 5ms", "took=-5ms 1ns",
	} {
		f.Add([]byte(seed))
	}
	var alone, beside traceContext
	f.Fuzz(func(t *testing.T, line []byte) {
		alone.reset()
		beside.reset()
		findTraceText(line, &alone)
		w := textWalk{line: line, stops: &stops, keys: new(keyMemo), trace: &beside, duration: true}
		w.run()
		if resolved(&alone) != resolved(&beside) {
			t.Errorf("%q: looking for a duration changes the ids", line)
		}
		if w.found == w.duration || !w.found && w.ns != 0 {
			t.Errorf("%q: %+v", line, w)
		}
		if w.found && !strings.ContainsAny(string(line), "0123456789") {
			t.Errorf("%q took %d", line, w.ns)
		}
	})
}

func TestTextWalkDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	var c traceContext
	for _, line := range []string{"x took=12ms y", "took 1m 30s", `latency="3ms"`, "Request Completed 200 OK in 12 µs.", "retrying in 5s", "no such thing: 5 = 6"} {
		text := []byte(line)
		if n := testing.AllocsPerRun(100, func() {
			c.reset()
			w := textWalk{line: text, stops: &stops, keys: new(keyMemo), trace: &c, duration: true}
			w.run()
		}); n != 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}

func BenchmarkTextWalk(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"none", "2020-01-01 10:00:00,123 INFO [main] c.e.Foo: order accepted for user=12 and price: 13 with something more to say"},
		{"words", "the quick brown fox jumps over the lazy dog and says nothing that anybody would ever want to measure at all today"},
		{"duration", "2020-01-01 10:00:00,123 INFO [main] c.e.Foo: order accepted for user=12 and price: 13 with something took=12ms"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ids traceContext
			line := []byte(c.line)
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				ids.reset()
				w := textWalk{line: line, stops: &stops, keys: new(keyMemo), trace: &ids, duration: true}
				w.run()
			}
		})
	}
}

// findTraceText offers c what stands in free text under a name that traceKey knows: as key=value, key="value", key: value
// or "key":"value", whose quotes may be escaped once more.
func findTraceText(line []byte, c *traceContext) {
	w := textWalk{line: line, stops: &stops, keys: new(keyMemo), trace: c}
	w.run()
}

package parse

import (
	"regexp"
	"strings"
	"testing"
)

// offered are the ids that resolve finds after name=value pairs have been offered.
func offered(c *traceContext, pairs ...string) string {
	c.reset()
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		c.offer(traceKey([]byte(name)), []byte(value), false)
	}
	return resolved(c)
}

func resolved(c *traceContext) string {
	trace, span, parent := c.resolve()
	return string(trace) + " " + string(span) + " " + string(parent)
}

const (
	trace128 = "4bf92f3577b34da6a3ce929d0e0e4736"
	trace64  = "a3ce929d0e0e4736"
	padded   = zeros + trace64
	span1    = "00f067aa0ba902b7"
	span2    = "cd00000000000001"
	nothing  = "  "
)

func TestTraceContextFormats(t *testing.T) {
	var c traceContext
	both := trace128 + " " + span1 + " "
	for _, test := range []struct {
		want  string
		pairs []string
	}{
		{both, []string{"traceparent=00-" + trace128 + "-" + span1 + "-01"}},
		{both, []string{"TraceParent= \t00-" + trace128 + "-" + span1 + "-00\t"}},
		{both, []string{"http_traceparent=cc-" + trace128 + "-" + span1 + "-01-what-the-future-will-be-like"}},
		{nothing, []string{"traceparent=00-" + trace128 + "-" + span1 + "-01-more"}},
		{nothing, []string{"traceparent=00-" + trace128 + "-" + span1 + "-01-"}},
		{nothing, []string{"traceparent=cc-" + trace128 + "-" + span1 + "-01.more"}},
		{nothing, []string{"traceparent=ff-" + trace128 + "-" + span1 + "-01"}},
		{nothing, []string{"traceparent=00-" + strings.ToUpper(trace128) + "-" + span1 + "-01"}},
		{nothing, []string{"traceparent=00-" + strings.Repeat("0", 32) + "-" + span1 + "-01"}},
		{nothing, []string{"traceparent=00-" + trace128 + "-" + zeros + "-01"}},
		{nothing, []string{"traceparent=00-" + trace128 + "-" + span1 + "-0."}},
		{nothing, []string{"traceparent=00-" + trace128 + "-" + span1}},
		{nothing, []string{"traceparent="}},
		{nothing, []string{"traceparent=00-" + trace128 + "-" + span1 + "-01", "traceparent=00-" + trace128 + "-" + span1 + "-01"}},

		{both, []string{"b3=" + trace128 + "-" + span1 + "-1"}},
		{both, []string{"b3=" + trace128 + "-" + span1}},
		{both + span2, []string{"B3=" + trace128 + "-" + span1 + "-d-" + span2}},
		{padded + " " + span1 + " ", []string{"b3=" + trace64 + "-" + span1 + "-0"}},
		{nothing, []string{"b3=" + trace128 + "-" + span1 + "-true"}},
		{nothing, []string{"b3=" + trace128 + "-" + span1 + "-"}},
		{nothing, []string{"b3=" + trace128 + "-" + span1 + "-" + span2}},
		{nothing, []string{"b3=" + trace128 + "-" + span1 + "-1-" + strings.ToUpper(span2)}},
		{nothing, []string{"b3=" + trace128}},
		{nothing, []string{"b3=0"}},

		{both, []string{"X-B3-TraceId=" + trace128, "X-B3-SpanId=" + span1, "x_b3_sampled=true"}},
		{both + span2, []string{"x-b3-traceid=" + trace128, "x-b3-spanid=" + span1, "x-b3-parentspanid=" + span2, "x-b3-flags=7"}},
		{nothing, []string{"x-b3-traceid=" + trace128, "x-b3-spanid=" + span1, "x-b3-sampled=10"}},
		{nothing, []string{"x-b3-traceid=" + trace128, "x-b3-spanid=" + span1 + "00"}},
		{nothing, []string{"x-b3-traceid=" + trace128, "x-b3-spanid=" + span1, "x-b3-parentspanid=xyz"}},
		{nothing, []string{"x-b3-traceid=" + trace128}},
		{both, []string{"b3=" + trace128 + "-" + span1 + "-q", "x-b3-traceid=" + trace128, "x-b3-spanid=" + span1}},

		{both, []string{"uber-trace-id=" + trace128 + ":" + span1 + ":0:1"}},
		{both + span2, []string{"uber-trace-id=" + trace128 + "%3A" + span1 + "%3a" + span2 + "%3A00ff"}},
		{both, []string{"uber-trace-id=" + trace128 + ":" + span1 + ":malformed:1"}},
		{nothing, []string{"uber-trace-id=" + trace128 + ":" + span1 + ":0:x"}},
		{nothing, []string{"uber-trace-id=" + trace128 + ":00f0wiredba902b7:0:1"}},
		{nothing, []string{"uber-trace-id=" + trace128 + ":" + span1 + ":0"}},
		{nothing, []string{"uber-trace-id=" + trace128 + ":" + span1 + ":0:1:2"}},

		{padded + " " + span1 + " ", []string{"ot-tracer-traceid=" + trace64, "ot-tracer-spanid=" + span1, "ot-tracer-sampled=1"}},
		{nothing, []string{"ot-tracer-traceid=" + trace64, "ot-tracer-spanid=" + span1, "ot-tracer-sampled=maybe"}},

		{"5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8 ", []string{"X-Amzn-Trace-Id=Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}},
		{"5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8 ", []string{"x-amzn-trace-id=Self=1-67891234-12456789abcdef012345678;Parent=53995c3f42cd8ad8; Root=1-5759e988-bd862e3fe1be46a994272793"}},
		{nothing, []string{"X-Amzn-Trace-Id=Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}},
		{nothing, []string{"X-Amzn-Trace-Id=Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"}},
		{nothing, []string{"X-Amzn-Trace-Id=Root=1-5759e988-bd862e3fe1be46a994272793;Broken;Parent=53995c3f42cd8ad8"}},
		{"5759e988bd862e3fe1be46a994272793  ", []string{"trace_id=Root=1-5759e988-bd862e3fe1be46a994272793"}},
		{"5759e988bd862e3fe1be46a994272793  ", []string{"xray_trace_id=1-5759e988-bd862e3fe1be46a994272793"}},

		{"000000000000000000000000499602d2 00000000000004d2 ", []string{"dd.trace_id=1234567890", "dd.span_id=1234"}},
		{trace128 + " 00000000000004d2 ", []string{"dd.trace_id=" + trace128, "dd.span_id=1234"}},
		{"640cfd8d00000000ffffffffffffffff 0000000000000001 ", []string{"x-datadog-trace-id=18446744073709551615", "x-datadog-parent-id=1", "x-datadog-tags=_dd.p.dm=-0,_dd.p.tid=640cfd8d00000000"}},
		{"640cfd8d00000000000000000000000a  ", []string{"_dd.p.tid=640cfd8d00000000", "dd.trace_id=10"}},
		{nothing, []string{"dd.trace_id=0", "dd.span_id=0"}},
		{nothing, []string{"dd.trace_id=18446744073709551616"}},

		{both, []string{"logging.googleapis.com/trace=projects/p-1/traces/" + trace128, "logging.googleapis.com/spanId=" + span1}},
		{trace128 + " 000000000000004a ", []string{"X-Cloud-Trace-Context=" + trace128 + "/74;o=1"}},
		{trace128 + "  ", []string{"X-Cloud-Trace-Context=" + trace128}},
		{nothing, []string{"X-Cloud-Trace-Context=" + trace128 + "/x;o=1"}},

		{both + span2, []string{"trace.id=" + trace128, "span.id=" + span1, "parent.id=" + span2}},
		{both, []string{"trace.id=" + strings.ToUpper(trace128), "transaction.id=" + span1}},
		{both, []string{"trace.id=" + trace128, "transaction.id=" + span2, "span.id=" + span1}},
		{both, []string{"trace.id=" + trace128, "span.id=" + span1, "transaction.id=" + span2}},
		{nothing, []string{"trace_id=not-an-id", "span_id=" + zeros}},
		{nothing, []string{"unknown=" + trace128}},
		{nothing, nil},
	} {
		if got := offered(&c, test.pairs...); got != test.want {
			t.Errorf("%q: %q, expected %q", test.pairs, got, test.want)
		}
	}
}

func TestPlainTraceKeys(t *testing.T) {
	var c traceContext
	for _, name := range []string{"trace_id", "traceId", "traceID", "TraceId", "TraceID", "trace-id", "traceid", "otelTraceID", "TRACE_ID"} {
		if got := offered(&c, name+"="+trace64); got != padded+"  " {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"span_id", "spanId", "spanID", "SpanId", "span-id", "otelSpanID", "span.id"} {
		if got := offered(&c, name+"="+span1); got != " "+span1+" " {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"parent_id", "parentId", "parent_span_id", "parentSpanId", "parent.id", "ParentSpanID"} {
		if got := offered(&c, name+"="+span1); got != "  "+span1 {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"", "id", "user_id", "request_id", "tracestate", "trace-parent-x", "b33", "traces", strings.Repeat("traceid", 9)} {
		if role := traceKey([]byte(name)); role != notTrace {
			t.Errorf("%s has role %d", name, role)
		}
	}
}

func TestPrecedenceOfTraceFormats(t *testing.T) {
	var c traceContext
	other := strings.Repeat("ab", 16)
	w3c := "traceparent=00-" + trace128 + "-" + span1 + "-01"
	for _, test := range []struct {
		want  string
		pairs []string
	}{
		{other + " " + span2 + " ", []string{w3c, "trace.id=" + other, "span.id=" + span2}},
		{other + "  ", []string{w3c, "trace_id=" + other}},
		{trace128 + " " + span1 + " ", []string{w3c, "trace_id=" + trace128}},
		{trace128 + " " + span2 + " ", []string{w3c, "trace_id=" + trace128, "span_id=" + span2}},
		{other + " " + span2 + " ", []string{"trace.id=" + other, "span_id=" + span2}},
		{trace128 + " " + span1 + " ", []string{"b3=" + other + "-" + span2, w3c}},
		{other + " " + span2 + " ", []string{"b3=" + other + "-" + span2, "traceparent=broken"}},
		{other + " " + span2 + " ", []string{"dd.trace_id=1", "dd.span_id=2", "uber-trace-id=" + other + ":" + span2 + ":0:1"}},
	} {
		if got := offered(&c, test.pairs...); got != test.want {
			t.Errorf("%q: %q, expected %q", test.pairs, got, test.want)
		}
	}
}

func TestWhichTraceFieldsWereUsed(t *testing.T) {
	var c traceContext
	offered(&c, "traceparent=00-"+trace128+"-"+span1+"-01", "b3="+strings.Repeat("ab", 16)+"-"+span2, "x-b3-sampled=1")
	if !c.used(w3cParent) || c.used(b3Single) || c.used(b3Sampled) || c.used(notTrace) || c.used(ecsTrace) {
		t.Error("only traceparent was used")
	}
	offered(&c, "trace.id="+trace128, "span.id="+span1, "transaction.id="+span2)
	if !c.used(ecsTrace) || c.used(ecsTransaction) {
		t.Error("the transaction was not used beside the span")
	}
	if c.reset(); c.offer(plainTrace, []byte("1234567890123456"), true) {
		t.Error("a JSON number is no hexadecimal id")
	}
	if !c.offer(ddTrace, []byte("1234567890123456"), true) {
		t.Error("Datadog's ids are numbers")
	}
	if c.offer(notTrace, []byte(trace128), false) || c.offer(traceRoles, []byte(trace128), false) {
		t.Error("no role, no id")
	}
}

func TestTraceContextInText(t *testing.T) {
	var c traceContext
	both := trace128 + " " + span1 + " "
	for line, want := range map[string]string{
		"order accepted trace_id=" + trace128 + " span_id=" + span1 + ", done":                              trace128 + " " + span1 + " ",
		`msg {"traceId":"` + trace128 + `","spanId" : "` + span1 + `"}`:                                     trace128 + " " + span1 + " ",
		"INFO [svc,traceId: " + trace128 + "; spanId: " + span1 + "] x":                                     trace128 + " " + span1 + " ",
		"x traceparent='00-" + trace128 + "-" + span1 + "-01' y":                                            trace128 + " " + span1 + " ",
		"GET /?trace_id=" + trace64 + "&x=1":                                                                padded + "  ",
		"(trace.id=" + trace128 + ")":                                                                       trace128 + "  ",
		"dd.trace_id=10 dd.span_id=11":                                                                      "0000000000000000000000000000000a 000000000000000b ",
		"b3=" + trace64 + "-" + span1 + "-1":                                                                padded + " " + span1 + " ",
		"uber-trace-id: " + trace128 + ":" + span1 + ":0:1":                                                 trace128 + " " + span1 + " ",
		"h=X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1 x":   "5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8 ",
		"RequestId: 1 XRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793 Sampled: true":                      "5759e988bd862e3fe1be46a994272793  ",
		"traceparent=00-" + trace128 + "-" + span1 + "-01 traceparent=00-" + trace128 + "-" + span1 + "-01": nothing,
		`log: "{\"traceId\":\"` + trace128 + `\",\"spanId\": \"` + span1 + `\"}"`:                           trace128 + " " + span1 + " ",
		"DEBUG Reporting span " + trace128 + ":" + span1 + ":" + span2 + ":1":                               both + span2,
		"Reporting span abc:7fd:0:1 shop.get":                                                               "00000000000000000000000000000abc 00000000000007fd ",
		"Span reported: " + trace128 + ":" + span1 + ":0000000000000000:3 - GET /cart":                      both,
		"Reporting span " + trace128 + ":" + span1 + ":0":                                                   nothing,
		"Reporting span " + trace128 + ":" + span1 + "::1":                                                  nothing,
		"Reporting span 0:1:0:1":                                                                            nothing, "Reporting span x:y:z:1": nothing, "Reporting span ": nothing,
		"Reporting span " + trace128 + "0:" + span1 + ":0:1": nothing,
		"": nothing, "no keys here": nothing, "trace_id=": nothing, "trace_id": nothing, "=": nothing, ":": nothing, "a=b c:d": nothing,
		"trace_id=\"" + trace128: trace128 + "  ", "request_id=" + trace128: nothing, "trace_id=nope": nothing,
	} {
		c.reset()
		findTraceText([]byte(line), &c)
		if got := resolved(&c); got != want {
			t.Errorf("%q: %q, expected %q", line, got, want)
		}
	}
}

// W3C Trace Context Level 2, section 3.2.2, as a regular expression.
var traceparentRegexp = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-(?s:.*))?$`)

func FuzzTraceparent(f *testing.F) {
	for _, seed := range []string{
		"00-" + trace128 + "-" + span1 + "-01", "ff-" + trace128 + "-" + span1 + "-01", "02-" + trace128 + "-" + span1 + "-00-more",
		"00-" + trace128 + "-" + span1 + "-01-", "00-" + strings.Repeat("0", 32) + "-" + span1 + "-01", "", "traceparent: x",
		"Reporting span " + trace128 + ":" + span1 + ":0:1", "Span reported: a:b:c:1 - d",
	} {
		f.Add(seed)
	}
	var c traceContext
	f.Fuzz(func(t *testing.T, value string) {
		want := nothing
		m := traceparentRegexp.FindStringSubmatch(string(trimBlanks([]byte(value))))
		if m != nil && m[1] != "ff" && strings.Trim(m[2], "0") != "" && strings.Trim(m[3], "0") != "" && (m[1] != "00" || m[4] == "") {
			want = m[2] + " " + m[3] + " "
		}
		if got := offered(&c, "traceparent="+value); got != want {
			t.Fatalf("%q: %q, expected %q", value, got, want)
		}
		c.reset()
		findTraceText([]byte(value), &c)
		for role := notTrace; role < traceRoles; role++ {
			c.offer(role, []byte(value), role%2 == 0)
		}
		for _, id := range strings.Fields(resolved(&c)) {
			if n := len(id); n != 16 && n != 32 || !areHex([]byte(id)) || strings.Trim(id, "0") == "" {
				t.Fatalf("%q: id %q", value, id)
			}
		}
	})
}

func TestTraceContextDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	var c traceContext
	line := []byte("INFO Reporting span abc:1:2:1 trace_id=" + trace128 + " dd.span_id=12 b3=0 uber-trace-id: x X-Amzn-Trace-Id: Root=1;Parent=2 x-cloud-trace-context=1/2;o=1")
	header, name := []byte("00-"+trace128+"-"+span1+"-01"), []byte("TraceParent")
	if n := testing.AllocsPerRun(100, func() {
		c.reset()
		findTraceText(line, &c)
		c.offer(traceKey(name), header, false)
		c.resolve()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkTraceTextWithoutIDs(b *testing.B) {
	var c traceContext
	line := []byte("2020-01-01 10:00:00,123 INFO [main] c.e.Foo: order accepted for user=12 and price: 13 with something more to say")
	for b.Loop() {
		c.reset()
		findTraceText(line, &c)
	}
}

func BenchmarkTraceIDs(b *testing.B) {
	ids := [][]byte{[]byte(trace128), []byte(strings.ToUpper(trace128)), []byte(trace128[:31] + "x"), []byte("not an id at all")}
	var c traceIDs
	for b.Loop() {
		for _, id := range ids {
			c.setTrace(id, true)
		}
	}
}

func BenchmarkTraceparent(b *testing.B) {
	var c traceIDs
	value := []byte("00-" + trace128 + "-" + span1 + "-01")
	for b.Loop() {
		c.traceparent(value)
	}
}

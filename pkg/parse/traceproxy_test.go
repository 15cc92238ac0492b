package parse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/parse"
)

// derivedSpan is what the contract says of the span of a proxy's line.
func derivedSpan(parent, line string) string {
	return fmt.Sprintf("%016x", xxhash.Sum64String(trace+parent+line))
}

func TestTraceparentOfProxies(t *testing.T) {
	const header = `"traceparent":"00-` + trace + `-` + span + `-01"`
	ids := func(span, parent string) string {
		return `"trace.id":"` + trace + `","span.id":"` + span + `","parent.id":"` + parent + `"`
	}
	d := newDocuments(t, parse.Config{Format: []string{"json"}})
	for _, c := range []struct{ line, want string }{ // %s is the derived span
		{`{"request_time":0.012,` + header + `}`, ids("%s", span) + `,"event.duration":12000000`},
		{`{` + header + `,"upstream_response_time":"0.012"}`, ids("%s", span) + `,"event.duration":12000000`},
		{`{` + header + `,"upstream_response_time":"-"}`, `"upstream_response_time":"-",` + ids("%s", span)},
		{`{` + header + `,"upstream_service_time":3}`, `"upstream_service_time":3,` + ids("%s", span)},
		{`{` + header + `,"X-Envoy-Upstream-Service-Time":"3"}`, `"X-Envoy-Upstream-Service-Time":"3",` + ids("%s", span)},
		{`{` + header + `,"envoy":1,"x_envoy_attempt_count":null}`, `"envoy":1,"x_envoy_attempt_count":null,` + ids("%s", span)},
		{`{"http_traceparent":"00-` + trace + `-` + span + `-01","request_time":"0.012"}`, ids("%s", span) + `,"event.duration":12000000`},

		{`{"request_time":0.012,"span_id":"` + span2 + `",` + header + `}`, ids(span2, span) + `,"event.duration":12000000`},
		{`{"request_time":0.012,"trace_id":"` + trace + `","span":{"id":"` + span2 + `"},` + header + `}`, ids(span2, span) + `,"event.duration":12000000`},
		{`{"request_time":0.012,"x-b3-traceid":"` + trace + `","x-b3-spanid":"` + span2 + `",` + header + `}`, ids(span2, span) + `,"event.duration":12000000`},
		{`{"request_time":0.012,"b3":"` + trace + `-` + span + `-1",` + header + `}`, `"b3":"` + trace + `-` + span + `-1",` + ids("%s", span) + `,"event.duration":12000000`},
		{`{"request_time":0.012,"transaction.id":"` + span2 + `",` + header + `}`, `"transaction.id":"` + span2 + `",` + ids(span2, span) + `,"event.duration":12000000`},

		{`{"request_time":0.012,"span_id":"` + span + `",` + header + `}`, `"trace.id":"` + trace + `","span.id":"` + span + `","event.duration":12000000`},
		{`{"request_time":0.012,"traceparent":""}`, `"traceparent":"","event.duration":12000000`},
		{`{"request_time":0.012,"traceparent":"-"}`, `"traceparent":"-","event.duration":12000000`},
		{`{"request_time":0.012,"trace_id":"` + strings.Repeat("1", 32) + `",` + header + `}`, header + `,"trace.id":"` + strings.Repeat("1", 32) + `","event.duration":12000000`},
		{`{"duration_ms":12,` + header + `}`, `"trace.id":"` + trace + `","span.id":"` + span + `","event.duration":12000000`},
		{`{"request_time_ms":12,` + header + `}`, `"trace.id":"` + trace + `","span.id":"` + span + `","event.duration":12000000`},
		{`{"request_time":0.012,"trace_id":"` + trace + `","span_id":"` + span2 + `"}`, `"trace.id":"` + trace + `","span.id":"` + span2 + `","event.duration":12000000`},
	} {
		want := strings.ReplaceAll(c.want, "%s", derivedSpan(span, c.line))
		for range 2 { // the same again
			if got := short.Replace(string(d.append(nil, []byte(c.line)))); got != "{~,"+want+"}" {
				t.Errorf("line %s\n got %s\nwant {~,%s}", c.line, got, want)
			}
		}
	}

	line := `{"request_time":0.012,"parent_id":"` + span2 + `",` + header + `}` // the line's own parent wins
	if got := short.Replace(string(d.append(nil, []byte(line)))); !strings.Contains(got, ids(derivedSpan(span2, line), span2)) {
		t.Errorf("line %s became %s", line, got)
	}
}

func TestTraceparentOfProxiesByPattern(t *testing.T) {
	line := `GET /a 200 rt=0.012 tp=00-` + trace + `-` + span + `-01`
	checkDocuments(t, parse.Config{Format: []string{"regex"}, Pattern: []string{`rt=(?P<request_time>\S+) tp=(?P<traceparent>\S+)`}}, []documentCase{
		{"nginx", line, `~,"trace.id":"` + trace + `","span.id":"` + derivedSpan(span, line) + `","parent.id":"` + span + `","event.duration":12000000`},
	})
	checkDocuments(t, parse.Config{Format: []string{"regex"}, Pattern: []string{`rt=(?P<request_time>\S+) tp=(?P<traceparent>\S+)`}, Trace: parse.Trace{Mode: parse.Off}}, []documentCase{
		{"trace off", line, `~,"traceparent":"00-` + trace + `-` + span + `-01","event.duration":12000000`},
	})
}

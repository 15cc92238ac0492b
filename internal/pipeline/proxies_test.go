package pipeline

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAccessLines: lines of proxies, as they are in their files, are spans with one below for each server that was asked, in
// the trace that the proxy's own id or the caller's context names; a receiver of spans gets the same as trace --files.
func TestAccessLines(t *testing.T) {
	id := func(first byte) string { return fmt.Sprintf("%xbf92f3577b34da6a3ce929d0e0e4736", first) }
	for i, c := range []struct {
		name, line string
		want       []string // service, name, parent, milliseconds
	}{
		{"ingress-nginx", `10.0.0.9 - - [01/Mar/2026:12:00:00 +0000] "POST /cart/7 HTTP/1.1" 502 157 "-" "curl/8" 310 0.050 [shop-cart-80] [] 10.1.0.4:8080, 10.1.0.5:8080 0, 157 0.010, 0.030 502, 200 ` + id(1),
			[]string{"edge POST /cart/{id} - 50", "edge upstream 10.1.0.4:8080 POST /cart/{id} 10", "edge upstream 10.1.0.5:8080 POST /cart/{id} 30"}},
		{"nginx", `{"time":"2026-03-01T12:00:00+00:00","request_method":"GET","request_uri":"/p/3?a=b","status":200,"request_time":0.120,"upstream_response_time":"0.110","upstream_addr":"10.1.0.9:80","request_id":"` + id(2) + `"}`,
			[]string{"edge GET /p/{id} - 120", "edge upstream 10.1.0.9:80 GET /p/{id} 110"}},
		{"nginx with names", `10.0.0.9 - - [01/Mar/2026:12:00:00 +0000] "GET /p/3 HTTP/1.1" 200 12 "-" "curl/8" request_time=0.120 ua=10.1.0.9:80 urt=0.110 traceparent=00-` + id(3) + `-00f067aa0ba902b7-01`,
			[]string{"edge GET /p/{id} ? 120", "edge upstream 10.1.0.9:80 GET /p/{id} 110"}},
		{"Envoy", `[2026-03-01T12:00:00.100Z] "GET /items/42 HTTP/1.1" 200 - 0 512 40 31 "10.0.0.9" "curl/8" "` + id(4)[:8] + "-" + id(4)[8:12] + "-" + id(4)[12:16] + "-" + id(4)[16:20] + "-" + id(4)[20:] + `" "shop.example" "10.1.0.7:8080"`,
			[]string{"edge GET /items/{id} - 40", "edge upstream 10.1.0.7 GET /items/{id} 31"}},
		{"Envoy in JSON", `{"start_time":"2026-03-01T12:00:00.100Z","method":"GET","path":"/x","response_code":200,"response_flags":"-","duration":40,"upstream_service_time":"31","upstream_cluster":"items","x_request_id":"` + id(5) + `"}`,
			[]string{"edge GET /x - 40", "edge upstream items GET /x 31"}},
		{"HAProxy", `Mar  1 12:00:00 lb haproxy[14389]: 10.0.1.2:33317 [01/Mar/2026:12:00:00.100] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {00-` + id(6) + `-00f067aa0ba902b7-01} "GET /index.html HTTP/1.1"`,
			[]string{"edge GET /index.html ? 109", "edge upstream srv1 GET /index.html 99"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := &spanSink{t: t, spans: map[string]string{}}
			server := httptest.NewServer(sink)
			defer server.Close()
			dir := t.TempDir()
			cfg := configured(t, dir, map[string]string{"edge.log": c.line + "\n", "tailspan.yaml": "data_dir: state\nhost: {name: h}\n" +
				"pipelines: [{name: edge, service: edge, paths: [edge.log]}]\noutput: {console: {}, jaeger: {endpoint: '" + server.URL + "'}}\n"})
			runOnce(t, cfg)
			traces, err := NewTraces(cfg, "", cfg.Pipelines[0].Tail.Paths, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := traces.Trace(t.Context(), id(byte(i+1)))
			if err != nil || tr == nil {
				t.Fatal("no trace", err)
			}
			var got []string
			for _, n := range tr.Spans {
				parent := "-"
				if n.Missing {
					parent = "?"
				} else if n.Parent != nil {
					parent = n.Parent.Name
				}
				got = append(got, fmt.Sprintf("%s %s %s %d", n.Service, n.Name, parent, n.Duration/1e6))
				if key := strings.Join([]string{tr.ID, n.SpanID}, " "); sink.spans[key] != n.Name {
					t.Errorf("the receiver has %q for %s", sink.spans[key], key)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || len(sink.spans) != len(c.want) {
				t.Errorf("%d were sent; %s", len(sink.spans), diff)
			}
		})
	}
}

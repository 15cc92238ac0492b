package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
)

// busy is an agent that has something to say of everything.
type busy struct {
	fake
	files []status.File
}

func (b busy) Status() status.Status {
	latency := ship.Latency{Seconds: 3}
	latency.Counts[0], latency.Counts[2], latency.Counts[len(latency.Counts)-1] = 1, 2, 4
	counts := event.Counts{event.Read: 10, event.Indexed: 5, event.Duplicate: 1, event.Dead: 1, event.Dropped: 1}
	return status.Status{
		Reload: status.Reload{Good: true, At: time.Unix(1_700_000_000, 500_000_000)},
		Pipelines: []status.Pipeline{{Name: `p"1`, Lines: counts, Bytes: 1000, Lag: 200, Age: 1.5, Files: 3, Truncated: 1, GivenUp: 2, Lost: 9, Guarded: map[string]int64{"max_depth": 4}, Templates: &status.Templates{Known: 12, Bytes: 3456, Forgotten: 5}, Refused: map[string]int64{"no_room": 3},
			Held: &status.Held{Waiting: 6, Bytes: 4096, Kept: 11, Sampled: 12, Early: 13, Dropped: 14, Late: 2}}},
		Outputs: []status.Output{
			{Name: "elasticsearch", Up: true, Lines: counts, Requests: &status.Requests{Sent: 7, Failed: 1, Retried: 2, Mended: 1, Bytes: 100, WireBytes: 10, InFlight: 1, Latency: latency}},
			{Name: "console", Lines: counts},
		},
		Files:      b.files,
		Operations: counted(),
		Detection: &status.Detection{Recent: []detect.Finding{{Rule: detect.Silence, Service: "shop"}, {Rule: detect.Errors, Over: time.Unix(1, 0)}}, Series: 9, Late: 8, Unwatched: 7, Told: 6, Untold: 5,
			Counts: map[detect.Counted]int64{{Rule: "silence", Service: "s\"hop"}: 3}},
	}
}

// counted is what an output of metrics says; the second operation has hostile names.
func counted() *metrics.Snapshot {
	out := metrics.New(metrics.Config{MaxOperations: 2, Buckets: []float64{0.1, 1}})
	for i, name := range []string{"GET /", "GET /", "a\"b\\\n\uFFFD", "beyond"} {
		out.Send(context.Background(), []event.Span{{TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7", Service: "shop", Name: name,
			Kind: event.KindServer, Start: 1_700_000_000_000_000_000, Duration: int64(i) * 500_000_000, Failed: i == 1}})
	}
	return out.Snapshot()
}

func scrape(t *testing.T, agent Agent) string {
	t.Helper()
	return scrapeAs(t, agent, "")
}

// scrapeAs asks for a format, as Prometheus does.
func scrapeAs(t *testing.T, agent Agent, format string) string {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil)
	r.Header.Set("Accept", format)
	Handler(agent, "test", http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	return w.Body.String()
}

// TestMetrics: values checked by hand against busy.
func TestMetrics(t *testing.T) {
	text := scrape(t, busy{files: []status.File{
		{Pipeline: `p"1`, Path: "/a", Lag: 5, Age: 2}, {Pipeline: `p"1`, Path: "/done"}, {Pipeline: `p"1`, Path: "/bad\xff", Lag: 7},
	}})
	for _, want := range []string{
		`tailspan_lines_total{pipeline="p\"1",verdict="read"} 10`, `tailspan_lines_total{pipeline="p\"1",verdict="dead_lettered"} 1`,
		`tailspan_lines_in_flight{pipeline="p\"1"} 2`, `tailspan_lag_seconds{pipeline="p\"1"} 1.5`,
		`tailspan_input_refused_total{pipeline="p\"1",reason="no_room"} 3`,
		`tailspan_templates{pipeline="p\"1"} 12`, `tailspan_templates_memory_bytes{pipeline="p\"1"} 3456`, `tailspan_templates_forgotten_total{pipeline="p\"1"} 5`,
		`tailspan_guarded_fields_total{key="max_depth",pipeline="p\"1"} 4`,
		`tailspan_held_lines{pipeline="p\"1"} 6`, `tailspan_held_bytes{pipeline="p\"1"} 4096`, `tailspan_held_decided_lines_total{decision="kept",pipeline="p\"1"} 11`,
		`tailspan_held_decided_lines_total{decision="sampled",pipeline="p\"1"} 12`, `tailspan_held_decided_lines_total{decision="early",pipeline="p\"1"} 13`,
		`tailspan_held_decided_lines_total{decision="dropped",pipeline="p\"1"} 14`, `tailspan_held_late_traces_total{pipeline="p\"1"} 2`,
		`tailspan_deleted_files_given_up_total{pipeline="p\"1"} 2`, `tailspan_deleted_bytes_lost_total{pipeline="p\"1"} 9`,
		`tailspan_findings_total{rule="silence",service="s\"hop"} 3`, `tailspan_findings_open{rule="silence"} 1`, `tailspan_findings_open{rule="errors"} 0`,
		`tailspan_detect_series 9`, `tailspan_detect_late_lines_total 8`, `tailspan_detect_unwatched_lines_total 7`, `tailspan_detect_webhook_total{taken="yes"} 6`,
		`tailspan_output_up{output="elasticsearch"} 1`, `tailspan_output_up{output="console"} 0`,
		`tailspan_output_request_duration_seconds_bucket{output="elasticsearch",le="0.005"} 1`,
		`tailspan_output_request_duration_seconds_bucket{output="elasticsearch",le="0.025"} 3`,
		`tailspan_output_request_duration_seconds_bucket{output="elasticsearch",le="60"} 3`,
		`tailspan_output_request_duration_seconds_bucket{output="elasticsearch",le="+Inf"} 7`,
		`tailspan_output_request_duration_seconds_sum{output="elasticsearch"} 3`,
		`tailspan_operation_duration_seconds_bucket{kind="server",operation="GET /",service="shop",le="0.1"} 1`,
		`tailspan_operation_duration_seconds_bucket{kind="server",operation="GET /",service="shop",le="1"} 2`,
		`tailspan_operation_duration_seconds_sum{kind="server",operation="GET /",service="shop"} 0.5`,
		`tailspan_operation_duration_seconds_count{kind="",operation="other",service="shop"} 1`,
		`tailspan_operation_errors_total{kind="server",operation="GET /",service="shop"} 1`, `tailspan_operations_folded_total 1`,
		`tailspan_config_last_reload_successful 1`, `tailspan_config_last_reload_success_timestamp_seconds 1.7000000005e+09`,
		`tailspan_file_lag_bytes{path="/a",pipeline="p\"1"} 5`, "tailspan_file_lag_bytes{path=\"/bad\uFFFD\",pipeline=\"p\\\"1\"} 7",
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(text, `"/done"`) || strings.Contains(text, `requests_total{output="console"}`) {
		t.Error("has a file that is not behind, or requests of an output that makes none")
	}
}

// TestExemplars: who asks for OpenMetrics gets the trace behind each bucket, and who does not gets a text that classic
// parsers read.
func TestExemplars(t *testing.T) {
	const want = `tailspan_operation_duration_seconds_bucket{kind="server",operation="GET /",service="shop",le="1.0"} 2 ` +
		`# {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.5 1.7000000005e+09`
	if text := scrapeAs(t, busy{}, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"); !strings.Contains(text, "\n"+want+"\n") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("lacks %s:\n%s", want, text)
	}
	if text := scrape(t, busy{}); strings.Contains(text, "trace_id") {
		t.Error("the classic format has an exemplar")
	}
}

// TestFilesAreBounded: however many files there are, and whatever they are called, the series of files are few.
func TestFilesAreBounded(t *testing.T) {
	var many []status.File
	for i := range 10_000 {
		many = append(many, status.File{Pipeline: "p", Path: fmt.Sprintf("/%d", i), Lag: int64(i)}, status.File{Pipeline: "p", Path: fmt.Sprintf("\xff%c", rune(i)), Lag: 1 << 40})
	}
	most := furthest(many)
	if len(most) != mostFiles {
		t.Errorf("%d files", len(most))
	}
	text := scrape(t, busy{files: many})
	if n := strings.Count(text, "\ntailspan_file_lag_bytes{"); n != mostFiles {
		t.Errorf("%d series", n)
	}
	if got := furthest([]status.File{{Path: "/a", Lag: 1}, {Path: "/b", Lag: 3}, {Path: "/c", Lag: 2}}); got[0].Path != "/b" || got[2].Path != "/a" {
		t.Errorf("not the furthest first: %v", got)
	}
}

// promtool runs Prometheus' own checker, which Debian has in its package prometheus.
func promtool(t *testing.T, stdin string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed; make test-prometheus installs it")
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 && strings.HasPrefix(args[0], "check") && args[1] == "metrics" {
		t.Errorf("promtool %v: %v\n%s", args, err, out)
	}
}

const shipped = "../../packaging"

func TestPromtool(t *testing.T) {
	t.Run("metrics", func(t *testing.T) {
		promtool(t, scrape(t, busy{files: []status.File{{Pipeline: "p", Path: "/a", Lag: 1}}}), "check", "metrics")
	})
	t.Run("rules", func(t *testing.T) {
		for _, name := range []string{"rules", "services"} {
			promtool(t, "", "check", "rules", filepath.Join(shipped, "prometheus", name+".yaml"))
			promtool(t, "", "test", "rules", filepath.Join(shipped, "prometheus", name+"_test.yaml"))
		}
	})
}

var (
	metricName = regexp.MustCompile(`\b(?:tailspan|process|go)_[a-z_]+`)
	recorded   = regexp.MustCompile(`\b[a-z_]+:[a-z0-9_]+:[a-z0-9_]+\b`)
	family     = regexp.MustCompile(`(?m)^# TYPE (\S+)`)
)

// TestShippedQueries: rules and dashboards ask for metrics that there are or that a rule records, and every metric of ours but a few is asked for.
func TestShippedQueries(t *testing.T) {
	var families []string
	for _, m := range family.FindAllStringSubmatch(scrape(t, busy{files: []status.File{{Pipeline: "p", Path: "/a", Lag: 1}}}), -1) {
		families = append(families, m[1])
	}
	asked, records := map[string]bool{}, map[string]bool{}
	rules, err := os.ReadFile(filepath.Join(shipped, "prometheus/services.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`record: (\S+)`).FindAllStringSubmatch(string(rules), -1) {
		records[m[1]] = true
	}
	for _, name := range []string{"prometheus/rules.yaml", "prometheus/rules_test.yaml", "prometheus/services.yaml", "prometheus/services_test.yaml", "grafana/dashboard.json", "grafana/services.json"} {
		data, err := os.ReadFile(filepath.Join(shipped, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range recorded.FindAllString(string(data), -1) {
			if !records[name] {
				t.Errorf("nothing records %s", name)
			}
		}
		data = recorded.ReplaceAll(data, nil)
		for _, metric := range metricName.FindAllString(string(data), -1) {
			if metric = strings.TrimSuffix(metric, "_bucket"); strings.HasSuffix(metric, "_seconds_count") {
				metric = strings.TrimSuffix(metric, "_count")
			} else if strings.HasSuffix(metric, "_seconds_sum") {
				metric = strings.TrimSuffix(metric, "_sum")
			}
			if asked[metric] = true; !slices.Contains(families, metric) {
				t.Errorf("%s asks for %s, which there is not", name, metric)
			}
		}
	}
	for _, name := range families {
		if strings.HasPrefix(name, "tailspan_") && !asked[name] && name != "tailspan_lines_in_flight" && name != "tailspan_file_lag_seconds" {
			t.Errorf("nothing that is shipped shows %s", name)
		}
	}
}

// TestDashboards: they are JSON, their panels have ids of their own and do not lie over one another, and each query names its variable.
func TestDashboards(t *testing.T) {
	for name, variable := range map[string]string{"dashboard": `instance=~"$instance"`, "services": `service=~"$service"`} {
		t.Run(name, func(t *testing.T) { testDashboard(t, name, variable) })
	}
}

func testDashboard(t *testing.T, name, variable string) {
	data, err := os.ReadFile(filepath.Join(shipped, "grafana", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]string{}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || len(p.Targets) == 0 {
			t.Errorf("%s: id %d twice, or no query", p.Title, p.ID)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			if !strings.Contains(target.Expr, variable) {
				t.Errorf("%s: %s is not about what was chosen", p.Title, target.Expr)
			}
		}
		g := p.GridPos
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %s or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

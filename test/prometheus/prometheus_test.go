//go:build prometheus

// Package prometheus_test lets a real Prometheus scrape a running agent and answer queries on what log lines say:
//
//	go test -tags prometheus ./test/prometheus
//
// It needs the program prometheus, which Debian has in the package of that name.
package prometheus_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/agenttest"
	"github.com/tailspan/tailspan/test/free"
)

// patience bounds what should take seconds, on a machine that is busy with other things.
const patience = 60 * time.Second

// TestOperations writes a log while an agent reads it and Prometheus scrapes the agent, and asks Prometheus for rate, errors,
// durations and the trace behind them.
func TestOperations(t *testing.T) {
	p, log := scrape(t, "pipelines: [{name: shop, paths: [shop.log]}]\noutput: {console: {}, metrics: {max_operations: 3, buckets: [0.01, 0.1, 1]}}\n", "",
		"--enable-feature=exemplar-storage")
	line := func(format string, args ...any) string {
		return fmt.Sprintf(`{"time":%q,`+format+"}\n", append([]any{time.Now().UTC().Format(time.RFC3339Nano)}, args...)...)
	}
	// Three rounds: 40 requests in 20 ms each, one in four of them failed, and 2 jobs of 2 s without a trace. Behind the first
	// round, which takes two of the three operations, come many that are logged once each.
	for round := range 3 {
		var lines strings.Builder
		for i := range 40 {
			lines.WriteString(line(`"service":"shop","method":"GET","path":"/cart/%d","status":%d,"duration_ms":20,"trace_id":"%032x"`, i, 200+i%4*100, round*40+i+1))
		}
		for range 2 {
			lines.WriteString(line(`"service":"jobs","msg":"clean up","duration_ms":2000`))
		}
		for i := range 20 * min(round, 1) {
			lines.WriteString(line(`"service":"s%s","msg":"once","duration_ms":5`, strings.Repeat("x", round*20+i)))
		}
		add(t, log, lines.String())
		p.eventually("what was written so far", fmt.Sprintf(`sum(tailspan_operation_duration_seconds_count) == %d`, 42*(round+1)+20*round))
	}
	const get = `{service="shop",operation="GET /cart/{id}",kind="server"}`
	for _, c := range []struct {
		query    string
		low, top float64
	}{
		{`tailspan_operation_duration_seconds_count` + get, 120, 120},
		{`tailspan_operation_errors_total` + get + ` / tailspan_operation_duration_seconds_count` + get, 0.25, 0.25},
		{`sum(rate(tailspan_operation_duration_seconds_count` + get + `[5m]))`, 0.1, 100},
		{`histogram_quantile(0.95, sum by (le) (tailspan_operation_duration_seconds_bucket` + get + `))`, 0.01, 0.1},
		{`histogram_quantile(0.5, sum by (le) (tailspan_operation_duration_seconds_bucket{service="jobs"}))`, 1, 1}, // beyond the last bound
		{`tailspan_operation_duration_seconds_sum{service="jobs",operation="clean up"}`, 12, 12},
		{`sum(tailspan_operation_duration_seconds_count{service="other",operation="other"})`, 39, 39},
		{`tailspan_operations_folded_total`, 39, 39},
		{`count(tailspan_operation_errors_total)`, 4, 4},
		{`sum(tailspan_output_lines_total{output="metrics",verdict="dropped"})`, 0, 0},
	} {
		if got := p.query(c.query); len(got) != 1 || got[0] < c.low || got[0] > c.top {
			t.Errorf("%s: %v, want %g to %g", c.query, got, c.low, c.top)
		}
	}
	if id := p.exemplar(`tailspan_operation_duration_seconds_bucket` + get); id != fmt.Sprintf("%032x", 120) {
		t.Errorf("the last exemplar is of trace %q", id)
	}
}

type prometheus struct {
	*testing.T
	url string
}

// scrape starts an agent with the configuration, and a Prometheus that scrapes it, with more lines of its own configuration and more
// flags. They run in a folder of their own until the test ends; in it is the log shop.log, which is empty.
func scrape(t *testing.T, config, more string, flags ...string) (p prometheus, log string) {
	t.Helper()
	dir := t.TempDir()
	agent, server := free.For(t), free.For(t)
	write(t, filepath.Join(dir, "tailspan.yaml"), fmt.Sprintf("data_dir: data\nhttp: {listen: %q}\n%s", agent, config))
	write(t, filepath.Join(dir, "prometheus.yaml"), fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\n%s"+
		"scrape_configs:\n- job_name: tailspan\n  static_configs: [{targets: [%q]}]\n", more, agent))
	log = filepath.Join(dir, "shop.log")
	write(t, log, "")
	binary, remove, err := agenttest.Build()
	t.Cleanup(remove)
	if err != nil {
		t.Fatal(err)
	}
	start(t, dir, binary, "run", "--config", "tailspan.yaml")
	start(t, dir, "prometheus", append(flags, "--config.file=prometheus.yaml", "--storage.tsdb.path=tsdb", "--web.listen-address="+server, "--log.level=error")...)
	return prometheus{t, "http://" + server}, log
}

// query returns the values of a query; none when there is no answer.
func (p prometheus) query(query string) (values []float64) {
	p.Helper()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	p.ask("/api/v1/query?query="+url.QueryEscape(query), &answer)
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			p.Fatal(err)
		}
		values = append(values, v)
	}
	return values
}

// exemplar returns the trace of the youngest exemplar of a series.
func (p prometheus) exemplar(series string) (trace string) {
	p.Helper()
	var answer struct {
		Data []struct {
			Exemplars []struct {
				Labels    map[string]string
				Timestamp float64
			}
		}
	}
	now := time.Now()
	p.ask(fmt.Sprintf("/api/v1/query_exemplars?query=%s&start=%d&end=%d", url.QueryEscape(series), now.Add(-time.Hour).Unix(), now.Add(time.Hour).Unix()), &answer)
	last := 0.0
	for _, d := range answer.Data {
		for _, e := range d.Exemplars {
			if e.Timestamp > last {
				last, trace = e.Timestamp, e.Labels["trace_id"]
			}
		}
	}
	return trace
}

func (p prometheus) ask(path string, answer any) {
	p.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		return // not there yet
	}
	defer func() { _ = res.Body.Close() }() // was only read
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 == 4 {
		p.Fatal(res.Status, err, string(text))
	}
	if res.StatusCode == http.StatusOK && json.Unmarshal(text, answer) != nil {
		p.Fatalf("not JSON: %s", text)
	}
}

// eventually waits for a query to have a result.
func (p prometheus) eventually(what, query string) {
	p.Helper()
	for deadline := time.Now().Add(patience); len(p.query(query)) == 0; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatalf("%s: not within %s; %v", what, patience, p.query(`tailspan_operation_duration_seconds_count`))
		}
	}
}

// start runs a program until the test ends.
func start(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()                          // of no interest then
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

//go:build traces

package traces_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/free"
	"github.com/tailspan/tailspan/test/jaegertest"
)

// orders is how many traces each run of TestOpenTracing compares.
const orders = 10_000

// TestOpenTracing runs examples/shop, whose services are instrumented with OpenTracing and write nothing but logs, an agent
// on each of its two hosts and a real Jaeger, and compares what Jaeger has with what the tracers recorded, span by span.
func TestOpenTracing(t *testing.T) {
	for _, c := range []struct {
		name    string
		slow    string // dependency
		names   string // who waits for it
		skew    time.Duration
		lose    float64
		parents float64 // the least share of spans with the right parent, of those recorded and of those found
	}{
		{"no faults", "bank", "payments bank transfer", 0, 0, 0.999},
		{"clocks off by 50 ms, 1 % of lines lost", "database", "stock SELECT stock", 50 * time.Millisecond, 0.01, 0.98},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, s := startJaeger(t, ""), newOpenShop(t)
			s.run(t, j, "-orders", strconv.Itoa(orders), "-parallel", "24", "-slow", c.slow, "-skew", c.skew.String(), "-lose", fmt.Sprint(c.lose))
			got := s.score(t, j, c.skew, c.names)
			t.Logf("%s\n%s", c.name, got)
			for _, text := range got.first {
				t.Log(text)
			}
			if got.traces != orders {
				t.Errorf("%d traces", got.traces)
			}
			for what, least := range map[string][2]float64{
				"recall": {share(got.parents, got.truth), c.parents}, "precision": {share(got.parents, got.found), 0.999},
				"same":     {share(got.same, got.parents), 0.995 - c.lose},
				"duration": {share(got.timed, got.parents-got.pairs), 0.999 - c.lose}, "pairs": {share(got.pairsNear, got.pairs), 0.95 - c.lose},
				"injected": {share(got.injected, got.complete), 0.99}, "bottleneck": {share(got.bottleneck, got.complete), 0.99},
				"path": {got.path / float64(got.complete), 0.95},
			} {
				if least[0] < least[1] {
					t.Errorf("%s: %.5f is less than %.5f", what, least[0], least[1])
				}
			}
			out := s.tailspan(t, "", "bottleneck", "--files", s.dir+"/*/*.log")
			t.Logf("tailspan bottleneck:\n%s", out)
			if first := strings.Join(strings.Fields(strings.Split(out, "\n")[3]), " "); !strings.HasPrefix(first, c.names) {
				t.Errorf("the first of bottleneck is %s", first)
			}
		})
	}
}

// TestExportedTwice: payments sends its spans to Jaeger itself. Told so, tailspan does not send them once more, and the traces are
// as whole as otherwise.
func TestExportedTwice(t *testing.T) {
	const few = 200
	for _, told := range []bool{false, true} {
		j, s := startJaeger(t, ""), newOpenShop(t)
		text, err := os.ReadFile(s.config)
		if err != nil {
			t.Fatal(err)
		}
		if told {
			text = []byte(strings.Replace(string(text), "jaeger: {", "jaeger: {exporting: [payments], ", 1))
		}
		s.config = filepath.Join(s.dir, "tailspan.yaml")
		if err := os.WriteFile(s.config, text, 0o644); err != nil {
			t.Fatal(err)
		}
		s.run(t, j, "-orders", strconv.Itoa(few), "-export", "payments", "-collector", j.Collector)
		spans, twice, wrong := 0, 0, 0
		for id, truth := range readTruth(t, filepath.Join(s.dir, "spans.jsonl")) {
			got, err := j.Trace(id)
			if err != nil {
				t.Fatal(err)
			}
			parents := map[string]string{}
			for i := range got {
				if _, there := parents[got[i].SpanID]; there {
					twice++
				}
				parents[got[i].SpanID] = got[i].Parent()
			}
			for _, r := range truth {
				if parent, there := parents[r.SpanID]; !there || parent != r.ParentID {
					wrong++
				}
			}
			spans += len(got)
		}
		t.Logf("told: %t: %d spans in Jaeger, %d of them twice, %d missing or with another parent", told, spans, twice, wrong)
		if told && (spans != 10*few || twice+wrong > 0) {
			t.Error("that is not as it should be")
		}
		if !told && spans == 10*few {
			t.Error("Jaeger has nothing twice, so exporting is of no use")
		}
	}
}

// openShop is where examples/shop runs.
type openShop struct{ dir, program, config string }

func newOpenShop(t *testing.T) *openShop {
	t.Helper()
	s := &openShop{dir: t.TempDir()}
	source, err := filepath.Abs("../../examples/shop")
	if err != nil {
		t.Fatal(err)
	}
	s.program, s.config = filepath.Join(s.dir, "shop"), filepath.Join(source, "tailspan.yaml")
	if out, err := exec.Command("go", "build", "-C", source, "-o", s.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return s
}

func (s *openShop) environment(host string, more ...string) []string {
	env := append(os.Environ(), "SHOP_DIR="+s.dir)
	if host != "" {
		env = append(env, "SHOP_HOST="+host)
	}
	return append(env, more...)
}

// tailspan runs a command with the shop's configuration.
func (s *openShop) tailspan(t *testing.T, host string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append(args, "--config", s.config)...)
	cmd.Env = s.environment(host)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("tailspan %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// run opens the shop beside the agents of its hosts, and returns when everything is shipped.
func (s *openShop) run(t *testing.T, j *jaegertest.Jaeger, args ...string) {
	t.Helper()
	agents := []*agent{s.agent(t, j, "front", "web", "orders"), s.agent(t, j, "back", "payments", "stock")}
	start := time.Now()
	shop := exec.CommandContext(t.Context(), s.program, append(args, "-dir", s.dir)...)
	out, err := shop.CombinedOutput()
	if err != nil {
		t.Fatalf("shop: %v\n%s", err, out)
	}
	t.Logf("%s: %s", time.Since(start).Round(time.Millisecond), out)
	for _, a := range agents {
		eventually(t, "all lines read", func() (bool, any) { return a.behind(t) })
		a.end(t)
	}
}

// agent is tailspan on one host.
type agent struct {
	cmd     *exec.Cmd
	metrics string
	logs    map[string]string // path by pipeline
	err     string            // where its standard error is
}

// agent runs tailspan on a host.
func (s *openShop) agent(t *testing.T, j *jaegertest.Jaeger, host string, pipelines ...string) *agent {
	t.Helper()
	address := free.For(t)
	a := &agent{cmd: exec.Command(binary, "run", "--config", s.config), metrics: "http://" + address + "/metrics", logs: map[string]string{},
		err: filepath.Join(s.dir, host+".err")}
	a.cmd.Env = s.environment(host, "SHOP_JAEGER="+j.OTLP, "SHOP_METRICS="+address)
	for _, name := range pipelines {
		a.logs[name] = filepath.Join(s.dir, host, name+".log")
	}
	file, err := os.Create(a.err)
	if err != nil {
		t.Fatal(err)
	}
	a.cmd.Stderr = file
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = a.cmd.Process.Kill() // it has ended unless the test failed
		_ = file.Close()         // a temporary file
	})
	return a
}

// behind reports whether the agent has read the logs to their ends, or what it has not.
func (a *agent) behind(t *testing.T) (bool, any) {
	text := fetch(t, a.metrics)
	for name, path := range a.logs {
		info, err := os.Stat(path)
		if err != nil {
			return false, err
		}
		if metric := fmt.Sprintf("tailspan_bytes_read_total{pipeline=%q} ", name); value(text, metric) != float64(info.Size()) {
			return false, fmt.Sprintf("%s%g of %d", metric, value(text, metric), info.Size())
		}
	}
	return true, nil
}

// end asks the agent to deliver what it has and to end, and tells of lines that it gave up.
func (a *agent) end(t *testing.T) {
	t.Helper()
	if n := value(fetch(t, a.metrics), `tailspan_output_lines_total{output="jaeger",verdict="dropped"} `); n != 0 {
		t.Errorf("%g lines were given up", n)
	}
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := a.cmd.Wait()
	if text, _ := os.ReadFile(a.err); err != nil || strings.Contains(string(text), "level=WARN") {
		t.Errorf("the agent ended: %v\n%s", err, text)
	}
}

// score reads every trace back from Jaeger.
func (s *openShop) score(t *testing.T, j *jaegertest.Jaeger, skew time.Duration, slow string) *score {
	t.Helper()
	truth := readTruth(t, filepath.Join(s.dir, "spans.jsonl"))
	ids := make(chan string)
	var asking sync.WaitGroup
	var got score
	for range 4 {
		asking.Go(func() {
			for id := range ids {
				spans, err := j.Trace(id)
				if err != nil {
					t.Error(err)
				}
				got.add(truth[id], spans, skew, slow)
			}
		})
	}
	for id := range truth {
		ids <- id
	}
	close(ids)
	asking.Wait()
	return &got
}

// fetch is what a URL answers; empty when it does not.
func fetch(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }() // was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return ""
	}
	return string(text)
}

// value is that of a metric in Prometheus' text, by the beginning of its line; 0 when it is not there.
func value(text, metric string) float64 {
	_, rest, _ := strings.Cut(text, "\n"+metric)
	number, _, _ := strings.Cut(rest, "\n")
	v, _ := strconv.ParseFloat(number, 64)
	return v
}

package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/config"
)

// alerts are the documents of findings so far.
func (s *stage) alerts() []map[string]any {
	s.t.Helper()
	var all []map[string]any
	for line := range strings.Lines(s.out.String()) {
		var doc map[string]any
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		if doc["event.kind"] == "alert" {
			all = append(all, doc)
		}
	}
	return all
}

// order is a line of a service that works, or fails.
func order(at time.Time, n int, fails bool) string {
	level, trace := "info", fmt.Sprintf("%032x", n+1)
	if fails {
		level = "error"
	}
	return fmt.Sprintf(`{"@timestamp":%q,"log.level":%q,"service":{"name":"shop"},"message":"order %d is done, card 4111 1111 1111 1111","trace.id":%q}`+"\n", at.Format(time.RFC3339Nano), level, n, trace)
}

// TestDetect: what begins to fail in a log becomes one document, in the output and at the webhook, with the lines and traces that show
// it; once, although the configuration is taken over and the agent starts again while it goes on.
func TestDetect(t *testing.T) {
	var mu sync.Mutex
	var told []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, string(body))
	}))
	defer hook.Close()
	staged := fmt.Sprintf("data_dir: state\nhost: {name: h}\npipelines: [{name: a, paths: [a.log], process: [{redact: {fields: [message], kinds: [card]}}]}]\n"+
		"detect: {learning: 10m, webhook: {url: %q}}\noutput: {console: {}}\n", hook.URL)
	dir := t.TempDir()
	s := newStageOf(t, dir, staged)
	began := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
	second := 0
	more := func(until int) {
		var text strings.Builder
		for ; second < until; second++ {
			for i := range 2 {
				text.WriteString(order(began.Add(time.Duration(second)*time.Second+time.Duration(i)*500*time.Millisecond), 2*second+i, second > 3000 && second%2 == 0))
			}
		}
		s.log("a.log", text.String())
	}
	more(3200)
	s.eventually("a finding", func() bool { return len(s.alerts()) > 0 })
	s.reload(strings.Replace(staged, "name: a,", "name: a, service: x,", 1))
	more(3300)
	s.eventually("all lines", func() bool { return strings.Count(s.out.String(), "\n") == 6600+1 })
	s.end()

	s = newStageOf(t, dir, staged)
	more(3900)
	s.eventually("the lines after the start", func() bool { return strings.Count(s.out.String(), "\n") == 1200 })
	again := s.alerts()
	s.end()
	if len(again) != 0 {
		t.Errorf("found again: %v", again)
	}
	checkFinding(t, dir, staged)
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 1 || !strings.Contains(told[0], `{"text":"shop: `) || !strings.Contains(told[0], `"rule.name":"errors"`) {
		t.Errorf("the webhook was told %q", told)
	}
}

// checkFinding reads the spool, which has every finding there was.
func checkFinding(t *testing.T, dir, configuration string) {
	t.Helper()
	s := newStageOf(t, t.TempDir(), strings.Replace(configuration, "paths: [a.log]", "paths: ["+filepath.Join(dir, "state/spool", config.Findings, "*.log")+"]", 1))
	s.eventually("what was in the spool", func() bool { return len(s.alerts()) > 0 })
	f := s.alerts()[0]
	s.end()
	for field, want := range map[string]any{"rule.name": "errors", "service.name": "shop", "tailspan.finding.before": 0.0, "log.level": "warn", "event.action": "opened"} {
		if f[field] != want {
			t.Errorf("%s is %v, want %v", field, f[field], want)
		}
	}
	samples, ids, traces := f["tailspan.finding.samples"].([]any), f["tailspan.finding.sample_ids"].([]any), f["tailspan.finding.trace_ids"].([]any)
	if len(samples) == 0 || len(ids) != len(samples) || len(traces) == 0 || f["trace.id"] != traces[0] || !strings.HasPrefix(samples[0].(string), "order ") {
		t.Errorf("evidence: %v, %v, %v", samples, ids, traces)
	}
	if strings.Contains(fmt.Sprint(f), "4111 1111") {
		t.Errorf("what was redacted is evidence: %v", f)
	}
}

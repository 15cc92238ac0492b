//go:build elasticsearch

package elasticsearch_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scraper's timeout is short: the endpoints must answer whatever the agent is busy with.
var scraper = &http.Client{Timeout: 5 * time.Second}

// get asks an endpoint of the agent.
func (a *agent) get(path string) (status int, body string, err error) {
	res, err := scraper.Get(a.url + path)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(res.Body)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	return res.StatusCode, string(data), err
}

// scrape returns the metrics by name and labels, just as they are printed.
func (a *agent) scrape() (map[string]float64, error) {
	status, body, err := a.get("/metrics")
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("/metrics: HTTP %d: %s", status, body)
	}
	metrics := map[string]float64{}
	lines := bufio.NewScanner(strings.NewReader(body))
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), "} ")
		if ok {
			name += "}"
		} else {
			name, value, _ = strings.Cut(lines.Text(), " ")
		}
		if strings.HasPrefix(name, "tailspan_") {
			if metrics[name], err = strconv.ParseFloat(value, 64); err != nil {
				return nil, err
			}
		}
	}
	return metrics, lines.Err()
}

// ledger is what became of the lines of a pipeline, by verdict, and in_flight.
type ledger map[string]int

// ledger reads the ledger of the pipeline; ok is false while, or once, the agent does not answer.
func (a *agent) ledger(pipeline string) (l ledger, ok bool) {
	metrics, err := a.scrape()
	if err != nil {
		return nil, false
	}
	l = ledger{"in_flight": int(metrics[fmt.Sprintf(`tailspan_lines_in_flight{pipeline=%q}`, pipeline)])}
	for _, verdict := range []string{"read", "indexed", "duplicate", "dead_lettered", "dropped"} {
		value, there := metrics[fmt.Sprintf(`tailspan_lines_total{pipeline=%q,verdict=%q}`, pipeline, verdict)]
		l[verdict], ok = int(value), there
	}
	return l, ok
}

// done is how many lines have a verdict.
func (l ledger) done() int { return l["indexed"] + l["duplicate"] + l["dead_lettered"] + l["dropped"] }

// TestMetrics watches an agent from outside while it ships: every scrape must add up.
func TestMetrics(t *testing.T) {
	n := manyLines / 4 // so many scrapes take their time
	s := newSetup(t, "*.log", "format: json", "bulk: {max_size: 32KiB}")
	writeLines(t, filepath.Join(s.logs, "app.log"), 0, n)
	a := s.start(t)
	scrapes, partial := 0, 0
	eventually(t, patience, "everything is indexed", func() (bool, any) {
		for { // scraping as fast as it goes gives a broken sum a chance to show
			l, ok := a.ledger(s.dataset)
			if !ok {
				return false, "no ledger"
			}
			scrapes++
			if l["read"] != l.done()+l["in_flight"] || l["in_flight"] < 0 {
				t.Fatalf("scrape %d does not add up: %v", scrapes, l)
			}
			if l.done() == n {
				return true, l
			}
			if l.done() > 0 {
				partial++
			}
		}
	})
	t.Logf("%d scrapes, %d of them while lines were under way", scrapes, partial)
	if partial == 0 {
		t.Errorf("none of %d scrapes was taken while lines were under way", scrapes)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body, err := a.get(path); status != http.StatusOK || err != nil {
			t.Errorf("%s: %d %q %v", path, status, body, err)
		}
	}
	metrics, err := a.scrape()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(s.logs, "app.log"))
	if err != nil {
		t.Fatal(err)
	}
	label := fmt.Sprintf("{pipeline=%q}", s.dataset)
	for name, want := range map[string]float64{
		"tailspan_bytes_read_total" + label:                          float64(info.Size()),
		"tailspan_lag_bytes" + label:                                 0,
		"tailspan_files" + label:                                     1,
		`tailspan_output_requests_in_flight{output="elasticsearch"}`: 0,
	} {
		if metrics[name] != want {
			t.Errorf("%s is %v and should be %v", name, metrics[name], want)
		}
	}
	if sent, wire := metrics[`tailspan_output_bytes_total{output="elasticsearch"}`], metrics[`tailspan_output_wire_bytes_total{output="elasticsearch"}`]; wire == 0 || wire >= sent {
		t.Errorf("%v bytes became %v on the wire", sent, wire)
	}
	a.terminate(10 * time.Second)
	wantLines(t, s.stream, n)
}

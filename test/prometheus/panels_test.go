//go:build prometheus

package prometheus_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is what a query should return: so many series at least, whose values are all in a range.
type answer struct {
	series    int
	low, high float64
}

var (
	some  = answer{1, math.SmallestNonzeroFloat64, math.Inf(1)} // more than nothing
	any0  = answer{1, 0, math.Inf(1)}                           // nothing is right, too
	zero  = answer{1, 0, 0}
	one   = answer{1, 1, 1}
	share = answer{2, 0, 0.3} // a quarter of the shop's operations fails, and none of the jobs
	none  = answer{}          // no series: nothing of the kind has happened, or there is no yesterday
)

// seconds are those that operations took: 20 ms or 2 s.
var seconds = answer{1, 0.001, 3}

// panels say what each query of each panel should return, by the dashboard and its title, for what keepBusy does.
var panels = map[string]map[string][]answer{
	"dashboard": {
		"Lines delivered": {some}, "Longest lag": {any0}, "Bytes behind": {some}, "Dead letters": {zero}, "Outputs up": {one}, "Configurations": {one},
		"Lines by verdict": {{4, 0, 1e6}}, "Bytes read": {{2, 0, 1e9}}, "Lag in bytes": {{2, 0, 1e6}}, "Lag in time": {{2, 0, 60}},
		"Requests": {some, zero}, "Request duration": {{1, 0.0001, 60}, {1, 0.0001, 60}, {1, 0.0001, 60}},
		"Sent again, mended, given up": {zero, zero, {2, 0, 0}, some, {4, 0, 0}},
		"In flight":                    {any0, any0}, "Bytes sent": {some, any0}, "Memory": {{1, 1 << 20, 1 << 30}, some},
		"Files furthest behind": {some}, "Files": {{2, 0, 1}, zero, zero, zero},
		"Operations": {{2, 0.001, 1e5}, zero}, "Operations that failed": {share}, "Operations, 95th percentile": {seconds},
		"Log statements": {some, zero}, "Held lines, by decision": {{4, 0, 1e6}, some}, "Lines that wait": {any0, any0},
		"Findings that are not over": {none}, "Findings": {none}, "Detectors": {none, none, none}, // nothing is detected without detect: on
	},
	"services": {
		"Rate": {{2, 0.001, 1e5}}, "Share that failed": {share}, "95th percentile": {seconds, none},
		"Median, 99th percentile, mean": {seconds, seconds, seconds}, "How long operations take": {{4, 0, 1e6}},
		"Operations by time": {some}, "Operations by failures": {some},
	},
}

// TestPanels lets a busy agent be scraped and the shipped rules be evaluated, and runs every query of the dashboards.
func TestPanels(t *testing.T) {
	shipped, err := filepath.Abs("../../packaging")
	if err != nil {
		t.Fatal(err)
	}
	p, log := scrape(t, "pipelines:\n"+
		"  - {name: shop, paths: [shop.log], templates: on, mapping_guard: {max_depth: 2}, hold: {for: 500ms, keep: {sample: 30%}}}\n"+
		"  - {name: received, input: {type: unixgram, listen: in.sock}}\n"+
		"output: {local: {}, console: {}, metrics: {buckets: [0.01, 0.1, 1]}}\n",
		fmt.Sprintf("rule_files: [%[1]s/prometheus/rules.yaml, %[1]s/prometheus/services.yaml]\n", shipped))
	stop, busy := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(busy)
		keepBusy(t, log, stop)
	}()
	defer func() {
		close(stop)
		<-busy
	}()
	p.eventually("lines were dropped, and a trace was late", `sum(tailspan_held_decided_lines_total{decision="dropped"}) > 10 and on () sum(tailspan_held_late_traces_total) > 0`)
	p.eventually("rules record", `service:tailspan_operation_duration_seconds:p95{service="shop"} > 0 and on () pipeline:tailspan_held_dropped:ratio_rate5m > 0`)
	p.rulesAreWell()
	for name, want := range panels {
		t.Run(name, func(t *testing.T) { p.dashboard(t, filepath.Join(shipped, "grafana", name+".json"), want) })
	}
}

// keepBusy writes lines of two services, some of which fail, until stop is closed. The last line of the file is never whole.
func keepBusy(t *testing.T, log string, stop <-chan struct{}) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for round := 0; ; round++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		var lines strings.Builder
		line := func(trace int, format string, args ...any) {
			fmt.Fprintf(&lines, "\n"+`{"time":%q,"trace_id":"4bf92f3577b34da6%016x",`+format+"}", append([]any{time.Now().UTC().Format(time.RFC3339Nano), trace * 0x9e3779b97f4a7}, args...)...)
		}
		for i := range 8 {
			line(round*8+i+1, `"service":"shop","method":"GET","path":"/cart/%d","status":%d,"duration_ms":20,"a":{"b":{"c":1}}`, i, 200+i%4*100)
			line(round*8+i+1, `"service":"shop","msg":"cart %d read"`, i)
		}
		line(round*8+1, `"service":"jobs","msg":"clean up","duration_ms":2000`)
		if round >= 20 {
			line((round-20)*8+1, `"service":"shop","level":"error","msg":"seen too late"`) // its trace was dropped, unless it is in the share
		}
		file, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = file.WriteString(lines.String())
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}

// rulesAreWell asks what became of the shipped rules.
func (p prometheus) rulesAreWell() {
	p.Helper()
	var rules struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Type, Health, LastError, State string }
			}
		}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		p.ask("/api/v1/rules", &rules)
		unknown, total := 0, 0
		for _, g := range rules.Data.Groups {
			for _, r := range g.Rules {
				total++
				if r.Health == "unknown" {
					unknown++
				}
			}
		}
		if total > 0 && unknown == 0 || time.Now().After(deadline) {
			break
		}
	}
	kinds := map[string]int{}
	for _, g := range rules.Data.Groups {
		for _, r := range g.Rules {
			kinds[r.Type]++
			if r.Health != "ok" {
				p.Errorf("%s is %s: %s", r.Name, r.Health, r.LastError)
			}
			if r.State == "firing" && r.Name != "TailspanHeldTooShort" { // which is right: traces are late
				p.Errorf("%s fires", r.Name)
			}
		}
	}
	if kinds["recording"] < 10 || kinds["alerting"] < 14 {
		p.Errorf("%v rules are evaluated", kinds)
	}
}

// variables stand for what is chosen in Grafana.
var variables = strings.NewReplacer(`"$instance"`, `".*"`, `"$pipeline"`, `".*"`, `"$service"`, `".*"`, "$__rate_interval", "30s", "$__range", "5m", "$__interval", "15s")

func (p prometheus) dashboard(t *testing.T, path string, want map[string][]answer) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	for _, panel := range board.Panels {
		if len(want[panel.Title]) != len(panel.Targets) {
			t.Errorf("%s has %d queries; here stands what %d should return", panel.Title, len(panel.Targets), len(want[panel.Title]))
			continue
		}
		for i, target := range panel.Targets {
			query, a := variables.Replace(target.Expr), want[panel.Title][i]
			if strings.Contains(query, "$") {
				t.Errorf("%s: %s has a variable that nobody sets", panel.Title, query)
			}
			// A bucket is empty at times, and a rate begins with the second sample.
			var got []float64
			ok := false
			for deadline := time.Now().Add(20 * time.Second); !ok && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
				got = p.query(query)
				ok = a.fits(got)
			}
			if !ok {
				t.Errorf("%s: %s returns %v, want %+v", panel.Title, query, got, a)
			}
		}
	}
}

func (a answer) fits(got []float64) bool {
	if len(got) < a.series || a.series == 0 && len(got) > 0 {
		return false
	}
	more := a.low == math.SmallestNonzeroFloat64 && slices.ContainsFunc(got, func(v float64) bool { return v > 0 })
	return more || !slices.ContainsFunc(got, func(v float64) bool { return !(v >= a.low && v <= a.high) })
}

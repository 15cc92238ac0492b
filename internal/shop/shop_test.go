package shop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// span is what the log lines of one span tell, in whichever manner.
type span struct {
	service, name string
	parent        string // id
	took          time.Duration
	failed        bool
	at            time.Time // of its last line
}

// manner is how lines tell of a span: groups by name.
type manner struct {
	service string
	line    *regexp.Regexp
	layout  string // of time
}

const ids = `trace_id=(?P<trace>[0-9a-f]{32}) span_id=(?P<span>[0-9a-f]{16})`

var manners = []manner{
	{"web", regexp.MustCompile(`^127\.0\.0\.1 - - \[(?P<time>[^]]+)\] "(?P<name>POST /orders)/\d+ HTTP/1\.1" (?P<status>\d+) 0 "-" "customer/1\.0" (?P<s>[\d.]+) uber-trace-id=(?P<trace>[0-9a-f]{32}):(?P<span>[0-9a-f]{16}):(?P<parent>[0-9a-f]{16}):1$`), "02/Jan/2006:15:04:05.000 -0700"},
	{"orders", regexp.MustCompile(`^\{("duration_ms":(?P<ms>[\d.]+),)?("error":(?P<error>\w+),)?.*"msg":"(?P<name>[^"]+)","parent_id":"(?P<parent>[0-9a-f]{16})",.*"span_id":"(?P<span>[0-9a-f]{16})",("status":(?P<status>\d+),)?"time":"(?P<time>[^"]+)","trace_id":"(?P<trace>[0-9a-f]{32})","version":"1\.4\.2"\}$`), microseconds},
	{"payments", regexp.MustCompile(`^(?P<time>\S+) (?P<level>\w+) +"?(?P<name>[^"=]+?)( error=.*| HTTP.*)? took=(?P<ms>[\d.]+)ms ` + ids + ` parent_id=(?P<parent>[0-9a-f]{16})$`), milliseconds},
	{"stock", regexp.MustCompile(`^(?P<time>\S+) INFO (?P<name>reserve) started ` + ids + `$`), microseconds},
	{"stock", regexp.MustCompile(`^(?P<time>\S+) DEBUG jaeger (?P<name>Reporting) span (?P<trace>[0-9a-f]{32}):(?P<span>[0-9a-f]{16}):(?P<parent>[0-9a-f]{16}):1$`), microseconds},
	{"stock", regexp.MustCompile(`^\{"duration_us":(?P<us>\d+),"event":"(finish|deadlock detected)","level":"(?P<level>\w+)","operation":"(?P<name>SELECT stock)","parent_id":"(?P<parent>[0-9a-f]{16})","span_id":"(?P<span>[0-9a-f]{16})",.*"time":"(?P<time>[^"]+)","trace_id":"(?P<trace>[0-9a-f]{32})"\}$`), microseconds},
}

// read returns the spans of all logs by trace and id, and how many lines there are.
func read(t *testing.T, dir string) (traces map[string]map[string]*span, lines int64) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	traces = map[string]map[string]*span{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			lines++
			line = strings.TrimSuffix(line, "\n")
			if !strings.Contains(line, " version 1.4.2") {
				add(t, traces, strings.TrimSuffix(filepath.Base(path), ".log"), line)
			}
		}
	}
	return traces, lines
}

// add reads a line of a span.
func add(t *testing.T, traces map[string]map[string]*span, service, line string) {
	t.Helper()
	for _, m := range manners {
		match := m.line.FindStringSubmatch(line)
		if m.service != service || match == nil {
			continue
		}
		group := map[string]string{}
		for i, name := range m.line.SubexpNames() {
			group[name] = match[i]
		}
		at, err := time.Parse(m.layout, group["time"])
		if err != nil {
			t.Fatal(err)
		}
		if traces[group["trace"]] == nil {
			traces[group["trace"]] = map[string]*span{}
		}
		s := traces[group["trace"]][group["span"]]
		if s == nil {
			s = &span{service: service}
			traces[group["trace"]][group["span"]] = s
		}
		if group["name"] != "Reporting" {
			s.name = group["name"]
		}
		if group["parent"] != "" {
			s.parent = strings.TrimPrefix(group["parent"], noParent)
		}
		if at.After(s.at) {
			s.at = at
		}
		s.failed = s.failed || group["status"] >= "500" || group["level"] == "ERROR" || group["error"] == "true"
		for unit := range map[string]bool{"s": true, "ms": true, "us": true} {
			if group[unit] != "" {
				if s.took, err = time.ParseDuration(group[unit] + unit); err != nil {
					t.Fatal(err)
				}
			}
		}
		return
	}
	t.Fatalf("%s wrote %q", service, line)
}

// whole checks that a trace is an order: every span that there should be, each below the one that caused it.
func whole(t *testing.T, id string, spans map[string]*span) {
	t.Helper()
	var have []string
	failed := false
	for _, s := range spans {
		above := ""
		if s.parent != "" {
			if spans[s.parent] == nil {
				t.Fatalf("trace %s: the parent of %+v is not there", id, s)
			}
			above = spans[s.parent].service + " " + spans[s.parent].name
		}
		have = append(have, fmt.Sprintf("%s %s < %s", s.service, s.name, above))
		failed = failed || s.failed && s.name == "bank transfer"
	}
	slices.Sort(have)
	want := []string{"orders charge card < orders request", "orders request < web POST /orders", "orders reserve stock < orders request", "orders send mail < orders request",
		"payments POST /charge < orders charge card", "payments bank transfer < payments POST /charge", "payments fraud score < payments POST /charge",
		"stock SELECT stock < stock reserve", "stock reserve < orders reserve stock", "web POST /orders < "}
	if !slices.Equal(have, want) {
		t.Fatalf("trace %s:\n%s", id, strings.Join(have, "\n"))
	}
	for _, s := range spans {
		if s.failed != (failed && slices.Contains([]string{"bank transfer", "POST /charge", "charge card", "request", "POST /orders"}, s.name)) {
			t.Errorf("trace %s: failed %t, but %+v", id, failed, s)
		}
	}
}

// yesterday is what a shop did that is closed when it opens.
func yesterday(t *testing.T, settings Settings) (traces map[string]map[string]*span) {
	t.Helper()
	closed, cancel := context.WithCancel(t.Context())
	cancel()
	settings.Dir = t.TempDir()
	orders, lines, err := Run(closed, settings)
	if err != nil {
		t.Fatal(err)
	}
	traces, written := read(t, settings.Dir)
	if int64(len(traces)) != orders || lines != written {
		t.Errorf("%d orders are %d traces, %d lines are %d", orders, len(traces), lines, written)
	}
	return traces
}

// TestPast: what was before the shop opened takes no time, lies in its time, and the dependency is slow when it should.
func TestPast(t *testing.T) {
	const past, ago = 10 * time.Minute, 3 * time.Minute
	began := time.Now()
	traces := yesterday(t, Settings{Parallel: 4, Pause: 2 * time.Second, Past: past, Slow: "bank", Failures: 0.05, Seed: 1,
		Incident: Incident{Kind: "slow", Where: "bank", Magnitude: 12, After: -ago}})
	if took := time.Since(began); took > past/20 {
		t.Errorf("10 minutes took %v", took)
	}
	if n := len(traces); n < 1000 || n > 1200 {
		t.Errorf("%d orders", n)
	}
	failed := 0
	for id, spans := range traces {
		whole(t, id, spans)
		for _, s := range spans {
			if before := began.Sub(s.at); before > past || before < -time.Second-time.Since(began) {
				t.Fatalf("%+v is %v ago", s, before)
			}
			if s.name != "bank transfer" {
				continue
			}
			if s.failed {
				failed++
			}
			low, high := 30*time.Millisecond, 45*time.Millisecond
			if s.at.After(began.Add(-ago + time.Second)) {
				low, high = 12*low, 12*high
			} else if s.at.After(began.Add(-ago)) {
				high = 12 * high
			}
			if s.took < low || s.took > high {
				t.Fatalf("%+v, %v ago", s, began.Sub(s.at))
			}
		}
	}
	if share := float64(failed) / float64(len(traces)); share < 0.03 || share > 0.07 {
		t.Errorf("%d of %d failed", failed, len(traces))
	}
}

// TestSamePast: the same seed gives the same past, another seed another one.
func TestSamePast(t *testing.T) {
	past := func(seed uint64) string {
		var all []string
		for trace, spans := range yesterday(t, Settings{Parallel: 3, Pause: time.Second, Past: time.Minute, Slow: "none", Failures: 0.05, Seed: seed}) {
			for id, s := range spans {
				all = append(all, fmt.Sprint(trace, id, s.parent, s.service, s.name, s.failed))
				if s.service != "web" { // which has milliseconds of when it ends
					all[len(all)-1] += s.took.String()
				}
			}
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	if one, again, other := past(1), past(1), past(2); one != again || one == other {
		t.Errorf("the same: %t, %t", one == again, one == other)
	}
}

// TestNow: what is ordered while the shop is open is done on its network, in as much time as it says.
func TestNow(t *testing.T) {
	dir, began := t.TempDir(), time.Now()
	orders, lines, err := Run(t.Context(), Settings{Dir: dir, Orders: 40, Parallel: 4, Slow: "database", Failures: 0.2, Seed: uint64(began.UnixNano())})
	took := time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
	traces, written := read(t, dir)
	if orders != 40 || len(traces) != 40 || lines != written || lines != 40*13+3 {
		t.Errorf("%d orders, %d traces, %d lines of %d", orders, len(traces), written, lines)
	}
	slept := time.Duration(0)
	for id, spans := range traces {
		whole(t, id, spans)
		for _, s := range spans {
			if s.at.Before(began.Add(-time.Millisecond)) || s.at.After(began.Add(took)) {
				t.Errorf("%+v is not in the %v since %v", s, took, began)
			}
			if s.name == "SELECT stock" {
				slept += s.took
			}
		}
	}
	if slept < 40*30*time.Millisecond || slept > 4*took {
		t.Errorf("four customers waited %v in %v", slept, took)
	}
}

// TestLeave: customers go when their time is over, and two shops may be where one was.
func TestLeave(t *testing.T) {
	dir := t.TempDir()
	_, lines, err := Run(t.Context(), Settings{Dir: dir, Parallel: 2, Pause: time.Millisecond, Slow: "none", Twice: true, Length: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, more, err := Run(t.Context(), Settings{Dir: dir, Orders: 1, Parallel: 2, Slow: "none", Twice: true})
	if _, written := read(t, dir); err != nil || written != lines+more || lines <= 6 {
		t.Errorf("%d and %d lines, of which %d are there; %v", lines, more, written, err)
	}
	if hosts, _ := os.ReadDir(dir); len(hosts) != 4 {
		t.Errorf("hosts: %v", hosts)
	}
	if _, _, err := Run(t.Context(), Settings{Dir: filepath.Join(dir, "front", "web.log"), Orders: 1, Parallel: 1}); err == nil {
		t.Error("a shop whose logs have no place")
	}
}

// TestRetry: a storm has as many calls more as lines say so, and ends well.
func TestRetry(t *testing.T) {
	dir := t.TempDir()
	incident := Incident{Magnitude: 0.9}
	if err := incident.Parse("retry:stock"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Run(t.Context(), Settings{Dir: dir, Orders: 20, Parallel: 2, Slow: "database", Incident: incident}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "front", "orders.log"))
	if err != nil {
		t.Fatal(err)
	}
	calls, again := strings.Count(string(text), `"msg":"reserve stock"`), strings.Count(string(text), "took too long, trying again")
	if again < 20 || calls != 20+again {
		t.Errorf("%d calls, of which %d once more", calls, again)
	}
	if said, err := os.ReadFile(filepath.Join(dir, "incident.json")); err != nil || !strings.Contains(string(said), `"kind":"retry"`) || !strings.Contains(string(said), strconv.Quote("reserve stock")) {
		t.Errorf("%s, %v", said, err)
	}
}

func TestParseIncident(t *testing.T) {
	for text, ok := range map[string]bool{"slow:bank": true, "deploy:stock@back-2": true, "deploy:stock": false, "slow:bank@back": false, "slow:web": false, "": false} {
		var i Incident
		if err := i.Parse(text); (err == nil) != ok {
			t.Errorf("%q: %v, %+v", text, err, i)
		}
	}
}

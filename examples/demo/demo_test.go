package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestDecode(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for name, test := range map[string]struct {
		line, text string
		failed     bool
		duration   time.Duration
	}{
		"dotted": {`{"@timestamp":"2026-11-22T12:00:00.5Z","service.name":"s","trace.id":"` + trace + `","event.duration":12345000,"message":"m"}`,
			"m", false, 12345 * time.Microsecond},
		"nested": {`{"@timestamp":"2026-11-22T12:00:00.5Z","service":{"name":"s"},"trace":{"id":"` + trace + `"},"event":{"duration":1,"outcome":"failure"},"message":"m","error":{"message":"e"}}`,
			"m: e", true, 1},
		"level": {`{"@timestamp":"2026-11-22T12:00:00.5Z","service.name":"s","trace.id":"` + trace + `","log":{"level":"error"},"message":"m"}`, "m", true, 0},
		"access": {`{"@timestamp":"2026-11-22T12:00:00.5Z","service.name":"s","trace.id":"` + trace + `","http.request.method":"GET","url.path":"/a","http.response.status_code":"502"}`,
			"GET /a → 502", true, 0},
		"pipeline error": {`{"@timestamp":"2026-11-22T12:00:00.5Z","service.name":"s","trace.id":"` + trace + `","event.kind":"pipeline_error","message":"m"}`, "m", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := decode([]byte(test.line))
			if err != nil {
				t.Fatal(err)
			}
			if d.text != test.text || d.failed != test.failed || d.duration != test.duration || d.timed != (test.duration > 0) ||
				d.service != "s" || d.trace != trace || !d.time.Equal(noon.Add(time.Second/2)) {
				t.Errorf("%+v", d)
			}
		})
	}
	for _, bad := range []string{"", "not JSON", `{"message":"m"}`} {
		if _, err := decode([]byte(bad)); err == nil {
			t.Errorf("%q is a document", bad)
		}
	}
}

var (
	accessLine  = regexp.MustCompile(`^10\.0\.\d+\.\d+ - - \[22/Nov/2026:12:00:\d\d \+0000\] "(GET|POST) \S+ HTTP/1\.1" \d+ \d+ "-" "shop-app/3\.2" msec=\d+\.\d{3} rt=\d+\.\d{3} traceparent=00-([0-9a-f]{32})-[0-9a-f]{16}-01$`)
	traceInJSON = regexp.MustCompile(`"(?:trace_id|trace":\{"id)":"([0-9a-f]{32})"`)
)

func TestPlan(t *testing.T) {
	entries := plan(1, noon, 6*time.Second)
	if again := plan(1, noon, 6*time.Second); len(again) != len(entries) || again[7] != entries[7] {
		t.Error("the same seed gives other requests")
	}
	lines, traces, failed := map[string]int{}, map[string]map[string]bool{}, 0
	for i, e := range entries {
		lines[e.service]++
		if i > 0 && e.at.Before(entries[i-1].at) || e.at.Sub(noon) > 6*time.Second {
			t.Errorf("entry %d at %v", i, e.at)
		}
		match := accessLine.FindStringSubmatch(e.line)
		if e.service == "edge" != (match != nil) {
			t.Fatalf("%s: %s", e.service, e.line)
		}
		if match == nil && json.Valid([]byte(e.line)) {
			match = traceInJSON.FindStringSubmatch(e.line)
		}
		if match == nil {
			t.Fatalf("%s: %s", e.service, e.line)
		}
		trace := match[len(match)-1]
		if traces[trace] == nil {
			traces[trace] = map[string]bool{}
		}
		traces[trace][e.service] = true
		if strings.Contains(e.line, `"level":"error"`) {
			failed++
		}
	}
	for trace, in := range traces {
		if !in["edge"] || in["checkout"] != in["payments"] {
			t.Errorf("trace %s is in %v", trace, in)
		}
	}
	if lines["edge"] < 60 || lines["checkout"] < 40 || lines["payments"] != 3*lines["checkout"] || failed == 0 {
		t.Error(lines, failed)
	}
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		entries := plan(2, time.Now(), 3*time.Second)
		start := time.Now()
		n, err := write(t.Context(), folder, entries)
		if err != nil || n != len(entries) || time.Since(start) != entries[n-1].at.Sub(start) {
			t.Error(n, err, time.Since(start))
		}
	})
	text, err := os.ReadFile(logPath(folder, "edge"))
	if err != nil || bytes.Count(text, []byte("\n")) < 10 {
		t.Error(err, len(text))
	}
	if line, _, _ := strings.Cut(string(text), "\n"); lineAt(logPath(folder, "edge"), "0") != line || lineAt("nowhere", "0") != "" {
		t.Error("a line is not found again")
	}
}

func TestSpanStaysInThePicture(t *testing.T) {
	for _, test := range []struct{ start, duration, total, from, length int }{
		{0, 100, 100, 0, 10}, {50, 50, 100, 5, 5}, {99, 0, 100, 9, 1}, {100, 0, 100, 9, 1}, {0, 1, 100, 0, 1}, {0, 0, 0, 0, 10}, {95, 50, 100, 9, 1},
	} {
		from, length := span(time.Duration(test.start), time.Duration(test.duration), time.Duration(test.total), 10)
		if from != test.from || length != test.length {
			t.Errorf("%+v: %d %d", test, from, length)
		}
	}
}

// What is shown fits into the columns, and has no colours where there is no terminal.
func TestPrinted(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	var sum summary
	at := noon
	for _, e := range plan(1, noon, 6*time.Second) {
		d := &document{time: e.at, service: e.service, trace: strings.Repeat("a", 32), duration: 1234567 * time.Microsecond, timed: true,
			text: "order could not be placed: " + strings.Repeat("x", 60), fields: map[string]string{"a": strings.Repeat("ä", 60), "message": "m"}}
		d.failed = len(sum.documents)%7 == 0
		sum.add(d)
		at = at.Add(50 * time.Millisecond)
		p.document(d, at)
	}
	p.table(sum.rows(services))
	p.trace(sum.slowest()[:5])
	if p.count != shown {
		t.Errorf("%d documents shown, want %d", p.count, shown)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 || strings.Contains(line, "\x1b") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	p.colour = true
	if got := p.paint(red, "x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("%q", got)
	}
}

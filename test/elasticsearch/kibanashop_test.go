//go:build elasticsearch

package elasticsearch_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recorded is a span as the tracer of examples/shop knows it.
type recorded struct {
	TraceID  string        `json:"trace_id"`
	SpanID   string        `json:"span_id"`
	Service  string        `json:"service"`
	Name     string        `json:"name"`
	Duration time.Duration `json:"duration_ns"`
	Failed   bool          `json:"failed"`
}

// openShop lets customers order in examples/shop for some seconds, in the second half of which its database is slow; the bank refuses a
// tenth of the payments all the time. It returns what the tracers recorded, by the id of the span.
func openShop(t *testing.T, dir string) map[string]recorded {
	t.Helper()
	source, err := filepath.Abs("../../examples/shop")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "shop")
	if out, err := exec.Command("go", "build", "-C", source, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	shop := exec.CommandContext(t.Context(), program, "-dir", dir, "-orders", "0", "-length", "6s", "-parallel", "6", "-pause", "100ms", "-slow", "none",
		"-failures", "0.1", "-incident", "slow:database", "-magnitude", "20", "-after", "3s")
	if out, err := shop.CombinedOutput(); err != nil {
		t.Fatalf("shop: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "spans.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	spans := map[string]recorded{}
	for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
		var r recorded
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		spans[r.SpanID] = r
	}
	return spans
}

var (
	stampIn = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z|\d\d/\w{3}/\d{4}:[\d:.]+ \+0000`)
	spanIn  = regexp.MustCompile(`(?:span_id[=":]+|(?:uber-trace-id=|Reporting span )[0-9a-f]{32}:)([0-9a-f]{16})`)
	pathIn  = regexp.MustCompile(`"POST (/orders/\d+) HTTP`)
)

// shopLines are the lines that the shop has written as documents should have them, by file and offset: the time from the line, and all else
// from what the tracers recorded.
func shopLines(t *testing.T, dir string, spans map[string]recorded) map[string]map[string]any {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.log"))
	if err != nil || len(paths) != 4 {
		t.Fatalf("%q, %v", paths, err)
	}
	all, lines := map[string]map[string]any{}, map[string]int{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		offset := 0
		for line := range strings.Lines(string(text)) {
			id := spanIn.FindStringSubmatch(line)
			service := strings.TrimSuffix(filepath.Base(path), ".log")
			values := map[string]any{"@timestamp": stampOf(t, line), "service.name": service, "host.name": filepath.Base(filepath.Dir(path)),
				"event.dataset": service, "log.file.path": path, "log.level": "info"}
			if id != nil {
				lines[id[1]]++
				tell(values, service, line, spans[id[1]])
			} else if !strings.Contains(line, "starting "+service) {
				t.Fatalf("of no span: %s", line)
			}
			all[fmt.Sprint(path, offset)] = values
			offset += len(line)
		}
	}
	for id, span := range spans {
		want := 1
		if span.Service == "stock" || span.Service == "orders" && span.Name == "POST /orders/{id}" { // begins and ends with a line
			want = 2
		}
		if lines[id] != want {
			t.Errorf("%+v is in %d lines", span, lines[id])
		}
	}
	return all
}

// stampOf is the time that a line has.
func stampOf(t *testing.T, line string) string {
	t.Helper()
	text := stampIn.FindString(line)
	at, err := time.Parse("02/Jan/2006:15:04:05.000 -0700", text)
	if err != nil {
		at, err = time.Parse(time.RFC3339Nano, text)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// tell adds what a service's line of a span tells.
func tell(values map[string]any, service, line string, span recorded) {
	values["trace.id"], values["span.id"] = span.TraceID, span.SpanID
	took := span.Duration.Truncate(time.Microsecond)
	switch {
	case service == "web":
		delete(values, "log.level")
		took = printed(span.Duration, time.Second)
		values["url.path"], values["http.response.status_code"] = pathIn.FindStringSubmatch(line)[1], "200"
		if span.Failed {
			values["http.response.status_code"] = "502"
		}
	case strings.Contains(line, "DEBUG jaeger"):
		values["log.level"] = "debug"
		return
	case strings.Contains(line, " reserve started "), strings.Contains(line, `"msg":"order received"`):
		return
	case service == "payments":
		took = printed(span.Duration, time.Millisecond)
		fallthrough
	default:
		if span.Failed && span.Name != "POST /orders/{id}" { // which says so by its status, under a name of its own
			values["log.level"] = "error"
		}
	}
	values["event.duration"] = float64(took)
}

// printed is a duration as web and payments print it: with three decimals.
func printed(took, unit time.Duration) time.Duration {
	n, _ := strconv.ParseFloat(fmt.Sprintf("%.3f", float64(took)/float64(unit)), 64)
	return time.Duration(math.Round(n * float64(unit)))
}

// oddLog are lines that no service of the shop would write, with what their documents should have.
var oddLog = []struct {
	line   string
	values map[string]any
}{
	{`{"level":"info","n":{"a":1},"message":"fine"}`, map[string]any{"log.level": "info"}},
	{`no JSON at all`, map[string]any{"event.kind": "pipeline_error"}},
	{`{"level":"info","n":"not a map","message":"no place for it"}`, map[string]any{"log.level": "info"}},
	{`{"level":"error","message":"it failed","error":{"type":"java.io.IOException","message":"reset"},"service":{"name":"odd"}}`,
		map[string]any{"log.level": "error", "service.name": "odd", "error.type": "java.io.IOException"}},
	{`{"message":"` + strings.Repeat("x", 5000) + `"}`, map[string]any{"event.kind": "pipeline_error", "log.flags": []any{"truncated"}}},
}

// writeOdd writes them, and adds what their documents should have.
func writeOdd(t *testing.T, path string, all map[string]map[string]any) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out, offset := bufio.NewWriter(file), 0
	for _, odd := range oddLog {
		values := maps.Clone(odd.values)
		values["host.name"], values["event.dataset"], values["log.file.path"] = "shop", "odd", path
		all[fmt.Sprint(path, offset)] = values
		n, _ := out.WriteString(odd.line + "\n") // Flush says when it failed
		offset += n
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// unknown are the fields that only the document can tell: when a line without a time was read, and what its statement is called.
var unknown = []string{"@timestamp", "log.template.id", "log.template.text", "tailspan.unmapped_reason"}

// sameDocuments holds the documents to what is known of their lines, and returns that, with the fields that are not known.
func sameDocuments(t *testing.T, documents []kibanaDocument, known map[string]map[string]any) (all []kibanaDocument) {
	t.Helper()
	if len(documents) != len(known) {
		t.Errorf("%d documents of %d lines", len(documents), len(known))
	}
	for _, d := range documents {
		offset, _ := d.number("log.offset")
		values := known[fmt.Sprint(d.values["log.file.path"], int(offset))]
		if values == nil {
			t.Fatalf("of no line: %s", d.text)
		}
		for _, field := range unknown {
			if _, told := values[field]; !told && d.values[field] != nil {
				values[field] = d.values[field]
			}
		}
		made := kibanaDocument{d.text, values}
		for _, field := range []string{"@timestamp", "service.name", "host.name", "event.dataset", "log.file.path", "log.level", "trace.id", "span.id", "url.path",
			"http.response.status_code", "event.duration", "event.kind", "error.type", "log.flags"} {
			if made.plain(field) != d.plain(field) {
				t.Errorf("%s is %s, not %s: %s", field, d.plain(field), made.plain(field), d.text)
			}
		}
		all = append(all, made)
	}
	return all
}

// plain is a value as text, the same for the same number and time.
func (d *kibanaDocument) plain(field string) string {
	if n, ok := d.number(field); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(d.values[field])
}

func every(kibanaDocument) bool { return true }

func has(field string) func(kibanaDocument) bool {
	return func(d kibanaDocument) bool { return d.values[field] != nil }
}

func bad(d kibanaDocument) bool {
	return d.values["log.level"] == "error" || d.values["http.response.status_code"] == "502"
}

func odd(d kibanaDocument) bool {
	return d.values["event.kind"] != nil || d.values["log.flags"] != nil || d.values["tailspan.unmapped_reason"] != nil
}

// and is what all conditions hold for.
func and(conditions ...func(kibanaDocument) bool) func(kibanaDocument) bool {
	return func(d kibanaDocument) bool {
		for _, c := range conditions {
			if !c(d) {
				return false
			}
		}
		return true
	}
}

// about are the lines that each visualization and session is to be about.
var about = map[string]func(kibanaDocument) bool{
	"tailspan-lines": every, "tailspan-errors": bad, "tailspan-trace": has("trace.id"), "tailspan-slow": has("event.duration"), "tailspan-problems": odd,

	"tailspan-totals": every, "tailspan-levels": every, "tailspan-services": every, "tailspan-service-table": every, "tailspan-statuses": has("http.response.status_code"),

	"tailspan-error-totals": bad, "tailspan-errors-over-time": bad, "tailspan-error-table": bad, "tailspan-error-types": and(bad, has("error.type")),
	"tailspan-error-statements": and(bad, has("log.template.id")), "tailspan-failed-traces": and(bad, has("trace.id")),

	"tailspan-throughput": has("event.duration"), "tailspan-percentiles": has("event.duration"), "tailspan-slow-services": has("event.duration"),
	"tailspan-latency-table": has("event.duration"), "tailspan-slow-paths": and(has("event.duration"), has("url.path")),

	"tailspan-trace-totals": has("trace.id"), "tailspan-slow-traces": and(has("trace.id"), has("event.duration")), "tailspan-slowest-over-time": and(has("trace.id"), has("event.duration")),

	"tailspan-problem-totals": every, "tailspan-hosts": every, "tailspan-datasets": every, "tailspan-host-table": every, "tailspan-file-table": every,
}

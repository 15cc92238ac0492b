package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

const someTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

// traceFolder holds the lines of one request to three services, the last one without a newline, ended at the time.
func traceFolder(t *testing.T, end time.Time) folder {
	t.Helper()
	f := newFolder(t, "")
	stamp := func(ms int) string {
		return end.Add(time.Duration(ms) * time.Millisecond).UTC().Format(time.RFC3339Nano)
	}
	line := func(ms int, span, parent, rest string) string {
		return fmt.Sprintf(`{"time":%q,"trace_id":%q,"span_id":%q,"parent_id":%q,%s}`+"\n", stamp(ms), someTrace, span, parent, rest)
	}
	f.write("gate.log", line(0, "00000000000000a1", "", `"msg":"request","service":"gate","method":"POST","path":"/orders/17","status":502,"duration_ms":100`))
	f.write("shop 1.log", line(-60, "00000000000000a2", "00000000000000a1", `"msg":"looked up","service":"shop"`)+
		line(-5, "00000000000000a2", "00000000000000a1", `"msg":"place order","level":"error","service":"shop","duration_ms":90`))
	f.write("Bank.log", stamp(-10)+" ERROR card refused trace_id="+someTrace+" span_id=00000000000000a3 parent_id=00000000000000a2 duration_ms=70")
	return f
}

// TestTraceFromFiles: without a configuration and a server, the trace in JSON as the contract has it.
func TestTraceFromFiles(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := traceFolder(t, end)
	status, out, errs := command(t, "", "trace", strings.ToUpper(someTrace), "--files", f.file("*.log"), "--json")
	if status != exitDone || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	var got any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	indented, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "bottleneck": {
  "name": "card refused",
  "self_ns": 70000000,
  "service": "Bank"
 },
 "duration_ns": 100000000,
 "spans": [
  {
   "critical": true,
   "duration_ns": 100000000,
   "error": true,
   "name": "POST /orders/{id}",
   "parent_id": "",
   "self_ns": 10000000,
   "service": "gate",
   "span_id": "00000000000000a1",
   "start": "2026-03-01T11:59:59.900000000Z"
  },
  {
   "critical": true,
   "duration_ns": 90000000,
   "error": true,
   "name": "place order",
   "parent_id": "00000000000000a1",
   "self_ns": 20000000,
   "service": "shop",
   "span_id": "00000000000000a2",
   "start": "2026-03-01T11:59:59.905000000Z"
  },
  {
   "cause": true,
   "critical": true,
   "duration_ns": 70000000,
   "error": true,
   "name": "card refused",
   "parent_id": "00000000000000a2",
   "self_ns": 70000000,
   "service": "Bank",
   "span_id": "00000000000000a3",
   "start": "2026-03-01T11:59:59.920000000Z"
  }
 ],
 "start": "2026-03-01T11:59:59.900000000Z",
 "trace_id": "` + someTrace + `"
}`
	if string(indented) != want {
		t.Errorf("%s", indented)
	}
	entries, err := os.ReadDir(f.path)
	if err != nil || len(entries) != 5 {
		t.Errorf("it wrote something: %v %v", entries, err)
	}
}

func TestTraceCommands(t *testing.T) {
	f := traceFolder(t, time.Now().Add(-time.Minute))
	f.write("regex.yaml", "pipelines: [{name: odd, paths: [odd.txt], format: regex, pattern: '^(?P<trace_id>\\S+) (?P<duration_ms>\\d+) (?P<msg>.*)$', service: odd}]\n")
	f.write("odd.txt", "5bf92f3577b34da6a3ce929d0e0e4736 12 an odd line\n")
	files := f.file("*.log")
	for _, c := range []invocation{
		{"drawing", []string{"trace", someTrace, "--files", files}, exitDone, []string{"└ ! shop place order", "└ ✗ Bank card refused", "bottleneck: 70ms (70 %) Bank card refused"}},
		{"with lines", []string{"trace", someTrace, "--files", files, "--logs"}, exitDone, []string{"looked up"}},
		{"several globs", []string{"trace", someTrace, "--files", f.file("gate.log"), "--files", f.file("Bank.log")}, exitDone, []string{"? Bank card refused"}},
		{"by the configuration's pattern", []string{"trace", "5bf92f3577b34da6a3ce929d0e0e4736", "-c", f.file("regex.yaml"), "--files", f.file("odd.txt")}, exitDone, []string{"odd an odd line", "12ms"}},
		{"no such trace", []string{"trace", "abc", "--files", files}, exitFailed, []string{"no line names trace 00000000000000000000000000000abc"}},
		{"no id", []string{"trace", "xyz", "--files", files}, exitUsage, []string{"hexadecimal"}},
		{"no source", []string{"trace", someTrace}, exitUsage, []string{"--config", "--files"}},
		{"no Elasticsearch", []string{"trace", someTrace, "-c", f.file("tailspan.yaml")}, exitUsage, []string{"output.elasticsearch"}},
		{"no file", []string{"trace", someTrace, "--files", f.file("*.none")}, exitUsage, []string{"no file matches"}},
		{"traces", []string{"traces", "--files", files}, exitDone, []string{"traces: 1", "POST /orders/{id}", someTrace}},
		{"traces of a service", []string{"traces", "--files", files, "--service", "none"}, exitDone, []string{"traces: 0"}},
		{"traces lately", []string{"traces", "--files", files, "--since", "30s"}, exitDone, []string{"traces: 0"}},
		{"failed traces", []string{"traces", "--files", files, "--failed", "--since", "5m", "--json"}, exitDone, []string{`"traces":1`, `"cause":"Bank card refused"`, `"p99_ns":70000000`}},
		{"no time", []string{"traces", "--files", files, "--since", "yesterday"}, exitUsage, []string{"--since"}},
		{"bottleneck", []string{"bottleneck", "--files", files, "--since", "1h"}, exitDone, []string{"70.0 %", "gate    shop"}},
		{"bottleneck in JSON", []string{"bottleneck", "--files", files, "--json"}, exitDone, []string{`"critical_ns":70000000`, `"from":"shop","to":"Bank"`}},
		{"map for Graphviz", []string{"bottleneck", "--files", files, "--dot"}, exitDone, []string{`"gate" -> "shop"`}},
		{"map for Mermaid", []string{"bottleneck", "--files", files, "--mermaid"}, exitDone, []string{"flowchart LR", `["gate"]`}},
		{"two forms", []string{"bottleneck", "--files", files, "--dot", "--json"}, exitUsage, []string{"dot"}},
	} {
		t.Run(c.name, c.check)
	}
}

//go:build elasticsearch

package elasticsearch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// formatSamples are lines of every format, and of JSON whose names collide with ECS, by the pipeline that reads them.
var formatSamples = []struct{ pipeline, lines string }{
	{"format: json", `{"service":"checkout","host":"web-1","error":"boom","user":"ann","url":"/x","event":"login","log":"text","message":"m"}
{"service":{"name":"checkout","version":"1"},"host":{"name":"h","ip":"10.0.0.1"},"error":{"message":"boom","code":"7"},"user":{"name":"ann"},"url":{"path":"/x"},"event":{"action":"login"}}
{"service.name":"checkout","host.name":"h","error.message":"boom","user.name":"ann","url.original":"/x","event.action":"login"}
{"client":"c","cloud":1,"container":true,"http":[1,2],"process":"p","source":1.5,"agent":"a","labels":"l","trace":"none","span":7,"parent":null}
{"_id":"1","_source":{"a":1},"_index":"x","@timestamp":"2026-01-02T03:04:05Z","ecs":"1","tags":"t","os":"linux","file":"/x","network":"lan","server":["a","b"]}
{"level":30,"time":1767225600123,"pid":1,"hostname":"h","msg":"pino","err":{"type":"Error","message":"m","stack":"s"}}
{"a":{"b":1},"a.b":2,"":3,"..":4," ":5,"x":{"":{"y":1}},"dup":1,"dup":"two"}`},
	{"format: logfmt", `level=info msg="a b" service=checkout host=web-1 duration=1.5s error="no way" user=ann status=200 labels=x event=e`},
	{"format: kv", `program=sshd source.address=10.0.0.1 "first name"=ann`},
	{"format: csv\ncolumns: [ts, level, message, status]", `2026-01-02T03:04:05Z,warn,"a, b",200`},
	{"format: dissect\npattern: '%{ts} %{level} [%{service.name}] %{message}'", `2026-01-02T03:04:05Z INFO [cart] added`},
	{"format: grok\npattern: '%{HTTPD_COMBINEDLOG}'", `10.0.0.1 - ann [02/Jan/2026:03:04:05 +0000] "GET /x?a=b HTTP/1.1" 200 12 "-" "curl/8"`},
	{"format: grok\npatterns: legacy\npattern: '%{COMBINEDAPACHELOG}'", `10.0.0.1 - ann [02/Jan/2026:03:04:05 +0000] "GET /x?a=b HTTP/1.1" 200 12 "-" "curl/8"`},
	{"format: regex\npattern: '(?P<http.request.method>\\S+) (?P<n>\\d+)'", `GET 12`},
	{"format: syslog", `<34>1 2026-01-02T03:04:05.003Z web-1 su 12 ID47 [a@1 b="c"][d e="f"] 'su root' failed
<13>Jan  2 03:04:05 web-1 cron[7]: (root) CMD (true)`},
	{"format: cef", `CEF:0|V|P|1.0|100|worm stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232 rt=Jan 02 2026 03:04:05`},
	{"format: leef", "LEEF:1.0|V|P|1.0|100|src=10.0.0.1\tdst=2.1.2.2\tsev=5"},
	{"format: nginx", `10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8"
2026/01/02 03:04:05 [error] 12#34: *56 open() "/x" failed (2: No such file or directory), client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", host: "a"`},
	{"format: apache", `10.0.0.1 - ann [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.0" 304 -
[Fri Jan 02 03:04:05.123456 2026] [core:error] [pid 12:tid 34] [client 10.0.0.1:56] AH00126: Invalid URI in request`},
	{"format: haproxy", `Jan  2 03:04:05 lb haproxy[14389]: 10.0.1.2:33317 [02/Jan/2026:03:04:05.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"`},
	{"format: envoy", `[2026-01-02T03:04:05.108Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"`},
	{"format: elb", `http 2026-01-02T03:04:05.186641Z app/my-lb/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:1:targetgroup/t/7 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-01-02T03:04:05.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"`},
	{"format: w3c", `2026-01-02 03:04:05 10.0.0.2 GET /x - 443 ann 10.0.0.1 Mozilla/5.0 - 200 0 0 15`},
	{"framing: cri", `2026-01-02T03:04:05.000000001Z stdout F {"level":"info","msg":"a","service":"x","stream":"mine"}
2026-01-02T03:04:05.000000002Z stderr P half
2026-01-02T03:04:05.000000003Z stderr F  done`},
	{"framing: docker", `{"log":"{\"level\":\"warn\",\"host\":\"h\"}\n","stream":"stdout","time":"2026-01-02T03:04:05.000000001Z"}`},
}

// TestEveryFormat ships lines of all formats into one data stream: whatever names they bring, no document is refused, and
// none had to be mended.
func TestEveryFormat(t *testing.T) {
	s := newSetup(t, "*.log", "", "")
	var pipelines strings.Builder
	want := 0
	add := func(name, pipeline, lines string) {
		path := filepath.Join(s.logs, name+".log")
		writeFile(t, path, strings.TrimRight(lines, "\n")+"\n")
		fmt.Fprintf(&pipelines, "  - name: %s\n    paths: [%q]\n    data_stream: {dataset: %s}\n%s", name, path, s.dataset, indent(pipeline, 4))
		want += strings.Count(strings.TrimRight(lines, "\n"), "\n") + 1
	}
	heads, err := os.ReadFile("../../pkg/parse/testdata/heads.txt")
	if err != nil {
		t.Fatal(err)
	}
	var samples []string // every other line is the document that is expected
	for line := range strings.Lines(string(heads)) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, `{"@timestamp"`) && strings.TrimSpace(line) != "" {
			samples = append(samples, strings.TrimRight(line, "\n"))
		}
	}
	if len(samples) < 100 {
		t.Fatalf("there are only %d lines of application logs", len(samples))
	}
	add("heads", "format: auto", strings.Join(samples, "\n"))
	for i, f := range formatSamples {
		add(fmt.Sprintf("named%d", i), f.pipeline, f.lines)
		if !strings.HasPrefix(f.pipeline, "framing") {
			add(fmt.Sprintf("auto%d", i), "format: auto", f.lines)
		}
	}
	want-- // two halves of a container line are one event
	s.write(t, pipelines.String(), "")
	s.once(t, 0)
	s.wantNoDeadLetters(t)
	wantCount(t, s.stream, want)
	aside, err := node.Search(s.stream, map[string]any{"query": map[string]any{"exists": map[string]string{"field": "tailspan.unmapped"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, hit := range aside {
		t.Errorf("a field had to be moved aside: %s", hit.Source)
	}
}

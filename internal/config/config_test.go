package config

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/detect/webhook"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/tail"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// mustLoad loads a text as the file /etc/tailspan/f.yaml.
func mustLoad(t *testing.T, text string) *Config {
	t.Helper()
	c, err := load("/etc/tailspan/f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, "host: {name: ''}\npipelines: [{name: a}]\noutput: {console: , elasticsearch: {hosts: [http://x]}}")
	equal(t, c, &Config{
		DataDir: "/var/lib/tailspan", Host: Host{Name: host}, Kubernetes: "auto", Memory: 64 << 20, ShutdownTimeout: 10 * time.Second,
		Detect: detect.Config{Mode: "off", Learning: time.Hour},
		Pipelines: []Pipeline{{
			Name: "a",
			Tail: tail.Input{Exclude: []string{"*.gz"}, StartAt: "beginning", FollowSymlinks: true, Config: frame.Config{
				Encoding: "utf-8", Framing: "line", Multiline: frame.Multiline{Mode: "off", Timeout: time.Second, MaxLines: 1000}, MaxLine: 1 << 20}},
			Parse: parse.Config{Format: []string{"auto"}, Timestamp: parse.Timestamp{Mode: "auto"}, Duration: parse.Duration{Mode: "auto"}, Trace: parse.Trace{Mode: "auto"}, Asked: []string{"kubernetes", "container"}},
		}},
		Output: Output{Primary: "elasticsearch", Console: &ConsoleConfig{}, Elasticsearch: &elastic.Config{
			Hosts:      []string{"http://x"},
			DataStream: elastic.DataStream{Type: "logs", Namespace: "default"},
			Delivery:   "exactly_once", Compression: "gzip", Template: true,
			Bulk: elastic.Bulk{MaxSize: 5 << 20, MaxDocs: 10_000, Linger: 200 * time.Millisecond, InFlight: 4},
		}},
	})
}

func TestEveryKey(t *testing.T) {
	c := mustLoad(t, `
data_dir: state
host: {name: node-1}
http: {listen: ":8687", token: 0123456789abcdef}
kubernetes: off
memory: 1GiB
detect: off
shutdown_timeout: 1m30s
pipelines:
  - name: checkout
    paths: [/var/log/*.log, ../x/**/*.log]
    exclude: [old/*.log, "**/tmp/*", /abs/*, "*.bak"]
    ignore_older: 168h
    start_at: end
    follow_symlinks: no
    allowed_roots: /var/log
    max_line: 64kB
    encoding: Shift_JIS
    framing: docker
    multiline: {start: '^\d', timeout: 3s, max_lines: 50}
    deleted: {max_age: 1h, max_size: 1GiB}
    format: regex
    pattern: ['^(?P<a>a)$', "^(?P<b>b) ${2} $$x$"]
    timestamp: {field: ts, layouts: [iso8601, "%d/%b/%Y"], timezone: +09:00, now: 2024-02-29T00:00:00Z}
    duration: {field: request_time, unit: s}
    trace: {trace_id: T, span_id: S, parent_id: P}
    service: 007
    keep_original: On
    data_stream: {type: metrics, dataset: d, namespace: n}
output:
  primary: console
  elasticsearch:
    hosts: https://x:9200/path
    index: logs
    delivery: at_least_once
    username: U
    password: 0123
    compression: none
    template: false
    tls: {ca: ca.pem, cert: /c, key: /k}
    bulk: {max_size: 1024, max_docs: 7, linger: 0, in_flight: 1}
  console: {}
`)
	equal(t, c, &Config{
		DataDir: "/etc/tailspan/state", Host: Host{"node-1"}, HTTP: HTTP{":8687", "0123456789abcdef"}, Kubernetes: "off", Memory: 1 << 30, ShutdownTimeout: 90 * time.Second,
		Detect: detect.Config{Mode: "off", Learning: time.Hour},
		Pipelines: []Pipeline{{
			Name: "checkout",
			Tail: tail.Input{
				Paths:       []string{"/var/log/*.log", "/etc/x/**/*.log"},
				Exclude:     []string{"/etc/tailspan/old/*.log", "**/tmp/*", "/abs/*", "*.bak"},
				IgnoreOlder: 7 * 24 * time.Hour, StartAt: "end", AllowedRoots: []string{"/var/log"},
				Deleted: tail.Deleted{MaxAge: time.Hour, MaxSize: 1 << 30},
				Config: frame.Config{Encoding: "Shift_JIS", Framing: "docker", MaxLine: 64_000,
					Multiline: frame.Multiline{Mode: "field", Start: `^\d`, Timeout: 3 * time.Second, MaxLines: 50}},
			},
			Parse: parse.Config{
				Format: []string{"docker", "regex"}, Pattern: []string{`^(?P<a>a)$`, `^(?P<b>b) ${2} $$x$`},
				Timestamp: parse.Timestamp{Mode: "field", Field: "ts", Layouts: []string{"iso8601", "%d/%b/%Y"}, Timezone: "+09:00", Now: "2024-02-29T00:00:00Z"},
				Duration:  parse.Duration{Mode: "field", Field: "request_time", Unit: "s"},
				Trace:     parse.Trace{Mode: "field", TraceID: "T", SpanID: "S", ParentID: "P"},
				Service:   "007", KeepOriginal: true,
				Asked: []string{"container"},
			},
			DataStream: elastic.DataStream{Type: "metrics", Dataset: "d", Namespace: "n"},
		}},
		Output: Output{Primary: "console", Console: &ConsoleConfig{}, Elasticsearch: &elastic.Config{
			Hosts: []string{"https://x:9200/path"}, DataStream: elastic.DataStream{Type: "logs", Namespace: "default"}, Index: "logs",
			Delivery: "at_least_once", Username: "U", Password: "0123", Compression: "none",
			TLS:  elastic.TLS{CA: "/etc/tailspan/ca.pem", Cert: "/c", Key: "/k"},
			Bulk: elastic.Bulk{MaxSize: 1024, MaxDocs: 7, InFlight: 1},
		}},
	})
}

// TestDetect: detection adds the pipeline of findings behind the user's, whose data stream is its own whatever the output says.
func TestDetect(t *testing.T) {
	for text, want := range map[string]detect.Config{
		"off": {Mode: "off", Learning: time.Hour}, "on": {Mode: "auto", Learning: time.Hour}, "{}": {Mode: "auto", Learning: time.Hour},
		"{learning: 10m, webhook: {url: https://x/y, token: t}}": {Mode: "field", Learning: 10 * time.Minute, Webhook: webhook.Config{URL: "https://x/y", Token: "t"}},
	} {
		c := mustLoad(t, "data_dir: /d[1]\npipelines: [{name: a, paths: [/x]}]\ndetect: "+text+"\noutput: {elasticsearch: {hosts: [http://x], index: logs}}")
		equal(t, c.Detect, want)
		if !want.On() {
			equal(t, len(c.Pipelines), 1)
			continue
		}
		own := c.Pipelines[1]
		equal(t, []any{own.Own, own.Name, own.Tail.Paths, own.Parse.Format}, []any{true, Findings, []string{`/d\[1\]/spool/tailspan.findings/*.log`}, []string{"json"}})
		stream, index := c.Destination(&own)
		equal(t, []string{stream.Dataset, index}, []string{Findings, ""})
	}
}

func TestKeysOfFormats(t *testing.T) {
	c := mustLoad(t, `
pipelines:
- {name: a, format: dissect, pattern: "%{a} %{+a}", append_separator: "::"}
- {name: b, format: csv, columns: [c, A.b], delimiter: ";"}
- {name: c, format: kv}
- {name: d, format: kv, kv: {}}
- {name: e, format: kv, kv: {field_split: ",", value_split: ":", whitespace: strict}}
`)
	equal(t, c.Pipelines[0].Parse.AppendSeparator, "::")
	equal(t, c.Pipelines[1].Parse.Columns, []string{"c", "A.b"})
	equal(t, c.Pipelines[1].Parse.Delimiter, ";")
	equal(t, c.Pipelines[2].Parse.KV, parse.KV{})
	equal(t, c.Pipelines[3].Parse.KV, parse.KV{FieldSplit: " ", ValueSplit: "=", Whitespace: "lenient"})
	equal(t, c.Pipelines[4].Parse.KV, parse.KV{FieldSplit: ",", ValueSplit: ":", Whitespace: "strict"})
}

func TestModes(t *testing.T) {
	for text, want := range map[string]parse.Mode{
		"off": "off", "Off": "off", "no": "off", "false": "off", `"off"`: "off", "${MODE}": "off",
		"auto": "auto", "on": "auto", "yes": "auto", "true": "auto", "": "auto", "{}": "auto", "null": "auto",
		"{field: x}": "field", "{field: x, timezone: UTC}": "field", "{timezone: UTC}": "auto", "{layouts: unix}": "auto",
	} {
		t.Setenv("MODE", "off")
		c := mustLoad(t, "pipelines: [{name: a, timestamp: "+text+"}]")
		if got := c.Pipelines[0].Parse.Timestamp.Mode; got != want {
			t.Errorf("timestamp: %s: got %s, want %s", text, got, want)
		}
	}
}

func TestMultilineModes(t *testing.T) {
	for text, want := range map[string]confkey.Mode{
		"off": "off", "no": "off", "": "off", "auto": "auto", "on": "auto", "{}": "auto", "{timeout: 2s}": "auto", "{max_lines: 9}": "auto",
		"{start: x}": "field", "{end: x, max_lines: 9}": "field", "{continue: x}": "field",
	} {
		c := mustLoad(t, "pipelines: [{name: a, multiline: "+text+"}]")
		if got := c.Pipelines[0].Tail.Multiline.Mode; got != want {
			t.Errorf("multiline: %s: got %s, want %s", text, got, want)
		}
	}
}

func TestSingleTextForList(t *testing.T) {
	c := mustLoad(t, `pipelines: [{name: a, paths: /x/*, format: regex, pattern: '^(?P<n>\d+) ?$'}]`)
	equal(t, c.Pipelines[0].Tail.Paths, []string{"/x/*"})
	equal(t, c.Pipelines[0].Parse.Pattern, []string{`^(?P<n>\d+) ?$`})
}

func TestNamesAndValuesSurvive(t *testing.T) {
	c := mustLoad(t, `
pipelines:
- name: a
  service: Checkout.API
  timestamp: {field: Event.Created.AT}
  fields:
  - {name: labels.Team, value: Payments.EU}
  - {name: "A.b.C", value: 1}
  - {name: big, value: 18446744073709551615}
  - {name: part, value: 0.5}
  - {name: truth, value: true}
  - {name: "on", value: on}
  - {name: day, value: 2024-02-29}
  - {name: quoted, value: "1"}
`)
	equal(t, c.Pipelines[0].Parse.Service, "Checkout.API")
	equal(t, c.Pipelines[0].Parse.Timestamp.Field, "Event.Created.AT")
	equal(t, c.Pipelines[0].Parse.Fields, []parse.Named{
		{Name: "labels.Team", Value: "Payments.EU"}, {Name: "A.b.C", Value: int64(1)}, {Name: "big", Value: uint64(18446744073709551615)},
		{Name: "part", Value: 0.5}, {Name: "truth", Value: true}, {Name: "on", Value: "on"}, {Name: "day", Value: "2024-02-29"},
		{Name: "quoted", Value: "1"},
	})
}

// Maps whose names the user chooses come later (pattern_definitions); the way for them is here.
func TestFreeNamesSurvive(t *testing.T) {
	var into struct {
		Definitions map[string]string `mapstructure:"definitions"`
		Limits      map[string]int    `mapstructure:"limits"`
	}
	text := "definitions: {UPPER: 'A', lower.Dotted: b, Upper: ${X:-c}, \"a b\": d}\nlimits:\n  A.b: 1\n  C: x\n"
	p, err := read("f.yaml", []byte(text), &into)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, into.Definitions, map[string]string{"UPPER": "A", "lower.Dotted": "b", "Upper": "c", "a b": "d"})
	equal(t, p.err().Error(), `f.yaml:4: limits[C]: "x" is not a whole number; write a whole number`)
}

func TestMergeAndAlias(t *testing.T) {
	c := mustLoad(t, `
pipelines:
- &base {name: a, service: s, start_at: end, paths: &p [/x]}
- {<<: *base, name: b, start_at: beginning}
- {name: c, paths: *p}
- {<<: [{name: d, service: e}, *base]}
`)
	var got []string
	for _, pipe := range c.Pipelines {
		got = append(got, strings.Join(append(pipe.Tail.Paths, pipe.Name, pipe.Parse.Service, pipe.Tail.StartAt), " "))
	}
	equal(t, got, []string{"/x a s end", "/x b s beginning", "/x c  beginning", "/x d e end"})
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := load("f.yaml", []byte(`memory: lots
colour: red
pipelines:
- name: a
  paths: ['[']
  max_line: 2XB
  service: ${TAILSPAN_NOT_SET}
- name: a
output:
  elasticsearch: {host: x}
`))
	want := `f.yaml:1: memory: "lots" is not a size; write 1MiB, 512KiB or a number of bytes
f.yaml:2: colour: unknown key; allowed are data_dir, host, http, kubernetes, memory, pipelines, detect, output, shutdown_timeout
f.yaml:5: pipelines[0].paths[0]: "/FOLDER/[" is not a glob; close every [ and {, and do not end in \
f.yaml:6: pipelines[0].max_line: "2XB" is not a size; write 1MiB, 512KiB or a number of bytes
f.yaml:7: pipelines[0].service: the environment variable TAILSPAN_NOT_SET is not set; set it or write ${TAILSPAN_NOT_SET:-default}
f.yaml:8: pipelines[1].name: "a" is the name of pipelines[0] already; write another
f.yaml:10: output.elasticsearch.host: unknown key; did you mean "hosts"?
f.yaml:10: output.elasticsearch.hosts: at least one is needed; write [http://127.0.0.1:9200]`
	dir, wdErr := os.Getwd()
	if wdErr != nil {
		t.Fatal(wdErr)
	}
	equal(t, err.Error(), strings.ReplaceAll(want, "/FOLDER", dir))
}

func TestRunErrors(t *testing.T) {
	c := mustLoad(t, "\npipelines:\n- name: a\n- {name: b, paths: /b}\n")
	equal(t, c.RunErrors().Error(), `/etc/tailspan/f.yaml:1: output: run needs one; write elasticsearch: {hosts: [http://127.0.0.1:9200]}, local: {} or console: {} below it
/etc/tailspan/f.yaml:3: pipelines[0].paths: run needs at least one, or an input; write [/var/log/app/*.log]`)
	if err := mustLoad(t, minimal+"output: {console: {}}").RunErrors(); err != nil {
		t.Error(err)
	}
}

func TestLocate(t *testing.T) {
	c := mustLoad(t, "pipelines:\n- name: a\n  timestamp:\n    layouts:\n    - iso8601\n    - unix\n")
	room := errors.Join(confkey.Errorf("timestamp.timezone", "is unknown"), confkey.Errorf("timestamp.layouts[1]", "is no layout"))
	err := c.Locate(errors.Join(errors.New("disk full"), confkey.Below("pipelines[0]", room), confkey.Errorf("http.listen", "is taken"),
		confkey.Below("pipelines[0]", errors.New("is no good"))))
	want := `/etc/tailspan/f.yaml: disk full
/etc/tailspan/f.yaml:1: http.listen: is taken
/etc/tailspan/f.yaml:2: pipelines[0]: is no good
/etc/tailspan/f.yaml:3: pipelines[0].timestamp.timezone: is unknown
/etc/tailspan/f.yaml:6: pipelines[0].timestamp.layouts[1]: is no layout`
	equal(t, err.Error(), want)
	equal(t, c.Locate(err).Error(), want)
	equal(t, new(Config).Locate(confkey.Errorf("a.b", "is bad")).Error(), "a.b: is bad")
	equal(t, c.Locate(nil), nil)
	var one *Error
	if !errors.As(err, &one) || one.Line != 0 {
		t.Errorf("the first error is %#v", one)
	}
}

func TestDestination(t *testing.T) {
	type stream = elastic.DataStream
	for _, test := range []struct {
		pipeline, output string
		stream           stream
		index            string
	}{
		{"", "", stream{Type: "logs", Dataset: "a", Namespace: "default"}, ""},
		{"data_stream: {dataset: b}", "data_stream: {namespace: n}", stream{Type: "logs", Dataset: "b", Namespace: "n"}, ""},
		{"", "data_stream: {dataset: all}", stream{Type: "logs", Dataset: "all", Namespace: "default"}, ""},
		{"", "index: i", stream{}, "i"},
		{"index: j", "index: i", stream{}, "j"},
		{"index: j", "data_stream: {type: t}", stream{}, "j"},
		{"data_stream: {type: t}", "index: i", stream{Type: "t", Dataset: "a", Namespace: "default"}, ""},
	} {
		c := mustLoad(t, "pipelines:\n- name: a\n  "+test.pipeline+"\noutput:\n  elasticsearch:\n    hosts: http://x\n    "+test.output)
		got, index := c.Destination(&c.Pipelines[0])
		equal(t, got, test.stream)
		equal(t, index, test.index)
	}
	c := mustLoad(t, "pipelines: [{name: My-App}]\noutput: {console: {}}")
	got, _ := c.Destination(&c.Pipelines[0])
	equal(t, got, stream{Type: "logs", Dataset: "My-App", Namespace: "default"})
}

// A pod has another name after each restart; its node has not, and the node's name is part of every _id.
func TestHostNameInCluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	t.Setenv("NODE_NAME", "node-1")
	equal(t, mustLoad(t, "pipelines: [{name: a}]").Host.Name, "node-1")
	equal(t, mustLoad(t, "pipelines: [{name: a}]\nhost: {name: mine}").Host.Name, "mine")
}

// TestHold: memory that nobody asks for is shared, and a share may be written in hundredths.
func TestHold(t *testing.T) {
	cfg, err := Parse("f.yaml", []byte("memory: 64MiB\npipelines: [{name: a, hold: {}}, {name: b, hold: {for: 5s, keep: {errors: false, slower_than: 500ms, sample: 5%}}}, "+
		"{name: c, hold: {memory: 2MiB, keep: {sample: 0.25}}}, {name: d}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []*hold.Config{
		{For: 10 * time.Second, Memory: 8 << 20, Keep: hold.Keep{Errors: true}},
		{For: 5 * time.Second, Memory: 8 << 20, Keep: hold.Keep{SlowerThan: 500 * time.Millisecond, Sample: 0.05}},
		{For: 10 * time.Second, Memory: 2 << 20, Keep: hold.Keep{Errors: true, Sample: 0.25}}, nil,
	}
	for i, w := range want {
		if diff := cmp.Diff(w, cfg.Pipelines[i].Hold); diff != "" {
			t.Errorf("pipeline %d: %s", i, diff)
		}
	}
}

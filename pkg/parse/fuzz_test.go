package parse_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// FuzzDocument is the promise that what is sent is always valid JSON: whatever the line, each parser makes one strict
// document of it.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		``, `x`, "\xff\xfe", "a\r\nb\x00\x1b[0m", `{"a":1}`, `{"a.b":1,"a":{"b":2}}`, `{"a":{"b":1},"a.b":{"c":2},"a":{"b.c":3}}`,
		`{"@timestamp":{"a":1},"@timestamp.a":2,"labels":{"@timestamp":3}}`, `{"log":"l","message":{"x":1},"msg":"y"}`,
		`{"log":{"level":["x"],"file":"f","flags":1,"offset":{},"file.path":2},"log.level":null,"level":"INFO"}`,
		`{"service":"s","service.name":null,"service_name":"t","host":["a"],"host.name":{"x":1},"event":1,"event.dataset":{}}`,
		`{"trace":{"id":"x"},"trace.id":{"y":1},"trace_id":"` + trace + `","span.id":[],"span":"` + span + `","labels":"l","labels.labels":1}`,
		`{"event":{"duration":"x","kind":"k","original":"o"},"duration_ms":1.5,"event.duration":null,"error":"e","error.message":{}}`,
		`{"_id":1,"labels._id":2,"_source":{"a":[]},"":1," ":{"":2},"unnamed":3}`, "{\n\"a\"\r:\t\"\\ud83d\",\"l\":[{\"\":1,\".\":2}]}",
		`{"ts":"soon","rt":"1s","tid":"` + trace + `","error":{"message":"m"},"event":{"kind":"k"}}`,
		`2026-01-01T00:00:00Z ERROR [` + trace + `] it took 5ms`, `1.2.3.4 INFO m ` + trace, `{"transaction":{"id":"` + span + `"},"transaction.id":"x"}`,
		`{"traceparent":"00-` + trace + `-` + span + `-01","dd.trace_id":"1","x-b3-traceid":"` + trace + `","x-b3-spanid":"` + span2 + `"}`,
		`{"traceparent":"00-` + trace + `-` + span + `-01","request_time":0.012,"span":{"id":[]}}`, `{"x_envoy_a":{},"traceparent":"00-` + trace + `-` + span + `-01","parent.id":1}`,
		`took=12ms`, `{"a":1} took 672us`, `GET / 200 completed in 1m 30s.`, `request_time=0.012, 0.003 latency="3ms"`,
		`a=1 b="x \"y\"" level=info level=warn a a=2 .=3 \=4 message=m`, "x a.b=1 'a' = (b c) _id=2 log=3", `1,"2 ""3""",,_id`, `a="1" "\u00e9\'"=b`,
		`CEF:0|v\||p|1|2|n|3|rt=1767225600123 msg=a \= b c=1 c=2 .=3`, "LEEF:2.0|v|p|1|2|x5E|a=1^devTime=soon^a=2", `<1>Jan  2 03:04:05 h CEF:0|v|p|1|2|n|3|`, `log=x._id=y log`,
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	var all []*documents
	fields := []parse.Named{{Name: "labels.team", Value: "x"}, {Name: "message", Value: "m"}, {Name: "error.message", Value: "e"},
		{Name: "host.name", Value: "h"}, {Name: "event.original", Value: "o"}, {Name: "trace.id", Value: "t"}, {Name: "a.b", Value: 1}}
	named := parse.Config{Timestamp: parse.Timestamp{Mode: parse.Field, Field: "ts"}, Duration: parse.Duration{Mode: parse.Field, Field: "rt"},
		Trace: parse.Trace{Mode: parse.Field, TraceID: "tid", SpanID: "span.id"}, Fields: fields}
	off := parse.Config{Timestamp: parse.Timestamp{Mode: parse.Off}, Duration: parse.Duration{Mode: parse.Off}, Trace: parse.Trace{Mode: parse.Off}}
	for _, cfg := range []parse.Config{
		{}, {Format: []string{"json"}, KeepOriginal: true, Service: "s"}, {Format: []string{"none"}, Fields: fields}, named, off,
		{Format: []string{"regex"}, Pattern: []string{`^(?P<source.ip>[\d.]+) (?P<level>\w*) (?P<msg>.*?) (?P<trace.id>\w*)$`,
			`(?s)^(?P<ts>[^ ]*) (?P<service>\w+)(?P<message>.*)$`}, Fields: fields},
		{Format: []string{"grok"}, Pattern: []string{`%{SYSLOGLINE}`, `%{NOTSPACE:a.b:int} %{DATA:[c]:float} (?:%{WORD:[c]} )?%{GREEDYDATA:trace.id}`}, Fields: fields},
		{Format: []string{"logfmt"}, KeepOriginal: true, Fields: fields}, {Format: []string{"kv"}, Fields: fields}, {Format: []string{"json", "logfmt"}}, {Format: []string{"kv", "kv"}},
		{Format: []string{"kv"}, KV: parse.KV{FieldSplit: ",;", ValueSplit: ":=", Whitespace: "strict"}},
		{Format: []string{"dissect"}, Pattern: []string{`%{*k}=%{&k}.%{*l->}=%{&l} %{+log.level/2},%{+log.level}`, `%{ts} %{*k}=%{&k}`, `%{service} %{message}`}, Fields: fields},
		{Format: []string{"csv"}, Columns: []string{"ts", "column3", "_id", "log.level", "message"}, Fields: fields}, {Format: []string{"tsv"}},
		{Format: []string{"cef"}, Fields: fields}, {Format: []string{"leef"}}, {Format: []string{"kv", "cef"}},
	} {
		all = append(all, newDocuments(f, cfg))
	}
	var doc, again []byte
	f.Fuzz(func(t *testing.T, line []byte, cut bool) {
		before := string(line)
		for i, d := range all {
			d.ev.Cut = cut
			doc = d.append(doc[:0], line)
			if again = d.append(again[:0], line); !bytes.Equal(again, doc) { // its shape is known by now
				t.Errorf("parser %d: %s\nbecame %s", i, doc, again)
			}
			if problem := strictProblem(doc); problem != "" {
				t.Errorf("parser %d: %s\n%s", i, problem, doc)
			}
			if !strings.HasPrefix(string(doc), `{"@timestamp":"`) {
				t.Errorf("parser %d: no time: %s", i, doc)
			}
		}
		if string(line) != before {
			t.Error("the line was changed")
		}
	})
}

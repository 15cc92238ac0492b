package parse

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/process"
	"github.com/tailspan/tailspan/pkg/ship"
)

// TestNoAllocations holds lines that services do write to what the package comment says.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, c := range []struct {
		name  string
		cfg   Config
		lines []string
	}{
		{"json", Config{Format: []string{"json"}, KeepOriginal: true, Service: "s", Fields: []Named{{Name: "labels.team", Value: "x"}}}, []string{
			`{"timestamp":"2026-01-02T03:04:05.000006Z","level":"info","service":"checkout","message":"m","trace_id":"` + trace128 + `","duration_ms":1.672,"host":{"region":"eu"}}`,
			`{"@timestamp":"2026-01-02T03:04:05Z","log.level":"AUDIT","log":{"logger":"x"},"process.thread.name":"a","process":{"pid":1},"transaction.id":"` + span1 + `"}`,
			`{"level":30,"time":1767225600123,"msg":"a\u00e9\n\"","pid":7,"hostname":"h","a":1,"a":2,"error":"e","cloud":"c","\u0062":1}`,
			"{\"a\":\n[{\"b\":{}}],\"trace.id\":\"none\",\"x\":\"\xff\"}",
			`{"request_time":0.012,"traceparent":"00-` + trace128 + `-` + span1 + `-01","upstream_service_time":3}`,
			objectOf(100, "member%d"), `{"a":`, ``,
		}},
		{"auto", Config{}, []string{`{"a":1}`, `plain`, `2026-01-02T03:04:05.678Z ERROR trace_id=` + trace128 + ` span_id=` + span1 + ` took 5ms`, "\xff"}},
		{"heads", Config{Timestamp: Timestamp{Now: "2026-01-02T00:00:00Z"}}, []string{
			`2024-01-01T12:00:00.000+01:00  INFO 1234 --- [myapp] [ main] [` + trace128 + `-` + span1 + `] c.e.Foo : hello`,
			`I0102 15:04:05.123456   12345 file.go:70] hello`, `1234:M 01 Jan 2023 12:00:00.123 * Ready`, `2023-01-01 12:00:00 error x`,
			`2023-01-01 12:00:00.123 UTC [1234] app@shop LOG:  duration: 1.234 ms  statement: SELECT 1`,
			`{"t":{"$date":"2020-05-01T15:16:17.180+00:00"},"s":"D2","c":"NETWORK","id":1,"ctx":"x","msg":"m","attr":{"durationMillis":12}}`}},
		{"none", Config{Format: []string{"none"}}, []string{`GET / 200 completed in 1 m 30 s.`, `latency="3µs"`, `2026-01-02T03:04:05.678Z ERROR trace_id=` + trace128}},
		{"regex", Config{Format: []string{"regex"}, Pattern: []string{`^(?P<time>\S+) (?P<level>\w+) rt=(?P<request_time>\S+) (?P<trace_id>\w+)$`, `^(?P<message>m.*)$`}},
			[]string{`2026-01-02T03:04:05.678Z info rt=0.001 ` + trace128, `m "x"`, `neither`}},
		{"grok", Config{Format: []string{"grok"}, Pattern: []string{`%{COMBINEDAPACHELOG} rt=%{NUMBER:rt:float}`, `%{INT:a:int} %{WORD:b}(?: %{WORD:b})? %{NUMBER:c:float}`}},
			[]string{`10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 12 "-" "curl" rt=0.5`, `007 x y -1`, `neither`}},
		{"cri", Config{Format: []string{"cri", "json"}}, []string{`2016-10-06T00:17:09.669794202Z stdout F {"level":"info","n":1}`, `2016-10-06T00:17:09.669794202Z stdout`}},
		{"docker", Config{}, []string{`{"log":"{\"level\":\"warn\",\"msg\":\"m\"}\n","stream":"stdout","time":"2021-02-01T16:45:03.01231Z"}`}},
		{"syslog", Config{Format: []string{"syslog"}}, []string{`<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed`, `not a syslog line`,
			`<165>1 2003-10-11T22:14:15.003-23:59 h a p m [a@1 x="1" y="\]\"\\\n"][b.c d="2"][c] x`, `2018-08-14T14:30:02.203151+02:00 h kernel: x`}},
		{"logfmt", Config{Format: []string{"logfmt"}}, []string{
			`ts=2026-01-02T03:04:05.678Z caller=main.go:7 level=info msg="it \"works\"" user.name=a n=1 duration=1.5ms traceID=` + trace128,
			`a b= c\d="\u00e9\'" x="1 2" x=3 level=info level=warn`, strings.Repeat("a=1 b=2 ", 60), `a="`,
		}},
		{"auto logfmt", Config{}, []string{`a=1 level=info b=2`, `a=1 msg="x"`, `a=1 b`}},
		{"kv", Config{Format: []string{"kv"}}, []string{`a=1 b = "x y" c\ d=(e) a=2 level=info message=m`, `x a=1 \=2`, `none`}},
		{"kv sets", Config{Format: []string{"kv"}, KV: KV{FieldSplit: "§;", ValueSplit: "→", Whitespace: "lenient"}}, []string{` a → 1 § b → "x"; "c" → é `}},
		{"dissect", Config{Format: []string{"dissect"}, Pattern: []string{`%{ts} [%{level}] %{+a/2->} %{+a/1} %{*k}=%{&k}`, `%{ts} %{message}`}, AppendSeparator: "-"},
			[]string{`2026-01-02T03:04:05Z [warn] 1   2 k"=v`, `2026-01-02T03:04:05Z m`, `x`}},
		{"csv", Config{Format: []string{"csv"}, Columns: []string{"time", "level"}}, []string{`2026-01-02T03:04:05Z,info,"x ""y""",,"z"`, `"`}},
		{"cef", Config{Format: []string{"cef"}}, []string{`<134>Jan  2 03:04:05 h CEF:0|v\||p|1|2|n|3|rt=1767225600123 msg=a \= b c=1 c=2`, `CEF:0|v`, `x`}},
		{"leef", Config{Format: []string{"leef"}}, []string{"LEEF:1.0|v|p|1|2|devTime=1767225600123\tmsg=a", `LEEF:2.0|v|p|1|2|x5E|a=1^a=2^3`, `x`}},
		{"nginx", Config{Format: []string{"nginx"}}, []string{
			`10.0.0.2, 85.181.35.98 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://a/\"b\"" "M" "1.2.3.4, 5.6.7.8" rt=0.1 host=x url=y "00-` + trace128 + `-` + span1 + `-01"`,
			`0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] "GET /p HTTP/2.0" 200 12312 "-" "M" 462 0.050 [up-9000] [] 10.0.50.80:9000 19437 0.049 200 752178adb17130b291aefd8c386279e7`,
			`2025/01/03 16:41:26 [error] 31#32: *3 open() "/a" failed, client: ::1, server: , request: "GET / HTTP/1.1", host: "y"`, `no`}},
		{"apache", Config{Format: []string{"apache"}}, []string{`a.b:80 127.0.0.1 bob frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326`,
			`[Wed Oct 20 19:20:59.121211 2021] [rewrite:trace3] [pid 1:tid 2] mod_rewrite.c(470): [client 10.121.192.8:38350] x`, `[x] no`}},
		{"haproxy", Config{Format: []string{"haproxy"}}, []string{`Feb 26 00:29:44 h haproxy[7]: 1.2.3.4:50210 [26/Feb/2019:00:29:44.326] in~ a/b 0/0/1/48/49 200 187 - - ---- 3/2/0/0/0 0/0 {a|b} {} "GET /a HTTP/1.1"`}},
		{"auditd", Config{Format: []string{"auditd", "kv"}}, []string{`node=a type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e comm="cat"`, `type=A b=c`}},
		{"servers", Config{}, []string{`1525344856.899  16867 10.170.72.111 TCP_TUNNEL/200 6256 CONNECT example.com:443 - HIER_DIRECT/53.140.206.134 -`,
			`[GIN] 2021/05/21 - 21:58:57 | 200 |      12.3ms |   1.2.3.4 | GET      "/x"`, `2013-06-14T13:30:15.123Z [FFC0B6D0 info 'Vimsvc' opID=a] x`, `{"instant":{"epochSecond":1621634337,"nanoOfSecond":22000000},"error":true,"severityNumber":17}`}},
		{"envoy", Config{Format: []string{"envoy"}}, []string{`[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 3 226 100 "10.0.35.28, 1.2.3.4" "n" "c" "h:80" "tcp://10.0.2.1:80"`}},
		{"elb", Config{Format: []string{"elb"}}, []string{`https 2018-07-02T22:23:00.186641Z app/a 1.2.3.4:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET / HTTP/1.1" "-" - - - "Root=1-58337281-1d84f3d73c47ec4e58577259" "-"`}},
		{"w3c", Config{Format: []string{"w3c"}}, []string{`2020-01-02 03:04:05 10.0.0.1 GET /a.aspx q=1 443 DOMAIN\bob 1.2.3.4 Mozilla/5.0+(Windows+NT+10.0) https://x/ 200 0 0 15`}},
		{"processed", Config{Dataset: "d", Host: "h", Guard: process.Guard{MaxFields: 50, MaxDepth: 3, MaxLength: 100, FoldIDs: true}, Process: []process.Step{
			{Keep: &process.Keep{When: `log.level != "debug" and not (status in 100..199) and (message contains "m" or "x" in tags) and status >= 5 and log.file.path != nil`}},
			{Rename: &process.Rename{Field: "a", To: "b.c"}}, {Copy: &process.Copy{Field: "o", To: "p"}}, {Set: &process.Set{Field: "t", Value: "%{status}/%{host.name}"}}, {Remove: &process.Remove{Fields: []string{"gone", "x*"}}},
			{Convert: &process.Convert{Fields: []string{"status"}, Type: "long"}}, {Convert: &process.Convert{Fields: []string{"o.n"}, Type: "string"}}, {Lowercase: &process.Lowercase{Fields: []string{"u"}}}, {Uppercase: &process.Uppercase{Fields: []string{"u"}}},
			{Replace: &process.Replace{Fields: []string{"u"}, Pattern: `U(\d)`, With: "<$1>"}}, {Split: &process.Split{Fields: []string{"l"}, Separator: ","}}, {Redact: &process.Redact{}}, {Redact: &process.Redact{Fields: []string{"p"}, With: "hash", Salt: "s"}},
			{Throttle: &process.Throttle{Limit: 1 << 30, By: []string{"u"}}}, {Sample: &process.Sample{Rate: 0.999}}, {Route: &process.Route{Index: "i"}}, {Fingerprint: &process.Fingerprint{Fields: []string{"message", "o"}}},
			{UserAgent: &process.UserAgent{}}, {Append: &process.Append{Field: "tags", Values: []string{"y", "%{l}", "%{u}-%{status}"}}}, {Remove: &process.Remove{Fields: []string{"tags", "l"}, Values: []string{"y", "a"}}},
			{Parse: &process.Parse{Field: "u", Format: "grok", Pattern: []string{"^%{WORD:w}"}}}, {Parse: &process.Parse{Field: "u", Format: "json", TagOnFailure: []string{"_failed"}}},
			{Parse: &process.Parse{Field: "status", Format: "syslog_priority", Prefix: "s."}}, {Parse: &process.Parse{Field: "j", Format: "json", Prefix: "j."}},
			{Parse: &process.Parse{Field: "q", Format: "kv", KV: KV{FieldSplit: "&"}}}, {Date: &process.Date{Field: "d", To: "d"}}, {Date: &process.Date{Field: "d"}}}},
			[]string{`{"level":"info","status":"200","msg":"m bob@example.com 4111 1111 1111 1111 10.0.0.1","a":1,"o":{"n":1.5,"x":{"y":[1,"a@b.co"]}},"u":"aU1 U2","l":"a,b","tags":["x"],"x":1,"xy":{"z":2},"j":"{\"k\":{\"l\":[1]}}","q":"m=1&message=2&_id=3","d":"2026-01-02 03:04:05","user_agent":{"original":"curl/8.1"}}`,
				`status=404 message="m Bearer abcdef123456" u=x user_agent.original=curl/8.1 17=x password=y`}},
		{"named", Config{Timestamp: Timestamp{Mode: Field, Field: "a.t"}, Duration: Duration{Mode: Field, Field: "d", Unit: "s"}, Trace: Trace{Mode: Field, TraceID: "t"}},
			[]string{`{"a":{"t":"2026-01-02T03:04:05Z"},"d":1.5,"t":"` + trace128 + `"}`, `{"a.t":"soon"}`}},
	} {
		p, err := New(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		encoder := ship.NewEncoder("d", "h")
		var ev event.Event
		var doc []byte
		path := []byte("/var/log/x.log")
		for _, line := range c.lines {
			raw := []byte(line)
			n := testing.AllocsPerRun(50, func() {
				ev.Raw = raw
				p.Parse(&ev)
				ev.Time.Set = true
				p.Process(&ev, path)
				doc = encoder.AppendDocument(doc[:0], &ev, "/var/log/x.log")
			})
			if n != 0 {
				t.Errorf("%s: %.0f allocations for %.200s", c.name, n, line)
			}
		}
	}
}

// TestLargeLinesLeaveLittle sees that what one line with very many fields needed is not kept for good.
func TestLargeLinesLeaveLittle(t *testing.T) {
	p, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var ev event.Event
	for _, line := range []string{objectOf(100_000, "k%d"), `{"a":1,` + objectOf(100_000, "a.b%d", "o")[1:], `{"a":{"b":{}},"\u0061":{"\u0062":[` + objectOf(50_000, "k%d") + `]}}`,
		`{"log":` + objectOf(100_000, "k%d") + `,"log.x":1}`} {
		ev.Raw = []byte(line)
		p.Parse(&ev)
		if ev.Failure != nil {
			t.Fatalf("%s", ev.Failure)
		}
	}
	for n := range 50 { // a long name at every place in turn
		ev.Raw = []byte(objectOf(n+1, "%d", strings.Repeat("x", 100_000)))
		p.Parse(&ev)
	}
	names := 0
	for i := range p.roles.memo {
		names += cap(p.roles.memo[i].name)
	}
	json := p.chain[0].(*auto).known[0].format.(*jsonFormat)
	names += json.whole.size
	if names > 1<<20 {
		t.Errorf("%d bytes of names are remembered", names)
	}
	ev.Raw = []byte(`{"log":{"x":1},"log.y":2}`)
	p.Parse(&ev)
	json.scan.scan([]byte(`{}`), nil)
	if cap(ev.Fields) > maxFields || len(p.roles.memo) > maxMemo || len(p.twins.leaves) > maxMemo || cap(p.spare) > maxKept || cap(json.scan.scratch) > maxKept || cap(json.whole.inner) > maxFields {
		t.Errorf("kept: %d fields, %d roles, %d leaves, %d spare bytes, %d of names", cap(ev.Fields), len(p.roles.memo), len(p.twins.leaves), cap(p.spare), cap(json.scan.scratch))
	}
}

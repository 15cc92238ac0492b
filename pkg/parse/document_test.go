package parse_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship"
)

const (
	trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	span  = "00f067aa0ba902b7"
	span2 = "b7ad6b7169203331"
)

// documents makes documents as the pipeline does, of lines that no file has.
type documents struct {
	parser  *parse.Parser
	encoder *ship.Encoder
	ev      event.Event
}

func newDocuments(tb testing.TB, cfg parse.Config) *documents {
	tb.Helper()
	parser, err := parse.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return &documents{parser: parser, encoder: ship.NewEncoder("shop", "web-1")}
}

var reading = parse.Reading(time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC))

var filePath = []byte("/var/log/x.log")

// append appends the document of a line, {} when it is dropped; its time is reading when the line has none.
func (d *documents) append(dst, line []byte) []byte {
	d.ev.Raw, d.ev.Offset = line, 7
	d.parser.Parse(&d.ev)
	if !d.ev.Time.Set {
		d.ev.Time = reading
	}
	if d.parser.Process(&d.ev, filePath); d.ev.Dropped {
		return append(dst, "{}"...)
	}
	return d.encoder.AppendDocument(dst, &d.ev, "")
}

// What every document here begins and ends with, unless the line says it.
const (
	noTime  = `"@timestamp":"2026-01-02T03:04:05.678Z"`
	dataset = `,"event.dataset":"shop"`
	host    = `,"host.name":"web-1"`
	version = `,"ecs.version":"` + ship.ECSVersion + `"`
)

var short = strings.NewReplacer(noTime, "~", dataset, "", host, "", version, "")

type documentCase struct {
	name, line string
	want       string // without the rest; ~ is the time of reading
}

func checkDocuments(t *testing.T, cfg parse.Config, cases []documentCase) {
	t.Helper()
	d := newDocuments(t, cfg)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := string(d.append(nil, []byte(c.line)))
			if again := string(d.append(nil, []byte(c.line))); again != got {
				t.Errorf("read again, now that its shape is known\n%s\nbecame\n%s", got, again)
			}
			if problem := strictProblem([]byte(got)); problem != "" {
				t.Errorf("%s\n%s", problem, got)
			}
			got = short.Replace(got)
			if want := "{" + c.want + "}"; got != want {
				t.Errorf("line %s\n got %s\nwant %s", c.line, got, want)
			}
		})
	}
}

func TestJSONDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"json"}}, []documentCase{
		{"nothing known stays as it is", `{"a":1,"http":{"status":200},"b":[1, 2]}`, `~,"a":1,"http":{"status":200},"b":[1, 2]`},
		{"exact text", `{"n":1.10,"big":12345678901234567890,"e":1E+2,"s":"\u0041\/"}`, `~,"n":1.10,"big":12345678901234567890,"e":1E+2,"s":"\u0041\/"`},
		{"empty object", `{}`, `~`},
		{"blanks around", ` { "a" : 1 , "b" : 2 } `, `~,"a" : 1 , "b" : 2`},
		{"line ends between tokens", "{\r\n\"a\":1,\n\"o\":{\n\"b\":\"\\n\"\n}}", "~,\"a\":1, \"o\":{ \"b\":\"\\n\" }"},
		{"no JSON", `{"a":`, `~,"message":"{\"a\":","event.kind":"pipeline_error","error.message":"json: the line ends where a value should be at byte 5"`},
		{"no object", `[1]`, `~,"message":"[1]","event.kind":"pipeline_error","error.message":"json: not a JSON object at byte 0"`},
		{"empty line", ``, `~,"message":"","event.kind":"pipeline_error","error.message":"json: not a JSON object at byte 0"`},
		{"a line that fails is still read as text", `2026-01-02T00:00:00Z INFO trace_id=` + trace,
			`"@timestamp":"2026-01-02T00:00:00Z","message":"2026-01-02T00:00:00Z INFO trace_id=` + trace + `","log.level":"info","trace.id":"` + trace +
				`","event.kind":"pipeline_error","error.message":"json: not a JSON object at byte 0"`},

		{"a name twice", `{"a":1,"b":2,"a":3}`, `~,"b":2,"a":3`},
		{"a name twice in another spelling", `{"a":1,"\u0061":3}`, `~,"a":3`},
		{"a name twice inside", `{"o":{"a":1,"a":2},"l":[{"b":1,"b":{"c":1,"c":2}}]}`, `~,"o":{"a":2},"l":[{"b":{"c":2}}]`},
		{"blank names", `{"":1,"o":{" . ":2},"l":[{"":3}]}`, `~,"unnamed":1,"o":{"unnamed":2},"l":[{"unnamed":3}]`},
		{"lone surrogates", `{"a":"x\ud83d","\udc00":1,"l":["\ud83d\ude00","\ude00\ud83d"]}`, "~,\"a\":\"x\ufffd\",\"\ufffd\":1,\"l\":[\"\U0001F600\",\"\ufffd\ufffd\"]"},
		{"dotted, then nested", `{"a.b":1,"a":{"b":2,"c":3}}`, `~,"a":{"b":2,"c":3}`},
		{"nested, then dotted", `{"a":{"b":2,"c":3},"a.b":1}`, `~,"a":{"c":3},"a.b":1`},
		{"nested alone, then dotted", `{"a":{"b":2},"a.b":1}`, `~,"a.b":1`},
		{"dots on both sides", `{"a.b":{"c":1},"a":{"b.c":2}}`, `~,"a":{"b.c":2}`},
		{"dots further down", `{"x":{"a":{"b":1},"a.b":2}}`, `~,"x":{"a.b":2}`},
		{"a dotted object", `{"a.b":{"c":1},"a.b.c":2}`, `~,"a.b.c":2`},

		{"ECS dotted", `{"@timestamp":"2026-01-01T00:00:00.1Z","log.level":"WARN","message":"hi","service.name":"s"}`,
			`"@timestamp":"2026-01-01T00:00:00.1Z","message":"hi","service.name":"s","log.level":"warn"`},
		{"ECS nested", `{"@timestamp":"2026-01-01T00:00:00Z","log":{"level":"INFO","logger":"x"},"trace":{"id":"` + trace + `"},"span":{"id":"` + span + `"},"parent":{"id":"` + span2 + `"},"event":{"duration":5}}`,
			`"@timestamp":"2026-01-01T00:00:00Z","log":{"logger":"x"},"log.level":"info","trace.id":"` + trace + `","span.id":"` + span + `","parent.id":"` + span2 + `","event.duration":5`},
		{"a transaction is the span and stays", `{"transaction":{"id":"` + span + `"},"trace.id":"` + trace + `"}`,
			`~,"transaction":{"id":"` + span + `"},"trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"a transaction under a name of its own", `{"transaction_id":"` + span + `"}`, `~,"span.id":"` + span + `"`},

		{"plain names", `{"ts":1767225600,"level":"Error","msg":"m","trace_id":"` + trace + `","span_id":"` + span + `","duration_ms":1.5}`,
			`"@timestamp":"2026-01-01T00:00:00Z","message":"m","log.level":"error","trace.id":"` + trace + `","span.id":"` + span + `","event.duration":1500000`},
		{"pino", `{"level":30,"time":1767225600123,"msg":"m"}`, `"@timestamp":"2026-01-01T00:00:00.123Z","message":"m","log.level":"info"`},
		{"a level that is no word of a logger's", `{"level":"7"}`, `~,"level":"7"`},
		{"log.level keeps any word", `{"log.level":"AuDit"}`, `~,"log.level":"audit"`},
		{"log.level after level", `{"level":"info","log.level":"WARN"}`, `~,"level":"info","log.level":"warn"`},
		{"level after log.level", `{"log":{"level":"WARN"},"level":"info"}`, `~,"level":"info","log.level":"warn"`},
		{"log.level null", `{"log.level":null,"level":"info"}`, `~,"log.level":"info"`},
		{"log.level a list", `{"log.level":["a"],"level":"info"}`, `~,"labels.log.level":["a"],"log.level":"info"`},
		{"log.level a list inside", `{"log":{"level":["a"]},"level":"info"}`, `~,"labels.log.level":["a"],"log.level":"info"`},
		{"log.level an object", `{"level":"info","log.level":{"a":1}}`, `~,"labels.log.level":{"a":1},"log.level":"info"`},
		{"log.level empty", `{"log.level":""}`, `~,"log.level":""`},

		{"the better time wins", `{"ts":"2026-01-01T00:00:01Z","@timestamp":"2026-01-01T00:00:02Z"}`, `"@timestamp":"2026-01-01T00:00:02Z","ts":"2026-01-01T00:00:01Z"`},
		{"the better time first", `{"timestamp":"2026-01-01T00:00:02Z","date":"2026-01-01T00:00:01Z"}`, `"@timestamp":"2026-01-01T00:00:02Z","date":"2026-01-01T00:00:01Z"`},
		{"a time that is none", `{"time":"soon","date":"2026-01-01T00:00:01Z"}`, `"@timestamp":"2026-01-01T00:00:01Z","time":"soon"`},
		{"@timestamp that is no date", `{"@timestamp":"soon"}`, `~,"labels.@timestamp":"soon"`},
		{"@timestamp null", `{"@timestamp":null}`, `~`},
		{"@timestamp an object", `{"@timestamp":{"a":1}}`, `~,"labels.@timestamp":{"a":1}`},

		{"event.duration wins", `{"duration_ms":1,"event.duration":5}`, `~,"duration_ms":1,"event.duration":5`},
		{"event.duration that is none", `{"event":{"duration":"soon","x":1},"took":"1ms"}`, `~,"event":{"x":1},"labels.event.duration":"soon","event.duration":1000000`},
		{"a bare number of unknown unit", `{"duration":12}`, `~,"duration":12`},
		{"exact nanoseconds", `{"elapsed":"1h0m0.123456789s"}`, `~,"event.duration":3600123456789`},

		{"message null", `{"message":null,"msg":"m"}`, `~,"message":"m"`},
		{"message an object", `{"message":{"a":1},"msg":"m"}`, `~,"message":{"a":1},"msg":"m"`},
		{"msg with escapes", `{"msg":"a\u00e9\n"}`, `~,"message":"a\u00e9\n"`},
		{"msg null", `{"msg":null}`, `~,"msg":null`},
		{"tracing", `{"fields":{"message":"m","x":1},"target":"t"}`, `~,"fields":{"x":1},"target":"t","message":"m"`},
		{"hclog", `{"@level":"warn","@message":"m","@timestamp":"2026-01-01T00:00:00.5Z"}`, `"@timestamp":"2026-01-01T00:00:00.5Z","message":"m","log.level":"warn"`},
		{"OpenTelemetry", `{"timestamp_ns":"1767225600000000001","severity":"INFO","body":"b"}`, `"@timestamp":"2026-01-01T00:00:00.000000001Z","message":"b","log.level":"info"`},
		{"ids in the context of a thread", `{"msg":"m","mdc":{"traceId":"` + trace + `","spanId":"` + span + `","user":"u","duration_ms":5}}`, `~,"mdc":{"user":"u","duration_ms":5},"message":"m","trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"B3's, in nothing else", `{"contextMap":{"X-B3-TraceId":"` + trace + `","X-B3-SpanId":"` + span + `"},"message":"m"}`, `~,"message":"m","trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"Datadog's", `{"dd":{"trace_id":"1234567890","span_id":"1234","env":"e"}}`, `~,"dd":{"env":"e"},"trace.id":"000000000000000000000000499602d2","span.id":"00000000000004d2"`},
		{"OpenTelemetry for Python", `{"context":{"trace_id":"0x` + trace + `","span_id":"0x` + span + `","trace_state":"[]"}}`, `~,"context":{"trace_state":"[]"},"trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"Serilog's", `{"@t":"2026-01-02T03:04:05Z","@m":"m","@tr":"` + trace + `","@sp":"` + span + `"}`, `"@timestamp":"2026-01-02T03:04:05Z","message":"m","trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"a context without ids", `{"context":{"level":"x","trace_id":"none"},"extra":[]}`, `~,"context":{"level":"x","trace_id":"none"},"extra":[]`},
		{"Envoy's JSON", `{"start_time":"2021-05-21T21:58:57.022Z","response_code":200,"duration":4}`, `"@timestamp":"2021-05-21T21:58:57.022Z","start_time":"2021-05-21T21:58:57.022Z","response_code":200,"duration":4`},
		{"beside another time", `{"start_time":"2021-05-21T21:58:57.022Z","time":"2021-05-21T21:58:58Z"}`, `"@timestamp":"2021-05-21T21:58:58Z","start_time":"2021-05-21T21:58:57.022Z"`},
		{"Kubernetes' audit log", `{"kind":"Event","level":"Metadata","requestReceivedTimestamp":"2021-05-21T21:58:57.022497Z"}`, `"@timestamp":"2021-05-21T21:58:57.022497Z","kind":"Event","level":"Metadata"`},
		{"Log4j's instant", `{"instant":{"epochSecond":1621634337,"nanoOfSecond":22000000},"level":"INFO","message":"m"}`, `"@timestamp":"2021-05-21T21:58:57.022000000Z","message":"m","log.level":"info"`},
		{"with more in it", `{"instant":{"nanoOfSecond":5,"epochSecond":1621634337,"zone":"Z"}}`, `"@timestamp":"2021-05-21T21:58:57.000000005Z","instant":{"zone":"Z"}`},
		{"nanoseconds that are none", `{"instant":{"nanoOfSecond":1000000000,"epochSecond":1621634337}}`, `"@timestamp":"2021-05-21T21:58:57Z","instant":{"nanoOfSecond":1000000000}`},
		{"nanoseconds alone", `{"instant":{"nanoOfSecond":1}}`, `~,"instant":{"nanoOfSecond":1}`},
		{"the journal as JSON", `{"__REALTIME_TIMESTAMP":"1529506800000001","MESSAGE":"m","PRIORITY":"4","_PID":"12"}`, `"@timestamp":"2018-06-20T15:00:00.000001Z","_PID":"12","message":"m","log.level":"warning"`},
		{"a priority that is none of syslog's", `{"PRIORITY":"8","MESSAGE":"m"}`, `~,"PRIORITY":"8","message":"m"`},
		{"GELF", `{"version":"1.1","short_message":"m","level":3}`, `~,"version":"1.1","message":"m","log.level":"error"`},
		{"a level of one digit elsewhere", `{"msg":"m","level":3}`, `~,"level":3,"message":"m"`},
		{"OpenTelemetry's severity", `{"timeUnixNano":"1621634337022000000","severityNumber":17,"body":"m"}`, `"@timestamp":"2021-05-21T21:58:57.022000000Z","message":"m","log.level":"error"`},
		{"with its text", `{"severity_number":9,"severity":"WARN","body":"m"}`, `~,"severity_number":9,"message":"m","log.level":"warn"`},
		{"beyond the scale", `{"severity_number":25}`, `~,"severity_number":25`},
		{"Microsoft.Extensions.Logging", `{"EventId":14,"LogLevel":"Error","Category":"X","Message":"m"}`, `~,"EventId":14,"Category":"X","message":"m","log.level":"error"`},
		{"a body beside a message", `{"body":"b","msg":"m"}`, `~,"body":"b","message":"m"`},
		{"a body that is no text", `{"body":{"a":1}}`, `~,"body":{"a":1}`},
		{"message before msg", `{"msg":"a","message":"b"}`, `~,"msg":"a","message":"b"`},

		{"service", `{"service":"s","host":"h","error":"e","user":"u","url":"/x","event":"login"}`,
			`~,"host.name":"h","error.message":"e","user.name":"u","url.original":"/x","event.action":"login","service.name":"s"`},
		{"no room for them", `{"service":"s","service.name":"t","host":"h","host":"i","error":"e","error.message":"m","user":{"name":"x"}}`,
			`~,"labels.service":"s","service.name":"t","host.name":"i","labels.error":"e","error.message":"m","user":{"name":"x"}`},
		{"OpenTracing's error", `{"error":true,"msg":"m"}`, `~,"event.outcome":"failure","message":"m"`},
		{"no error", `{"error":"False"}`, `~,"event.outcome":"success"`},
		{"the outcome is told otherwise", `{"error":true,"event":{"outcome":"success"}}`, `~,"labels.error":true,"event":{"outcome":"success"}`},
		{"an action beside it", `{"event":"finish","error":true}`, `~,"event.action":"finish","event.outcome":"failure"`},
		{"an error that is a list", `{"error":[true]}`, `~,"error.message":[true]`},
		{"log is the message", `{"log":"l"}`, `~,"message":"l"`},
		{"log beside a message", `{"log":"l","msg":"m"}`, `~,"labels.log":"l","message":"m"`},
		{"log is a list", `{"log":["l"]}`, `~,"labels.log":["l"]`},
		{"other objects of ECS", `{"process":12,"cloud":null,"labels":"x","agent":[1],"file":[{"a":1}],"tls":{}}`,
			`~,"labels.process":12,"cloud":null,"labels.labels":"x","labels.agent":[1],"file":[{"a":1}],"tls":{}`},
		{"a label of that name", `{"process":12,"labels":{"process":1},"labels.process_":2}`,
			`~,"labels.process__":12,"labels":{"process":1},"labels.process_":2`},
		{"log.file", `{"log.file":"f"}`, `~,"labels.log.file":"f"`},
		{"log.file inside", `{"log":{"file":"f"}}`, `~,"labels.log.file":"f"`},
		{"service_name", `{"service_name":"s"}`, `~,"service.name":"s"`},
		{"metadata", `{"_id":1,"_source":{"a":1},"x":{"_id":2}}`, `~,"labels._id":1,"labels._source":{"a":1},"x":{"_id":2}`},

		{"trace and span", `{"trace":"` + trace + `","span":"` + span + `"}`, `~,"trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"trace that is none", `{"trace":"at main.go"}`, `~,"labels.trace":"at main.go"`},
		{"upper case and 64 bits", `{"traceId":"A3CE929D0E0E4736"}`, `~,"trace.id":"0000000000000000a3ce929d0e0e4736"`},
		{"traceparent", `{"traceparent":"00-` + trace + `-` + span + `-01"}`, `~,"trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"ids of another trace stay", `{"traceparent":"00-` + strings.Repeat("1", 32) + `-` + span2 + `-01","trace_id":"` + trace + `"}`,
			`~,"traceparent":"00-` + strings.Repeat("1", 32) + `-` + span2 + `-01","trace.id":"` + trace + `"`},
		{"a trace.id that is none", `{"trace.id":"x"}`, `~,"labels.trace.id":"x"`},
		{"a trace.id that is none, inside", `{"trace":{"id":"x"},"trace_id":"` + trace + `"}`, `~,"labels.trace.id":"x","trace.id":"` + trace + `"`},

		{"what the line says of itself", `{"log":{"file":{"path":"/p"},"offset":3},"event.dataset":"d","host":{"name":"h"},"ecs":{"version":"1"}}`,
			`~,"log":{"file":{"path":"/p"},"offset":3},"event.dataset":"d","host":{"name":"h"},"ecs":{"version":"1"}`},
	})
}

func TestConfiguredDocuments(t *testing.T) {
	for _, c := range []struct {
		name  string
		cfg   parse.Config
		cases []documentCase
	}{
		{"keep_original", parse.Config{KeepOriginal: true}, []documentCase{
			{"json", `{"a":1}`, `~,"a":1,"event.original":"{\"a\":1}"`},
			{"text", `a`, `~,"message":"a","event.original":"a"`},
			{"the line's own", `{"event":{"original":"x"}}`, `~,"event":{"original":"x"}`},
		}},
		{"invalid UTF-8", parse.Config{}, []documentCase{
			{"json", "{\"a\":\"\xff\"}", "~,\"a\":\"\ufffd\",\"event.original\":\"eyJhIjoi/yJ9\""},
			{"text", "\xc3(", "~,\"message\":\"\ufffd(\",\"event.original\":\"wyg=\""},
			{"with line ends", "{\n\"a\":\"\xff\"}", "~,\"a\":\"\ufffd\",\"event.original\":\"ewoiYSI6Iv8ifQ==\""},
		}},
		{"auto", parse.Config{}, []documentCase{
			{"text", "\"hi\"\tthere", `~,"message":"\"hi\"\tthere"`},
			{"text with control characters", "a\nb\x00c", `~,"message":"a\nb\u0000c"`},
			{"a brace is not yet JSON", `{x} y`, `~,"message":"{x} y"`},
			{"a list is text", `[1]`, `~,"message":"[1]"`},
			{"JSON behind blanks", " \t\n{\"a\":1}", `~,"a":1`},
			{"empty", "", `~,"message":""`},
		}},
		{"none", parse.Config{Format: []string{"none"}}, []documentCase{
			{"JSON is text", `{"a":1}`, `~,"message":"{\"a\":1}"`},
			{"what a line says", "2026-01-01T00:00:00Z ERROR x trace_id=" + trace, `"@timestamp":"2026-01-01T00:00:00Z","message":"2026-01-01T00:00:00Z ERROR x trace_id=` + trace + `","log.level":"error","trace.id":"` + trace + `"`},
		}},
		{"service and fields", parse.Config{Service: "pay\xffment", Fields: []parse.Named{
			{Name: "labels.team", Value: "a\"b"}, {Name: "n", Value: 1.5}, {Name: "yes", Value: true}, {Name: "host.name", Value: "mine"},
			{Name: "message", Value: "none"}, {Name: "event.kind", Value: "event"}, {Name: "log.level", Value: "info"},
		}}, []documentCase{
			{"added", `{}`, `~,"labels.team":"a\"b","n":1.5,"yes":true,"host.name":"mine","message":"none","event.kind":"event","log.level":"info","service.name":"pay` + "\ufffd" + `ment"`},
			{"the line wins", `{"labels":{"team":"x"},"n":null,"yes":{"a":1},"service":"s","host":{"name":"h"},"msg":"m","level":"warn"}`,
				`~,"labels":{"team":"x"},"n":null,"yes":{"a":1},"host":{"name":"h"},"event.kind":"event","message":"m","log.level":"warn","service.name":"s"`},
			{"text", `x`, `~,"labels.team":"a\"b","n":1.5,"yes":true,"host.name":"mine","event.kind":"event","log.level":"info","message":"x","service.name":"pay` + "\ufffd" + `ment"`},
		}},
		{"fields of a failure", parse.Config{Format: []string{"json"}, Fields: []parse.Named{{Name: "event.kind", Value: "event"}, {Name: "error.message", Value: "no"}, {Name: "service.name", Value: "s"}}, Service: "t"}, []documentCase{
			{"failed", `x`, `~,"service.name":"s","message":"x","event.kind":"pipeline_error","error.message":"json: not a JSON object at byte 0"`},
			{"not failed", `{}`, `~,"event.kind":"event","error.message":"no","service.name":"s"`},
		}},
		{"off", parse.Config{Timestamp: parse.Timestamp{Mode: parse.Off}, Duration: parse.Duration{Mode: parse.Off}, Trace: parse.Trace{Mode: parse.Off}}, []documentCase{
			{"json", `{"ts":"2026-01-01T00:00:00Z","duration_ms":1,"event.duration":"x","trace_id":"` + trace + `","span":{"id":"y"}}`,
				`~,"ts":"2026-01-01T00:00:00Z","duration_ms":1,"event.duration":"x","trace_id":"` + trace + `","span":{"id":"y"}`},
			{"@timestamp", `{"@timestamp":"2026-01-01T00:00:00Z"}`, `~,"labels.@timestamp":"2026-01-01T00:00:00Z"`},
			{"a scalar moves all the same", `{"trace":"` + trace + `"}`, `~,"labels.trace":"` + trace + `"`},
			{"text", "2026-01-01T00:00:00Z trace_id=" + trace, `~,"message":"2026-01-01T00:00:00Z trace_id=` + trace + `"`},
		}},
		{"fields named", parse.Config{Timestamp: parse.Timestamp{Mode: parse.Field, Field: "a.when", Layouts: []string{"%Y/%m/%d"}},
			Duration: parse.Duration{Mode: parse.Field, Field: "rt", Unit: "s"}, Trace: parse.Trace{Mode: parse.Field, TraceID: "tid", SpanID: "sid", ParentID: "pid"}}, []documentCase{
			{"all", `{"a":{"when":"2026/01/01"},"rt":"1.5","tid":"` + trace + `","sid":"` + span + `","pid":"` + span2 + `"}`,
				`"@timestamp":"2026-01-01T00:00:00Z","trace.id":"` + trace + `","span.id":"` + span + `","parent.id":"` + span2 + `","event.duration":1500000000`},
			{"other names stay", `{"ts":"2026/01/01","duration_ms":1,"trace_id":"` + trace + `"}`, `~,"ts":"2026/01/01","duration_ms":1,"trace_id":"` + trace + `"`},
			{"the line's ECS names do without", `{"@timestamp":"2026/01/01","event.duration":3,"trace.id":"` + trace + `"}`,
				`"@timestamp":"2026-01-01T00:00:00Z","trace.id":"` + trace + `","event.duration":3`},
			{"and yield", `{"@timestamp":"2026/01/02","event":{"duration":3},"trace.id":"x","a.when":"2026/01/01","rt":1,"tid":"` + trace + `"}`,
				`"@timestamp":"2026-01-01T00:00:00Z","labels.@timestamp":"2026/01/02","labels.trace.id":"x","labels.event.duration":3,"trace.id":"` + trace + `","event.duration":1000000000`},
			{"no time", `{"a.when":"soon","error":{"message":"x"}}`,
				`~,"a.when":"soon","labels.error.message":"x","event.kind":"pipeline_error","error.message":"timestamp: the field a.when holds no time in any of the layouts"`},
			{"not there", `{"a":{"when":null}}`, `~,"a":{"when":null}`},
			{"an object", `{"rt":{"a":1}}`, `~,"rt":{"a":1}`},
		}},
		{"only how, not where", parse.Config{Timestamp: parse.Timestamp{Mode: parse.Field, Timezone: "+01:00"}, Duration: parse.Duration{Mode: parse.Field, Unit: "ms"}}, []documentCase{
			{"json", `{"ts":"2026-01-01T01:00:00","duration":2}`, `"@timestamp":"2026-01-01T00:00:00Z","event.duration":2000000`},
		}},
		{"a name with a quote", parse.Config{Duration: parse.Duration{Mode: parse.Field, Field: `a"b`}}, []documentCase{
			{"json", `{"a\"b":"3ns"}`, `~,"event.duration":3`},
		}},
	} {
		t.Run(c.name, func(t *testing.T) { checkDocuments(t, c.cfg, c.cases) })
	}
}

func TestRegexDocuments(t *testing.T) {
	cfg := parse.Config{Format: []string{"regex"}, Service: "web", Pattern: []string{
		`^(?P<source.address>\S+) (?P<http.response.status_code>\d+) rt=(?P<request_time>\S+) trace=(?P<trace>\S*) span=(?P<span>\S*)$`,
		`^(?P<time>\S+) (?P<level>\S+) (?P<message>.*)$`,
		`^(?P<service>\w+)(?:/(?P<host>\w+))?$`,
		`^<(?P<_id>\w*)>$`,
	}}
	checkDocuments(t, cfg, []documentCase{
		{"dotted names", `1.2.3.4 200 rt=0.001 trace=` + trace + ` span=` + span,
			`~,"source.address":"1.2.3.4","http.response.status_code":"200","service.name":"web","trace.id":"` + trace + `","span.id":"` + span + `","event.duration":1000000`},
		{"no ids", `1.2.3.4 200 rt=- trace=- span=`,
			`~,"source.address":"1.2.3.4","http.response.status_code":"200","request_time":"-","trace":"-","span":"","service.name":"web"`},
		{"the second pattern", `2026-01-01T00:00:00Z WARN "x"`, `"@timestamp":"2026-01-01T00:00:00Z","message":"\"x\"","log.level":"warn","service.name":"web"`},
		{"chosen names stay", `a/b`, `~,"service":"a","host":"b","service.name":"web"`},
		{"a group without a part", `a`, `~,"service":"a","service.name":"web"`},
		{"metadata never do", `<x>`, `~,"labels._id":"x","service.name":"web"`},
		{"none", `trace_id=` + trace, `~,"message":"trace_id=` + trace + `","service.name":"web","trace.id":"` + trace + `","event.kind":"pipeline_error","error.message":"regex: no pattern matches"`},
		{"none on an empty line", ``, `~,"message":"","service.name":"web","event.kind":"pipeline_error","error.message":"regex: no pattern matches"`},
	})
}

func TestBadConfigurations(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  parse.Config
		want string
	}{
		{"format", parse.Config{Format: []string{"jsonn"}}, `format: "jsonn" is not a format`},
		{"no pattern", parse.Config{Format: []string{"regex"}}, `pattern: is missing`},
		{"bad pattern", parse.Config{Format: []string{"regex"}, Pattern: []string{"(?P<a>("}}, `pattern: `},
		{"bad pattern in a list", parse.Config{Format: []string{"regex"}, Pattern: []string{"(?P<a>b)", "("}}, `pattern[1]: `},
		{"no group", parse.Config{Format: []string{"regex"}, Pattern: []string{"(a)"}}, `pattern: has no named group`},
		{"unit", parse.Config{Duration: parse.Duration{Unit: "parsec"}}, `duration.unit: "parsec"`},
		{"no name", parse.Config{Fields: []parse.Named{{Value: 1}}}, `fields[0].name: is missing`},
		{"no value", parse.Config{Fields: []parse.Named{{Name: "a"}}}, `fields[0].value: must be text`},
		{"no JSON number", parse.Config{Fields: []parse.Named{{Name: "a", Value: math.Inf(1)}}}, `fields[0].value: must be text, a finite number`},
		{"twice", parse.Config{Fields: []parse.Named{{Name: "a", Value: 1}, {Name: "a", Value: 2}}}, `fields[1].name: "a" stands in fields[0] already`},
		{"metadata", parse.Config{Fields: []parse.Named{{Name: "_id", Value: 1}}}, `fields[0].name: "_id" is a name of Elasticsearch's own`},
		{"time", parse.Config{Fields: []parse.Named{{Name: "@timestamp", Value: "x"}}}, `fields[0].name: @timestamp comes from the line`},
	} {
		_, err := parse.New(c.cfg)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		all := confkey.All(err)
		if len(all) != 1 || !strings.HasPrefix(all[0].Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, all, c.want)
		}
	}
	_, err := parse.New(parse.Config{Format: []string{"x"}, Duration: parse.Duration{Unit: "y"}, Fields: []parse.Named{{}}})
	if n := len(confkey.All(err)); n != 4 {
		t.Errorf("%d errors at once, want 4: %v", n, err)
	}
}

package trace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/pkg/event"
)

const (
	traceA = "4bf92f3577b34da6a3ce929d0e0e4736"
	spanA  = "00f067aa0ba902b7"
	noon   = "2026-03-01T12:00:00.500Z"
)

// at is a time of the test's day, in nanoseconds since 1970, from milliseconds since noon.
func at(ms float64) int64 {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano() + int64(ms*1e6)
}

// collect reads documents, each an _id and its text, and joins them.
func collect(t testing.TB, documents ...string) (spans []event.Span, loose []Log) {
	t.Helper()
	var r Reader
	j := NewJoiner(Limits{})
	for i, text := range documents {
		rec, ok, err := r.Read(fmt.Sprintf("doc%d", i), []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if ok {
			j.Add(time.Time{}, rec, nil)
		}
	}
	j.Flush(func(s event.Span) { spans = append(spans, s) }, func(l Log) { loose = append(loose, l) })
	slices.SortFunc(spans, func(a, b event.Span) int { return strings.Compare(a.SpanID, b.SpanID) })
	return spans, loose
}

// brief says of a span what the tables below are about.
func brief(s event.Span) string {
	text := fmt.Sprintf("%s %s kind=%d start=%gms took=%gms", s.Service, s.Name, s.Kind, float64(s.Start-at(0))/1e6, float64(s.Duration)/1e6)
	if s.Failed {
		text += " failed: " + s.Reason
	}
	return text
}

func TestSpanOfOneLine(t *testing.T) {
	ids := `"@timestamp":"` + noon + `","trace.id":"` + traceA + `","span.id":"` + spanA + `","service.name":"shop"`
	for _, c := range []struct{ name, document, want string }{
		{"end", `{` + ids + `,"event.duration":200000000,"message":"order placed"}`, "shop order placed kind=0 start=300ms took=200ms"},
		{"nested", `{"@timestamp":"` + noon + `","trace":{"id":"` + traceA + `"},"span":{"id":"` + spanA + `"},"service":{"name":"shop"},"event":{"duration":200000000},"message":"m"}`, "shop m kind=0 start=300ms took=200ms"},
		{"own start", `{` + ids + `,"event.duration":5000000,"event.start":"2026-03-01T12:00:00.100Z","message":"m"}`, "shop m kind=0 start=100ms took=5ms"},
		{"route", `{` + ids + `,"event.duration":1000000,"http.request.method":"GET","http.route":"/users/:id","url.path":"/users/17","http.response.status_code":404}`, "shop GET /users/:id kind=2 start=499ms took=1ms"},
		{"path", `{` + ids + `,"event.duration":1000000,"method":"post","path":"/users/17/orders/4bf92f35-77b3-4da6-a3ce-929d0e0e4736?x=1","status":500}`, "shop POST /users/{id}/orders/{id} kind=2 start=499ms took=1ms failed: HTTP 500"},
		{"client sees 404", `{` + ids + `,"event.duration":1000000,"span.kind":"client","http.method":"GET","http.url":"http://a.example/u/9","http.status_code":"404"}`, "shop GET /u/{id} kind=3 start=499ms took=1ms failed: HTTP 404"},
		{"OpenTracing tags", `{` + ids + `,"event.duration":1000000,"operation":"charge","span.kind":"client","peer.service":"bank","error":true,"message":"refused","log.level":"error"}`, "shop charge kind=3 start=499ms took=1ms failed: refused"},
		{"tag below error", `{` + ids + `,"event.duration":1000000,"operation":"charge","error.message":true}`, "shop charge kind=0 start=499ms took=1ms failed: "},
		{"error is false", `{` + ids + `,"event.duration":1000000,"operation":"charge","error.message":false,"log.level":"error"}`, "shop charge kind=0 start=499ms took=1ms"},
		{"gRPC", `{` + ids + `,"grpc.time_ms":2.5,"grpc.service":"a.B","grpc.method":"C","grpc.code":"Unavailable","span.kind":"server"}`, "shop a.B/C kind=2 start=497.5ms took=2.5ms failed: gRPC unavailable"},
		{"gRPC's caller is at fault", `{` + ids + `,"event.duration":0,"rpc.service":"a.B","rpc.method":"C","grpc_status":5,"span.kind":"server"}`, "shop a.B/C kind=2 start=500ms took=0ms"},
		{"database", `{` + ids + `,"event.duration":1000000,"db.type":"sql","db.statement":"select x from  orders where id=3"}`, "shop SELECT orders kind=3 start=499ms took=1ms"},
		{"outcome before level", `{` + ids + `,"event.duration":1000000,"message":"m","event.outcome":"success","log.level":"error"}`, "shop m kind=0 start=499ms took=1ms"},
		{"Apache in text", `{` + ids + `,"event.duration":1000000,"message":"10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] \"GET /p/123 HTTP/1.1\" 503 12"}`, "shop GET /p/{id} kind=2 start=499ms took=1ms failed: HTTP 503"},
		{"text", `{` + ids + `,"event.duration":1000000,"message":"2026-03-01T12:00:00.5Z INFO  cart saved for 17 trace_id=x took=1ms"}`, "shop cart saved for kind=0 start=499ms took=1ms"},
		{"Envoy", `{"@timestamp":"2026-03-01T12:00:00.100Z","trace.id":"` + traceA + `","service.name":"front","method":"GET","path":"/x","response_code":200,"response_flags":"-","duration":40,"upstream_cluster":"a","bytes_sent":1}`, "front GET /x kind=2 start=100ms took=40ms"},
		{"Jaeger's JSON", `{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","span.id":"` + spanA + `","operationName":"op","startTime":1772366400100000,"duration":2500,"process":{"serviceName":"j"},"tags":[{"key":"span.kind","type":"string","value":"producer"}],"references":[]}`, "j op kind=4 start=100ms took=2.5ms"},
		{"Zipkin's JSON", `{"@timestamp":"2026-03-01T12:00:00.100Z","traceId":"` + traceA + `","trace.id":"` + traceA + `","id":"` + spanA + `","name":"get","kind":"SERVER","duration":2500,"localEndpoint":{"serviceName":"z"},"tags":{"http.method":"GET"}}`, "z get kind=2 start=100ms took=2.5ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans, _ := collect(t, c.document)
			if len(spans) == 0 {
				t.Fatal("no span")
			}
			if got := brief(spans[0]); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if spans[0].TraceID != traceA || len(spans[0].SpanID) != 16 {
				t.Errorf("ids %s %s", spans[0].TraceID, spans[0].SpanID)
			}
		})
	}
}

func TestNoSpan(t *testing.T) {
	for _, document := range []string{
		`{"@timestamp":"` + noon + `","event.duration":5,"message":"no trace"}`,
		`{"@timestamp":"` + noon + `","trace.id":"nonsense","event.duration":5}`,
		`{"@timestamp":"` + noon + `","request_id":"` + traceA + `","message":"mentions a request"}`,
		`{"trace.id":"` + traceA + `","event.duration":5}`,
	} {
		if spans, loose := collect(t, document); len(spans)+len(loose) > 0 {
			t.Errorf("%s: %v %v", document, spans, loose)
		}
	}
	for _, document := range []string{
		`{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","event.duration":-5}`,
		`{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","event.duration":99999999999999999999}`,
		`{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","duration":12}`,
	} {
		if spans, loose := collect(t, document); len(spans) != 0 || len(loose) != 1 {
			t.Errorf("%s: %v %v", document, spans, loose)
		}
	}
}

func TestAttributes(t *testing.T) {
	spans, _ := collect(t, `{"@timestamp":"`+noon+`","trace.id":"`+traceA+`","event.duration":5,"http.method":"GET","http.status_code":200,
		"http.request.method":"PUT","peer.service":"bank","db.statement":"SELECT 1","peer.ipv4":"10.0.0.9","component":"net/http","retry":true,
		"ratio":0.25,"user":{"id":"u1"},"list":[1,2],"status":"ok","method":"com.example.Foo","nothing":null,"big":123456789012345678901234567890,
		"tags":{"x":"y"},"path":"/a?b=c"}`)
	var got []string
	for _, a := range spans[0].Attributes {
		got = append(got, fmt.Sprintf("%s=%s/%d", a.Name, a.Value, a.Kind))
	}
	want := []string{"big=123456789012345678901234567890/2", "component=net/http/0", "db.query.text=SELECT 1/0", "http.request.method=PUT/0",
		"http.response.status_code=200/1", "list=[1,2]/0", "method=com.example.Foo/0", "network.peer.address=10.0.0.9/0", "peer.service=bank/0",
		"ratio=0.25/2", "retry=true/3", "status=ok/0", "url.path=/a/0", "url.query=b=c/0", "user.id=u1/0", "x=y/0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFoldPath(t *testing.T) {
	for path, want := range map[string]string{
		"/":                               "/",
		"":                                "",
		"/v1/users/42":                    "/v1/users/{id}",
		"/api/v2/s3/img.png":              "/api/v2/{id}/img.png",
		"/o/o-1001/items":                 "/o/{id}/items",
		"/u/jane@example.com":             "/u/{id}",
		"https://a.example:80/b/12#f":     "/b/{id}",
		"https://a.example":               "/",
		"/d/deadbeefdeadbeef":             "/d/{id}",
		"/a;jsessionid=12/b":              "/a",
		"/1/2/3/4/5/6/7/8/9/10":           "/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/…",
		"/" + strings.Repeat("a", 50):     "/{id}",
		"/checkout":                       "/checkout",
		"/2026-03-01/report":              "/{id}/report",
		"/p/4bf92f3577b34da6a3ce929d0e0e": "/p/{id}",
	} {
		if got := foldPath(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestReportedSpan(t *testing.T) {
	for message, want := range map[string]string{
		"Reporting span 2f42628579fcec74:63677698a8e7c783:2f42628579fcec74:1": "00000000000000002f42628579fcec74 63677698a8e7c783 2f42628579fcec74 ",
		"INFO Reporting span abc:1:0:1":                                       "00000000000000000000000000000abc 0000000000000001  ",
		"Span reported: 252c964bb3816e310cf196a06b9786eb:1:2:1 - get":         "252c964bb3816e310cf196a06b9786eb 0000000000000001 0000000000000002 get",
		"Reporting span abc:1:0:1 shop.get":                                   "00000000000000000000000000000abc 0000000000000001  get",
		"Reporting span abc:1:0:1 to the agent. ok":                           "00000000000000000000000000000abc 0000000000000001  ",
		"Reporting span abc:1:0":                                              "",
		"Reporting span 0:1:0:1":                                              "",
		"Reporting span x:y:z:1":                                              "",
		"Reporting span":                                                      "",
	} {
		got := ""
		if s, ok := reportedSpan(message); ok {
			got = s.TraceID + " " + s.SpanID + " " + s.ParentID + " " + s.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}

func TestNormalID(t *testing.T) {
	for text, want := range map[string]string{
		traceA: traceA, strings.ToUpper(traceA): traceA, "4bf92f35-77b3-4da6-a3ce-929d0e0e4736": traceA,
		"abc": "00000000000000000000000000000abc", "": "", "0": "", "xyz": "", traceA + "0": "",
	} {
		if got := NormalID(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzRead holds what comes of any document to what outputs and the drawing rely on.
func FuzzRead(f *testing.F) {
	f.Add(`{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","span.id":"` + spanA + `","event.duration":5,"message":"m"}`)
	f.Add(`{"@timestamp":"` + noon + `","trace.id":"` + traceA + `","event.duration":5,"upstream_response_time":"0.1, -, 9e99 : 0.2","upstream_addr":"a, b"}`)
	f.Add(`{"@timestamp":"` + noon + `","trace":{"id":"` + traceA + `"},"logs":[{"timestamp":1772366400100000,"fields":[{"key":"event","value":"x"}]}],"operationName":"o","startTime":1,"duration":1e300}`)
	f.Add(`{"@timestamp":"` + noon + `","message":"Reporting span a:b:c:d","tags":[{"key":"error","value":true},{"key":7}]}`)
	f.Add(`{"@timestamp":"` + noon + `","event.duration":5000,"request_time":1,"upstream_response_time":"0.1, 0.2","status":500,"service.name":"s"}`)
	f.Add(`{"@timestamp":"9999-12-31T23:59:59Z","trace.id":"` + traceA + `","event.duration":5,"start":"-1","\u0000":"\ud800"}`)
	f.Fuzz(func(t *testing.T, text string) {
		alone := Reader{Alone: true}
		if rec, ok, err := alone.Read("id", []byte(text)); err == nil && ok && rec.Span.TraceID == "" {
			rec.Single(func(s event.Span) { s.TraceID, s.SpanID, s.ParentID = traceA, spanA, ""; checkSpan(t, &s) })
		}
		var r Reader
		rec, ok, err := r.Read("id", []byte(text))
		if err != nil || !ok {
			return
		}
		again, _, err := new(Reader).Read("id", []byte(text))
		if diff := cmp.Diff(rec, again, cmp.AllowUnexported(Record{})); err != nil || diff != "" {
			t.Fatalf("read again it is another: %v %s", err, diff)
		}
		j := NewJoiner(Limits{})
		j.Add(time.Time{}, rec, nil)
		var spans []event.Span
		j.Flush(func(s event.Span) { checkSpan(t, &s); spans = append(spans, s) }, func(Log) {})
		if j.Bytes() != 0 {
			t.Fatalf("%d bytes are left", j.Bytes())
		}
		if len(spans) == 0 {
			return
		}
		tr := Assemble(spans, nil)
		if out := tr.AppendJSON(nil); !json.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
		checkDrawing(t, Draw(tr, Drawing{Width: 60, Logs: true}), 60)
	})
}

func checkSpan(t *testing.T, s *event.Span) {
	t.Helper()
	if len(s.TraceID) != 32 || len(s.SpanID) != 16 || s.ParentID != "" && len(s.ParentID) != 16 || s.ParentID == s.SpanID {
		t.Fatalf("ids: %+v", s)
	}
	if s.Duration < 0 || s.Duration > maxDuration || s.Name == "" || len(s.Name) > maxName || len(s.Attributes) > 2*maxAttributes {
		t.Fatalf("%+v", s)
	}
	texts := []string{s.Name, s.Service, s.Reason, s.Host}
	for i, a := range s.Attributes {
		texts = append(texts, a.Name, a.Value)
		if i > 0 && s.Attributes[i-1].Name >= a.Name {
			t.Fatalf("attributes out of order or twice: %q %q", s.Attributes[i-1].Name, a.Name)
		}
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || len(text) > 3*maxText {
			t.Fatalf("%d bytes, %q", len(text), text)
		}
	}
}

package sink

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/tailspan/tailspan/bench/internal/workload"
)

// send asks the server and returns its status and answer.
func send(t *testing.T, s *Server, method, target, encoding, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

const (
	// asks is what tailspan puts into filter_path.
	asks = "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,error.type,error.reason"
	docA = `{"create":{"_index":"logs","_id":"a"}}` + "\n" + `{"n":1}` + "\n"
	docB = `{"create":{"_index":"logs","_id":"b"}}` + "\n" + `{"n":2}` + "\n"
	made = `{"create":{"status":201}}`
	was  = `{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"[a]: version conflict, document already exists (current version [1])"}}}`
)

func TestBulkAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		target, body string
		status       int
		want         string
	}{
		"created":          {asks, docA + docB, 200, `{"errors":false,"items":[` + made + `,` + made + `]}`},
		"twice":            {asks, docA + docA, 200, `{"errors":true,"items":[` + made + `,` + was + `]}`},
		"other index":      {asks, docA + strings.Replace(docA, "logs", "more", 1), 200, `{"errors":false,"items":[` + made + `,` + made + `]}`},
		"index from path":  {"/logs" + asks, strings.Replace(docA, `"_index":"logs",`, "", 1) + docA, 200, `{"errors":true,"items":[` + made + `,` + was + `]}`},
		"index overwrites": {asks, docA + strings.Replace(docA, "create", "index", 1), 200, `{"errors":false,"items":[` + made + `,{"index":{"status":200}}]}`},
		"no id":            {asks, strings.Repeat(`{"create":{"_index":"logs"}}`+"\n{}\n", 2), 200, `{"errors":false,"items":[` + made + `,` + made + `]}`},
		"no filter": {"/_bulk", docA, 200,
			`{"errors":false,"took":1,"items":[{"create":{"_index":"logs","_id":"a","result":"created","status":201}}]}`},
		"errors only":    {"/_bulk?filter_path=errors,items.*.error", docA + docA, 200, `{"errors":true,"items":[` + strings.Replace(was, `"status":409,`, "", 1) + `]}`},
		"all items":      {"/_bulk?filter_path=**.status", docA, 200, `{"items":[` + made + `]}`},
		"not JSON":       {asks, strings.Replace(docA, `{"n":1}`, `{"n":`, 1), 200, `{"errors":true,"items":[{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"[1:1] failed to parse: the document is not JSON"}}}]}`},
		"bad action":     {asks, `{"grow":{}}` + "\n{}\n", 400, `{"error":{"reason":"malformed action/metadata line [1]: expected create or index","type":"illegal_argument_exception"},"status":400}`},
		"no index":       {asks, `{"create":{}}` + "\n{}\n", 400, `{"error":{"reason":"malformed action/metadata line [1]: index is missing","type":"illegal_argument_exception"},"status":400}`},
		"no document":    {asks, `{"create":{"_index":"logs"}}` + "\n", 400, `{"error":{"reason":"malformed action/metadata line [1]: no document follows","type":"illegal_argument_exception"},"status":400}`},
		"no body":        {asks, "", 400, `{"error":{"reason":"request body is required","type":"illegal_argument_exception"},"status":400}`},
		"no newline":     {asks, strings.TrimSpace(docA), 400, `{"error":{"reason":"the bulk request must be terminated by a newline [\\n]","type":"illegal_argument_exception"},"status":400}`},
		"too large":      {asks, strings.Repeat("x", 1001), 413, ``},
		"other encoding": {"/_bulk?encoding=zstd", docA, 400, `{"error":{"reason":"unknown Content-Encoding zstd","type":"illegal_argument_exception"},"status":400}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Config{IDs: true, Verify: true})
			s.limit = 1000
			encoding := ""
			if strings.Contains(test.target, "encoding=") {
				encoding = "zstd"
			}
			if status, got := send(t, s, "POST", test.target, encoding, test.body); status != test.status || got != test.want {
				t.Errorf("%d %s\nwant %d %s", status, got, test.status, test.want)
			}
		})
	}
}

func TestGzipAndCounts(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, docA+docB+docA); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for _, ids := range []bool{true, false} {
		s := New(Config{IDs: ids})
		for range 2 {
			if status, answer := send(t, s, "POST", asks, "gzip", packed.String()); status != http.StatusOK {
				t.Fatal(status, answer)
			}
		}
		got := s.Stats()
		docs, conflicts := int64(6), int64(0)
		if ids {
			docs, conflicts = 2, 4
		}
		if got.Docs != docs || got.Conflicts != conflicts || got.Requests != 2 || got.WireBytes != 2*int64(packed.Len()) ||
			got.BodyBytes != 2*int64(len(docA+docB+docA)) {
			t.Errorf("ids %v: %+v", ids, got)
		}
	}
	if status, _ := send(t, New(Config{}), "POST", asks, "gzip", "plain"); status != http.StatusBadRequest {
		t.Error("plain text passes for gzip:", status)
	}
}

func TestTemplatesAndHealth(t *testing.T) {
	s := New(Config{})
	const template = "/_index_template/tailspan-logs"
	for _, step := range []struct {
		method, target, body string
		status               int
		want                 string
	}{
		{"GET", template, "", 404, "not found"},
		{"PUT", template, "{", 400, "not JSON"},
		{"PUT", template, `{"version":3}`, 200, `"acknowledged":true`},
		{"GET", template, "", 200, `"index_template":{"version":3}`},
		{"GET", "/_cluster/health", "", 200, `"status":"green"`},
		{"GET", "/", "", 200, "You Know, for Search"},
		{"GET", "/_nowhere", "", 404, "does not know"},
	} {
		if status, got := send(t, s, step.method, step.target, "", step.body); status != step.status || !strings.Contains(got, step.want) {
			t.Errorf("%s %s: %d %s", step.method, step.target, status, got)
		}
	}
	if others := s.Stats().Others; others["GET "+template] != 2 || len(others) != 5 {
		t.Error(others)
	}
}

func TestWait(t *testing.T) {
	s := New(Config{})
	send(t, s, "POST", asks, "", docA)
	for target, want := range map[string]int64{"/_sink/wait?docs=1": 1, "/_sink/wait?docs=2&idle=1ms": 1} {
		var stats Stats
		if _, body := send(t, s, "GET", target, "", ""); json.Unmarshal([]byte(body), &stats) != nil || stats.Docs != want {
			t.Errorf("%s: %s", target, body)
		}
	}
}

// document is what tailspan makes of a record; both ways of writing a name are right.
func document(r workload.Record, dotted bool) string {
	var doc map[string]any
	id := workload.ID(r.TraceHi).String() + workload.ID(r.TraceLo).String()
	if dotted {
		doc = map[string]any{"trace.id": id, "span.id": workload.ID(r.Span).String(), "event.duration": r.Duration, "seq": r.Seq,
			"http.status": r.Status}
	} else {
		doc = map[string]any{"trace": map[string]any{"id": id}, "span": map[string]any{"id": workload.ID(r.Span).String()},
			"event": map[string]any{"duration": r.Duration}, "message": "a seq=" + number(r.Seq) + " status=" + number(r.Status) + " b"}
	}
	doc["@timestamp"] = r.Time.UTC()
	text, _ := json.Marshal(doc)
	return string(text)
}

func number[T int | int64](n T) string { text, _ := json.Marshal(n); return string(text) }

func TestVerify(t *testing.T) {
	var facts workload.Facts
	g, err := workload.New("json", 3)
	if err != nil {
		t.Fatal(err)
	}
	var docs []string
	for i := range 100 {
		_, r := g.Append(nil)
		facts.Add(r)
		docs = append(docs, document(r, i%2 == 0))
	}
	for name, test := range map[string]struct {
		change func([]string) []string
		want   []string // in what is reported; none: nothing is
	}{
		"all":       {func(d []string) []string { return d }, nil},
		"backwards": {func(d []string) []string { d[0], d[99] = d[99], d[0]; return d }, nil},
		"one less":  {func(d []string) []string { return d[1:] }, []string{"lines: want 100, got 99", "distinct seq: want 100, got 99"}},
		"one twice": {func(d []string) []string { return append(d, d[0]) }, []string{"lines: want 100, got 101", "1 documents came twice"}},
		"no duration": {func(d []string) []string { d[0] = strings.Replace(d[0], "event.duration", "d", 1); return d },
			[]string{"sum of durations", "1 documents with no integer event.duration", "such as {"}},
		"local time": {func(d []string) []string { d[0] = strings.Replace(d[0], `Z"`, `+01:00"`, 1); return d },
			[]string{"sum of timestamps", "1 documents with no @timestamp in UTC"}},
		"failed": {func(d []string) []string { d[0] = `{"event.kind":"pipeline_error",` + d[0][1:]; return d },
			[]string{"1 documents with a parse failure"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Config{Verify: true})
			var body strings.Builder
			for _, doc := range test.change(append([]string(nil), docs...)) {
				body.WriteString(`{"create":{"_index":"logs"}}` + "\n" + doc + "\n")
			}
			if status, answer := send(t, s, "POST", asks, "", body.String()); status != http.StatusOK {
				t.Fatal(answer)
			}
			got := strings.Join(s.Stats().Verify.Differences(&facts), "\n")
			if (got == "") != (test.want == nil) {
				t.Error(got)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

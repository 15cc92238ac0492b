package elastic

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

func TestItems(t *testing.T) {
	for answer, want := range map[string][]string{
		`{"errors":false,"items":[{"create":{"status":201}},{"create":{}}]}`:                              {`{"create":{"status":201}}`, `{"create":{}}`},
		" { \"a\" : [ {\"items\":[1]} , \"]\" ] ,\n\"items\" : [ null , 1,\"a,]\\\"\" ,[[]] ] , \"b\":1}": {"null", "1", `"a,]\""`, "[[]]"},
		`{"items":[]}`:            nil,
		`{"items":{}}`:            nil,
		`{"a":"x\\","items":[7]}`: {"7"},
		`{}`:                      nil,
		`[{"items":[1]}]`:         nil,
		`"items"`:                 nil,
	} {
		it, err := itemsOf([]byte(answer))
		if err != nil {
			t.Errorf("%s: %v", answer, err)
			continue
		}
		if n := it.count(); n != len(want) {
			t.Errorf("%s: %d items, want %d", answer, n, len(want))
		}
		for _, w := range want {
			if got := string(it.next()); got != w {
				t.Errorf("%s: %q, want %q", answer, got, w)
			}
		}
	}
	for _, answer := range []string{``, `{"items":[1]`, `{"items":[1]}}`, `{"items":[1,]}`, `<html>`} {
		if _, err := itemsOf([]byte(answer)); err == nil {
			t.Errorf("%q is taken for an answer", answer)
		}
	}
}

// FuzzItems compares the items with those that encoding/json finds, which takes the last of several with the name.
func FuzzItems(f *testing.F) {
	for _, seed := range []string{`{"errors":true,"items":[{"create":{"status":409,"error":{"reason":"\"]"}}},null]}`, `{"items":[[],{}]}`, `{"a":{"items":[2]}, "items" :[1 ]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		it, err := itemsOf(answer)
		var want struct{ Items []json.RawMessage }
		if err != nil || strings.Count(strings.ToLower(string(answer)), "items") != 1 || strings.Contains(string(answer), `\`) || json.Unmarshal(answer, &want) != nil {
			return
		}
		if n := it.count(); n != len(want.Items) && strings.Contains(string(answer), `"items"`) {
			t.Fatalf("%q: %d items, want %d", answer, n, len(want.Items))
		}
		for _, w := range want.Items {
			if got := it.next(); strings.Contains(string(answer), `"items"`) && string(got) != string(w) {
				t.Fatalf("%q: %q, want %q", answer, got, w)
			}
		}
	})
}

// After a crash nearly all documents of a request are there already, and each item says so with a reason. What is parsed of
// them must not add up.
func TestManyReasonsTakeNoMemory(t *testing.T) {
	const n = 10_000
	item := `{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"[-0000]: version conflict, document already exists (current version [1])"}}}`
	answer := []byte(`{"errors":true,"items":[` + strings.Repeat(item+",", n-1) + item + `]}`)
	s := &sender{out: &Output{log: slog.New(slog.DiscardHandler)}, parser: new(fastjson.Parser)}
	src := new(event.Source)
	b := &bulk{answer: answer, docs: make([]doc, n)}
	for i := range b.docs {
		b.docs[i].source = src
	}
	bytes := testing.Benchmark(func(tb *testing.B) {
		for tb.Loop() {
			if err := s.judge(b, 0, n); err != nil {
				tb.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if bytes > int64(3*len(answer)) {
		t.Errorf("%d bytes for an answer of %d", bytes, len(answer))
	}
}

package local

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/query"
)

// TestNarrowedAsMatched: with SQL before it, a query finds the documents that it matches one by one, whatever they hold.
func TestNarrowedAsMatched(t *testing.T) {
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(all ...string) string { return all[random.IntN(len(all))] }
	var docs []string
	for i := range 400 {
		var more strings.Builder
		for _, name := range []string{"log.level", "service.name", "message", "user.name", "event.duration", "http.response.status_code", "n", "trace.id", "url.path"} {
			if random.IntN(2) == 0 {
				fmt.Fprintf(&more, ",%q:%s", name, pick(`"error"`, `"Error x"`, `"foo-1 bar"`, `7`, `7.0`, `0.1`, `-3`, `true`, `["error",7]`, `null`, `{"deep":"foo-1"}`, `"日本 foo"`, `"1e3"`, `1e3`, `""`))
			}
		}
		docs = append(docs, document(fmt.Sprintf("2026-11-%02d", 20+i%3), i, more.String()))
	}
	write(t, k, newChunk(0, docs...))
	fields := []string{"log.level:", "service.name:", "message:", "user.name:", "event.duration:", "http.response.status_code:", "n:", "trace.id:", "url.path:", "log.offset:", "x.deep:", ""}
	values := []string{"error", `"error x"`, `"Error x"`, "foo bar", "fo*", "*o*", "foo* x", "7", "7.00", "0.10", "-3", "true", "日", "1000", "1e3", "*", "deep", `""`, "(error or 7)", "2026-11-21"}
	for range 800 {
		text := pick(fields...) + pick(values...)
		if random.IntN(4) == 0 {
			text = strings.TrimSuffix(pick(fields[:10]...), ":") + " " + pick(">", ">=", "<", "<=") + " " + pick("7", "6.5", "error", "f", "-3", "300")
		}
		switch random.IntN(4) {
		case 0:
			text = "not " + text
		case 1:
			text += pick(" and ", " or ", " and not ") + pick(fields...) + pick(values...)
		}
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var want []string
		m := query.NewMatcher(q)
		for i, d := range docs {
			if m.Match([]byte(d)) {
				want = append(want, fmt.Sprint(i))
			}
		}
		got := strings.Fields(found(t, dir, text))
		if len(got) != len(want) {
			t.Fatalf("%s (%s): found %d documents, %d match", text, q, len(got), len(want))
		}
	}
}

package elastic

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMend(t *testing.T) {
	for _, c := range []struct{ name, doc, reason, want string }{
		{"a word where a number is mapped", `{"@timestamp":"t","code":"no","n":1.50}`,
			"[1:49] failed to parse field [code] of type [long] in document with id 'a1'. Preview of field's value: 'no'",
			`{"@timestamp":"t","n":1.50,"tailspan.unmapped":{"code":"no"},"tailspan.unmapped_reason":"…"}`},
		{"an object where text is mapped", `{"message":{"nested":1}}`, "[1:63] failed to parse field [message] of type [text] in document",
			`{"tailspan.unmapped":{"message":"{\"nested\":1}"},"tailspan.unmapped_reason":"…"}`},
		{"a scalar where an object is mapped", `{"a":{"b":7,"c":1}}`, "[1:5] object mapping for [a.b] tried to parse field [a.b] as object, but found a concrete value",
			`{"a":{"c":1},"tailspan.unmapped":{"a.b":"7"},"tailspan.unmapped_reason":"…"}`},
		{"dotted and nested mixed", `{"a.b":{"c.d":true}}`, "failed to parse field [a.b.c.d] of type [long]",
			`{"tailspan.unmapped":{"a.b.c.d":"true"},"tailspan.unmapped_reason":"…"}`},
		{"inside of something that is no object", `{"a":5}`, "failed to parse field [a.b] of type [long]",
			`{"tailspan.unmapped":{"a.b":"5"},"tailspan.unmapped_reason":"…"}`},
		{"the field limit", `{"@timestamp":"t","log.offset":1,"f1":1,"f2":{"x":2}}`, "failed to parse: Limit of total fields [5] has been exceeded while adding new fields [2]",
			`{"@timestamp":"t","log.offset":1,"tailspan.unmapped":{"f1":"1","f2":"{\"x\":2}"},"tailspan.unmapped_reason":"…"}`},
		{"the time", `{"@timestamp":"yesterday"}`, "failed to parse field [@timestamp] of type [date_nanos]", ""},
		{"a field that is not there", `{"a":1}`, "failed to parse field [b] of type [long]", ""},
		{"a mapping that takes no new fields", `{"a":1,"b":2}`, "[1:2] mapping set to strict, dynamic introduction of [b] within [_doc] is not allowed",
			`{"a":1,"tailspan.unmapped":{"b":"2"},"tailspan.unmapped_reason":"…"}`},
		{"another complaint", `{"a":1}`, "pipeline with id [nope] does not exist", ""},
	} {
		got := strings.ReplaceAll(strings.TrimSuffix(string(mend([]byte(c.doc), c.reason)), "\n"), strings.ReplaceAll(c.reason, `"`, `\"`), "…")
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAMappingConflictKeepsTheDocument(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		refusal := `{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"failed to parse field [log.offset] of type [date]"}}}`
		b.cluster.faults = []fault{func(c *cluster, items []item) *http.Response {
			c.index(items[:1], nil)
			return answer(200, `{"errors":true,"items":[{"create":{"status":201}},`+refusal+`]}`)
		}}
		b.send("a", "b")
		b.flush()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := b.indexed(); !slices.Equal(got, []string{"a", "b"}) || len(b.deadLetters()) != 0 {
			t.Errorf("indexed %q, %d dead letters", got, len(b.deadLetters()))
		}
		if b.acked() != b.offset {
			t.Errorf("acknowledged up to %d of %d", b.acked(), b.offset)
		}
	})
	inBed(t, nil, func(t *testing.T, b *bed) {
		refusal := `{"errors":true,"items":[{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"failed to parse field [message] of type [long]"}}}]}`
		b.cluster.faults = []fault{always(200, refusal), always(200, strings.ReplaceAll(refusal, "[message]", "[tailspan.unmapped]"))}
		b.send("refused for what cannot be moved")
		b.flush()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := b.indexed(); len(got) != 0 || len(b.deadLetters()) != 1 || b.acked() != b.offset {
			t.Errorf("indexed %q, %d dead letters, acknowledged up to %d of %d", got, len(b.deadLetters()), b.acked(), b.offset)
		}
	})
}

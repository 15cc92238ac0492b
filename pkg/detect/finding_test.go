package detect

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestNotice: a webhook is told the document, and its message as text; hostile texts stay texts.
func TestNotice(t *testing.T) {
	f := Finding{ID: "0123456789abcdef", Rule: Errors, Service: "sh\"op\n<b>", Template: "00", Text: "a <num>", Mostly: true, Since: begin, Found: begin.Add(time.Minute),
		Samples: []Evidence{{ID: "i", Trace: "t1", Text: "a\x00b"}, {Trace: "t1"}, {Trace: "t2"}}}
	f.measure(&candidate{rule: Errors, score: 1e9, before: Level{0.004, 1000, 60}, after: Level{0.15, 100, 60}})
	f.add(&candidate{rule: Rate, series: new(series)})
	line := string(f.AppendJSON([]byte("x")))
	notice := string(f.AppendNotice(nil))
	var doc, told map[string]any
	if err := json.Unmarshal([]byte(line[1:]), &doc); err != nil || strings.ContainsAny(line, "\n") {
		t.Fatal(err, line)
	}
	if err := json.Unmarshal([]byte(notice), &told); err != nil || !strings.HasPrefix(notice, `{"text":`) {
		t.Fatal(err, notice)
	}
	if told["text"] != doc["message"] || len(told) != len(doc)+1 || doc["message"] != "sh\"op\n<b>: 15 % of the lines tell of a failure, before 0.4 %, most of them in lines like \"a <num>\"" {
		t.Errorf("%v", told)
	}
	if doc["event.kind"] != "alert" || doc["event.action"] != "opened" || doc["trace.id"] != "t1" || len(doc["tailspan.finding.trace_ids"].([]any)) != 2 || doc["tailspan.finding.score"] != 999.0 {
		t.Errorf("%v", doc)
	}
	f.resolve("as before", begin.Add(time.Hour).UnixNano())
	if err := json.Unmarshal(f.AppendJSON(nil), &doc); err != nil || doc["event.action"] != "resolved" || doc["event.end"] != "2026-11-23T01:00:00Z" || doc["@timestamp"] != doc["event.end"] {
		t.Errorf("%v, %v", doc, err)
	}
}

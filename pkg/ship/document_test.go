package ship

import (
	"encoding/json"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

func text(s string) event.Value { return event.Value{Bytes: []byte(s), Kind: event.Text, Set: true} }

// lineOf makes the fields of a JSON line by hand: {"a":1,"o":{"b":2,"c":3},"d":4}
//
//	0         1         2         3
//	0123456789012345678901234567890
func lineOf() event.Event {
	line := []byte(`{"a":1,"o":{"b":2,"c":3},"d":4}`)
	field := func(name string, from, value, to, parent, end int32) event.Field {
		return event.Field{Name: []byte(name), Value: line[value:to], Kind: event.JSON, Parent: parent, End: end, From: from, To: to}
	}
	e := event.Event{Line: line, Offset: 9, Time: event.Time{Sec: 1767225600, Set: true}, Fields: []event.Field{
		field("a", 1, 5, 6, -1, 1), field("o", 7, 11, 24, -1, 4), field("b", 12, 16, 17, 1, 3), field("c", 18, 22, 23, 1, 4), field("d", 25, 29, 30, -1, 5)}}
	e.Fields[1].Kind = event.Object
	return e
}

const ours = `,"event.dataset":"shop","host.name":"web-1","ecs.version":"` + ECSVersion + `"}`

func TestAppendDocument(t *testing.T) {
	const at = `{"@timestamp":"2026-01-01T00:00:00Z"`
	for _, c := range []struct {
		name   string
		change func(e *event.Event)
		path   string
		want   string
	}{
		{"as it stands", func(*event.Event) {}, "", at + `,"a":1,"o":{"b":2,"c":3},"d":4` + ours},
		{"with its file", func(*event.Event) {}, "/a\"b\xff", at + `,"a":1,"o":{"b":2,"c":3},"d":4,"log.offset":9,"log.file.path":"/a\"b` + "\ufffd" + `"` + ours},
		{"one removed", func(e *event.Event) { e.Remove(0) }, "", at + `,"o":{"b":2,"c":3},"d":4` + ours},
		{"one removed inside", func(e *event.Event) { e.Remove(2) }, "", at + `,"a":1,"o":{"c":3},"d":4` + ours},
		{"all removed inside", func(e *event.Event) { e.Remove(2); e.Remove(3) }, "", at + `,"a":1,"d":4` + ours},
		{"an object removed", func(e *event.Event) { e.Remove(1) }, "", at + `,"a":1,"d":4` + ours},
		{"all removed", func(e *event.Event) { e.Remove(0); e.Remove(1); e.Remove(4) }, "", at + ours},
		{"renamed", func(e *event.Event) { e.Fields[1].Name, e.Fields[1].To = []byte("p"), 0 }, "", at + `,"a":1,"p":{"b":2,"c":3},"d":4` + ours},
		{"renamed and changed", func(e *event.Event) { e.Fields[1].Name, e.Fields[1].To = []byte("p"), 0; e.Remove(3) }, "", at + `,"a":1,"p":{"b":2},"d":4` + ours},
		{"added", func(e *event.Event) {
			e.Add([]byte(`n\n`), []byte("\"\n\\"), event.Text)
			e.Add([]byte("m"), []byte("[1]"), event.JSON)
		}, "", at + `,"a":1,"o":{"b":2,"c":3},"d":4,"n\n":"\"\n\\","m":[1]` + ours},
		{"fields of a flat line", func(e *event.Event) {
			line := []byte(`GET /a\b "c" 200 curl                                 `)
			e.Fields = nil
			for _, f := range []struct {
				name     string
				from, to int
				kind     event.Kind
			}{{"method", 0, 3, event.Text}, {"gone", 0, 3, event.Text}, {"path", 4, 8, event.Text}, {"query", 9, 12, event.Text}, {"status", 13, 16, event.JSON}, {"agent", 17, 21, event.Text}} {
				e.Add([]byte(f.name), line[f.from:f.to], f.kind)
			}
			e.Remove(1)
		}, "", at + `,"method":"GET","path":"/a\\b","query":"\"c\"","status":200,"agent":"curl"` + ours},
		{"added inside", func(e *event.Event) {
			e.Fields[2].To, e.Fields[2].Name, e.Fields[3].To = 0, []byte("x"), 0
			e.Fields[1].Changed = true
		}, "", at + `,"a":1,"o":{"x":2,"c":3},"d":4` + ours},
		{"everything", func(e *event.Event) {
			e.Fields = nil
			e.Time = event.Time{Sec: -1, Nsec: 50_000_000, Digits: 2, Set: true}
			e.Message, e.Level, e.Service = text("m\t"), []byte("info"), text("s")
			e.TraceID, e.SpanID, e.ParentID = []byte("0123456789abcdeffedcba9876543210"), []byte("0123456789abcdef"), []byte("fedcba9876543210")
			e.Duration, e.HasDuration = -1, true
			e.Failure, e.Cut, e.Original = []byte("why"), true, text("{")
		}, "", `{"@timestamp":"1969-12-31T23:59:59.05Z","message":"m\t","log.level":"info","service.name":"s","trace.id":"0123456789abcdeffedcba9876543210",` +
			`"span.id":"0123456789abcdef","parent.id":"fedcba9876543210",` +
			`"event.duration":-1,"event.kind":"pipeline_error","error.message":"why","log.flags":["truncated"],"event.original":"{"` + ours},
		{"a message in JSON", func(e *event.Event) {
			e.Fields = nil
			e.Message = event.Value{Bytes: []byte(`"\u0041"`), Kind: event.JSON, Set: true}
		}, "", at + `,"message":"\u0041"` + ours},
		{"what the line has", func(e *event.Event) {
			e.Fields = nil
			e.Known = event.HasPath | event.HasOffset | event.HasHost
		}, "/x", at + `,"event.dataset":"shop","ecs.version":"` + ECSVersion + `"}`},
		{"all that it may have", func(e *event.Event) {
			e.Fields = nil
			e.Known = event.HasPath | event.HasOffset | event.HasHost | event.HasDataset | event.HasECSVersion
		}, "/x", at + `}`},
	} {
		ev := lineOf()
		c.change(&ev)
		encoder := NewEncoder("shop", "web-1")
		for _, room := range []int{1, 1 << 10, 1 << 10} { // the last time from the constants that the encoder keeps
			got := string(encoder.AppendDocument(append(make([]byte, 0, room), 'x'), &ev, c.path))
			if got != "x"+c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.name, got[1:], c.want)
			}
			if !json.Valid([]byte(got[1:])) {
				t.Errorf("%s: not JSON: %s", c.name, got[1:])
			}
		}
	}
}

func TestEncoderFollowsItsFile(t *testing.T) {
	encoder := NewEncoder("d\xff", "h\"")
	for _, path := range []string{"/a", "/b", "", "/a"} {
		ev := event.Event{Time: event.Time{Set: true}}
		want := `{"@timestamp":"1970-01-01T00:00:00Z"`
		if path != "" {
			want += `,"log.offset":0,"log.file.path":"` + path + `"`
		}
		want += `,"event.dataset":"d` + "\ufffd" + `","host.name":"h\"","ecs.version":"` + ECSVersion + `"}`
		if got := string(encoder.AppendDocument(nil, &ev, path)); got != want {
			t.Errorf("path %q:\n got %s\nwant %s", path, got, want)
		}
	}
}

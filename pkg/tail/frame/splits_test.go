package frame

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// reader frames content in batches as the tailer does: it reads from where the last batch ended, as much as the arena
// holds, and more when an event needs more.
type reader struct {
	t       testing.TB
	framer  *Framer
	content []byte
	arena   int
	from    int64
	events  []seen
	commits []int64
}

// readTo frames what the file has up to size.
func (r *reader) readTo(size int, end End) {
	r.t.Helper()
	head := r.content[:min(size, 3)]
	for window := 0; r.from < int64(size); {
		arena := max(r.arena, r.framer.Size(window, head))
		room := max(window, r.framer.Room(arena, head))
		data := r.content[r.from:min(int(r.from)+room, size)]
		full := int(r.from)+len(data) < size
		b := &event.Batch{Data: append(make([]byte, 0, arena), data...), From: r.from}
		held := r.framer.Frame(b, 0, head, full, end)
		if cap(b.Data) > arena {
			r.t.Fatalf("the arena of %d was too small for %d bytes", arena, len(data))
		}
		if held && end != Open && !full {
			r.t.Fatal("an event is held that cannot go on")
		}
		switch {
		case b.To > b.From:
			window = 0
			r.take(b)
		case !full:
			return
		case len(data) > r.framer.Reach():
			if !r.long(size, head, end) {
				return
			}
			window = 0
		default:
			window = min(2*len(data)+64, r.framer.Reach()+1)
		}
	}
}

// long frames a line that is longer than the reach.
func (r *reader) long(size int, head []byte, end End) bool {
	begin, behind := r.framer.Newline(r.content[r.from:size], r.from, head)
	if begin < 0 && end != Done {
		return false
	}
	if begin < 0 {
		begin, behind = size-int(r.from), size-int(r.from)
	}
	want, room := r.framer.LongSize(int64(begin), head)
	b := &event.Batch{Data: append(make([]byte, 0, room), r.content[r.from:int(r.from)+want]...), From: r.from}
	r.framer.Long(b, head)
	b.To = r.from + int64(behind)
	r.take(b)
	return true
}

func (r *reader) take(b *event.Batch) {
	last := int64(-1)
	for _, l := range b.Lines {
		if l.Offset <= last || l.Offset < b.From || l.Offset >= b.To {
			r.t.Fatalf("offset %d behind %d in [%d,%d)", l.Offset, last, b.From, b.To)
		}
		last = l.Offset
		r.events = append(r.events, seen{l.Offset, string(b.Data[l.Start:l.End]), l.Cut})
	}
	r.from = b.To
	r.commits = append(r.commits, b.To)
}

// corpus is what random files are made of.
var corpus = []string{
	"plain", "", "  indented", "\tat foo(Bar.java:1)", "Caused by: x", "java.lang.Exception: y", "Traceback (most recent call last):",
	"  File \"x\", line 1", "ValueError: no", "During handling of the above exception, another exception occurred:", "panic: x", "goroutine 1 [running]:",
	"main.main()", "\t/x.go:1 +0x1", "Unhandled exception:", "Bad state: oops", "#0      main (file:///x.dart:1)", "Stack trace:", "#1 y", "é😀", "\\", "!start", "end;",
	strings.Repeat("long ", 30), "\xff\xfe", "\r", " ", "}", "nested exception is:", "thread 'main' panicked at src/main.rs:2:5:", "note: run with",
}

// container wraps text as one of the formats does.
func container(framing string, pick uint64, text string) string {
	stream, part := [2]string{"stdout", "stderr"}[pick&1], pick&6 == 0
	switch framing {
	case "cri":
		return "2026-01-02T03:04:05.6Z " + stream + " " + map[bool]string{true: "P ", false: "F "}[part] + text
	case "docker":
		quoted := fmt.Sprintf("%q", strings.ToValidUTF8(text, "?"))
		if !part {
			quoted = quoted[:len(quoted)-1] + `\n"`
		}
		return `{"log":` + quoted + `,"stream":"` + stream + `"}`
	}
	return text
}

// randomFile makes a file of numbers.
func randomFile(framing string, numbers []byte) string {
	var out strings.Builder
	for i, n := range numbers {
		line := corpus[int(n)%len(corpus)]
		if pick := uint64(n)*2654435761>>7 + uint64(i); pick%17 != 0 {
			line = container(framing, pick, line)
		}
		out.WriteString(line)
		if i < len(numbers)-1 || n&1 == 0 {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// configs are those that random files are read with.
var configs = []Config{
	{}, {Multiline: auto}, {Multiline: Multiline{Mode: confkey.Auto, MaxLines: 3}}, {Multiline: mode(Multiline{Start: "^!|plain"})}, {Multiline: mode(Multiline{End: ";$"})},
	{Framing: "cri"}, {Framing: "cri", Multiline: auto}, {Framing: "docker"}, {Framing: "docker", Multiline: auto},
	{Encoding: "windows-1252", Multiline: auto}, {Encoding: "windows-1252", Framing: "cri", Multiline: auto}, {Encoding: "utf-16le", Multiline: auto}, {Encoding: "utf-16be"},
}

// FuzzSplits reads a file at once, and again through an arena of any size while it grows, restarting at any position a
// batch ended at: the events are the same, they stand where they say, and nothing of the file is in none.
func FuzzSplits(f *testing.F) {
	for i := range configs {
		f.Add(uint8(i), []byte{0, 3, 3, 4, 3, 0, 6, 7, 8, 1, 9, 1, 6, 7, 8, 0, 10, 1, 11, 12, 13, 1, 11, 12, 0}, uint16(100), uint16(7), uint8(2))
		f.Add(uint8(i), []byte("\x0e\x0f\x01\x01\x10\x10\x00\x0e\x0f\x01\x0f\x00\x1d\x00\x1e\x02\x02\x17\x17\x17\x17\x17\x17"), uint16(64), uint16(50), uint8(0))
		f.Add(uint8(i), bytes.Repeat([]byte{0, 3, 23, 40, 77, 130, 201}, 30), uint16(300), uint16(200), uint8(9))
	}
	f.Fuzz(func(t *testing.T, which uint8, numbers []byte, arena, limit uint16, steps uint8) {
		cfg := configs[int(which)%len(configs)]
		cfg.MaxLine = int(limit)%2000 + 20
		content := randomFile(cfg.Framing, numbers)
		if strings.HasPrefix(cfg.Encoding, "utf-16") {
			e, _ := htmlindex.Get(cfg.Encoding)
			content, _ = encoding.ReplaceUnsupported(e.NewEncoder()).String(content)
		}
		r := &reader{t: t, framer: newFramer(t, cfg), content: []byte(content), arena: int(arena)%2000 + 80}
		r.framer.gap = 50
		once := &reader{t: t, framer: r.framer, content: r.content, arena: 1 << 20}
		once.readTo(len(content), Done)
		want := once.events
		for i := range int(steps) {
			r.readTo(len(content)*i/int(steps), Open)
		}
		r.readTo(len(content), Done)
		if !slices.Equal(r.events, want) {
			t.Fatalf("%+v, in batches of %d\ngot  %v\nwant %v", cfg, r.arena, r.events, want)
		}
		if len(want) > 0 && r.from != int64(len(content)) {
			t.Fatalf("read to %d of %d", r.from, len(content))
		}
		for _, commit := range r.commits[max(0, len(r.commits)-8):] {
			rest := &reader{t: t, framer: r.framer, content: r.content, arena: 1 << 20, from: commit}
			rest.readTo(len(content), Done)
			n, _ := slices.BinarySearchFunc(want, commit, func(e seen, at int64) int { return int(e.offset - at) })
			if !slices.Equal(rest.events, want[n:]) {
				t.Fatalf("%+v: from %d\ngot  %v\nwant %v", cfg, commit, rest.events, want[n:])
			}
		}
		if wide := strings.HasPrefix(content, "\xff\xfe"); !wide && cfg.Encoding == "" && cfg.Framing == "" {
			checkPlaces(t, content, want)
		}
	})
}

// checkPlaces looks whether each event stands where it says, and whether they are all of the file.
func checkPlaces(t *testing.T, content string, events []seen) {
	t.Helper()
	for i, e := range events {
		if !strings.HasPrefix(content[e.offset:], e.text) {
			t.Fatalf("%q is not at %d", e.text, e.offset)
		}
		next := int64(len(content))
		if i+1 < len(events) {
			next = events[i+1].offset
		}
		behind := content[e.offset+int64(len(e.text)) : next]
		if !e.cut && !regexp.MustCompile(`^\r?\n?$`).MatchString(behind) {
			t.Fatalf("%q is in no event", behind)
		}
	}
}

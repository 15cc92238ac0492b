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
	"golang.org/x/text/encoding/unicode"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// seen is an event with its offset.
type seen struct {
	offset int64
	text   string
	cut    bool
}

func (e seen) String() string { return fmt.Sprintf("%d:%q%v", e.offset, e.text, e.cut) }

func texts(events []seen) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.text)
	}
	return all
}

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

func newFramer(t testing.TB, cfg Config) *Framer {
	t.Helper()
	f, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// whole frames content at once.
func whole(t testing.TB, cfg Config, content string) []seen {
	t.Helper()
	r := &reader{t: t, framer: newFramer(t, cfg), content: []byte(content), arena: 1 << 20}
	r.readTo(len(content), Done)
	return r.events
}

var auto = Multiline{Mode: confkey.Auto}

func mode(m Multiline) Multiline {
	m.Mode = confkey.Field
	return m
}

func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		in   string
		want []seen
	}{
		{"lines", Config{}, "a\nb\r\n\nc", []seen{{0, "a", false}, {2, "b", false}, {5, "", false}, {6, "c", false}}},
		{"BOM", Config{}, "\xef\xbb\xbfa\nb", []seen{{3, "a", false}, {5, "b", false}}},
		{"cut", Config{MaxLine: 3}, "abcd\nabc\r\n", []seen{{0, "abc", true}, {5, "abc", true}}},
		{"start", Config{Multiline: mode(Multiline{Start: `^\d`})}, "x\n1 a\n b\n2 c\n", []seen{{0, "x", false}, {2, "1 a\n b", false}, {9, "2 c", false}}},
		{"continue", Config{Multiline: mode(Multiline{Continue: `^[+]`})}, "a\n+b\n+c\nd\n", []seen{{0, "a\n+b\n+c", false}, {8, "d", false}}},
		{"end", Config{Multiline: mode(Multiline{End: `;$`})}, "a\nb;\nc;\nd\n", []seen{{0, "a\nb;", false}, {5, "c;", false}, {8, "d", false}}},
		{"max_lines", Config{Multiline: mode(Multiline{Start: `^!`, MaxLines: 2})}, "!a\nb\nc\nd\n!e\n", []seen{{0, "!a\nb", false}, {5, "c\nd", false}, {9, "!e", false}}},
		{"max_line splits between lines", Config{MaxLine: 5, Multiline: mode(Multiline{Start: `^!`})}, "!a\nbb\nc\n!longer\nd\n",
			[]seen{{0, "!a\nbb", false}, {6, "c", false}, {8, "!long", true}, {16, "d", false}}},
		{"blank lines", Config{Multiline: auto}, "a\n\n b\n\n\nc\n  d\n\n  e\n", []seen{{0, "a", false}, {2, "", false}, {3, " b", false}, {6, "", false}, {7, "", false}, {8, "c\n  d\n\n  e", false}}},
		{"cri", Config{Framing: "cri"}, criPartial + criError + "not CRI\n" + criRest + criEmpty + criOpen, []seen{
			{0, "2026-01-02T03:04:05Z stdout F one two", false},
			{int64(len(criPartial)), criError[:len(criError)-1], false},
			{int64(len(criPartial + criError)), "not CRI", false},
			{int64(len(criPartial + criError + "not CRI\n" + criRest)), "2026-01-02T03:04:09Z stdout F", false},
			{int64(len(criPartial + criError + "not CRI\n" + criRest + criEmpty)), "2026-01-02T03:04:09Z stdout P open more", false}}},
		{"cri, multiline", Config{Framing: "cri", Multiline: auto}, "2026-01-02T03:04:05Z stdout F head\n2026-01-02T03:04:06Z stdout P \tat \n" +
			"2026-01-02T03:04:06Z stderr F other\n2026-01-02T03:04:07Z stdout F foo\n2026-01-02T03:04:08Z stdout F next\n",
			[]seen{{0, "2026-01-02T03:04:05Z stdout F head\n\tat foo", false}, {70, "2026-01-02T03:04:06Z stderr F other", false}, {140, "2026-01-02T03:04:08Z stdout F next", false}}},
		{"docker", Config{Framing: "docker"}, dockerPartial + dockerError + `{"log":"\"two\n","time":"T2","stream":"stdout"}` + "\n{\"log\":1}\n" + `{"log":"open\\n"}`, []seen{
			{0, `{"log":"one \"two\n","stream":"stdout","time":"T1"}`, false},
			{int64(len(dockerPartial)), dockerError[:len(dockerError)-1], false},
			{int64(len(dockerPartial+dockerError)) + 48, `{"log":1}`, false},
			{int64(len(dockerPartial+dockerError)) + 58, `{"log":"open\\n"}`, false}}},
		{"docker, multiline", Config{Framing: "docker", Multiline: auto}, `{"log":"head\n","time":"T1"}` + "\n" + `{"log":"\tat \u0066oo\n","time":"T2"}` + "\n" + `{"log":"next\n"}` + "\n",
			[]seen{{0, `{"log":"head\n\tat \u0066oo\n","time":"T1"}`, false}, {67, `{"log":"next\n"}`, false}}},
		{"docker, cut", Config{Framing: "docker", MaxLine: 34}, `{"log":"0123456789\u00e9\n","stream":"stdout"}` + "\n", []seen{{0, `{"log":"0123\n","stream":"stdout"}`, true}}},
		{"latin-1", Config{Encoding: "iso-8859-1"}, "caf\xe9\r\n\x80\nx", []seen{{0, "café", false}, {6, "€", false}, {8, "x", false}}},
		{"shift_jis, invalid", Config{Encoding: "shift_jis"}, "\x83e\x83X\n\x83\n", []seen{{0, "テス", false}, {5, "\uFFFD", false}}},
		{"latin-1, multiline", Config{Encoding: "windows-1252", Multiline: auto}, "\xe9\n \xe9\nb\n", []seen{{0, "é\n é", false}, {5, "b", false}}},
	} {
		if got := whole(t, c.cfg, c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %v\nwant %v", c.name, got, c.want)
		}
	}
}

const (
	criPartial    = "2026-01-02T03:04:05Z stdout P one \n"
	criError      = "2026-01-02T03:04:06.5Z stderr F:x err\n"
	criRest       = "2026-01-02T03:04:07Z stdout F two\n"
	criEmpty      = "2026-01-02T03:04:09Z stdout F\n"
	criOpen       = "2026-01-02T03:04:09Z stdout P open\n2026-01-02T03:04:09Z stdout P  more"
	dockerPartial = `{"log":"one ","stream":"stdout","time":"T1"}` + "\n"
	dockerError   = `{"stream":"stderr", "attrs":{"a":["}"]}, "log":"err\\\n" }` + "\n"
)

func utf16Of(order unicode.Endianness, text string) string {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return out
}

func TestUTF16(t *testing.T) {
	const text = "first ä\r\nsecond 😀\n\u0a0a\u0a00\u000a\n\nlast"
	want := []string{"first ä", "second 😀", "\u0a0a\u0a00", "", "", "last"}
	for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		events := whole(t, Config{Encoding: "latin1"}, utf16Of(order, text))
		if got := texts(events); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if events[0].offset != 2 || events[1].offset != 2+2*9 {
			t.Errorf("offsets %v", events)
		}
	}
	half := utf16Of(unicode.LittleEndian, "a\nb") + "c"
	if got := texts(whole(t, Config{}, half)); !slices.Equal(got, []string{"a", "b\uFFFD"}) {
		t.Errorf("half a code unit at the end: %q", got)
	}
}

// TestDecodersKeepGoing holds what charset.decode relies on: no decoder stops, or needs more room than Room reckons with.
func TestDecodersKeepGoing(t *testing.T) {
	var all []byte
	for i := range 256 * 256 {
		if c := [2]byte{byte(i >> 8), byte(i)}; c[0] != '\n' && c[1] != '\n' {
			all = append(all, c[0], c[1])
		}
	}
	for _, name := range []string{"utf-16le", "utf-16be", "windows-1252", "ibm866", "koi8-u", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "gbk", "gb18030", "big5", "ibm850", "macintosh"} {
		c, err := charsetOf(name)
		if err != nil {
			t.Fatal(err)
		}
		for cut := range 4 {
			in := all[cut : len(all)-cut]
			dst := make([]byte, len(in)*c.grows/2+slack)
			c.decoder.Reset()
			if _, read, err := c.decoder.Transform(dst, in, true); err != nil || read != len(in) {
				t.Errorf("%s: %d of %d bytes: %v", name, read, len(in), err)
			}
		}
	}
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

func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	lines := bytes.Repeat([]byte("2026-01-02T03:04:05Z INFO plain\n\tat foo\n\nCaused by: x\n"), 100)
	cri := bytes.Repeat([]byte("2026-01-02T03:04:05Z stdout P part\n2026-01-02T03:04:05Z stderr F \tat x\n2026-01-02T03:04:05Z stdout F \n"), 100)
	docker := bytes.Repeat([]byte(`{"log":"a\n","stream":"stdout"}`+"\n"+`{"log":"\tat b\n","stream":"stdout"}`+"\n"+`{"log":"part","stream":"stderr"}`+"\n"), 100)
	for _, c := range []struct {
		cfg  Config
		data []byte
	}{
		{Config{}, lines}, {Config{Multiline: auto}, lines}, {Config{Multiline: mode(Multiline{Start: `^\d{4}-`})}, lines}, {Config{Framing: "cri"}, cri},
		{Config{Framing: "cri", Multiline: auto}, cri}, {Config{Framing: "docker", Multiline: auto}, docker}, {Config{Encoding: "windows-1252", Multiline: auto}, lines},
		{Config{Encoding: "utf-16le"}, []byte(utf16Of(unicode.LittleEndian, string(lines)))},
	} {
		f := newFramer(t, c.cfg)
		b := &event.Batch{Data: make([]byte, 0, 1<<20)}
		if n := testing.AllocsPerRun(20, func() {
			b.Data, b.Lines = append(b.Data[:0], c.data...), b.Lines[:0]
			f.Frame(b, 0, c.data[:3], false, Quiet)
		}); n > 0 {
			t.Errorf("%+v: %v allocations for %d events", c.cfg, n, len(b.Lines))
		}
	}
}

package frame

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

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

package receive

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/receive/spool"
)

// texts are those of the records, those that were cut with … behind.
func texts(t *testing.T, records []byte) []string {
	t.Helper()
	var all []string
	for line := range bytes.Lines(records) {
		r, _ := spool.Split(bytes.TrimSuffix(line, newline), nil)
		text := string(r.Text)
		if r.Cut {
			text += "…"
		}
		all = append(all, text)
	}
	return all
}

func newFramer(maxLine int, memory int64) *framer {
	r := &Receiver{Options: Options{MaxLine: maxLine}}
	r.room.Store(memory)
	return &framer{r: r, from: "x", syslog: true}
}

// TestFraming cuts what comes at every place: where it is cut makes no difference.
func TestFraming(t *testing.T) {
	long := strings.Repeat("y", 30)
	for _, c := range []struct {
		name, in string
		want     []string
		bad      bool
	}{
		{"nothing", "", nil, false},
		{"lines", "<1>a\n<2>b\r\n\n<3>c", []string{"<1>a", "<2>b", "<3>c"}, false},
		{"a line that begins with a number", "2024 begins\n5 more\n", []string{"2024 begins", "5 more"}, false},
		{"a number alone", "12", []string{"12"}, false},
		{"counted", "5 <1>ab4 <2>c", []string{"<1>ab", "<2>c"}, false},
		{"counted, with a newline inside and between", "6 <1>a\nb\n5 <2>cd\n", []string{"<1>a\nb", "<2>cd"}, false},
		{"counted, the last is short", "4 <1>a9 <2>b", []string{"<1>a", "<2>b…"}, false},
		{"a bad count", "4 <1>ax4 <2>b", []string{"<1>a"}, true},
		{"a count of too many digits", "4 <1>a0123456789 <2>b", []string{"<1>a"}, true},
		{"an end within a count", "4 <1>a12", []string{"<1>a"}, false},
		{"a long line", long + "\nshort\n", []string{long[:20] + "…", "short"}, false},
		{"a long line without an end", long, []string{long[:20] + "…"}, false},
		{"a long counted message", "33 <1>" + long + "4 <2>b", []string{"<1>" + long[:17] + "…", "<2>b"}, false},
		{"the longest line", long[:20] + "\n", []string{long[:20]}, false},
	} {
		for cut := range len(c.in) + 1 {
			f := newFramer(20, 1<<20)
			err := f.write([]byte(c.in[:cut]))
			if err == nil {
				err = f.write([]byte(c.in[cut:]))
			}
			if err == nil {
				f.finish()
			}
			if errors.Is(err, errCount) != c.bad || err != nil != c.bad {
				t.Errorf("%s, cut at %d: error %v", c.name, cut, err)
			}
			if got := texts(t, f.out); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) || f.count != len(c.want) {
				t.Errorf("%s, cut at %d: %q, want %q", c.name, cut, got, c.want)
			}
		}
	}
}

// TestMemory shows that a line for which there is no memory is cut, that the next is whole, and that what was taken is given
// back.
func TestMemory(t *testing.T) {
	const maxLine = 1 << 20
	big := strings.Repeat("z", 100_000)
	rich, poor := newFramer(maxLine, maxLine), newFramer(maxLine, 0)
	poor.r = rich.r
	if err := rich.write([]byte(big)); err != nil {
		t.Fatal(err)
	}
	if err := poor.write([]byte(big + "\nnext\n")); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, poor.out); len(got) != 2 || got[0] != big[:100_000] && got[0] != big[:readSize]+"…" || got[1] != "next" {
		t.Errorf("%d texts, the first of %d bytes", len(got), len(got[0]))
	}
	for range 100 { // an endless line takes no more
		if err := rich.write([]byte(big)); err != nil {
			t.Fatal(err)
		}
	}
	if len(rich.buf) != maxLine {
		t.Errorf("%d bytes are held of an endless line", len(rich.buf))
	}
	rich.letGo()
	if rich.r.room.Load() != maxLine {
		t.Errorf("%d bytes were not given back", maxLine-rich.r.room.Load())
	}
}

// FuzzFraming holds that no bytes break anything: memory is bounded, and every text is in what came.
func FuzzFraming(f *testing.F) {
	for _, in := range []string{"<1>a\nb", "5 <1>ab4 <2>c", "9999999999 <", "1 <1 <1 <", "0 <", "\n\n\r\n\x00", "7 <\n\n\n\n\n\n3 abc"} {
		f.Add([]byte(in), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		f := newFramer(16, 1<<10)
		cut = max(0, min(cut, len(in)))
		if f.write(in[:cut]) == nil && f.write(in[cut:]) == nil {
			f.finish()
		}
		f.letGo()
		if f.r.room.Load() != 1<<10 {
			t.Fatal("memory was not given back")
		}
		for _, text := range texts(t, f.out) {
			text = strings.TrimSuffix(text, "…")
			if !bytes.Contains(in, []byte(text)) || len(text) > 16 {
				t.Fatalf("%q was not in %q", text, in)
			}
		}
	})
}

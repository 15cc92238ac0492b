package jsontext

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c", "\x00\x1f\x7f", "é✓😀", "tab\tnew\nline\r\b\f", strings.Repeat("x", 40) + "\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("the caller promises valid UTF-8")
		}
		quoted := AppendString(nil, s)
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil || back != s {
			t.Fatalf("AppendString(%q) = %s: reads back as %q, %v", s, quoted, back, err)
		}
		if again := AppendUnescaped(nil, quoted[1:len(quoted)-1]); string(again) != s {
			t.Fatalf("AppendUnescaped(%s) = %q, want %q", quoted, again, s)
		}
	})
}

// What stands behind a text does not get into it, and does not matter to it.
func TestAppendStringOfAPart(t *testing.T) {
	for n := range 70 {
		for behind := range 12 {
			for _, c := range []byte("x\"\\\n") {
				all := bytes.Repeat([]byte{c}, n+behind)
				for i := range n {
					all[i] = 'a'
				}
				want := "<>\"" + string(all[:n]) + "\""
				for room := range 16 { // beside the text
					to := append(bytes.Repeat([]byte("<"), 2+n+room), "behind"...)
					to[1] = '>'
					if got := string(AppendString(to[:2:2+n+room], all[:n])); got != want || string(to[2+n+room:]) != "behind" {
						t.Errorf("%d of %q: %s, then %q", n, all, got, to)
					}
				}
				if n > 0 && c != 'x' {
					all[n-1] = c
					if got := string(AppendString(nil, all[:n])); len(got) != n+3 {
						t.Errorf("%d of %q: %s", n, all, got)
					}
				}
			}
		}
	}
}

func FuzzAppendUnescaped(f *testing.F) {
	for _, s := range []string{`\u0041`, `\ud83d\ude00`, `\ud83d`, `\ude00x`, `\ud83d\ud83d\ude00`, `\/\b\f\n\r\t\"\\`, `\ud83dA`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want string
		if !utf8.ValidString(s) || json.Unmarshal([]byte(`"`+s+`"`), &want) != nil {
			t.Skip("the caller promises a valid string")
		}
		if got := AppendUnescaped(nil, []byte(s)); string(got) != want {
			t.Fatalf("AppendUnescaped(%s) = %q, encoding/json has %q", s, got, want)
		}
	})
}

func TestSkipPlain(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			b := []byte(strings.Repeat("\x80z\xff", 7)[:20])
			b[at] = byte(c)
			want := len(b)
			if c < 0x20 || c == '"' || c == '\\' {
				want = at
			}
			if got := SkipPlain(b, 0); got != want {
				t.Fatalf("byte %#x at %d: SkipPlain = %d, want %d", c, at, got, want)
			}
			for dot := range 20 {
				if dot == at {
					continue
				}
				text := []byte(string(b))
				text[dot] = '.'
				wantDot := strings.IndexByte(string(text[:want]), '.') >= 0
				if got, dotted := SkipName(text, 0); got != want || dotted != wantDot {
					t.Fatalf("%q: SkipName = %d, %v, want %d, %v", text, got, dotted, want, wantDot)
				}
			}
		}
	}
}

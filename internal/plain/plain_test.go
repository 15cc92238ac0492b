package plain

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"a\tb\n":                        "a\tb\n",
		"/var/log/\x1b[2J.log":          `/var/log/\x1b[2J.log`,
		"over\rwritten\b\x7f\x00":       `over\x0dwritten\x08\x7f\x00`,
		"\u009b2J\u0085":                `\u009b2J\u0085`,
		"gnp.\u202egol.exe\u2066":       `gnp.\u202egol.exe\u2066`,
		"\xff\xfe ok \u00e9 \U0001f600": "\\xff\\xfe ok \u00e9 \U0001f600",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestWriter(t *testing.T) {
	var out bytes.Buffer
	if n, err := NewWriter(&out).Write([]byte("a \x1b\n")); n != 4 || err != nil || out.String() != "a \\x1b\n" {
		t.Errorf("%d %v %q", n, err, out.String())
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[0m\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := Text(text)
		if !utf8.ValidString(got) || strings.IndexFunc(got, commands) >= 0 || Text(got) != got {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}

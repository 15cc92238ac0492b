package template

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzMatch: a line has a template, the same one again, and the same id in a Miner that knows other lines, or the same ones
// from a file; memory is bounded, and text is valid.
func FuzzMatch(f *testing.F) {
	for _, line := range samples {
		f.Add(line)
	}
	for _, line := range taughtLines {
		f.Add([]byte(line))
	}
	f.Add([]byte("a=\"b\nc='d\"\n1:2:3 ::1 Jun 5 Mon/\\ (1) to X(5) h.i:80. {\"k\":\"v\"}\n\xff\xfe ... = == !"))
	f.Fuzz(func(t *testing.T, data []byte) {
		one, other := New(Options{Memory: 32 << 10}), taught(New(Options{}))
		lines := bytes.Split(data, []byte("\n"))
		for _, line := range lines {
			is := one.Match(line)
			if (is == nil) != blank(line) {
				t.Fatalf("%q has the template %v", line, is)
			}
			if is == nil {
				continue
			}
			if again := one.Match(line); again != is {
				t.Fatalf("%q is %q, then %q", line, is, again)
			}
			if there := other.Match(line); there.ID() != is.ID() && !there.shape.Load().learned && !is.shape.Load().learned {
				t.Fatalf("%q is %s %q here and %s %q there", line, is.ID(), is, there.ID(), there)
			}
			if !utf8.ValidString(is.Text()) || strings.ContainsAny(is.Text(), "\n\t") || len(is.Text()) > 3*mostBytes {
				t.Fatalf("%q has the text %q", line, is)
			}
		}
		if one.bytes > one.memory && len(one.Templates()) > 1 {
			t.Fatalf("%d bytes", one.bytes)
		}
		saved, err := encode(one.Templates())
		if err != nil {
			t.Fatal(err)
		}
		all, err := decode(saved)
		if err != nil {
			t.Fatal(err)
		}
		restarted := New(Options{Memory: 32 << 10})
		restarted.take(all)
		if describe(restarted) != describe(one) {
			t.Fatalf("after a restart\n%s\nwas\n%s", describe(restarted), describe(one))
		}
		for _, is := range one.Templates() {
			if !is.shape.Load().holdsItself() {
				t.Fatalf("%q", is)
			}
		}
	})
}

// blank is about the bytes that are looked at.
func blank(text []byte) bool {
	for _, b := range firstLine(text) {
		if b > ' ' && b != 0x7f {
			return false
		}
	}
	return true
}

// holdsItself: every word has its hash, and nothing else has one.
func (s *shape) holdsItself() bool {
	for _, c := range s.cells {
		if c.kind == word && c.hash != hash([]byte(c.word)) || c.kind != word && (c.hash != 0 || !c.loose) {
			return false
		}
	}
	return true
}

package ship

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func letter(reason string) DeadLetter {
	return DeadLetter{Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Output: "elasticsearch", Status: 400, Type: "document_parsing_exception",
		Reason: reason, Pipeline: "shop", Source: "00ff", Generation: 2, Offset: 1 << 40,
		Action: json.RawMessage(`{"create":{"_id":"x"}}`), Document: json.RawMessage(`{"n":1.10}`)}
}

// letters reads the file as a reader must: lines that a crash left unfinished are passed over.
func letters(t *testing.T, path string) (all []DeadLetter) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(text, []byte("\n")) {
		var l DeadLetter
		if len(line) > 0 && json.Unmarshal(line, &l) == nil {
			all = append(all, l)
		}
	}
	return all
}

func TestDeadLetters(t *testing.T) {
	dir := t.TempDir()
	d := NewDeadLetters(dir)
	if err := d.Close(); err != nil {
		t.Error("closing without a letter:", err)
	}
	if _, err := os.Stat(d.Path()); !os.IsNotExist(err) {
		t.Error("a file before the first letter:", err)
	}
	want := []DeadLetter{letter("one\nof two"), letter("two"), letter("three"), letter("four")}
	for _, batch := range [][]DeadLetter{want[:2], want[2:3]} {
		if err := d.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(want[3:]); err != nil { // after Close it opens again
		t.Fatal(err)
	}
	if got := letters(t, d.Path()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	text, _ := os.ReadFile(d.Path())
	if n := bytes.Count(text, []byte("\n")); n != len(want) || bytes.Contains(text, []byte("\n\n")) {
		t.Errorf("%d lines for %d letters: %s", n, len(want), text)
	}
	if info, _ := os.Stat(d.Path()); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: documents are nobody else's business", info.Mode())
	}
}

// TestTornLetters cuts the file everywhere a crash may, and writes on.
func TestTornLetters(t *testing.T) {
	path := NewDeadLetters(t.TempDir()).Path()
	whole := NewDeadLetters(filepath.Dir(path))
	if err := whole.Write([]DeadLetter{letter("one"), letter("two")}); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	first := bytes.IndexByte(text, '\n')
	for size := range len(text) + 1 {
		if err := os.WriteFile(path, text[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		d := NewDeadLetters(filepath.Dir(path))
		if err := d.Write([]DeadLetter{letter("three")}); err != nil {
			t.Fatal(err)
		}
		_ = d.Close()
		want := 1
		if size >= first { // the end of the line is put back when only that is missing
			want++
		}
		if size >= len(text)-1 {
			want++
		}
		if got := letters(t, path); len(got) != want || got[len(got)-1].Reason != "three" {
			t.Fatalf("cut at %d of %d: %d letters, want %d", size, len(text), len(got), want)
		}
	}
}

func TestDeadLetterErrors(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	d := NewDeadLetters(dir)
	if err := d.Write([]DeadLetter{letter("one")}); !os.IsNotExist(err) {
		t.Errorf("without a directory: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	broken := letter("broken")
	broken.Document = json.RawMessage(`{`)
	if err := d.Write([]DeadLetter{letter("one"), broken}); err == nil {
		t.Error("a document that is no JSON was written")
	}
	if err := d.Write([]DeadLetter{letter("one")}); err != nil {
		t.Errorf("the next try: %v", err)
	}
	_ = d.file.Close() // the descriptor goes bad
	if err := d.Write([]DeadLetter{letter("two")}); err == nil {
		t.Error("a bad descriptor went unnoticed")
	}
	if err := d.Write([]DeadLetter{letter("two")}); err != nil {
		t.Errorf("the try after: %v", err)
	}
	if got := letters(t, d.Path()); len(got) != 2 {
		t.Errorf("%d letters, want 2", len(got))
	}
}

package ship

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func numberedLetter(i int) DeadLetter {
	return DeadLetter{Status: 400, Reason: "because", Action: json.RawMessage(`{"create":{}}`), Document: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))}
}

// numbers lists the documents in a letterbox, in order.
func numbers(t *testing.T, box Letterbox) string {
	t.Helper()
	var all []string
	if err := box.All(func(_ string, l DeadLetter) bool {
		all = append(all, strings.Trim(string(l.Document), `{}"n:`))
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func TestLetterbox(t *testing.T) {
	dir := t.TempDir()
	box := OpenLetterbox(dir)
	d := NewDeadLetters(dir)
	write := func(n ...int) {
		t.Helper()
		for _, i := range n {
			if err := d.Write([]DeadLetter{numberedLetter(i)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := numbers(t, box); got != "" {
		t.Errorf("an empty box holds %s", got)
	}
	write(1, 2)
	if err := d.SetAside(); err != nil {
		t.Fatal(err)
	}
	write(3)
	if err := d.SetAside(); err != nil {
		t.Fatal(err)
	}
	write(4)
	if got := numbers(t, box); got != "1 2 3 4" {
		t.Errorf("the box holds %s, want 1 2 3 4", got)
	}
	failing := errors.New("no")
	if _, err := box.Take(func([]DeadLetter) ([]DeadLetter, error) { return nil, failing }); !errors.Is(err, failing) || numbers(t, box) != "1 2 3 4" {
		t.Errorf("after a failure (%v) the box holds %s", err, numbers(t, box))
	}
	gone, err := box.Take(func(all []DeadLetter) ([]DeadLetter, error) { return all[1:], nil })
	if err != nil || gone != 2 || numbers(t, box) != "2 4" {
		t.Errorf("took %d, %v; the box holds %s, want 2 gone and 2 4 left", gone, err, numbers(t, box))
	}
	if gone, err := box.Purge(); err != nil || gone != 1 || numbers(t, box) != "4" {
		t.Errorf("purged %d, %v; the box holds %s, want only what was not set aside", gone, err, numbers(t, box))
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestATornLetterIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	d := NewDeadLetters(dir)
	if err := d.Write([]DeadLetter{numberedLetter(1)}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, deadLetterFile), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"time":"2026-`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	d = NewDeadLetters(dir)
	if err := d.Write([]DeadLetter{numberedLetter(2)}); err != nil {
		t.Fatal(err)
	}
	if got := numbers(t, OpenLetterbox(dir)); got != "1 2" {
		t.Errorf("the box holds %s, want 1 2", got)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestFullDeadLettersRefuse(t *testing.T) {
	dir := t.TempDir()
	d := NewDeadLetters(dir)
	d.Max = 1000
	n := 0
	var err error
	for err == nil && n < 100 {
		if err = d.Write([]DeadLetter{numberedLetter(n)}); err == nil {
			n++
		}
	}
	if !errors.Is(err, ErrDeadLettersFull) || n == 0 {
		t.Fatalf("after %d letters: %v", n, err)
	}
	if err := d.SetAside(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write([]DeadLetter{numberedLetter(n)}); !errors.Is(err, ErrDeadLettersFull) {
		t.Errorf("letters that were only set aside make room: %v", err)
	}
	if _, err := OpenLetterbox(dir).Purge(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write([]DeadLetter{numberedLetter(n)}); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func open(t *testing.T, dir string, most int64) *Spool {
	t.Helper()
	s, err := Open(dir, most)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func add(t *testing.T, s *Spool, text string) {
	t.Helper()
	if err := s.Append(t.Context(), []byte(text), false); err != nil {
		t.Fatal(err)
	}
}

// content is all that is in the folder, in order.
func content(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "[%s]", data)
	}
	return all.String()
}

func TestSegments(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 80) // segments of 10 bytes
	for _, line := range []string{"aaaa\n", "bbbb\n", "cccc\n", "a line that is longer than a segment\n", "d\n"} {
		add(t, s, line)
	}
	if got, want := content(t, dir), "[aaaa\nbbbb\n][cccc\n][a line that is longer than a segment\n][d\n]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.Size(); got != 54 {
		t.Errorf("size %d", got)
	}
}

// TestRoom shows that what does not fit is not taken, and that what is delivered makes room, but for the last segment.
func TestRoom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 80)
	for range 16 {
		add(t, s, "aaaa\n")
	}
	if err := s.Append(t.Context(), []byte("more\n"), false); !errors.Is(err, ErrFull) {
		t.Fatalf("a full spool said %v", err)
	}
	waited := make(chan error, 1)
	go func() { waited <- s.Append(context.Background(), []byte("more\n"), true) }()
	var removed []string
	s.Collect(func(path string) int64 {
		if strings.HasSuffix(path, "1.log") {
			return 10
		}
		return 9 // not to the end
	}, func(path string) { removed = append(removed, filepath.Base(path)) }, false)
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	if len(removed) != 1 || removed[0] != name(1) {
		t.Errorf("removed %q", removed)
	}
	s.Collect(func(string) int64 { return 10 }, func(string) {}, false)
	if got := content(t, dir); got != "[more\n]" {
		t.Errorf("the segment that is written to is not all that is left: %q", got)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for err := error(nil); ; {
		if err = s.Append(canceled, []byte("more\n"), true); err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("waiting ended with %v", err)
			}
			break
		}
	}
}

// TestReopen damages the folder as crashes do, at every byte of the last line.
func TestReopen(t *testing.T) {
	for cut := range 10 {
		dir := t.TempDir()
		s := open(t, dir, 1<<20)
		add(t, s, "first\n")
		add(t, s, "the last\n")
		path := s.last().path
		if err := os.Truncate(path, int64(6+cut)); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, 1<<20)
		add(t, s, "new\n")
		want := "[first\n][new\n]"
		if cut == 9 {
			want = "[first\nthe last\n][new\n]"
		}
		if got := content(t, dir); got != want {
			t.Errorf("cut at %d: %q, want %q", cut, got, want)
		}
	}
}

func TestLast(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	for _, c := range []struct{ add, want string }{{"", ""}, {"one\n", "one"}, {"two\nthree\n", "three"}, {strings.Repeat("x", 100_000) + "\n", strings.Repeat("x", 50)}} {
		if c.add != "" {
			add(t, s, c.add)
		}
		for range 2 {
			if got, err := s.Last(50); err != nil || string(got) != c.want {
				t.Errorf("after %.20q: %.60q, %v", c.add, got, err)
			}
			s = open(t, dir, 1<<20)
		}
	}
}

// TestFullDisk takes the space away in the middle of a line, and gives it back.
func TestFullDisk(t *testing.T) {
	const device = "/dev/full"
	if _, err := os.Stat(device); err != nil {
		t.Skip("there is no ", device)
	}
	s := open(t, t.TempDir(), 1<<20)
	add(t, s, "before\n")
	kept := s.file
	full, err := os.OpenFile(device, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.file = full
	if err := s.Append(t.Context(), []byte("lost\n"), false); err == nil || s.Failure() == nil {
		t.Fatal("a full disk took a line")
	}
	_ = kept.Close()
	add(t, s, "after\n")
	if got := content(t, s.dir); got != "[before\n][after\n]" || s.Failure() != nil {
		t.Errorf("%q, %v", got, s.Failure())
	}
}

// TestKeep shows that the last line can be kept, where nothing was written to for long as well.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 80)
	for _, line := range []string{"aaaaaaaa\n", "bbbbbbbb\n", "cccccccc\n"} {
		add(t, s, line)
	}
	all := func(string) int64 { return 100 }
	for _, keep := range []bool{true, false} {
		s = open(t, dir, 80) // now none is written to
		s.Collect(all, func(string) {}, keep)
		last, err := s.Last(10)
		if keep != (string(last) == "cccccccc") || err != nil || keep && content(t, dir) != "[cccccccc\n]" || !keep && content(t, dir) != "" {
			t.Errorf("keep %t: %q, the last is %q, %v", keep, content(t, dir), last, err)
		}
	}
}

// asked counts how often somebody waits for a context to be done.
type asked struct {
	context.Context
	n atomic.Int64
}

func (c *asked) Done() <-chan struct{} {
	c.n.Add(1)
	return c.Context.Done()
}

// TestAsleep shows that nothing is looked after in a spool in which nothing happens, that segments are removed soon after they are
// delivered, and that what is written is looked after again.
func TestAsleep(t *testing.T) {
	dir := t.TempDir()
	add(t, open(t, dir, 80), "before\n") // and then the agent was started again
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, 80)
		ctx, cancel := context.WithCancel(t.Context())
		rounds := &asked{Context: ctx}
		var upTo, removed atomic.Int64
		go s.Keep(rounds, func(string) int64 { return upTo.Load() }, func(string) { removed.Add(1) }, false)
		idle := func(what string) {
			t.Helper()
			before := rounds.n.Load()
			if time.Sleep(time.Hour); rounds.n.Load() != before {
				t.Errorf("%s: looked after %d times in an hour", what, rounds.n.Load()-before)
			}
		}
		if time.Sleep(time.Minute); rounds.n.Load() < 60 {
			t.Errorf("what waits for its delivery was looked after %d times in a minute", rounds.n.Load())
		}
		upTo.Store(100)
		if time.Sleep(3 * time.Second); removed.Load() != 1 {
			t.Errorf("%d segments were removed once they were delivered", removed.Load())
		}
		idle("empty")
		for range 3 {
			add(t, s, "aaaaaaaa\n")
		}
		time.Sleep(3 * time.Second)
		s.mu.Lock()
		if s.dirty || removed.Load() != 3 {
			t.Errorf("written but not synced: %t; removed: %d segments", s.dirty, removed.Load())
		}
		s.mu.Unlock()
		idle("one that is written to")
		cancel()
	})
}

func TestRecords(t *testing.T) {
	for _, c := range []struct {
		from, text string
		cut        bool
		record     string
	}{
		{"10.0.0.1:514", "text", false, "10.0.0.1:514 - text\n"},
		{"", `a\nb`, false, `- - a\nb` + "\n"},
		{"", "a\nb\\n\n", false, `- e a\nb\\n\n` + "\n"},
		{"x", "", true, "x c \n"},
		{"x", " two  blanks ", false, "x -  two  blanks \n"},
		{"x", "a\nb", true, `x ec a\nb` + "\n"},
	} {
		got := string(AppendRecord(nil, c.from, []byte(c.text), c.cut))
		if got != c.record {
			t.Errorf("%q: record %q, want %q", c.text, got, c.record)
		}
		r, _ := Split([]byte(strings.TrimSuffix(got, "\n")), nil)
		if string(r.From) != c.from || string(r.Text) != c.text || r.Cut != c.cut {
			t.Errorf("%q: split into %q %q %t", got, r.From, r.Text, r.Cut)
		}
	}
	for _, line := range []string{"", "one", "one two", "one  three", "one x three", "one eec three"} {
		if r, _ := Split([]byte(line), nil); string(r.Text) != line || r.From != nil {
			t.Errorf("%q: %q from %q", line, r.Text, r.From)
		}
	}
}

// FuzzRecord holds that every text comes out as it went in, on one line.
func FuzzRecord(f *testing.F) {
	for _, text := range []string{"", "plain", "a\nb", "\\", "\\\n\\n", "a\n\\", " ", "- e x"} {
		f.Add("10.0.0.1:1", []byte(text), false)
	}
	f.Fuzz(func(t *testing.T, from string, text []byte, cut bool) {
		if strings.ContainsAny(from, " \n") || from == "-" {
			return
		}
		line := AppendRecord(nil, from, text, cut)
		if bytes.Count(line, []byte("\n")) != 1 || len(line) > 2*len(text)+len(from)+Overhead {
			t.Fatalf("%q is no line", line)
		}
		r, _ := Split(line[:len(line)-1], nil)
		if string(r.From) != from || !bytes.Equal(r.Text, text) || r.Cut != cut {
			t.Fatalf("%q from %q became %q from %q", text, from, r.Text, r.From)
		}
	})
}

package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/internal/durable"
)

var taughtLines = []string{
	"user anna logged in", "user bert logged in", "disk full", "Invalid \xff bytes 5", "removing a", "removing b", "removing c", "removing d", "removing e",
	"removing f", "removing g", "removing h", "removing i", "a=5 b= c", "took 5 ms",
}

func taught(m *Miner) *Miner {
	for _, line := range taughtLines {
		m.Match([]byte(line))
	}
	return m
}

func describe(m *Miner) string {
	var s strings.Builder
	for _, t := range m.Templates() {
		s.WriteString(t.ID() + " " + t.Text() + " " + string(rune('0'+t.Count())) + "\n")
	}
	return s.String()
}

func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkout")
	m := taught(New(Options{}))
	if err := m.Save(durable.OS{}, path); err != nil {
		t.Fatal(err)
	}
	again, err := Load(durable.OS{}, path, Options{})
	if err != nil || describe(again) != describe(m) || again.bytes != m.bytes {
		t.Fatalf("after a restart (%v) %d bytes:\n%swant %d:\n%s", err, again.bytes, describe(again), m.bytes, describe(m))
	}
	for _, line := range append(taughtLines, "removing something", "user carl logged in") {
		if a, b := m.Match([]byte(line)), again.Match([]byte(line)); a.ID() != b.ID() || a.Text() != b.Text() {
			t.Errorf("%q: %s %q, after a restart %s %q", line, a.ID(), a, b.ID(), b)
		}
	}
	if describe(again) != describe(m) {
		t.Errorf("they went apart:\n%s\n%s", describe(again), describe(m))
	}
}

// TestSaveWhenChanged: what says the same is not written again.
func TestSaveWhenChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkout")
	m := taught(New(Options{}))
	for i, want := range []bool{true, false, true, false} {
		if i == 2 {
			m.Match([]byte("disk full"))
		}
		_ = os.Remove(path)
		if err := m.Save(durable.OS{}, path); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("save %d: written %v, want %v", i, err == nil, want)
		}
	}
	loaded, _ := Load(durable.OS{}, path+durable.Previous, Options{})
	if _, changed := loaded.changes(); changed {
		t.Error("what was just loaded has changed")
	}
}

// failing cannot rename.
type failing struct{ durable.OS }

func (failing) Rename(string, string) error { return errors.New("no") }

func TestSaveFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkout")
	m := taught(New(Options{}))
	if m.Save(failing{}, path) == nil {
		t.Fatal("a failure was not reported")
	}
	if err := m.Save(durable.OS{}, path); err != nil {
		t.Fatal(err)
	}
	if again, err := Load(durable.OS{}, path, Options{}); err != nil || describe(again) != describe(m) {
		t.Errorf("what could not be saved at first was not saved later: %v", err)
	}
}

// crashing is a file system that fails at one of its calls, and at all that come after it.
type crashing struct {
	durable.OS
	left *int
}

var errCrash = errors.New("crash")

func (c crashing) over() bool {
	*c.left--
	return *c.left < 0
}

func (c crashing) Create(path string) (durable.File, error) {
	if c.over() {
		return nil, errCrash
	}
	f, err := c.OS.Create(path)
	return crashingFile{f, c}, err
}

func (c crashing) Rename(from, to string) error {
	if c.over() {
		return errCrash
	}
	return c.OS.Rename(from, to)
}

func (c crashing) Remove(path string) error {
	if c.over() {
		return errCrash
	}
	return c.OS.Remove(path)
}

type crashingFile struct {
	durable.File
	crashing
}

func (f crashingFile) Write(data []byte) (int, error) {
	if f.over() {
		n, _ := f.File.Write(data[:len(data)/2])
		return n, errCrash
	}
	return f.File.Write(data)
}

func (f crashingFile) Sync() error {
	if f.over() {
		return errCrash
	}
	return f.File.Sync()
}

func (f crashingFile) Close() error { return f.File.Close() }

// TestCrash: whenever it is, what was saved before is there, or what was to be saved.
func TestCrash(t *testing.T) {
	for calls := range 6 {
		path := filepath.Join(t.TempDir(), "checkout")
		m := taught(New(Options{}))
		if err := m.Save(durable.OS{}, path); err != nil {
			t.Fatal(err)
		}
		before := describe(m)
		m.Match([]byte("one more"))
		left := calls
		err := m.Save(crashing{left: &left}, path)
		again, damage := Load(durable.OS{}, path, Options{})
		if got := describe(again); damage != nil || got != before && got != describe(m) || err == nil && got != describe(m) {
			t.Errorf("after %d calls (%v, %v):\n%s", calls, err, damage, got)
		}
	}
}

// TestDamage: whatever happened to the file, there is a Miner, and the copy from before is used.
func TestDamage(t *testing.T) {
	whole, err := encode(taught(New(Options{})).Templates())
	if err != nil {
		t.Fatal(err)
	}
	seal := func(text string) []byte { // a file that is wrong, but whole
		data, _ := sealed(stateHeader, text)
		return data
	}
	other, _ := sealed(durable.Header{Tailspan: "templates", Version: 2}, "")
	for name, data := range map[string][]byte{
		"empty": {}, "torn": whole[:len(whole)/2], "no newline": whole[:len(whole)-1], "a bit": flipped(whole, len(whole)/3),
		"no record": seal(`"nonsense"`), "no id": seal(`{"id":"xyz"}`), "unknown mark": seal(`{"id":"0123456789abcdef","cells":[{"mark":"<new>"}]}`),
		"many cells":    seal(`{"id":"0123456789abcdef","cells":[` + strings.TrimSuffix(strings.Repeat(`{},`, 65), ",") + `]}`),
		"other version": other,
	} {
		path := filepath.Join(t.TempDir(), "checkout")
		write(t, path, data)
		m, err := Load(durable.OS{}, path, Options{})
		if err == nil || len(m.Templates()) != 0 {
			t.Errorf("%s: %v, %d templates", name, err, len(m.Templates()))
		}
		if _, err := os.Stat(path + durable.Broken); err != nil {
			t.Errorf("%s was not set aside: %v", name, err)
		}
		write(t, path, data)
		write(t, path+durable.Previous, whole)
		if m, err = Load(durable.OS{}, path, Options{}); err == nil || describe(m) != describe(taught(New(Options{}))) {
			t.Errorf("%s: the copy from before was not used: %v", name, err)
		}
	}
}

// sealed makes a whole file of lines; it is not ok when one is no JSON.
func sealed(h durable.Header, lines string) (data []byte, ok bool) {
	state := durable.NewLines(h)
	for line := range strings.Lines(lines) {
		state.Add(json.RawMessage(line))
	}
	data, _, err := state.Seal()
	return data, err == nil
}

func flipped(data []byte, at int) []byte {
	data = bytes.Clone(data)
	data[at] ^= 1
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzDecode: a file that is not one makes an error and nothing else; one that is says the same again.
func FuzzDecode(f *testing.F) {
	whole, _ := encode(taught(New(Options{})).Templates())
	f.Add(whole)
	f.Add([]byte(`{"id":"0123456789abcdef","count":-5,"cells":[{"mark":"<*>","word":"eA=="}]}` + "\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, _ := sealed(stateHeader, string(data)) // nothing that is whole, where a line is no JSON
		for _, d := range [][]byte{data, whole} {
			all, err := decode(d)
			if err != nil {
				continue
			}
			once, err := encode(all)
			if err != nil {
				t.Fatal(err)
			}
			again, err := decode(once)
			if err != nil || len(again) != len(all) {
				t.Fatalf("%v, %d templates of %d", err, len(again), len(all))
			}
			m := New(Options{})
			m.take(all)
			m.Match([]byte("user anna logged in"))
		}
	})
}

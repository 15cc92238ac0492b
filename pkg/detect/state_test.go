package detect

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/internal/durable"
)

var quietly = Options{Workers: 1, Memory: 16 << 20, Log: slog.New(slog.DiscardHandler)}

// learned is an Engine that has seen two hours, and an incident that is not over.
func learned(t *testing.T) (*world, *Engine, int) {
	t.Helper()
	w := newWorld(1)
	w.add("shop", 2)
	w.inject = []injection{{kind: "silence", from: 7000, to: 9000, template: -1}}
	found, e := w.run(t, Config{Learning: DefaultLearning}, 7400)
	if len(found) != 1 {
		t.Fatalf("%d findings", len(found))
	}
	return w, e, 7400
}

// TestState: what was learned comes back whole, and an incident that was open is not found again, but is over when it is.
func TestState(t *testing.T) {
	dir := t.TempDir()
	w, e, second := learned(t)
	state := e.encode()
	if err := Save(durable.OS{}, dir, state); err != nil {
		t.Fatal(err)
	}
	var found []Finding
	opts := quietly
	opts.Found = func(f *Finding) { found = append(found, *f) }
	again := Load(Config{Learning: DefaultLearning}, opts, durable.OS{}, dir)
	if diff := cmp.Diff(sorted(state), sorted(again.encode())); diff != "" {
		t.Error(diff)
	}
	watcher := again.Watcher(t.Context(), nil)
	for ; second < 11000; second++ {
		w.lines(second, func(l *Line) { watcher.Observe(l) })
		watcher.Flush()
		again.drain()
		now := begin.Add(time.Duration(second+1) * time.Second)
		again.tick(now, now)
	}
	if len(found) != 1 || found[0].Over.IsZero() || found[0].ID != e.Recent()[0].ID || found[0].Over.Sub(begin) < 9000*time.Second {
		t.Errorf("%+v", found)
	}
}

// sorted are the lines of a state, but the last, in order: services are in none.
func sorted(state []byte) string {
	lines := strings.Split(string(bytes.TrimSpace(state)), "\n")
	return strings.Join(lines[:len(lines)-1], "\n")
}

// TestDamage: a state that is damaged in any way is set aside, and the copy from before is read.
func TestDamage(t *testing.T) {
	_, e, _ := learned(t)
	state := e.encode()
	for name, damage := range map[string]func([]byte) []byte{
		"cut":     func(b []byte) []byte { return b[:len(b)/2] },
		"empty":   func([]byte) []byte { return nil },
		"one bit": func(b []byte) []byte { b[len(b)/3] ^= 4; return b },
		"a line less": func(b []byte) []byte {
			return append(b[:bytes.IndexByte(b, '\n')+1], b[bytes.LastIndexByte(b[:len(b)-1], '\n')+1:]...)
		},
		"a new format": func(b []byte) []byte { return bytes.Replace(b, []byte(`"version":1`), []byte(`"version":2`), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for range 2 {
				if err := Save(durable.OS{}, dir, state); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, stateFile)
			if err := os.WriteFile(path, damage(bytes.Clone(state)), 0o600); err != nil {
				t.Fatal(err)
			}
			if n := Load(Config{}, quietly, durable.OS{}, dir).Watched(); n != e.Watched() {
				t.Errorf("%d series from the copy, want %d", n, e.Watched())
			}
			if _, err := os.Stat(path + durable.Broken); err != nil {
				t.Error(err)
			}
			if err := os.WriteFile(path+durable.Previous, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if n := Load(Config{}, quietly, durable.OS{}, dir).Watched(); n != 0 {
				t.Errorf("%d series from nowhere", n)
			}
		})
	}
}

// FuzzState holds that no file makes an Engine panic, now or later, and that what is read is written as it was read.
func FuzzState(f *testing.F) {
	w := newWorld(1)
	w.add("shop", 1)
	e := New(Config{Learning: time.Minute}, quietly)
	watcher := e.Watcher(f.Context(), nil)
	for second := range 300 {
		w.lines(second, func(l *Line) { watcher.Observe(l) })
		watcher.Flush()
		e.drain()
	}
	for _, line := range bytes.SplitAfter(e.encode(), []byte("\n")) {
		f.Add(line)
	}
	f.Add([]byte(`{"service":{"name":"a","sealed":-9223372036854775808}}` + "\n" + `{"series":{"template":"x","last":9223372036854775807,"gaps":[1e38,1],"latency":{"past":"AAAA"}}}` + "\n"))
	f.Fuzz(func(t *testing.T, lines []byte) {
		e := New(Config{Learning: time.Minute}, quietly)
		state, ok := sealed(lines)
		if !ok || e.decode(state) != nil {
			return
		}
		again := New(Config{Learning: time.Minute}, quietly)
		if err := again.decode(e.encode()); err != nil {
			t.Fatal(err)
		}
		if e.Watched() != again.Watched() {
			t.Fatalf("%d series, then %d", e.Watched(), again.Watched())
		}
		watcher := e.Watcher(t.Context(), nil)
		for i := range int64(40) {
			watcher.Observe(&Line{Time: begin.UnixNano() + i*5e9, Service: []byte("shop"), Template: "shop-0", Duration: i})
		}
		watcher.Flush()
		e.drain()
		e.tick(begin.Add(time.Hour), begin.Add(time.Hour))
	})
}

// sealed makes a whole state of lines; it is not ok when one is no JSON.
func sealed(lines []byte) (data []byte, ok bool) {
	state := durable.NewLines(stateHeader)
	for line := range bytes.Lines(lines) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			state.Add(json.RawMessage(line))
		}
	}
	data, _, err := state.Seal()
	return data, err == nil
}

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWatched(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tailspan.yaml")
	clock := time.Unix(1e9, 0)
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Second)
		if err := os.Chtimes(path, clock, clock); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to string) { // as Kubernetes does: a link is made anew and renamed over the old one
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, "new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "new"), path); err != nil {
			t.Fatal(err)
		}
	}
	put(path, "one")
	put(filepath.Join(dir, "v2"), "two")
	put(filepath.Join(dir, "v3"), "three")
	put(filepath.Join(dir, "same"), "three")
	w := newWatched(path)
	for _, step := range []struct {
		name string
		do   func()
		want []bool // of the looks after it
	}{
		{"nothing", func() {}, []bool{false, false}},
		{"written in place", func() { put(path, "One") }, []bool{false, true, false}},
		{"written twice", func() { put(path, "half"); w.changed(); put(path, "half of it") }, []bool{false, true, false}},
		{"touched", func() { put(path, "half of it") }, []bool{false, false}},
		{"taken away", func() { _ = os.Remove(path) }, []bool{false, false}},
		{"a link in its place", func() { link("v2") }, []bool{false, true, false}},
		{"the link leads elsewhere", func() { link("v3") }, []bool{false, true, false}},
		{"the same content", func() { link("same") }, []bool{false, false}},
		{"read at SIGHUP", func() { put(path, "four"); w.seen() }, []bool{false, false}},
	} {
		step.do()
		for i, want := range step.want {
			if got := w.changed(); got != want {
				t.Errorf("%s, look %d: %v, want %v", step.name, i, got, want)
			}
		}
	}
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

// TestFollow: a change that is told of is taken over once the file has settled, any other one at the next look, and when nothing
// changes the looks are all that wakes the agent.
func TestFollow(t *testing.T) {
	for _, c := range []struct {
		name   string
		deaf   bool          // no notification can be had
		tell   bool          // one comes
		absent time.Duration // how long the file is away before another one is there
		after  time.Duration // since the change, until the reload is asked for
	}{
		{name: "told", tell: true, after: settled},
		{name: "not told", after: 2*time.Second + settled},
		{name: "no notifications", deaf: true, after: settled/2 + settled},
		{name: "away for a while", tell: true, absent: 9500 * time.Millisecond, after: 10*time.Second + settled},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tailspan.yaml")
			put := func(text string) {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			put("one")
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				notices, reloads := make(chan struct{}), make(chan struct{}, 1)
				var asked atomic.Int64
				about := func(string) bool { asked.Add(1); return !c.deaf }
				go newWatched(path).follow(ctx, notices, about, nil, reloads)
				time.Sleep(time.Hour)
				synctest.Wait()
				if n := asked.Load(); !c.deaf && n != 1 || len(reloads) > 0 {
					t.Fatalf("notices were asked for %d times and %d reloads while nothing happened", n, len(reloads))
				}
				time.Sleep(3 * time.Second) // 2 s before a look
				if c.deaf {
					time.Sleep(settled / 2)
				}
				changed, before := time.Now(), asked.Load()
				if c.absent > 0 {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				} else {
					put("another one")
				}
				if c.tell {
					notices <- struct{}{}
				}
				if c.absent > 0 {
					time.Sleep(c.absent)
					put("another one")
				}
				<-reloads
				if took := time.Since(changed); took != c.after {
					t.Errorf("the reload was asked for after %v, want %v", took, c.after)
				}
				if asked.Load() == before {
					t.Error("notices of what is there now were not asked for")
				}
				cancel()
			})
		})
	}
}

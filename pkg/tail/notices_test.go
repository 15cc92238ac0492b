package tail

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestNotices: a file tells of what happens to it, and so does the one that takes its place once it is asked for; others do not.
func TestNotices(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what else is told differs")
	}
	dir := t.TempDir()
	path, other := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.log")
	write := func(path string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(time.Now().String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := NewNotices()
	defer n.Close()
	if n.About(path) {
		t.Fatal("notices of what is not there")
	}
	write(path)
	for round, happens := range []func(){
		func() { write(path) },
		func() {
			write(other)
			if err := os.Rename(other, path); err != nil {
				t.Fatal(err)
			}
		},
		func() { write(path) },
		func() {
			if err := os.Rename(path, other); err != nil {
				t.Fatal(err)
			}
		},
	} {
		if !n.About(path) {
			t.Fatalf("round %d: none will come", round)
		}
		for len(n.C) > 0 {
			<-n.C // of the round before
		}
		happens()
		select {
		case <-n.C:
		case <-time.After(10 * time.Second):
			t.Fatalf("round %d: nobody told", round)
		}
	}
}

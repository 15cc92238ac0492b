package tail

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// opens is how often a name is opened, at least, while it is exchanged.
const opens = 10_000

// swap exchanges what a name leads to again and again until done is closed. It counts in swaps.
func swap(t *testing.T, name string, isFolder bool, swaps *atomic.Int64, done <-chan struct{}, link, real func(temporary string) error) {
	temporary := name + ".swap"
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		put := link
		if i%2 == 1 {
			put = real
		}
		if err := errors.Join(put(temporary), exchange(temporary, name, isFolder)); err != nil {
			t.Error(err)
			return
		}
		swaps.Add(1)
	}
}

// exchange puts a name in the place of another. A folder cannot take the place of a link, nor the other way round, so there is nothing
// for a moment.
func exchange(from, to string, isFolder bool) error {
	if isFolder {
		if err := os.RemoveAll(to + ".old"); err != nil {
			return err
		}
		if err := os.Rename(to, to+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Rename(from, to)
}

// TestSwappedLinks: whatever a name becomes while it is opened, nothing outside of the roots is ever read. The same attack on
// an input without roots succeeds, so it is one.
func TestSwappedLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights on Windows")
	}
	for _, c := range []struct {
		name, swapped string // below the root
		exchanges     int64  // at least; 10,000 in the four cases with bounds
		input         func(root string) Input
	}{
		{"the file", "app.log", 4500, func(root string) Input { return Input{AllowedRoots: []string{root}, FollowSymlinks: true} }},
		{"its folder", "app", 500, func(root string) Input { return Input{AllowedRoots: []string{root}, FollowSymlinks: true} }},
		{"the file, links not followed", "app.log", 4500, func(root string) Input { return Input{Paths: []string{root + "/**/*.log"}} }},
		{"its folder, links not followed", "app", 500, func(root string) Input { return Input{Paths: []string{root + "/**/*.log"}} }},
		{"the file, no roots", "app.log", 0, func(string) Input { return Input{FollowSymlinks: true} }},
		{"its folder, no roots", "app", 0, func(string) Input { return Input{FollowSymlinks: true} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			inside, outside := t.TempDir(), t.TempDir()
			isFolder := c.swapped == "app"
			path := filepath.Join(inside, c.swapped)
			secret := filepath.Join(outside, "app.log")
			put(t, secret, "outside")
			link := func(name string) error { return os.Symlink(outside, name) }
			kept := filepath.Join(inside, "kept")
			real := func(name string) error { return os.Link(filepath.Join(kept, "app.log"), name) }
			if err := os.Mkdir(kept, 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(kept, "app.log"), "inside")
			if isFolder {
				real = func(name string) error {
					return errors.Join(os.Mkdir(name, 0o700), os.Link(filepath.Join(kept, "app.log"), filepath.Join(name, "app.log")))
				}
				path = filepath.Join(path, "app.log")
			} else {
				link = func(name string) error { return os.Symlink(secret, name) }
			}
			in := bareInput(t, c.input(inside))
			bounded := len(in.AllowedRoots) > 0 || !in.FollowSymlinks
			done, ended := make(chan struct{}), make(chan struct{})
			var swaps atomic.Int64
			go func() {
				defer close(ended)
				swap(t, filepath.Join(inside, c.swapped), isFolder, &swaps, done, link, real)
			}()
			got := map[string]int{}
			for i, end := 0, time.Now().Add(time.Minute); i < opens || time.Now().Before(end) && (got["inside"] == 0 || swaps.Load() < c.exchanges || !bounded && got["outside"] == 0); i++ {
				f, err := in.openLog(path)
				if err != nil {
					continue // as good an answer as any
				}
				text, err := io.ReadAll(f)
				if err := errors.Join(err, f.Close()); err != nil {
					t.Fatal(err)
				}
				got[string(text)]++
			}
			close(done)
			<-ended
			t.Logf("%d exchanges; opened: %v", swaps.Load(), got)
			if got["inside"] == 0 || swaps.Load() < c.exchanges || (got["outside"] > 0) == bounded {
				t.Errorf("%d exchanges; opened: %v", swaps.Load(), got)
			}
		})
	}
}

// TestRoots: which names may be opened when nothing moves.
func TestRoots(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights on Windows")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"logs", "more", "secret"} {
		if err := os.Mkdir(at(name), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, at(name+"/a.log"), name)
	}
	for name, to := range map[string]string{"logs/in.log": at("logs/a.log"), "logs/relative.log": "a.log", "logs/other.log": at("more/a.log"),
		"logs/out.log": at("secret/a.log"), "logs/up.log": "../secret/a.log", "logs/dir": at("secret"), "root": at("logs"), "logs/loop.log": "loop.log"} {
		if err := os.Symlink(to, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	roots := Input{AllowedRoots: []string{at("logs"), at("more")}, FollowSymlinks: true}
	linked := Input{AllowedRoots: []string{at("root")}, FollowSymlinks: true}
	strict := Input{Paths: []string{at("logs/*.log"), at("logs/**/*.log")}}
	for _, c := range []struct {
		in   Input
		name string
		ok   bool
	}{
		{roots, "logs/a.log", true}, {roots, "logs/in.log", true}, {roots, "logs/relative.log", true}, {roots, "logs/other.log", true},
		{roots, "logs/out.log", false}, {roots, "logs/up.log", false}, {roots, "logs/dir/a.log", false}, {roots, "secret/a.log", false},
		{roots, "logs/loop.log", false}, {roots, "logs", false}, {roots, "logs/none.log", false},
		{linked, "root/a.log", true}, {linked, "logs/a.log", true}, {linked, "root/out.log", false},
		{strict, "logs/a.log", true}, {strict, "logs/in.log", false}, {strict, "logs/relative.log", false}, {strict, "logs/out.log", false},
		{strict, "logs/dir/a.log", false}, {Input{FollowSymlinks: true}, "logs/out.log", true}, {Input{FollowSymlinks: true}, "logs", false},
	} {
		f, err := bareInput(t, c.in).openLog(at(c.name))
		if f != nil {
			_ = f.Close()
		}
		if (err == nil) != c.ok {
			t.Errorf("%s with roots %q, links followed %v: %v", c.name, c.in.AllowedRoots, c.in.FollowSymlinks, err)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func bareInput(t *testing.T, in Input) *input {
	t.Helper()
	made, err := newInput(0, Named{Input: in})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

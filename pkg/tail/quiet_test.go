//go:build linux

package tail

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/sys/unix"
)

// teller is a notifier that tells what a test says.
type teller struct {
	dirs   sync.Map
	events chan fsnotify.Event
	errors chan error
}

func (n *teller) Add(dir string) error {
	n.dirs.Store(dir, true)
	return nil
}

func (n *teller) WatchList() (dirs []string) {
	n.dirs.Range(func(dir, _ any) bool {
		dirs = append(dirs, dir.(string))
		return true
	})
	return dirs
}

func (n *teller) Close() error {
	close(n.events)
	close(n.errors)
	return nil
}

// quietBed is a bed with notifications and the file a.log, whose first two lines are read, and with what prepare makes, long enough
// after its start for what is told to be believed.
func quietBed(t *testing.T, prepare func(b *bed), test func(b *bed)) {
	t.Helper()
	var on unix.Statfs_t
	if err := unix.Statfs(t.TempDir(), &on); err != nil {
		t.Fatal(err)
	}
	defer func(before []int64) { telling = before }(telling)
	telling = append(slices.Clip(telling), int64(on.Type)) // in a container it may be one that is not relied on
	inBed(t, func(_ *testing.T, b *bed) {
		b.tells = &teller{events: make(chan fsnotify.Event), errors: make(chan error)}
		b.write("a.log", "one\n")
		if prepare != nil {
			prepare(b)
		}
		b.start()
		b.tell("a.log", "two\n")
		b.wait(4 * pollWatched)
		test(b)
	})
}

func (b *bed) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// tell writes, and tells that it has.
func (b *bed) tell(name, text string) {
	b.write(name, text)
	b.tells.events <- fsnotify.Event{Name: b.path(name), Op: fsnotify.Write}
	b.wait(10 * settle)
}

// mustLink makes a link by one of os' functions.
func (b *bed) mustLink(link func(from, to string) error, from, to string) {
	if err := link(from, to); err != nil {
		b.t.Fatal(err)
	}
}

// TestQuietFilesAreLeftAlone: nobody asks for sizes while the folder tells, but once a minute; and what was not told then is found by
// polls afterwards.
func TestQuietFilesAreLeftAlone(t *testing.T) {
	quietBed(t, nil, func(b *bed) {
		b.want("one", "two")
		b.write("a.log", "in silence\n")
		b.wait(6 * pollWatched)
		b.want("one", "two")
		b.wait(lookEvery)
		b.want("one", "two", "in silence")
		b.write("a.log", "polled\n")
		b.wait(pollWatched)
		b.want("one", "two", "in silence", "polled")
	})
}

// TestWhatIsToldIsBelieved: growth that was told of is no reason for polls, however the notifications and looks fall.
func TestWhatIsToldIsBelieved(t *testing.T) {
	quietBed(t, nil, func(b *bed) {
		for range 90 {
			b.tell("a.log", "told\n")
			b.wait(time.Second)
		}
		b.write("a.log", "late\n")
		b.wait(lookEvery + 100*time.Millisecond - time.Since(b.folders().asked)) // the look has seen it, and now it is told
		b.tells.events <- fsnotify.Event{Name: b.path("a.log"), Op: fsnotify.Write}
		b.wait(2 * lookEvery)
		b.write("a.log", "lost\n")
		b.tells.errors <- fsnotify.ErrEventOverflow
		b.wait(2 * lookEvery)
		if b.folders().deaf {
			t.Error("what was told is not believed")
		}
	})
}

// folders are those of the pipeline.
func (b *bed) folders() (at folders) {
	err := b.tailer.do(context.Background(), func() error {
		at = b.tailer.inputs[0].folders
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

// TestWhatIsNotTold: each of these is found by the next polls, although no notification comes of it.
func TestWhatIsNotTold(t *testing.T) {
	outside := func(b *bed) string { return filepath.Join(filepath.Dir(b.logs), "elsewhere") }
	for name, c := range map[string]struct {
		prepare, happens func(b *bed)
	}{
		"a new file": {nil, func(b *bed) { b.write("b.log", "found\n") }},
		"a new folder": {nil, func(b *bed) {
			if err := os.MkdirAll(b.path("deep/er"), 0o755); err != nil {
				b.t.Fatal(err)
			}
			b.write("deep/er/b.log", "found\n")
		}},
		"renamed, and a new one": {nil, func(b *bed) {
			b.rename("a.log", "a.log.1")
			b.write("a.log.1", "found\n")
		}},
		"a link to a file that grows": {func(b *bed) {
			b.mustLink(os.Symlink, outside(b), b.path("link.log"))
			b.write("../elsewhere", "")
		}, func(b *bed) { b.write("../elsewhere", "found\n") }},
		"a link to a file that is exchanged": {func(b *bed) {
			b.mustLink(os.Symlink, outside(b), b.path("link.log"))
			b.write("../elsewhere", "")
		}, func(b *bed) {
			b.write("../new", "found\n")
			b.rename("../new", "../elsewhere")
		}},
		"a dangling link that gets a file": {func(b *bed) { b.mustLink(os.Symlink, outside(b), b.path("link.log")) },
			func(b *bed) { b.write("../elsewhere", "found\n") }},
		"written by another name": {func(b *bed) { b.mustLink(os.Link, b.path("a.log"), outside(b)) },
			func(b *bed) { b.write("../elsewhere", "found\n") }},
		"the folder is exchanged": {func(b *bed) {
			b.in.Paths = []string{b.path("a.log"), b.path("../folder/*.log")}
			b.mkdir("../folder")
		}, func(b *bed) {
			b.rename("../folder", "../before")
			b.mkdir("../folder")
			b.write("../folder/b.log", "found\n")
		}},
		"a folder that comes": {func(b *bed) { b.in.Paths = append(b.in.Paths, b.path("../folder/sub/b.log")) }, func(b *bed) {
			b.mkdir("../folder")
			b.mkdir("../folder/sub")
			b.write("../folder/sub/b.log", "found\n")
		}},
		"a watch that the kernel dropped": {nil, func(b *bed) {
			b.tells.dirs.Delete(b.logs)
			b.write("a.log", "found\n")
		}},
		"events were lost": {nil, func(b *bed) {
			b.write("a.log", "found\n")
			b.tells.errors <- fsnotify.ErrEventOverflow
		}},
	} {
		t.Run(name, func(t *testing.T) {
			quietBed(t, c.prepare, func(b *bed) {
				c.happens(b)
				b.wait(2 * pollWatched)
				b.want("one", "two", "found")
				if _, watched := b.tells.dirs.Load(b.logs); !watched {
					t.Error("nobody asks the kernel to tell again")
				}
			})
		})
	}
}

func (b *bed) mkdir(name string) {
	if err := os.Mkdir(b.path(name), 0o755); err != nil {
		b.t.Fatal(err)
	}
}

// TestFoldersOfOthersDoNotTell: of a file system that is not relied on, everything is looked at.
func TestFoldersOfOthersDoNotTell(t *testing.T) {
	quietBed(t, func(*bed) { telling = nil }, func(b *bed) {
		b.wait(lookEvery + pollWatched)
		b.write("a.log", "found\n")
		b.wait(pollWatched)
		b.want("one", "two", "found")
	})
}

package tail

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// bed is a folder of logs and an agent that tails it, in a bubble of injected time. What it delivers is acknowledged at
// once unless hold is set.
type bed struct {
	t     *testing.T
	logs  string
	state string
	in    Input
	once  bool
	arena int
	limit int     // of descriptors; 0 for what the system allows
	tells *teller // what notifications come from; nil: there are none

	tailer *Tailer
	stop   context.CancelFunc
	ended  chan error

	mu    sync.Mutex
	hold  bool
	held  bool     // the output says of every source that it cannot get rid of its lines
	lines []string // in the order of delivery
	ids   []string // source id, generation and offset of each
	cut   []string
}

// inBed runs a test in a bubble.
func inBed(t *testing.T, test func(t *testing.T, b *bed)) {
	t.Helper()
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := &bed{t: t, logs: filepath.Join(root, "logs"), state: filepath.Join(root, "state"), arena: 4 << 10}
		if err := os.Mkdir(b.logs, 0o755); err != nil {
			t.Fatal(err)
		}
		b.in = Input{Paths: []string{b.path("**/*.log")}, Exclude: []string{"*.gz"}, FollowSymlinks: true, Config: frame.Config{MaxLine: 16 << 10}}
		test(t, b)
		if b.tailer != nil {
			b.halt()
		}
	})
}

func (b *bed) path(name string) string { return filepath.Join(b.logs, name) }

// start opens and runs the tailer.
func (b *bed) start() {
	b.t.Helper()
	var err error
	b.tailer, err = Open(Config{Host: "test", Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in, Total: new(event.Ledger)}},
		Batches: event.NewPool(2, b.arena), Once: b.once, NoWatch: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.t.Fatal(err)
	}
	if b.tells != nil {
		b.tailer.hints.hear(b.tells, b.tells.events, b.tells.errors)
	}
	if b.limit > 0 {
		b.tailer.descriptors.most = b.limit
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.stop, b.ended = cancel, make(chan error, 1)
	go func() { b.ended <- b.tailer.Run(ctx, b.take) }()
	b.settle()
}

func (b *bed) take(batch *event.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range batch.Lines {
		text := string(batch.Data[l.Start:l.End])
		b.lines = append(b.lines, text)
		b.ids = append(b.ids, fmt.Sprintf("%x/%d/%d", batch.Source.ID, batch.Source.Generation, l.Offset))
		if l.Cut {
			b.cut = append(b.cut, text)
		}
	}
	if b.held {
		batch.Source.Held.Store(1)
	}
	if !b.hold {
		batch.Source.Count(event.Indexed, len(batch.Lines))
		batch.Source.Committed.Store(batch.To)
	}
	batch.Release()
	return nil
}

// settle lets two polls pass.
func (b *bed) settle() {
	time.Sleep(2*pollUnwatched + time.Millisecond)
	synctest.Wait()
}

// halt stops the tailer as a restart would, with its last checkpoint.
func (b *bed) halt() {
	b.t.Helper()
	b.stop()
	if err := <-b.ended; err != nil {
		b.t.Error(err)
	}
	if err := b.tailer.Close(); err != nil {
		b.t.Error(err)
	}
	b.tailer = nil
}

// runOnce reads everything to its end.
func (b *bed) runOnce() {
	b.t.Helper()
	b.once = true
	b.start()
	b.halt()
	b.once = false
}

func (b *bed) write(name, text string) {
	b.t.Helper()
	f, err := os.OpenFile(b.path(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		b.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) rename(from, to string) {
	b.t.Helper()
	if err := os.Rename(b.path(from), b.path(to)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) truncate(name string, size int64) {
	b.t.Helper()
	if err := os.Truncate(b.path(name), size); err != nil {
		b.t.Fatal(err)
	}
}

// want checks all lines delivered so far, in any order across files.
func (b *bed) want(lines ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	got := slices.Sorted(slices.Values(b.lines))
	slices.Sort(lines)
	if diff := cmp.Diff(lines, got, cmpopts.EquateEmpty()); diff != "" {
		b.t.Errorf("delivered lines (+), wanted (-):\n%.2000s", diff)
	}
}

func TestAppendedLines(t *testing.T) {
	inBed(t, func(_ *testing.T, b *bed) {
		b.write("a.log", "one\ntwo\nhal")
		b.start()
		b.want("one", "two")
		b.write("a.log", "f\n\nwindows\r\n")
		b.settle()
		b.want("one", "two", "half", "", "windows")
		b.write("sub.log", "new file\n")
		b.settle()
		b.want("one", "two", "half", "", "windows", "new file")
	})
}

func TestWhatIsRead(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		if err := os.MkdirAll(b.path("deep/er/dir.log"), 0o755); err != nil {
			t.Fatal(err)
		}
		b.write("deep/er/x.log", "deep\n")
		b.write("x.txt", "not matched\n")
		b.write("old.log.gz", "excluded\n")
		b.in.Exclude = append(b.in.Exclude, "**/secret/*", "skip*.log")
		b.write("skip-this.log", "excluded by name\n")
		if err := syscall.Mkfifo(b.path("fifo.log"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(b.path("loop.log"), b.path("loop.log")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(b.path("deep/er/x.log"), b.path("link.log")); err != nil {
			t.Fatal(err)
		}
		b.start()
		b.want("deep")
		if err := os.Remove(b.path("loop.log")); err != nil {
			t.Fatal(err)
		}
		b.write("loop.log", "now a file\n")
		b.settle()
		b.want("deep", "now a file")
	})
}

func TestStartAtAndAge(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.in.StartAt = "end"
		b.write("a.log", "before\npart")
		b.start()
		b.write("a.log", "ial\nafter\n")
		b.settle()
		b.want("partial", "after")
	})
	inBed(t, func(t *testing.T, b *bed) {
		b.in.IgnoreOlder = time.Hour
		b.write("old.log", "old\n")
		past := time.Now().Add(-2 * time.Hour)
		if err := os.Chtimes(b.path("old.log"), past, past); err != nil {
			t.Fatal(err)
		}
		b.write("young.log", "young\n")
		future := time.Now()
		if err := os.Chtimes(b.path("young.log"), future, future); err != nil {
			t.Fatal(err)
		}
		b.start()
		b.want("young")
	})
}

func TestRotationByRename(t *testing.T) {
	inBed(t, func(_ *testing.T, b *bed) {
		b.write("a.log", "1\n")
		b.start()
		b.write("a.log", "2\n")
		b.rename("a.log", "a.log.1")
		b.write("a.log.1", "3, written after the rename\n")
		b.write("a.log", "4\n")
		b.settle()
		b.want("1", "2", "3, written after the rename", "4")
		b.write("a.log.1", "5, and no newline")
		time.Sleep(releaseAfter + 2*pollUnwatched)
		synctest.Wait()
		b.want("1", "2", "3, written after the rename", "4", "5, and no newline")
		if files := b.tailer.Progress()[0].Files; files != 1 {
			b.t.Errorf("%d files are held, want the new one only", files)
		}
	})
}

func TestDeletedWhileRead(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "1\n2\n")
		b.start()
		b.write("a.log", "3\n")
		if err := os.Remove(b.path("a.log")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(releaseAfter + 3*pollUnwatched)
		synctest.Wait()
		b.want("1", "2", "3")
		if files := b.tailer.Progress()[0].Files; files != 0 {
			t.Errorf("%d files are held, want none", files)
		}
	})
}

// fixed makes n lines of one length that differ only in their beginnings.
func fixed(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %02d %s\n", prefix, i, strings.Repeat("=", 100))
	}
	return b.String()
}

func TestTruncation(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		name, before, after string
		size                int64
	}{
		{"to nothing and shorter", "one\ntwo\n", "new\n", 0},
		{"to nothing and longer between two looks", "one\ntwo\n", "first\nsecond\nthird\n" + long + "\n", 0},
		{"to nothing with the same beginning", long + "\ntwo\n", long + "\nTWO, longer than before\n", 0},
		{"to lines that end alike, and longer", fixed("old", 10), fixed("new", 20), 0},
		{"in the middle of a line", "one\ntwo and a half", "new\n", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.write("a.log", c.before)
				b.start()
				seen := len(b.lines)
				b.truncate("a.log", c.size)
				b.write("a.log", c.after)
				b.settle()
				want := strings.Split(strings.TrimSuffix(c.before[:c.size]+c.after, "\n"), "\n")
				if got := b.lines[seen:]; !slices.Equal(got, want) {
					t.Errorf("after the truncation delivered %q, want %q", got, want)
				}
				if before, after := b.ids[0], b.ids[seen]; before == after {
					t.Errorf("ids before and after are the same: %s", after)
				}
			})
		})
	}
}

func TestRestart(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "1\n2\n")
		b.start()
		b.mu.Lock()
		b.hold = true
		b.mu.Unlock()
		b.write("a.log", "3\n")
		b.settle()
		b.want("1", "2", "3")
		b.halt()
		first := slices.Clone(b.ids)

		b.hold = false
		b.rename("a.log", "b.log")
		b.write("b.log", "4\n")
		b.start()
		// 3 was read and not acknowledged, so it comes again, with the same id.
		b.want("1", "2", "3", "3", "4")
		if b.ids[3] != first[2] {
			t.Errorf("id of the line sent again is %s, was %s", b.ids[3], first[2])
		}
	})
}

func TestTruncatedWhileStopped(t *testing.T) {
	for name, after := range map[string]string{"shorter": "new\n", "longer, other content": "brand new content\nthat is longer\n"} {
		t.Run(name, func(t *testing.T) {
			inBed(t, func(_ *testing.T, b *bed) {
				b.write("a.log", "one\ntwo\n")
				b.start()
				b.halt()
				b.truncate("a.log", 0)
				b.write("a.log", after)
				b.lines = nil
				b.start()
				b.want(strings.Split(strings.TrimSuffix(after, "\n"), "\n")...)
			})
		})
	}
}

func TestOnceShipsTheLastLine(t *testing.T) {
	inBed(t, func(_ *testing.T, b *bed) {
		b.write("a.log", "one\nno newline")
		b.write("empty.log", "")
		b.runOnce()
		b.want("one", "no newline")
		b.write("a.log", " but more\nthree\n")
		b.runOnce()
		b.want("one", "no newline", " but more", "three")
	})
}

func TestLongLines(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		fits := strings.Repeat("f", 12<<10)  // more than an arena, less than max_line
		cut := strings.Repeat("c", 200<<10)  // more than max_line
		inArena := strings.Repeat("i", 3000) // cut by a max_line below the arena
		b.write("a.log", "short\n"+fits+"\nbetween\n"+cut[:100<<10])
		b.start()
		b.want("short", fits, "between")
		b.write("a.log", cut[100<<10:]+"\r\nafter\n")
		b.settle()
		b.want("short", fits, "between", cut[:b.in.MaxLine], "after")
		if len(b.cut) != 1 {
			t.Errorf("%d lines are flagged as cut, want 1", len(b.cut))
		}
		b.halt()

		b.lines, b.cut = nil, nil
		b.in.MaxLine = 1000
		b.write("b.log", inArena+"\nnext\n")
		b.start()
		b.want(inArena[:1000], "next")
	})
}

func TestIDs(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "the same preamble\n")
		b.write("b.log", "the same preamble\n")
		b.start()
		if b.ids[0] == b.ids[1] {
			t.Errorf("two files with one content have one id: %s", b.ids[0])
		}
		b.halt()
		if err := os.RemoveAll(b.state); err != nil {
			t.Fatal(err)
		}
		b.start()
		if got := b.ids[2:]; !slices.Contains(b.ids[:2], got[0]) || !slices.Contains(b.ids[:2], got[1]) {
			t.Errorf("without checkpoints the ids are %v, were %v", got, b.ids[:2])
		}
	})
}

func TestOwnLogIsNotTailed(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		own, err := os.Create(b.path("tailspan.log"))
		if err != nil {
			t.Fatal(err)
		}
		before := os.Stderr
		os.Stderr = own
		defer func() { os.Stderr = before }()
		b.write("tailspan.log", "a line of our own\n")
		b.write("app.log", "a line of the application\n")
		b.start()
		b.want("a line of the application")
		if err := own.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAHeldSourceIsReadToItsEndByOnceOnly(t *testing.T) {
	text, all := numbered("line", 200) // several arenas
	inBed(t, func(t *testing.T, b *bed) {
		b.held = true
		b.write("a.log", text)
		b.start()
		if n := len(b.lines); n == 0 || n == len(all) {
			t.Errorf("%d of %d lines were read of a source that is held, want only the first batch", n, len(all))
		}
	})
	inBed(t, func(_ *testing.T, b *bed) {
		b.held = true
		b.write("a.log", text)
		b.runOnce()
		b.want(all...)
	})
}

func TestOnceSaysWhatCouldNotBeRead(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("good.log", "good\n")
		if err := os.Symlink(b.path("bad.log"), b.path("bad.log")); err != nil {
			t.Fatal(err)
		}
		b.once = true
		b.start()
		if err := <-b.ended; err == nil || !strings.Contains(err.Error(), "bad.log") {
			t.Errorf("error is %v, want one that names bad.log", err)
		}
		b.want("good")
		if err := b.tailer.Close(); err != nil {
			t.Error(err)
		}
		b.tailer = nil
	})
}

func TestSecondAgentIsRefused(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.start()
		_, err := Open(Config{Dir: b.state, NoWatch: true, Log: slog.Default()})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
			t.Errorf("error is %v, want one that names the process", err)
		}
	})
}

func TestManyFilesTakeTurns(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		big := strings.Repeat(strings.Repeat("b", 99)+"\n", 2000)
		b.write("big.log", big)
		b.write("small.log", "small\n")
		b.start()
		if at := slices.Index(b.lines, "small"); at < 0 || at > 200 {
			t.Errorf("the small file's line came as number %d of %d: it waited for the big file", at, len(b.lines))
		}
	})
}

// TestNotifications is the one test with real events and real time: a line must come long before the poll.
func TestNotifications(t *testing.T) {
	dir := t.TempDir()
	got := make(chan string, 10)
	tailer, err := Open(Config{Dir: filepath.Join(dir, "state"), Batches: event.NewPool(2, 4<<10), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Inputs: []Named{{Name: "p", Input: Input{Paths: []string{filepath.Join(dir, "*.log")}, Config: frame.Config{MaxLine: 1 << 10}}}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- tailer.Run(ctx, func(b *event.Batch) error {
			for _, l := range b.Lines {
				got <- string(b.Data[l.Start:l.End])
			}
			b.Release()
			return nil
		})
	}()
	f, err := os.Create(filepath.Join(dir, "a.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"created", "appended"} {
		if _, err := f.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
		select {
		case text := <-got:
			if text != line {
				t.Errorf("got %q, want %q", text, line)
			}
		case <-time.After(pollWatched - time.Second):
			t.Errorf("no notification of %q", line)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := tailer.Close(); err != nil {
		t.Error(err)
	}
}

package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// crashing tells the test binary to write into a store until it is killed.
const crashing = "TAILSPAN_TEST_CRASH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashing); dir != "" {
		writeForever(dir)
	}
	os.Exit(m.Run())
}

// writeForever writes ten documents after the other, and says what has been acknowledged.
func writeForever(dir string) {
	k := newKeeper(Config{MaxSize: 1 << 30}, dir, slog.New(slog.DiscardHandler))
	for i := 0; ; i += 10 {
		var docs []string
		for n := range 10 {
			docs = append(docs, document("2026-11-22", i+n, `,"message":"`+strings.Repeat("word ", 200)+`"`))
		}
		if err := k.write(context.Background(), []*chunk{newChunk(i, docs...)}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(i + 10)
	}
}

// TestKilled: after SIGKILL everything acknowledged is there, once, and writing goes on.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acknowledged := 0
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), crashing+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, left := bufio.NewScanner(out), acknowledged/10+1+rand.IntN(30)
		for lines.Scan() {
			n := 0
			if _, err := fmt.Sscan(lines.Text(), &n); err != nil {
				t.Fatalf("the writer says %s", lines.Text())
			}
			acknowledged = max(acknowledged, n)
			if left--; left == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		hits, err := NewReader(dir).Search(t.Context(), Question{}, nil, 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, h := range hits {
			there[h.ID] = true
		}
		for i := range acknowledged {
			if !there[testID(i)] {
				t.Fatalf("round %d: document %d of %d acknowledged ones is gone", round, i, acknowledged)
			}
		}
		if len(there) != len(hits) {
			t.Fatalf("%d documents, %d ids", len(hits), len(there))
		}
		for _, f := range must(List(dir)) {
			if wrong := check(f.Path); wrong != nil {
				t.Fatal(wrong)
			}
		}
	}
	if acknowledged == 0 {
		t.Error("nothing was acknowledged")
	}
}

// TestFullDisk: a disk without room loses nothing that was acknowledged, and when there is room, writing goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tailspan-test", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("needs the right to mount:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	k, _ := newTestKeeper(t, filepath.Join(dir, "store"), Config{MaxSize: 1 << 30})
	written := 0
	var full error
	next := func() *chunk {
		return newChunk(written, document("2026-11-22", written, `,"message":"`+strings.Repeat("x", 20<<10)+`"`))
	}
	for full == nil && written < 1000 {
		if full = k.write(t.Context(), []*chunk{next()}); full == nil {
			written++
		}
	}
	if full == nil || written == 0 {
		t.Fatalf("%d documents fitted: %v", written, full)
	}
	if got := len(strings.Fields(found(t, k.dir, ""))); got != written {
		t.Errorf("%d documents of %d", got, written)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := k.write(t.Context(), []*chunk{next()}); err != nil {
		t.Error(err)
	}
	if got := len(strings.Fields(found(t, k.dir, ""))); got != written+1 {
		t.Errorf("%d documents of %d", got, written+1)
	}
}

// TestOutput goes the way of an agent: batches in, acknowledgements out; a secondary output that cannot write counts what it loses.
func TestOutput(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name    string
		blocked bool // the store's folder is a file
	}{{"written", false}, {"lost", true}} {
		t.Run(c.name, func(t *testing.T) {
			store := filepath.Join(dir, c.name)
			if c.blocked {
				if err := os.WriteFile(store, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var acked []event.Ack
			opts := Options{Dir: store, Host: "h", Sets: []string{"d"}, Memory: 1 << 20, Log: slog.New(slog.DiscardHandler)}
			if !c.blocked {
				opts.Ack = func(acks []event.Ack) { acked = append(acked, acks...) }
			}
			o := New(Config{MaxSize: 1 << 30}, opts)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o.Start(ctx)
			w := o.Writer(ctx)
			src := &event.Source{ID: 7}
			const batches, lines = 200, 20
			for i := range batches {
				w.Begin(&event.Batch{Source: src, Path: "/l", From: int64(i * lines), To: int64((i + 1) * lines)})
				for n := range lines {
					raw := []byte(strings.Repeat("y", 300))
					ev := event.Event{Raw: raw, Offset: int64(i*lines + n), Time: event.TimeOf(time.Unix(1_795_000_000, 0)), Message: event.Value{Bytes: raw, Set: true}}
					if err := w.Add(&ev); err != nil {
						t.Fatal(err)
					}
				}
				if err := errors.Join(w.End(), w.Flush()); err != nil {
					t.Fatal(err)
				}
			}
			if c.blocked {
				cancel()
			}
			o.Close()
			counts := o.Ledger.Snapshot()
			if counts[event.Read] != batches*lines || counts.InFlight() != 0 {
				t.Errorf("%v", counts)
			}
			switch {
			case c.blocked && counts[event.Dropped] != batches*lines:
				t.Errorf("lost: %v", counts)
			case !c.blocked && (counts[event.Indexed] != batches*lines || len(acked) != batches):
				t.Errorf("%v, %d acknowledgements", counts, len(acked))
			}
		})
	}
}

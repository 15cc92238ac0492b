package tail

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// gzipped writes a compressed file of parts, each so many times.
func gzipped(t *testing.T, path string, times int, parts ...string) {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for range times {
		for _, part := range parts {
			if _, err := w.Write([]byte(part)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBombs: a few kilobytes that unpack to a thousand times as much cost memory for one line, and are unpacked about once.
// Were they unpacked again for every line, or every arena of a line, these would not end today.
func TestBombs(t *testing.T) {
	const mib = 1 << 20
	zeros := strings.Repeat("\x00", mib)
	for _, c := range []struct {
		name  string
		times int
		parts []string
		cfg   frame.Config
		lines int
	}{
		{"one endless line", 128, []string{zeros}, frame.Config{MaxLine: mib}, 1},
		{"long lines", 32, []string{zeros, zeros, zeros, zeros, "\n"}, frame.Config{MaxLine: mib}, 32},
		{"a long line first", 1, append(slices.Repeat([]string{zeros}, 64), "\nshort\n"), frame.Config{MaxLine: mib}, 2},
		{"lines just longer than the arena", 64, []string{zeros[:mib*3/4], "\n"}, frame.Config{MaxLine: mib}, 64},
		{"long lines of an envelope", 32, []string{zeros, zeros, zeros, zeros, "\n"}, frame.Config{MaxLine: mib, Framing: "cri"}, 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bomb.log.gz")
			gzipped(t, path, c.times, c.parts...)
			in := bareInput(t, Input{FollowSymlinks: true, Config: c.cfg})
			f, _, err := openFile(in, path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.fd.Close() }()
			f.rec = &record{}
			batches := event.NewPool(1, 256<<10)
			lines, before, largest := 0, inUse(), uint64(0)
			for turn := 0; !f.zip.ended || f.read < f.zip.pos; turn++ {
				b, err := batches.Take(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.fill(b, f.zip.ended); err != nil {
					t.Fatal(err)
				}
				if b.To > b.From {
					if ok, err := f.begin("host", f.zip.ended); !ok || err != nil {
						t.Fatal(ok, err)
					}
					lines += len(b.Lines)
					f.advance(b)
				}
				b.Release()
				if turn%100 == 0 {
					largest = max(largest, inUse())
				}
			}
			if lines != c.lines {
				t.Errorf("%d lines, want %d", lines, c.lines)
			}
			if largest > before+8*mib {
				t.Errorf("%d MiB of memory are in use", (largest-before)/mib)
			}
			if f.zip.restarts > 2 {
				t.Errorf("unpacked %d times", f.zip.restarts)
			}
		})
	}
}

// inUse is how many bytes are in use.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

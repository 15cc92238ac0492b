package hold

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/tailspan/tailspan/internal/durable"
)

var quiet = slog.New(slog.DiscardHandler)

// breaking is the machine's file system, of which the operation number at fails and, when the machine stops there, all after it. A write that
// fails leaves half of what it was given.
type breaking struct {
	durable.OS
	ops, at int
	stops   bool
}

var errBroken = errors.New("input/output error")

func (b *breaking) step() error {
	if b.ops++; b.ops == b.at || b.stops && b.ops > b.at {
		return errBroken
	}
	return nil
}

func (b *breaking) Create(path string) (durable.File, error) {
	if err := b.step(); err != nil {
		return nil, err
	}
	f, err := b.OS.Create(path)
	return breakingFile{f, b}, err
}

func (b *breaking) Rename(from, to string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.OS.Rename(from, to)
}

func (b *breaking) SyncDir(path string) error { return errors.Join(b.step(), b.OS.SyncDir(path)) }

type breakingFile struct {
	durable.File
	b *breaking
}

func (f breakingFile) Write(p []byte) (int, error) {
	if err := f.b.step(); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f breakingFile) Sync() error { return errors.Join(f.b.step(), f.File.Sync()) }

// TestSaved breaks each operation of a life in turn, once and for good: what was saved without an error is known to the next one, and
// after an error the next save makes up for it.
func TestSaved(t *testing.T) {
	for _, stops := range []bool{false, true} {
		for at := 1; ; at++ {
			fsys, dir := &breaking{at: at, stops: stops}, t.TempDir()
			broken := live(t, fsys, dir)
			if fsys.ops < at {
				break // every operation was broken once
			}
			if !broken {
				t.Errorf("operation %d failed, and no save did", at)
			}
		}
	}
}

// live keeps traces and saves, in two lives, and looks in the second and behind it for what was saved.
func live(t *testing.T, fsys *breaking, dir string) (broken bool) {
	t.Helper()
	saved, next := uint64(1), uint64(1)
	for range 3 {
		traces := Open(fsys, dir, quiet)
		traces.Bound(entry*shards*1024, 0)
		for key := uint64(1); key < saved; key++ {
			if traces.Fate(key, start) != Kept {
				t.Fatalf("operation %d broken, for good: %v: trace %d of %d is not known", fsys.at, fsys.stops, key, saved)
			}
		}
		lost := next > saved // by an error at the end of a life
		for range 5 {
			for range 7 {
				traces.Keep(next, start)
				next++
			}
			if err := traces.Save(); err != nil {
				broken = true
			} else if !lost {
				saved = next
			}
		}
		traces.Close()
	}
	return broken
}

// TestDamage cuts and changes a file at every byte: whatever is left, no key is invented and those in whole blocks before it are known.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	traces := Open(durable.OS{}, dir, quiet)
	traces.Bound(0, 0)
	for key := uint64(1); key <= 40; key++ {
		traces.Keep(key, start)
		if err := traces.Save(); err != nil {
			t.Fatal(err)
		}
	}
	traces.Close()
	path := filepath.Join(dir, journalFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, whole := decode(data)
	if !whole || len(all) != 39 { // the first is in the state
		t.Fatalf("%d keys, whole %v", len(all), whole)
	}
	for i := range data {
		for _, bad := range [][]byte{data[:i], append(bytes.Clone(data[:i]), append([]byte{data[i] ^ 0x40}, data[i+1:]...)...)} {
			keys, _ := decode(bad)
			if len(keys) > len(all) || len(keys) < max(0, (i-60)/20) {
				t.Fatalf("byte %d: %d keys", i, len(keys))
			}
			for j, key := range keys {
				if key != all[j] {
					t.Fatalf("byte %d: key %d is %d, want %d", i, j, key, all[j])
				}
			}
		}
	}
	if err := os.WriteFile(path, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	again := Open(durable.OS{}, dir, quiet)
	again.Bound(entry*shards*32_768, 0)
	if again.Fate(1, start) != Kept || again.Fate(2, start) != Kept || again.Fate(40, start) != Undecided {
		t.Error("of a torn journal, not what is whole is known")
	}
}

// TestNothingIsWritten for those who hold nothing.
func TestNothingIsWritten(t *testing.T) {
	dir := t.TempDir()
	traces := Open(durable.OS{}, dir, quiet)
	if err := traces.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, stateFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("there is a file")
	}
}

// TestMoreThanAJournal keeps more traces than may wait to be saved, and more than a journal has.
func TestMoreThanAJournal(t *testing.T) {
	dir := t.TempDir()
	traces := Open(durable.OS{}, dir, quiet)
	traces.Bound(entry*shards*32_768, 0)
	for key := uint64(1); key < 200_000; key++ {
		traces.Keep(key, start)
		if key%1000 == 0 {
			if err := traces.Save(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := traces.Save(); err != nil {
		t.Fatal(err)
	}
	traces.Close()
	if info, err := os.Stat(filepath.Join(dir, journalFile)); err != nil || info.Size() > maxJournal+16_000 {
		t.Error(info, err)
	}
	again := Open(durable.OS{}, dir, quiet)
	again.Bound(entry*shards*32_768, 0)
	for key := uint64(1); key < 200_000; key++ {
		if again.Fate(key, start) != Kept {
			t.Fatalf("trace %d is not known", key)
		}
	}
}

func FuzzDecode(f *testing.F) {
	first := []byte(`{"tailspan":"kept-traces","version":1}` + "\n")
	f.Add([]byte{})
	f.Add(first)
	f.Add(append(bytes.Clone(first), seal([]byte{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8})...))
	f.Add(append(bytes.Clone(first), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, whole := decode(data)
		if len(keys)*8 > len(data) {
			t.Fatalf("%d keys in %d bytes", len(keys), len(data))
		}
		for cut := range min(len(data), 100) {
			fewer, _ := decode(data[:len(data)-cut])
			if len(fewer) > len(keys) {
				t.Fatalf("more keys in less: %d of %d", len(fewer), len(keys))
			}
		}
		if whole && len(data) > 0 {
			if again, ok := decode(append(bytes.Clone(data), seal(make([]byte, 12))...)); !ok || len(again) != len(keys)+1 {
				t.Fatal("a block behind whole ones is not read")
			}
		}
	})
}

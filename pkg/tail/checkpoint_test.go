package tail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// savedTwice returns a folder with two generations of checkpoints: offset 10 in the previous copy, 20 in the current.
func savedTwice(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := openStore(durable.OS{}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	r := &record{Pipeline: "p", Path: "/var/log/a.log", identity: identity{Dev: 1, Ino: 2, Birth: 3}, SourceID: 1<<64 - 1, source: &event.Source{}}
	for _, offset := range []int64{10, 20} {
		s.put(r, func(r *record) { r.Seen = time.Now().Unix() })
		r.source.Committed.Store(offset)
		if err := s.saveState(time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	s.closeJournal()
	return dir
}

// loaded returns the offset that a store in dir finds, -1 for none.
func loaded(t *testing.T, dir string) int64 {
	t.Helper()
	s, err := openStore(durable.OS{}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	r := s.find("p", identity{Dev: 7, Ino: 2, Birth: 3})
	if r == nil {
		return -1
	}
	if r.SourceID != 1<<64-1 || r.Path != "/var/log/a.log" {
		t.Errorf("record is %+v", r)
	}
	return r.Offset
}

func TestDamagedCheckpoints(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(savedTwice(t), checkpointFile))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	damages := map[string]func([]byte) []byte{
		"empty":          func([]byte) []byte { return nil },
		"zeroed":         func(b []byte) []byte { return make([]byte, len(b)) },
		"doubled":        func(b []byte) []byte { return append(slices.Clone(b), b...) },
		"other version":  func(b []byte) []byte { return bytes.Replace(b, []byte(`"version":1`), []byte(`"version":2`), 1) },
		"a line missing": func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] },
		"bit flipped": func(b []byte) []byte {
			b[random.IntN(len(b))] ^= 1 << random.IntN(8)
			return b
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				dir := savedTwice(t)
				path := filepath.Join(dir, checkpointFile)
				if err := os.WriteFile(path, damage(slices.Clone(whole)), 0o600); err != nil {
					t.Fatal(err)
				}
				if got := loaded(t, dir); got != 10 {
					t.Fatalf("offset %d, want that of the previous copy, 10", got)
				}
				if _, err := os.Stat(path + durable.Broken); err != nil {
					t.Fatalf("the damaged file was not set aside: %v", err)
				}
				if name != "bit flipped" {
					break
				}
			}
		})
	}
	t.Run("truncated at every byte", func(t *testing.T) {
		for size := range len(whole) {
			if _, _, err := decodeCheckpoints(whole[:size]); err == nil {
				t.Fatalf("the first %d of %d bytes are taken for a whole checkpoint", size, len(whole))
			}
		}
		if _, _, err := decodeCheckpoints(whole); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSaveKeepsThePreviousCopy(t *testing.T) {
	dir := savedTwice(t)
	if got := loaded(t, dir); got != 20 {
		t.Errorf("offset %d, want 20", got)
	}
	// A crash between the two renames leaves the previous copy and the new file's temporary name.
	if err := os.Remove(filepath.Join(dir, checkpointFile)); err != nil {
		t.Fatal(err)
	}
	if got := loaded(t, dir); got != 10 {
		t.Errorf("offset %d, want 10", got)
	}
}

// TestJournal saves positions 10, 20, …, 50, and reads the journal back whole, cut at every byte, and stale.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	s, err := openStore(durable.OS{}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	r := &record{Pipeline: "p", Path: "/var/log/a.log", identity: identity{Dev: 1, Ino: 2, Birth: 3}, SourceID: 1<<64 - 1, source: &event.Source{}, handed: 50}
	s.put(r, func(r *record) { r.Seen = time.Now().Unix() })
	for offset := int64(10); offset <= 50; offset += 10 {
		r.source.Committed.Store(offset)
		for range 2 { // the second save has nothing to write
			if err := s.save(time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.closeJournal()
	path := filepath.Join(dir, journalFile)
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(journal, []byte("\n")); lines != 5 {
		t.Errorf("the journal has %d lines, want a header and 4 records:\n%s", lines, journal)
	}
	if got := loaded(t, dir); got != 50 {
		t.Errorf("offset %d, want 50", got)
	}
	for size := range len(journal) {
		if err := os.WriteFile(path, journal[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		want := int64(10 + 10*max(0, bytes.Count(journal[:size], []byte("\n"))-1))
		if got := loaded(t, dir); got != want {
			t.Fatalf("offset %d of a journal cut at byte %d, want %d", got, size, want)
		}
	}
	stale := bytes.Replace(journal, []byte(`"extends":`), []byte(`"extends":1`), 1)
	if err := os.WriteFile(path, stale, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := loaded(t, dir); got != 10 {
		t.Errorf("offset %d with a journal of another state, want 10", got)
	}
}

func TestRecordsOfFilesLongGoneAreDropped(t *testing.T) {
	dir := savedTwice(t)
	s, err := openStore(durable.OS{}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.saveState(time.Now().Add(retention + time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := loaded(t, dir); got != -1 {
		t.Errorf("offset %d is still remembered", got)
	}
}

func TestIdentity(t *testing.T) {
	known := identity{Dev: 1, Ino: 2, Birth: 3}
	for _, c := range []struct {
		name string
		id   identity
		want bool
	}{
		{"the same", known, true},
		{"another device number, as after a restart of the machine", identity{9, 2, 3}, true},
		{"the inode given to another file", identity{1, 2, 4}, false},
		{"no birth time known", identity{1, 2, 0}, true},
		{"another inode", identity{1, 3, 3}, false},
	} {
		if got := known.sameInode(c.id); got != c.want {
			t.Errorf("%s: sameInode = %v", c.name, got)
		}
	}
}

func TestAFailedListingIsNoEmptyOne(t *testing.T) {
	for _, c := range []struct {
		err      error
		complete bool
	}{{fs.ErrPermission, false}, {errors.New("too many open files"), false}, {fs.ErrNotExist, true}} {
		tree := &tolerantFS{FS: brokenFS{fstest.MapFS{}, c.err}}
		if _, err := tree.ReadDir("."); err == nil {
			t.Fatal("no error")
		}
		if complete := tree.err == nil; complete != c.complete {
			t.Errorf("%v: complete is %v", c.err, complete)
		}
	}
}

type brokenFS struct {
	fs.FS
	err error
}

func (b brokenFS) Open(string) (fs.File, error) { return nil, b.err }

func FuzzDecodeCheckpoints(f *testing.F) {
	f.Add([]byte(`{"tailspan":"checkpoints","version":1}` + "\n" + `{"records":0,"xxhash":0}` + "\n"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if records, _, err := decodeCheckpoints(data); err != nil && records != nil {
			t.Errorf("records %v although %v", records, err)
		}
	})
}

// FuzzRecord: what is written of a record is read as the standard library reads it.
func FuzzRecord(f *testing.F) {
	f.Add("p", "/var/log/a.log", uint64(1), int64(1), true)
	f.Add("\x00\u2028 <&>", "/var/\"lög\"\\\xff\n", uint64(math.MaxUint64), int64(math.MinInt64), false)
	f.Add("", "", uint64(0), int64(math.MaxInt64), false)
	f.Fuzz(func(t *testing.T, pipeline, path string, u uint64, i int64, zipped bool) {
		text, err := json.Marshal(&record{Pipeline: pipeline, Path: path, identity: identity{u, u ^ 7, i}, Head: head{int(i), u}, Place: mark{i, int(i), u},
			Zipped: zipped, SourceID: u, Generation: uint32(u), Offset: i, Seen: i})
		if err != nil {
			t.Fatal(err)
		}
		want := new(record)
		if err := json.Unmarshal(text, want); err != nil {
			t.Fatal(err)
		}
		got, err := new(decoder).record(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s was read as %+v, %v; want %+v", text, got, err, want)
		}
	})
}

// BenchmarkDecodeCheckpoints reads the checkpoints of 10,000 files.
func BenchmarkDecodeCheckpoints(b *testing.B) {
	s := newStore(durable.OS{}, b.TempDir(), quiet)
	for i := range uint64(10_000) {
		s.put(&record{Pipeline: "live", Path: fmt.Sprintf("/var/log/app/file-%d.log", i), identity: identity{2049, 1_000_000 + i, 1_763_000_000_000_000_000},
			Head: head{44, 1 << 63}, Place: mark{44, 44, 1 << 62}, SourceID: 1 << 61, Offset: 44}, func(r *record) { r.Seen = time.Now().Unix() })
	}
	data, _, err := s.encode(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if records, _, err := decodeCheckpoints(data); len(records) != 10_000 {
			b.Fatal(err)
		}
	}
}

// TestNothingIsWrittenOfWhatRests: what was acknowledged to its end is not looked at again, however many files that are.
func TestNothingIsWrittenOfWhatRests(t *testing.T) {
	s, err := openStore(durable.OS{}, t.TempDir(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	r := &record{Pipeline: "p", identity: identity{Ino: 1}, SourceID: 1, source: &event.Source{}, Seen: time.Now().Unix()}
	for _, c := range []struct {
		handed, committed int64
		unwritten         bool
	}{{20, 0, true}, {20, 10, true}, {20, 20, false}, {30, 20, true}, {30, 30, false}} {
		if c.handed != r.handed {
			s.put(r, func(r *record) { r.handed = c.handed })
		}
		r.source.Committed.Store(c.committed)
		if err := s.save(time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := s.unwritten(); got != c.unwritten {
			t.Errorf("acknowledged to %d of %d: something is left to write: %t", c.committed, c.handed, got)
		}
	}
	s.closeJournal()
}

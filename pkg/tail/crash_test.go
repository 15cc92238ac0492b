package tail

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
)

// crashFS is a file system in memory that counts its operations, fails one of them or stops the machine at it, and
// forgets after a crash what was not synced: the content of files, wholly or from some byte on, and names, from some
// change of a directory on.
type crashFS struct {
	random   *rand.Rand
	names    map[string]*inode
	synced   map[string]*inode   // names that survive
	unsynced []map[string]*inode // the names after each change since, any prefix of which may survive
	ops      int
	crashAt  int   // stops everything from this operation on; 0: never
	failAt   int   // this operation fails; 0: none
	failed   error // what it fails with
}

type inode struct {
	content []byte
	safe    int // bytes of content that were synced
}

var (
	errCrashed = errors.New("the machine has stopped")
	errDisk    = errors.New("input/output error")
)

// step counts an operation and says whether it happens.
func (c *crashFS) step() error {
	c.ops++
	switch {
	case c.crashAt > 0 && c.ops >= c.crashAt:
		return errCrashed
	case c.ops == c.failAt:
		return c.failed
	}
	return nil
}

func (c *crashFS) changed() { c.unsynced = append(c.unsynced, maps.Clone(c.names)) }

func (c *crashFS) ReadFile(path string) ([]byte, error) {
	f := c.names[path]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return bytes.Clone(f.content), nil
}

func (c *crashFS) Create(path string) (durable.File, error) {
	if err := c.step(); err != nil {
		return nil, err
	}
	// Truncating an existing file is a change of its content that may survive or not: another inode has the same effect.
	f := new(inode)
	c.names[path] = f
	c.changed()
	return &crashFile{c, f}, nil
}

func (c *crashFS) Rename(from, to string) error {
	if err := c.step(); err != nil {
		return err
	}
	f := c.names[from]
	if f == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	delete(c.names, from)
	c.names[to] = f
	c.changed()
	return nil
}

func (c *crashFS) Remove(path string) error {
	if err := c.step(); err != nil {
		return err
	}
	delete(c.names, path)
	c.changed()
	return nil
}

func (c *crashFS) SyncDir(string) error {
	if err := c.step(); err != nil {
		return err
	}
	c.synced, c.unsynced = maps.Clone(c.names), nil
	return nil
}

type crashFile struct {
	c *crashFS
	f *inode
}

func (f *crashFile) Write(b []byte) (int, error) {
	if err := f.c.step(); err != nil {
		n := f.c.random.IntN(len(b) + 1) // some of it may have been written
		f.f.content = append(f.f.content, b[:n]...)
		return n, err
	}
	f.f.content = append(f.f.content, b...)
	return len(b), nil
}

// Sync that fails loses what it should have synced, as Linux does.
func (f *crashFile) Sync() error {
	if err := f.c.step(); err != nil {
		if !errors.Is(err, errCrashed) {
			f.f.content = f.f.content[:f.f.safe]
		}
		return err
	}
	f.f.safe = len(f.f.content)
	return nil
}

func (f *crashFile) Close() error { return nil }

// reboot returns the file system as it may be found after a crash.
func (c *crashFS) reboot() *crashFS {
	names := c.synced
	if n := c.random.IntN(len(c.unsynced) + 1); n > 0 {
		names = c.unsynced[n-1]
	}
	after := &crashFS{random: c.random, names: map[string]*inode{}}
	for name, f := range names {
		size := f.safe + c.random.IntN(len(f.content)-f.safe+1)
		content := bytes.Clone(f.content[:size])
		if c.random.IntN(3) == 0 { // the size is on disk, the pages are not
			for i := f.safe; i < size; i++ {
				content[i] = 0
			}
		}
		after.names[name] = &inode{content: content, safe: size}
	}
	after.synced = maps.Clone(after.names)
	return after
}

// history saves ten positions of two files, with a whole state in between, and returns the last position that a save
// returned for without an error. It goes on after errors, as the agent does, and stops at a crash.
func history(c *crashFS) (promised int64, err error) {
	s, err := openStore(c, "/state", quiet)
	if err != nil {
		return 0, err
	}
	for i := range uint64(2) {
		r := &record{Pipeline: "p", Path: "/var/log/a.log", identity: identity{Ino: i + 1}, SourceID: 7, source: new(event.Source), handed: 100}
		s.put(r, func(r *record) { r.Seen = time.Now().Unix() })
	}
	for position := int64(10); position <= 100; position += 10 {
		for _, list := range s.byInode {
			list[0].source.Committed.Store(position)
		}
		if position == 60 {
			s.compact = true
		}
		switch err := s.save(time.Now()); {
		case err == nil:
			promised = position
		case errors.Is(err, errCrashed):
			return promised, nil
		}
	}
	return promised, nil
}

// check opens what a crash left and compares it with what was promised.
func check(c *crashFS, promised int64) error {
	s, err := openStore(c, "/state", quiet)
	if err != nil {
		return fmt.Errorf("the agent does not start: %w", err)
	}
	for ino := range uint64(2) {
		found := int64(0)
		if r := s.find("p", identity{Ino: ino + 1}); r != nil {
			found = r.Offset
		}
		if found < promised || found > 100 {
			return fmt.Errorf("position %d of file %d after %d was promised", found, ino+1, promised)
		}
	}
	return s.save(time.Now()) // and it goes on from there
}

func newCrashFS(seed uint64) *crashFS {
	return &crashFS{random: rand.New(rand.NewPCG(seed, 1)), names: map[string]*inode{}, synced: map[string]*inode{}}
}

// TestCrashAtEveryOperation stops the machine at each operation on the disk, many times, since what survives is chance.
func TestCrashAtEveryOperation(t *testing.T) {
	whole := newCrashFS(0)
	if promised, err := history(whole); err != nil || promised != 100 {
		t.Fatalf("without a crash: %d, %v", promised, err)
	}
	for at := 1; at <= whole.ops; at++ {
		for seed := range uint64(200) {
			c := newCrashFS(seed)
			c.crashAt = at
			promised, err := history(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := check(c.reboot(), promised); err != nil {
				t.Fatalf("crash at operation %d of %d, seed %d: %v", at, whole.ops, seed, err)
			}
		}
	}
}

// TestErrorAtEveryOperation lets each operation fail once: later saves must succeed, and a crash then must lose nothing.
func TestErrorAtEveryOperation(t *testing.T) {
	whole := newCrashFS(0)
	if _, err := history(whole); err != nil {
		t.Fatal(err)
	}
	for _, failed := range []error{errDisk, fs.ErrPermission} {
		for at := 1; at <= whole.ops; at++ {
			for seed := range uint64(20) {
				c := newCrashFS(seed)
				c.failAt, c.failed = at, failed
				promised, err := history(c)
				if err != nil {
					t.Fatal(err)
				}
				if at < whole.ops-3 && promised != 100 {
					t.Fatalf("after an error at operation %d saves stay at %d", at, promised)
				}
				if err := check(c.reboot(), promised); err != nil {
					t.Fatalf("error at operation %d of %d, seed %d: %v", at, whole.ops, seed, err)
				}
			}
		}
	}
}

func TestStateFilesAreNamedAsDocumented(t *testing.T) {
	c := newCrashFS(1)
	if _, err := history(c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{checkpointFile, checkpointFile + durable.Previous, journalFile} {
		if c.names[filepath.Join("/state", name)] == nil {
			t.Errorf("there is no %s", name)
		}
	}
}

package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
)

// store holds the records and writes them. Its methods may be called by any goroutine.
type store struct {
	fs  durable.FS
	dir string
	log *slog.Logger
	// ahead is called when it is known what will be written, and before that is.
	ahead func() error

	mu      sync.Mutex
	byInode map[uint64][]*record
	compact bool // the next save writes the whole state

	saving      sync.Mutex   // guards what is below: one save at a time
	journal     durable.File // nil: the next save writes the whole state
	journalSize int
	stateSize   int
}

// openStore reads the checkpoints of dir, or the previous ones if those are damaged.
func openStore(fsys durable.FS, dir string, log *slog.Logger) (*store, error) {
	s := newStore(fsys, dir, log)
	hash, err := s.readState(func(path string, damage error) error {
		aside, err := durable.SetAside(fsys, path)
		log.Error("checkpoints are damaged; they were set aside and the ones before them are used", "error", damage, "aside", aside)
		return err
	})
	if err != nil {
		return nil, err
	}
	damaged, err := s.readJournal(hash)
	if damaged {
		aside, failed := durable.SetAside(fsys, filepath.Join(dir, journalFile))
		log.Error("the checkpoint journal is damaged; it was set aside, and lines may be sent again", "aside", aside)
		err = errors.Join(err, failed)
	}
	return s, err
}

func newStore(fsys durable.FS, dir string, log *slog.Logger) *store {
	return &store{fs: fsys, dir: dir, log: log, ahead: func() error { return nil }, byInode: map[uint64][]*record{}}
}

// readState takes over the whole state, or the previous one, and returns its hash; 0 when there is none. damaged is
// told of a file that cannot be used.
func (s *store) readState(damaged func(path string, damage error) error) (hash uint64, err error) {
	for c, err := range durable.Copies(s.fs, filepath.Join(s.dir, checkpointFile)) {
		if err != nil {
			return 0, err
		}
		records, hash, damage := decodeCheckpoints(c.Data)
		if damage != nil {
			if err := damaged(c.Path, fmt.Errorf("%s: %w", c.Path, damage)); err != nil {
				return 0, err
			}
			continue
		}
		for _, r := range records {
			s.byInode[r.Ino] = append(s.byInode[r.Ino], r)
		}
		return hash, nil
	}
	return 0, nil
}

// readJournal applies what the journal says, if it belongs to the state with the hash. damaged says that nothing of it can
// be read.
func (s *store) readJournal(hash uint64) (damaged bool, err error) {
	data, err := s.fs.ReadFile(filepath.Join(s.dir, journalFile))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	records, passed := decodeJournal(data, hash)
	for _, r := range records {
		s.byInode[r.Ino] = append(slices.DeleteFunc(s.byInode[r.Ino], r.sameFile), r)
	}
	damaged = passed > 0 && passed == len(data)
	if passed > 0 && !damaged {
		s.log.Warn("the end of the checkpoint journal is torn and was passed over; lines may be sent again", "bytes", passed)
	}
	return damaged, nil
}

// find returns the record of the inode for the pipeline, or nil.
func (s *store) find(pipeline string, id identity) *record {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.byInode[id.Ino] {
		if r.Pipeline == pipeline && r.sameInode(id) {
			return r
		}
	}
	return nil
}

// lost returns the records of a pipeline that no file of this run has been matched with.
func (s *store) lost(pipeline string) []*record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*record
	for _, list := range s.byInode {
		for _, r := range list {
			if r.Pipeline == pipeline && !r.met {
				all = append(all, r)
			}
		}
	}
	return all
}

// put adds r, or changes what change says of it.
func (s *store) put(r *record, change func(*record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(r)
	r.dirty = true
	for _, known := range s.byInode[r.Ino] {
		if known == r {
			return
		}
	}
	s.byInode[r.Ino] = append(s.byInode[r.Ino], r)
}

// drop forgets a record.
func (s *store) drop(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byInode[r.Ino] = slices.DeleteFunc(s.byInode[r.Ino], func(known *record) bool { return known == r })
	s.compact = true
}

// encode returns the whole state as a checkpoint file, and its hash.
func (s *store) encode(now time.Time) (data []byte, hash uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := durable.NewLines(checkpointHeader)
	for ino, list := range s.byInode {
		s.byInode[ino] = slices.DeleteFunc(list, func(r *record) bool { return now.Unix()-r.Seen > int64(retention/time.Second) })
		for _, r := range s.byInode[ino] {
			r.settle()
			r.dirty = false
			lines.Add(r)
		}
		if len(s.byInode[ino]) == 0 {
			delete(s.byInode, ino)
		}
	}
	s.compact = false
	return lines.Seal()
}

// changes returns what has changed since the last save as lines of the journal, or that the whole state is to be written.
func (s *store) changes() (lines []byte, whole bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range s.byInode {
		for _, r := range list {
			if r.settle(); !r.dirty {
				continue
			}
			if lines, err = appendJournalLine(lines, r); err != nil {
				return nil, false, err
			}
			r.dirty = false
		}
	}
	return lines, s.compact, nil
}

// save writes what has changed since the last save, durably. After an error the next save writes everything.
func (s *store) save(now time.Time) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	lines, whole, err := s.changes()
	if err != nil {
		return err
	}
	if s.journal == nil || whole || s.journalSize+len(lines) > max(smallJournal, s.stateSize) {
		return s.saveState(now)
	}
	if len(lines) == 0 {
		return nil
	}
	if err = s.ahead(); err == nil {
		_, err = s.journal.Write(lines)
	}
	if err == nil {
		err = s.journal.Sync()
	}
	s.journalSize += len(lines)
	if err != nil {
		s.closeJournal() // a descriptor that failed is not used again
	}
	return err
}

// saveState writes the whole state and begins a new journal.
func (s *store) saveState(now time.Time) error {
	s.closeJournal()
	data, hash, err := s.encode(now)
	if err == nil {
		err = s.ahead()
	}
	if err != nil {
		return err
	}
	if err := durable.Replace(s.fs, filepath.Join(s.dir, checkpointFile), data); err != nil {
		return err
	}
	first, err := appendJournalLine(nil, journalOf(hash))
	if err != nil {
		return err
	}
	journal, err := durable.Begin(s.fs, filepath.Join(s.dir, journalFile), first)
	if err != nil {
		return err
	}
	s.journal, s.journalSize, s.stateSize = journal, len(first), len(data)
	return nil
}

// closeJournal lets go of the journal; everything in it was synced, or does not count.
func (s *store) closeJournal() {
	if s.journal != nil {
		_ = s.journal.Close()
		s.journal = nil
	}
}

// knownRecord is a copy of a record, and which one it is of.
type knownRecord struct {
	record
	known *record
}

// all returns what is remembered now.
func (s *store) all() []knownRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []knownRecord
	for _, list := range s.byInode {
		for _, r := range list {
			r.settle()
			all = append(all, knownRecord{*r, r})
		}
	}
	return all
}

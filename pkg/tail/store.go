package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"

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
	open    map[*record]bool // those of which there is, or will be, something to write
	compact bool             // the next save writes the whole state
	touched chan struct{}    // there is something to write

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
	return &store{fs: fsys, dir: dir, log: log, ahead: func() error { return nil }, byInode: map[uint64][]*record{}, open: map[*record]bool{}, touched: make(chan struct{}, 1)}
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
	s.open[r] = true
	s.touch()
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
	delete(s.open, r)
	s.compact = true
	s.touch()
}

// touch says that there is something to write.
func (s *store) touch() {
	select {
	case s.touched <- struct{}{}:
	default:
	}
}

// unwritten reports whether there is, or will be, something to write.
func (s *store) unwritten() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.compact || len(s.open) > 0
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

package tail

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
)

// encode returns the whole state as a checkpoint file, and its hash.
func (s *store) encode(now time.Time) (data []byte, hash uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := durable.NewLines(checkpointHeader)
	for ino, list := range s.byInode {
		s.byInode[ino] = slices.DeleteFunc(list, func(r *record) bool {
			old := now.Unix()-r.Seen > int64(retention/time.Second)
			if old {
				delete(s.open, r)
			}
			return old
		})
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
	for r := range s.open {
		if r.settle(); r.dirty {
			if lines, err = appendJournalLine(lines, r); err != nil {
				return nil, false, err
			}
			r.dirty = false
		}
		if r.source == nil || r.Offset >= r.handed {
			delete(s.open, r)
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

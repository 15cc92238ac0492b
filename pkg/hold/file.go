package hold

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/durable"
)

// The traces that are kept stand in two files of the data directory, "kept-traces" and "kept-traces.journal", of one format:
//
//	{"tailspan":"kept-traces","version":1}      a line
//	count, count × key, hash                    as often as it was saved, little-endian: 4 bytes, 8 each, and 8 of xxhash over both
//
// Keys are xxhash of a trace id. The first file is written as a whole, beside the one before it, "kept-traces.previous"; the journal
// grows with each save, and is synced. What is kept is what any of the three says, up to the first piece that is not whole: a set, to which a key more does no harm, so
// neither order nor a file from before matters, and a crash at any moment loses only what no checkpoint relies on. Damage is
// said and passed over: lines that are read again then wait once more, and are kept if their trace shows anything again.
const (
	stateFile   = "kept-traces"
	journalFile = "kept-traces.journal"
	maxJournal  = 1 << 20 // bytes; then everything is written anew
	maxBlock    = 1 << 20 // keys
)

var header = durable.Header{Tailspan: stateFile, Version: 1}

// file is where Traces is saved.
type file struct {
	fs  durable.FS
	dir string

	mu      sync.Mutex
	journal durable.File // nil: the next save writes everything
	owes    bool         // something is kept that is not written
	size    int
	block   []byte
}

// Open reads what an agent before this one has kept, from the data directory. Nothing is written there before a trace is kept.
func Open(fsys durable.FS, dir string, log *slog.Logger) *Traces {
	t := &Traces{file: file{fs: fsys, dir: dir}}
	for _, name := range []string{stateFile + durable.Previous, stateFile, journalFile} {
		data, err := fsys.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		keys, whole := decode(data)
		if err != nil || !whole {
			log.Warn("not all of the traces that were kept is known; lines of the others that are read again wait once more", "file", filepath.Join(dir, name), "error", err)
		}
		t.loaded = append(t.loaded, keys...)
	}
	return t
}

// Save writes what has been kept since the last time, durably. It must succeed before a checkpoint is written that was taken before.
func (t *Traces) Save() error {
	f := &t.file
	f.mu.Lock()
	defer f.mu.Unlock()
	f.block = append(f.block[:0], 0, 0, 0, 0)
	whole := f.journal == nil || f.size > maxJournal
	for i := range t.shards {
		f.block, whole = t.shards[i].take(f.block, whole)
	}
	f.owes = f.owes || len(f.block) > 4
	if !f.owes {
		return nil
	}
	var err error
	if whole {
		err = t.saveAll()
	} else {
		err = f.add()
	}
	f.owes = err != nil
	return err
}

// take appends what is fresh; whole says that there is more than that.
func (s *shard) take(dst []byte, whole bool) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range s.fresh {
		dst = binary.LittleEndian.AppendUint64(dst, key)
	}
	whole = whole || s.overflow
	s.fresh, s.overflow = s.fresh[:0], false
	return dst, whole
}

// saveAll writes everything that is kept and begins a new journal.
func (t *Traces) saveAll() error {
	f := &t.file
	f.close()
	first, err := json.Marshal(header)
	if err != nil {
		return err
	}
	first = append(first, '\n')
	data := bytes.Clone(first)
	for i := range t.shards {
		data = append(data, seal(t.shards[i].all([]byte{0, 0, 0, 0}))...)
	}
	if err := durable.Replace(f.fs, filepath.Join(f.dir, stateFile), data); err != nil {
		return err
	}
	journal, err := durable.Begin(f.fs, filepath.Join(f.dir, journalFile), first)
	if err != nil {
		return err
	}
	f.journal, f.size = journal, len(first)
	return nil
}

// all appends every key that is kept.
func (s *shard) all(dst []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	add := func(key uint64) { dst = binary.LittleEndian.AppendUint64(dst, key) }
	s.kept.old.each(add)
	s.kept.young.each(add)
	return dst
}

// add appends the block to the journal.
func (f *file) add() error {
	f.block = seal(f.block)
	f.size += len(f.block)
	_, err := f.journal.Write(f.block)
	if err == nil {
		err = f.journal.Sync()
	}
	if err != nil {
		f.close() // a descriptor that failed is not used again
	}
	return err
}

// seal fills in the count of a block and appends its hash.
func seal(block []byte) []byte {
	binary.LittleEndian.PutUint32(block, uint32((len(block)-4)/8)) // #nosec G115 -- the bounds of memory are far below
	return binary.LittleEndian.AppendUint64(block, xxhash.Sum64(block))
}

// decode returns the keys of a file up to the first block that is not whole, and whether all are.
func decode(data []byte) (keys []uint64, whole bool) {
	first, blocks, ended := bytes.Cut(data, []byte("\n"))
	if !ended || !header.Is(first) {
		return nil, len(data) == 0
	}
	for data = blocks; len(data) > 0; {
		if len(data) < 12 {
			return keys, false
		}
		count := int(binary.LittleEndian.Uint32(data))
		size := 4 + 8*count
		if count > maxBlock || len(data) < size+8 || xxhash.Sum64(data[:size]) != binary.LittleEndian.Uint64(data[size:]) {
			return keys, false
		}
		for i := range count {
			keys = append(keys, max(binary.LittleEndian.Uint64(data[4+8*i:]), 1))
		}
		data = data[size+8:]
	}
	return keys, true
}

// Close lets go of the journal; everything in it was synced, or does not count.
func (t *Traces) Close() {
	t.file.mu.Lock()
	defer t.file.mu.Unlock()
	t.file.close()
}

func (f *file) close() {
	if f.journal != nil {
		_ = f.journal.Close()
		f.journal = nil
	}
}

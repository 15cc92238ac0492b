package tail

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/event"
)

// The checkpoints stand in one file of the data directory, a line of JSON for each file ever read:
//
//	{"tailspan":"checkpoints","version":1}
//	{"pipeline":"checkout","path":"/var/log/checkout.log","dev":…,"ino":…,"offset":4711,…}
//	…
//	{"records":1,"xxhash":1234}        the last line: how many there are, and a hash of every byte above it
//
// A new state is written to a temporary file, synced, and renamed over the old one, which stays beside it as the
// previous copy; then the directory is synced. So a crash at any moment leaves one whole state. A state that is torn or
// damaged fails its hash, is set aside, and the previous copy is used: it says less was delivered, so lines are sent
// again and Elasticsearch answers that it has them.
const (
	checkpointFile    = "checkpoints"
	checkpointVersion = 1
	previousSuffix    = ".previous"
	temporarySuffix   = ".new"
	brokenSuffix      = ".broken"
	retention         = 7 * 24 * time.Hour // how long a file that is gone is remembered
)

// record is what is remembered of one file for one pipeline.
type record struct {
	Pipeline string `json:"pipeline"`
	Path     string `json:"path"` // where it was seen last; never used to know it again
	identity
	Head       head   `json:"head"`
	Place      mark   `json:"place"`            // what stands before a position at or before Offset
	Zipped     bool   `json:"zipped,omitempty"` // positions are those of the unpacked content
	SourceID   uint64 `json:"source"`           // 0 while its first line is not complete
	Generation uint32 `json:"generation"`
	Offset     int64  `json:"offset"` // everything before it is acknowledged
	Seen       int64  `json:"seen"`   // Unix seconds when it was last there

	source *event.Source // of the running agent; its Committed is ahead of Offset
	met    bool          // a file of this run was matched with it, or was looked for in vain
	marks  []mark        // of what was handed on and not acknowledged when it was last looked at, in order
}

// settle takes over what was acknowledged since the last look.
func (r *record) settle() {
	if r.source == nil {
		return
	}
	r.Offset = r.source.Committed.Load()
	n := 0
	for n < len(r.marks) && r.marks[n].At <= r.Offset {
		r.Place = r.marks[n]
		n++
	}
	r.marks = append(r.marks[:0], r.marks[n:]...)
}

type header struct {
	Tailspan string `json:"tailspan"`
	Version  int    `json:"version"`
}

type trailer struct {
	Records int    `json:"records"`
	Hash    uint64 `json:"xxhash"`
}

// store holds the records and writes them. Its methods may be called by any goroutine.
type store struct {
	dir string
	log *slog.Logger

	mu      sync.Mutex
	byInode map[uint64][]*record
	saved   uint64 // hash of what was written last
}

// openStore reads the checkpoints of dir, or the previous ones if those are damaged.
func openStore(dir string, log *slog.Logger) (*store, error) {
	s := &store{dir: dir, log: log, byInode: map[uint64][]*record{}}
	path := filepath.Join(dir, checkpointFile)
	for _, name := range []string{path, path + previousSuffix} {
		records, err := readCheckpoints(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case errors.As(err, new(*corruptError)):
			aside := name + brokenSuffix
			log.Error("checkpoints are damaged; they were set aside and the ones before them are used", "error", err, "aside", aside)
			if err := os.Rename(name, aside); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		for _, r := range records {
			s.byInode[r.Ino] = append(s.byInode[r.Ino], r)
		}
		break
	}
	return s, nil
}

// corruptError says where a checkpoint file is damaged.
type corruptError struct {
	path   string
	line   int
	reason string
}

func (e *corruptError) Error() string { return fmt.Sprintf("%s:%d: %s", e.path, e.line, e.reason) }

func readCheckpoints(path string) ([]*record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	records, line, reason := decodeCheckpoints(data)
	if reason != "" {
		return nil, &corruptError{path, line, reason}
	}
	return records, nil
}

// decodeCheckpoints reads a whole checkpoint file; reason says what is wrong with it, and line where.
func decodeCheckpoints(data []byte) (records []*record, line int, reason string) {
	end := bytes.LastIndexByte(bytes.TrimSuffix(data, []byte("\n")), '\n') + 1
	var last trailer
	if !bytes.HasSuffix(data, []byte("\n")) || json.Unmarshal(data[end:], &last) != nil || last.Hash != xxhash.Sum64(data[:end]) {
		return nil, bytes.Count(data, []byte("\n")), "the hash at the end does not fit: torn or changed"
	}
	var first header
	scan := bufio.NewScanner(bytes.NewReader(data[:end]))
	scan.Buffer(nil, len(data)+1)
	for scan.Scan() {
		line++
		if line == 1 {
			if json.Unmarshal(scan.Bytes(), &first) != nil || first.Tailspan != "checkpoints" || first.Version != checkpointVersion {
				return nil, line, fmt.Sprintf("not a checkpoint file of version %d", checkpointVersion)
			}
			continue
		}
		r := new(record)
		if err := json.Unmarshal(scan.Bytes(), r); err != nil {
			return nil, line, err.Error()
		}
		records = append(records, r)
	}
	if len(records) != last.Records {
		return nil, line, fmt.Sprintf("%d records where %d should be", len(records), last.Records)
	}
	return records, line, ""
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
}

// encode returns the whole state as a checkpoint file, in an order that does not change from one call to the next.
func (s *store) encode(now time.Time) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	if err := encoder.Encode(header{"checkpoints", checkpointVersion}); err != nil {
		return nil, err
	}
	count := 0
	for _, ino := range slices.Sorted(maps.Keys(s.byInode)) {
		kept := s.byInode[ino][:0]
		for _, r := range s.byInode[ino] {
			r.settle()
			if now.Unix()-r.Seen > int64(retention/time.Second) {
				continue
			}
			kept = append(kept, r)
			count++
			if err := encoder.Encode(r); err != nil {
				return nil, err
			}
		}
		s.byInode[ino] = kept
	}
	hash := xxhash.Sum64(out.Bytes())
	if err := encoder.Encode(trailer{count, hash}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// save writes the state durably unless it is what was written last.
func (s *store) save(now time.Time) error {
	data, err := s.encode(now)
	if err != nil {
		return err
	}
	hash := xxhash.Sum64(data)
	if hash == s.saved {
		return nil
	}
	if err := replaceDurably(filepath.Join(s.dir, checkpointFile), data); err != nil {
		return err
	}
	s.saved = hash
	return nil
}

// replaceDurably puts data in the place of the file at path, keeps what was there as the previous copy, and returns
// when both the data and the names are on disk. After a failed sync the temporary file is thrown away: what the
// kernel made of its pages is unknown, and a second sync would report success for nothing.
func replaceDurably(path string, data []byte) error {
	temporary := path + temporarySuffix
	if err := writeSynced(temporary, data); err != nil {
		_ = os.Remove(temporary) // the error that matters is the one before
		return err
	}
	if err := os.Rename(path, path+previousSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

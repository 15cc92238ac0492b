package tail

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
)

// The checkpoints stand in the file "checkpoints" of the data directory, a line of JSON for each file ever read:
//
//	{"tailspan":"checkpoints","version":1}
//	{"pipeline":"checkout","path":"/var/log/checkout.log","dev":…,"ino":…,"offset":4711,…}
//	…
//	{"records":1,"xxhash":1234}        the last line: how many there are, and a hash of every byte above it
//
// and what has changed since in "checkpoints.journal", so that a save costs what has changed and not what is known:
//
//	57c1d0e29b3f4a68 {"tailspan":"journal","version":1,"extends":1234}     the hash of the state it belongs to
//	90f5a1c07bf2a3d4 {"pipeline":…}                       a record that replaces the one before; a line's hash is of its JSON
//
// A state is written to a temporary file, synced, and renamed over the old one, which stays beside it as the previous
// copy; then the directory is synced, and a new journal begins. A journal is synced after each save. So a crash at any
// moment leaves one whole state and as much of its journal as was synced, perhaps with a torn last line, which is passed
// over. A journal that extends another state is stale and ignored. A state that is damaged fails its hash, is set aside,
// and the previous copy is used: it says less was delivered, so lines are sent again and Elasticsearch answers that it
// has them.
const (
	checkpointFile    = "checkpoints"
	journalFile       = "checkpoints.journal"
	checkpointVersion = 1
	brokenSuffix      = ".broken"
	retention         = 7 * 24 * time.Hour // how long a file that is gone is remembered
	smallJournal      = 1 << 20            // bytes that a journal may always have; beyond, it may be as large as the state
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
	dirty  bool          // changed since it was written last
	begins []byte        // what the file begins with, of one that is being read
	marks  []mark        // of what was handed on and not acknowledged when it was last looked at, in order
}

// settle takes over what was acknowledged since the last look.
func (r *record) settle() {
	if r.source == nil {
		return
	}
	committed := r.source.Committed.Load()
	if committed == r.Offset {
		return
	}
	r.Offset, r.dirty = committed, true
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

// sameFile reports whether r and other are about one file and pipeline.
func (r *record) sameFile(other *record) bool {
	return r.Pipeline == other.Pipeline && r.Ino == other.Ino && r.Birth == other.Birth
}

// decodeJournal returns the records of a journal that extends the state with the hash, up to the first line that is
// not whole, and how many bytes it passed over.
func decodeJournal(data []byte, hash uint64) (records []*record, passed int) {
	if len(data) == 0 {
		return nil, 0 // just begun
	}
	var first journalHeader
	rest, ok := journalLine(data, &first)
	if !ok {
		return nil, len(data)
	}
	if first != (journalHeader{"journal", checkpointVersion, hash}) {
		return nil, 0 // stale
	}
	for len(rest) > 0 {
		r := new(record)
		after, ok := journalLine(rest, r)
		if !ok {
			return records, len(rest)
		}
		records, rest = append(records, r), after
	}
	return records, 0
}

// journalLine decodes the first line of data into v and returns what comes behind it; ok is false when it is not whole.
func journalLine(data []byte, v any) (rest []byte, ok bool) {
	line, rest, whole := bytes.Cut(data, []byte("\n"))
	sum, text, _ := bytes.Cut(line, []byte(" "))
	want, err := strconv.ParseUint(string(sum), 16, 64)
	return rest, whole && err == nil && xxhash.Sum64(text) == want && json.Unmarshal(text, v) == nil
}

type journalHeader struct {
	Tailspan string `json:"tailspan"`
	Version  int    `json:"version"`
	Extends  uint64 `json:"extends"`
}

// corruptError says where a checkpoint file is damaged.
type corruptError struct {
	path   string
	line   int
	reason string
}

func (e *corruptError) Error() string { return fmt.Sprintf("%s:%d: %s", e.path, e.line, e.reason) }

// readCheckpoints returns the records of a whole state, and its hash.
func readCheckpoints(fsys durable.FS, path string) (records []*record, hash uint64, err error) {
	data, err := fsys.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	records, hash, line, reason := decodeCheckpoints(data)
	if reason != "" {
		return nil, 0, &corruptError{path, line, reason}
	}
	return records, hash, nil
}

// decodeCheckpoints reads a whole checkpoint file; reason says what is wrong with it, and line where.
func decodeCheckpoints(data []byte) (records []*record, hash uint64, line int, reason string) {
	end := bytes.LastIndexByte(bytes.TrimSuffix(data, []byte("\n")), '\n') + 1
	var last trailer
	if !bytes.HasSuffix(data, []byte("\n")) || json.Unmarshal(data[end:], &last) != nil || last.Hash != xxhash.Sum64(data[:end]) {
		return nil, 0, bytes.Count(data, []byte("\n")), "the hash at the end does not fit: torn or changed"
	}
	var first header
	scan := bufio.NewScanner(bytes.NewReader(data[:end]))
	scan.Buffer(nil, len(data)+1)
	for scan.Scan() {
		line++
		if line == 1 {
			if json.Unmarshal(scan.Bytes(), &first) != nil || first.Tailspan != "checkpoints" || first.Version != checkpointVersion {
				return nil, 0, line, fmt.Sprintf("not a checkpoint file of version %d", checkpointVersion)
			}
			continue
		}
		r := new(record)
		if err := json.Unmarshal(scan.Bytes(), r); err != nil {
			return nil, 0, line, err.Error()
		}
		records = append(records, r)
	}
	if len(records) != last.Records {
		return nil, 0, line, fmt.Sprintf("%d records where %d should be", len(records), last.Records)
	}
	return records, last.Hash, line, ""
}

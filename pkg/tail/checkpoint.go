package tail

import (
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
	retention         = 7 * 24 * time.Hour // how long a file that is gone is remembered
	smallJournal      = 1 << 20            // bytes that a journal may always have; beyond, it may be as large as the state
)

var checkpointHeader = durable.Header{Tailspan: "checkpoints", Version: checkpointVersion}

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
	handed int64         // everything before it was handed on
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
	text, rest, ok := journalLine(data)
	if !ok || json.Unmarshal(text, &first) != nil {
		return nil, len(data)
	}
	if first != journalOf(hash) {
		return nil, 0 // stale
	}
	for decode := new(decoder); len(rest) > 0; {
		text, after, ok := journalLine(rest)
		if !ok {
			return records, len(rest)
		}
		r, err := decode.record(text)
		if err != nil {
			return records, len(rest)
		}
		records, rest = append(records, r), after
	}
	return records, 0
}

// journalLine returns what the first line of data says and what comes behind it; ok is false when it is not whole.
func journalLine(data []byte) (text, rest []byte, ok bool) {
	line, rest, whole := bytes.Cut(data, []byte("\n"))
	sum, text, _ := bytes.Cut(line, []byte(" "))
	want, err := strconv.ParseUint(string(sum), 16, 64)
	return text, rest, whole && err == nil && xxhash.Sum64(text) == want
}

// appendJournalLine appends v as a line of the journal.
func appendJournalLine(dst []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return fmt.Appendf(dst, "%016x %s\n", xxhash.Sum64(text), text), err
}

type journalHeader struct {
	durable.Header
	Extends uint64 `json:"extends"`
}

// journalOf is the first line of the journal that extends the state with the hash.
func journalOf(hash uint64) journalHeader {
	return journalHeader{durable.Header{Tailspan: "journal", Version: checkpointVersion}, hash}
}

// decodeCheckpoints returns the records of a whole state, and its hash.
func decodeCheckpoints(data []byte) (records []*record, hash uint64, err error) {
	decode := new(decoder)
	hash, err = durable.UnsealLines(data, checkpointHeader, func(line []byte) error {
		r, err := decode.record(line)
		records = append(records, r)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return records, hash, nil
}

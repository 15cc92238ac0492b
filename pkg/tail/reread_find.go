package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
)

// candidate is a file of a directory, as it was when the directory was listed.
type candidate struct {
	path   string
	state  fileState
	looked bool
	begins []byte // as it reads, unpacked; nil when it cannot be read
}

// peekTries bounds how often the checkpoints are read anew because the agent has just replaced them.
const peekTries = 20

// peekStore reads the checkpoints beside an agent that may be writing them, and changes nothing. A state and its journal
// are replaced one after the other: they belong together if the state is still the same once the journal is read.
func peekStore(dir string, log *slog.Logger) (*store, error) {
	// A damaged file stays where it is, for the agent to set aside.
	peek := func(s *store) (hash uint64, err error) {
		return s.readState(func(_ string, damage error) error {
			log.Warn("checkpoints are damaged; the ones before them are used", "error", damage)
			return nil
		})
	}
	// The end of a journal that is being written looks torn; nothing is wrong with that.
	silent := slog.New(slog.DiscardHandler)
	for range peekTries {
		s := newStore(durable.OS{}, dir, silent)
		hash, err := peek(s)
		if err == nil {
			_, err = s.readJournal(hash) // a new one may be half written
		}
		if err != nil {
			return nil, err
		}
		later, err := peek(newStore(durable.OS{}, dir, silent))
		if err != nil || later == hash {
			return s, err
		}
	}
	return nil, errors.New("the checkpoints change faster than they can be read")
}

// plan lists what is to be read for one pipeline.
func (r *Rereading) plan(in *input) {
	known := map[string][]*record{} // by directory
	taken := map[string]bool{}      // paths of the files that hold what is known
	for _, k := range r.t.store.all() {
		rec := k.record
		if rec.Pipeline != in.name {
			continue
		}
		dir := filepath.Dir(rec.Path)
		known[dir] = append(known[dir], &rec)
		if rec.Offset == 0 {
			continue
		}
		path := r.find(in, &rec, false)
		if path == "" {
			r.gone++
			continue
		}
		taken[path] = true
		r.files = append(r.files, reread{in: in, path: path, rec: &rec, known: true, limit: rec.Offset})
	}
	seen := map[identity]bool{}
	err := in.matches(nil, func(path string, _ fs.DirEntry) {
		state, err := stateAt(path)
		if err == nil && !taken[path] && !seen[state.identity] && r.unknown(in, path, state, known[filepath.Dir(path)]) {
			seen[state.identity] = true
			rec := &record{Pipeline: in.name, Path: path, identity: state.identity}
			r.files = append(r.files, reread{in: in, path: path, rec: rec, limit: noLimit})
		}
		if ignoreGone(err) != nil {
			r.t.warnOnce(path, err)
		}
	})
	if err != nil {
		r.t.warnOnce(in.name, err)
	}
	slices.SortStableFunc(r.files, func(a, b reread) int { return strings.Compare(a.path, b.path) })
}

// unknown reports whether a run would read the matched file at path as one that nobody has read. What begins like a known
// file of its directory may be a copy of it that the agent has not made up its mind about, and is left to it.
func (r *Rereading) unknown(in *input, path string, state fileState, known []*record) bool {
	if state.Size == 0 || in.tooOld(state, time.Now()) || r.t.store.find(in.name, state.identity) != nil {
		return false
	}
	if _, _, err := in.bound(path); err != nil {
		return false // the agent says so
	}
	c := &candidate{path: path, state: state}
	for _, rec := range known {
		if rec.Head.Len > 0 && c.beginsAs(in, rec) && (rec.Place.Len == 0 || c.endsBefore(in, rec.Place) || r.holds(in, path, rec)) {
			r.t.log.Warn("begins like a file that is known, and may be a copy of it; it is left to the agent", "path", path, "known", rec.Path)
			return false
		}
	}
	return true
}

// find returns where what rec remembers can be read: in the file itself, whatever it is called now, or in a copy of it,
// compressed or not, in its directory; "" when it is nowhere. fresh lists the directory anew.
func (r *Rereading) find(in *input, rec *record, fresh bool) string {
	if state, err := stateAt(rec.Path); err == nil && rec.sameInode(state.identity) && r.holds(in, rec.Path, rec) {
		return rec.Path
	}
	dir := filepath.Dir(rec.Path)
	all := r.list(dir, fresh)
	for _, c := range all {
		if rec.sameInode(c.state.identity) && r.holds(in, c.path, rec) {
			return c.path
		}
	}
	if rec.Head.Len == 0 || rec.Place.Len == 0 {
		return "" // nothing to know a copy by
	}
	for _, c := range all {
		if own := r.t.store.find(in.name, c.state.identity); own != nil && own.Head.Len > 0 {
			continue // it has lines of its own
		}
		if c.beginsAs(in, rec) && r.holds(in, c.path, rec) {
			return c.path
		}
	}
	return ""
}

// list returns the regular files of a directory.
func (r *Rereading) list(dir string, fresh bool) []*candidate {
	all, listed := r.dirs[dir]
	if listed && !fresh {
		return all
	}
	all = nil
	for c := range r.t.filesIn(dir) {
		all = append(all, &c)
	}
	r.dirs[dir] = all
	return all
}

// holds reports whether the file at path has what rec remembers.
func (r *Rereading) holds(in *input, path string, rec *record) bool {
	f, err := (&reread{in: in, path: path, rec: rec, known: true}).open()
	if err != nil {
		r.t.warnOnce(path, err)
	}
	if f == nil {
		return false
	}
	_ = f.fd.Close() // was only read
	return true
}

// beginsAs reports whether c begins as rec remembers. It is asked for many records of one file.
func (c *candidate) beginsAs(in *input, rec *record) bool {
	if !c.looked {
		c.looked = true
		if f, _, err := openFile(in, c.path); err == nil && f != nil {
			c.begins, _ = beginning(f, headSize) // what cannot be read begins like nothing
			_ = f.fd.Close()                     // was only read
		}
	}
	return len(c.begins) >= rec.Head.Len && headOf(c.begins[:rec.Head.Len]) == rec.Head
}

// endsBefore reports whether c does not reach the place.
func (c *candidate) endsBefore(in *input, place mark) bool {
	f, state, err := openFile(in, c.path)
	if err != nil || f == nil {
		return true
	}
	defer func() { _ = f.fd.Close() }() // was only read
	if f.zip == nil {
		return state.Size < place.At
	}
	n, _ := f.ReadAt(make([]byte, 1), place.At-1) // what cannot be read is not there
	return n == 0
}

// unread names what could not be read.
func (t *Tailer) unread() error {
	if len(t.warned) == 0 {
		return nil
	}
	return fmt.Errorf("not everything could be read: %s", strings.Join(slices.Sorted(maps.Keys(t.warned)), ", "))
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

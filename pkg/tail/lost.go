package tail

import (
	"cmp"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What was not read of a file before it was rotated away may be under another name, in a copy, or in a compressed copy.
// It is looked for in the directory where the file was: by its inode first, then by its content. A file with that content
// is read on from the position reached, as the same source, so that its lines have the ids they would have had; and
// what was read before is not sent again.
//
// After a stop there may be as many files to look for as their directory holds. So it is listed once for all of them, and a
// file in it is opened once and told by what it holds (contents).

// findLost looks for the files that were being read when the agent stopped and that no pattern matches any more, and for
// copies of those that were truncated since.
func (t *Tailer) findLost(in *input) {
	byDir := map[string][]*record{}
	for dir := range in.cut {
		byDir[dir] = nil
	}
	for _, r := range t.store.lost(in.name) {
		t.store.put(r, func(r *record) { r.met = true })
		dir := filepath.Dir(r.Path)
		byDir[dir] = append(byDir[dir], r)
	}
	for dir, lost := range byDir {
		there, lost := t.findInodes(in, dir, lost)
		t.findCopies(in, dir, there, lost)
	}
	in.cut = nil
}

// findInodes opens the lost files that are in dir under whatever name. It returns what is there, and the others.
func (t *Tailer) findInodes(in *input, dir string, lost []*record) (there []candidate, others []*record) {
	byInode := map[uint64][]*record{}
	for _, r := range lost {
		byInode[r.Ino] = append(byInode[r.Ino], r)
	}
	found := map[*record]bool{}
	for c := range t.filesIn(dir) {
		there = append(there, c)
		opened := false
		for _, r := range byInode[c.state.Ino] {
			if found[r] || !r.sameInode(c.state.identity) {
				continue
			}
			if found[r] = true; !opened {
				opened = true
				t.tryOpen(in, c.path)
			}
		}
	}
	return there, slices.DeleteFunc(lost, func(r *record) bool { return found[r] })
}

// findCopies looks among the files that are in dir for copies of the lost ones, and of those that were truncated, which begin
// anew then.
func (t *Tailer) findCopies(in *input, dir string, there []candidate, lost []*record) {
	var all []*sought
	for _, r := range lost {
		all = append(all, &sought{record: t.store.snapshot(r), known: r})
	}
	for _, f := range in.cut[dir] {
		all = append(all, &sought{record: t.reached(f), known: f.rec, stays: true})
	}
	slices.SortFunc(all, func(a, b *sought) int { return cmp.Compare(a.Path, b.Path) }) // of equal copies the first is of the first
	t.inherit(in, slices.Values(there), all...)
	for _, f := range in.cut[dir] {
		if f.cut { // else it goes on as a copy itself
			t.beginAnew(f)
		}
	}
}

// findCopy looks for a copy of what was read from f. stays says that f itself is still there; if it is not, its record is
// dropped when a copy is.
func (t *Tailer) findCopy(f *file, stays bool) {
	if s := (&sought{record: t.reached(f), known: f.rec, stays: stays}); s.telling() {
		t.inherit(f.input, t.filesIn(filepath.Dir(f.path)), s)
	}
}

// filesIn lists the regular files of dir.
func (t *Tailer) filesIn(dir string) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.warnOnce(dir, err)
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			path := filepath.Join(dir, e.Name())
			if state, err := stateAt(path); err == nil && !yield(candidate{path: path, state: state}) {
				return
			}
		}
	}
}

// inherit looks among files for the contents that are sought, and goes on reading there where each ended. A copy is a file of
// its own from then on, with a record that says which source its lines belong to.
func (t *Tailer) inherit(in *input, files iter.Seq[candidate], all ...*sought) {
	wanted := newContents(all)
	for c := range files {
		if wanted.left == 0 {
			return
		}
		if !t.ownLines(in, c.state.identity) {
			t.inheritFrom(in, c.path, wanted)
		}
	}
}

// ownLines reports whether a file holds what was read of it.
func (t *Tailer) ownLines(in *input, id identity) bool {
	known := t.store.find(in.name, id)
	if known == nil || known.Head.Len == 0 {
		return false
	}
	f := t.files[fileKey{in.index, id.Dev, id.Ino}]
	return f == nil || !f.cut
}

// inheritFrom goes on reading in the file at path if it has something that is wanted.
func (t *Tailer) inheritFrom(in *input, path string, wanted *contents) {
	t.descriptors.room()
	f, state, err := openFile(in, path)
	if err != nil || f == nil {
		return
	}
	before := wanted.heldBy(f, state)
	if before == nil {
		_ = f.fd.Close() // was only read
		return
	}
	if twin := t.files[fileKey{in.index, state.Dev, state.Ino}]; twin != nil { // found by a pattern, and not read yet
		_ = f.fd.Close()
		if f = twin; t.reopen(f) != nil {
			return
		}
	}
	wanted.drop(before)
	t.goOnIn(f, state, before)
	if !before.stays {
		t.store.drop(before.known) // the copy's record goes on from here
	}
}

// goOnIn makes f, which has the content, go on where before ended.
func (t *Tailer) goOnIn(f *file, state fileState, before *sought) {
	rec := before.record
	rec.identity, rec.Path, rec.Zipped, rec.met, rec.Seen = state.identity, f.path, f.zip != nil, true, time.Now().Unix()
	rec.marks, rec.begins = nil, nil
	tracked := f.rec != nil
	if tracked {
		t.store.put(f.rec, func(r *record) { *r = rec })
	} else {
		f.rec = &rec
		t.store.put(f.rec, func(*record) {})
		f.gone = true // unless a scan says otherwise
	}
	f.src, f.cut = before.source, false
	f.mirror.Store(f.src)
	if err := f.seek(before.Offset); err != nil {
		t.warnOnce(f.path, err)
	}
	if f.zip != nil {
		f.zip.rest(f.read - int64(len(f.overlap))) // until its turn comes
	}
	if place, ok := f.place(); ok {
		t.store.put(f.rec, func(r *record) { r.Place = place })
	}
	t.log.Info("what was not read yet is read from a copy", "path", f.path, "of", before.Path, "from", f.read)
	if tracked {
		t.queue(f)
	} else {
		t.track(f)
	}
}

package tail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// release lets a file go that no path leads to and that does not grow any more. Its record stays.
func (t *Tailer) release(f *file) {
	t.descriptors.close(f)
	key := fileKey{f.input.index, f.rec.Dev, f.rec.Ino}
	delete(t.files, key)
	delete(t.unfinished, f)
	t.caught.forget(f)
	t.mu.Lock()
	delete(t.status, key)
	t.mu.Unlock()
	t.unlink(f)
}

// unlink takes f out of the files known by its path.
func (t *Tailer) unlink(f *file) {
	list := t.byPath[f.path]
	for i, g := range list {
		if g == f {
			list = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(list) == 0 {
		delete(t.byPath, f.path)
	} else {
		t.byPath[f.path] = list
	}
}

// scan lists all directories.
func (t *Tailer) scan() {
	t.rescan = false
	t.list(t.inputs)
}

// list lists the directories of inputs and takes in what is new. A listing that failed says nothing about what it did not show.
func (t *Tailer) list(inputs []*input) {
	t.scans++
	complete := true
	for _, in := range inputs {
		for _, g := range in.globs {
			t.hints.watch(g.base)
		}
		began, seen := time.Now(), t.newView(in)
		var unknown []string // looked at when it is certain which files are known, so that a copy is told from its original
		err := in.matches(seen, func(path string, _ fs.DirEntry) {
			known, tracked := t.consider(in, path)
			if !known {
				unknown = append(unknown, path)
			}
			seen.file(path, tracked)
		})
		if !in.searched {
			t.findLost(in)
			in.searched = true
		}
		for _, path := range unknown {
			t.tryOpen(in, path)
		}
		if err != nil {
			complete, seen.more = false, true
			t.warnOnce(in.name, err)
		} else {
			delete(t.warned, in.name)
		}
		t.looked(in, seen, began)
	}
	t.scanAt = time.Now()
	if !complete {
		return
	}
	for _, f := range t.files {
		if f.input.folders.scan == t.scans {
			f.gone = f.seen != t.scans
		}
	}
}

// consider looks at one path that a pattern matches; known reports whether there is nothing more to do about it, tracked whether it is
// the path of a file that is being read.
func (t *Tailer) consider(in *input, path string) (known, tracked bool) {
	state, err := stateAt(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			t.warnOnce(path, err)
		}
		return true, false
	}
	if f := t.files[fileKey{in.index, state.Dev, state.Ino}]; f != nil {
		if f.rec.sameInode(state.identity) {
			f.apart = state.apart()
			t.sighted(f, path)
			return true, true
		}
		t.release(f) // it was closed, and its inode has been given away
	}
	if _, _, err := in.bound(path); err != nil {
		t.warnOnce(path, err)
		return true, false
	}
	if t.store.find(in.name, state.identity) != nil {
		t.tryOpen(in, path)
		return true, false
	}
	return false, false
}

// tryOpen opens the file at path and says so when that fails.
func (t *Tailer) tryOpen(in *input, path string) {
	if err := t.open(in, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.warnOnce(path, err)
	}
}

// sighted notes under which path a file is seen; it keeps the one it has as long as that leads to it.
func (t *Tailer) sighted(f *file, path string) {
	if f.path != path && f.seen != t.scans && !leadsTo(f.path, f) {
		t.unlink(f)
		f.path = path
		t.byPath[path] = append(t.byPath[path], f)
		t.store.put(f.rec, func(r *record) { r.Path = path })
	}
	f.seen = t.scans
	if now := time.Now().Unix(); now-f.rec.Seen > int64(seenEvery/time.Second) {
		t.store.put(f.rec, func(r *record) { r.Seen = now })
	}
}

// leadsTo reports whether the path is that of f.
func leadsTo(path string, f *file) bool {
	state, err := stateAt(path)
	return err == nil && state.Dev == f.rec.Dev && state.Ino == f.rec.Ino
}

// open begins to read the file at path where its record says, or where the input says for a file never seen.
func (t *Tailer) open(in *input, path string) error {
	t.descriptors.room()
	f, state, err := openFile(in, path)
	if f == nil {
		return err
	}
	if t.files[fileKey{in.index, state.Dev, state.Ino}] != nil || slices.Contains(t.own, state.identity) {
		return f.fd.Close()
	}
	wanted, err := t.resume(f, state)
	if err != nil || !wanted {
		return errors.Join(err, f.fd.Close())
	}
	t.track(f)
	return nil
}

// openFile opens the file at path; nil when it is not a regular file.
func openFile(in *input, path string) (*file, fileState, error) {
	if info, err := os.Stat(path); err != nil || !regular(info) {
		return nil, fileState{}, err
	}
	fd, err := in.openLog(path)
	if errors.Is(err, errIrregular) {
		err = nil // it was one when it was looked at
	}
	if fd == nil {
		return nil, fileState{}, err
	}
	state, err := stateOf(fd)
	if err != nil {
		return nil, fileState{}, errors.Join(err, fd.Close())
	}
	f := &file{input: in, path: path, fd: fd, apart: state.apart()}
	if compressed(fd) {
		f.zip = &unzipper{fd: fd}
	}
	f.noteSize(state.Size)
	return f, state, nil
}

// track takes f in among the files being read.
func (t *Tailer) track(f *file) {
	f.seen, f.early = t.scans, t.scans == 1
	t.descriptors.note(f)
	key := fileKey{f.input.index, f.rec.Dev, f.rec.Ino}
	t.files[key] = f
	t.byPath[f.path] = append(t.byPath[f.path], f)
	t.mu.Lock()
	t.status[key] = f
	t.mu.Unlock()
	t.hints.watch(filepath.Dir(f.path))
	t.queue(f)
}

// resume puts f at its position; wanted is false when it is not to be read.
func (t *Tailer) resume(f *file, state fileState) (wanted bool, err error) {
	in, now := f.input, time.Now()
	rec := t.store.find(in.name, state.identity)
	if rec == nil {
		if in.tooOld(state, now) {
			return false, nil
		}
		f.rec = &record{Pipeline: in.name, Path: f.path, identity: state.identity, Zipped: f.zip != nil, met: true}
		if in.StartAt == "end" && f.zip == nil {
			if err := f.skipToEnd(state.Size); err != nil {
				return false, err
			}
		}
		f.start.Store(f.read)
		t.store.put(f.rec, func(r *record) { r.Seen, r.Offset = now.Unix(), f.read })
		return true, nil
	}
	f.rec = rec
	before := t.store.snapshot(rec)
	same, err := before.stillIn(f, state)
	if err != nil {
		return false, err
	}
	if same {
		err = f.seek(before.Offset)
	} else {
		f.read = before.Offset
		t.truncated(f)
	}
	if err != nil {
		return false, err
	}
	t.store.put(rec, func(r *record) {
		r.identity, r.Path, r.Seen, r.met = state.identity, f.path, now.Unix(), true
	})
	return true, nil
}

// skipToEnd starts reading at the last whole line, so that the first one shipped is not a fragment.
func (f *file) skipToEnd(size int64) error {
	head, err := beginning(f, int(min(size, 3)))
	if err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for end := size; end > 0; {
		start := max(0, end-int64(len(buf)))
		n, err := f.fd.ReadAt(buf[:end-start], start)
		if err != nil && n < int(end-start) {
			return err
		}
		if i := f.input.framer.LastNewline(buf[:n], start, head); i >= 0 {
			f.read, f.scanned = start+int64(i), start+int64(i)
			return nil
		}
		end = start
	}
	return nil
}

func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

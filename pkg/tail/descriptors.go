package tail

import (
	"container/list"
	"errors"
	"io/fs"
	"path/filepath"
)

// spareDescriptors is what the rest of the agent needs: connections, checkpoints, directories being listed.
const spareDescriptors = 40

// mostDescriptors is as many files as are ever held open, whatever the system allows.
const mostDescriptors = 4096

// descriptors bounds how many log files are open at once. A file with nothing to read is closed when another needs the
// place, looked at by its path from then on, and opened again when there is something to read.
type descriptors struct {
	most  int
	files *list.List // of *file, all open, the one read longest ago first
}

func newDescriptors() *descriptors {
	most := uint64(mostDescriptors)
	if limit := descriptorLimit(); limit > 0 {
		most = min(most, max(8, limit-min(limit, spareDescriptors)))
	}
	return &descriptors{most: int(most), files: list.New()}
}

// note takes down that f is open and was read just now.
func (d *descriptors) note(f *file) {
	if f.held == nil {
		f.held = d.files.PushBack(f)
	} else {
		d.files.MoveToBack(f.held)
	}
}

// close closes f. What it was opened for is only read, so there is nothing to lose.
func (d *descriptors) close(f *file) {
	if f.held != nil {
		d.files.Remove(f.held)
		f.held = nil
	}
	if f.fd != nil {
		_ = f.fd.Close()
		f.fd = nil
	}
}

// room closes files that can be opened again until there is room for one more. Files that no path leads to stay open: they
// could not be found again.
func (d *descriptors) room() {
	for e := d.files.Front(); e != nil && d.files.Len() >= d.most; {
		f := e.Value.(*file)
		e = e.Next()
		if !f.gone || leadsTo(f.path, f) {
			d.close(f)
		}
	}
}

// reopen makes sure that f can be read. errGone says that its file is nowhere any more.
func (t *Tailer) reopen(f *file) error {
	if f.fd != nil {
		t.descriptors.note(f)
		return nil
	}
	t.descriptors.room()
	path := f.path
	if !leadsTo(path, f) {
		path = ""
		for other := range t.filesIn(filepath.Dir(f.path)) {
			if f.rec.sameInode(other.state.identity) {
				path = other.path
				break
			}
		}
	}
	if path == "" {
		return errGone
	}
	fd, err := f.input.openLog(path)
	if errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	if err != nil {
		return err
	}
	if state, err := stateOf(fd); err != nil || !f.rec.sameInode(state.identity) {
		return errors.Join(errors.New("became another file while it was opened"), err, fd.Close())
	}
	f.fd, f.rested = fd, true
	if f.zip != nil {
		f.zip.fd, f.zip.zip = fd, nil
	}
	t.descriptors.note(f)
	return nil
}

// errGone says that a file that was closed cannot be found again.
var errGone = errors.New("the file is gone")

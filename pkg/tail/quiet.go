package tail

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// To list ten thousand files and to ask each for its size every few seconds is all that an agent costs while nothing happens. It is left
// out for an input whose folders are known to tell: they are on file systems of this machine, the kernel's watch is on just the folders
// that the paths lead to, nothing in them came or went since the last look, nor right before it, within the grain of their times, and every
// file that matches is being read and has one name, in there. With a link, a file under several names or mounted from elsewhere, or anything
// that could not be looked at, everything is looked at each time, and after notifications were lost once. An input is looked at in
// full once in a while nevertheless, and when that finds a file that has grown in silence, it is not believed again.
const (
	lookEvery   = time.Minute     // how often everything is looked at, whatever is told
	grain       = 2 * time.Second // of the times of folders, at the coarsest
	mostFolders = 4096            // of an input, that are remembered; with more of them it is looked at each time
)

// folders are those that the files of an input were looked for in.
type folders struct {
	at      map[string]*folder
	scan    uint64    // number of the last look
	asked   time.Time // when all files were asked for their sizes
	believe bool      // what changes from then on is told
	heard   bool      // and so was what changed before
	quiet   bool      // at this poll nothing needs to be looked at
	deaf    bool      // something was not told, so that nothing is believed
	missed  *file     // it has grown, and nothing has told of it yet
}

// folder is one of them, as it was before the look.
type folder struct {
	place
	since time.Time // the first look that found it so
	files bool      // files that are being read are in there
}

// view is what is noted while an input is looked at; nil notes nothing.
type view struct {
	at   map[string]*folder
	last string // the folder that held a file last
	off  bool   // it is of no use to note anything
	more bool   // there is something that nobody would tell of
}

func (t *Tailer) newView(in *input) *view {
	return &view{at: map[string]*folder{}, off: in.folders.deaf || t.hints.fs == nil}
}

// note takes down what the folder is, before anything in it is looked at.
func (v *view) note(dir string) {
	if v == nil || v.off || v.at[dir] != nil {
		return
	}
	now, tells, missing := placeAt(dir)
	for missing && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir) // where it would come up
		now, tells, missing = placeAt(dir)
	}
	if v.at[dir] == nil {
		v.at[dir] = &folder{place: now}
	}
	v.off = !tells || len(v.at) > mostFolders
}

// name notes whether the path is a link, which may lead elsewhere without its folder being changed.
func (v *view) name(path string) {
	if v != nil && !v.off && !v.more {
		info, err := os.Lstat(path)
		v.more = err == nil && info.Mode()&fs.ModeSymlink != 0
	}
}

// file notes what was found under a path that matches. A link was noted when it was asked what it leads to.
func (v *view) file(path string, tracked bool) {
	v.more = v.more || !tracked
	dir := filepath.Dir(path)
	if v.off || dir == v.last {
		return
	}
	v.last = dir
	if at := v.at[dir]; at != nil {
		at.files = true
	} else {
		v.more = true
	}
}

// looked takes over what was noted by the look at in that began then.
func (t *Tailer) looked(in *input, v *view, began time.Time) {
	before := in.folders
	in.folders = folders{scan: t.scans, asked: before.asked, heard: before.believe, deaf: before.deaf, missed: before.missed}
	if v.off {
		return
	}
	in.folders.at, in.folders.believe = v.at, !v.more
	watched := t.hints.watched()
	for dir, now := range v.at {
		if now.since = began; before.at[dir] != nil && before.at[dir].place == now.place {
			now.since = before.at[dir].since
		}
		if now.files && !t.hints.on(dir, now.place, watched) {
			t.hints.forget(dir)
			t.hints.watch(dir)
			now.since = began // files may have grown before that
		}
		if began.Sub(now.since) < grain {
			in.folders.believe = false
		}
	}
}

// undisturbed reports whether nothing of the input has to be looked at. watched are the folders that the kernel tells of.
func (in *input) undisturbed(watched map[string]bool) bool {
	if !in.folders.believe || time.Since(in.folders.asked) >= lookEvery {
		return false
	}
	for dir, was := range in.folders.at {
		if now, _, _ := placeAt(dir); now != was.place || was.files && !watched[dir] {
			return false
		}
	}
	return true
}

// quiet reports whether the file need not be asked for its size.
func (f *file) quiet() bool {
	return f.input.folders.quiet && !f.gone && !f.apart && !f.again && !f.unread(fileState{Size: f.size.Load()})
}

// overheard notes when the file has grown and nothing has told. Something may still do so until the next poll.
func (f *file) overheard(size int64) {
	at := &f.input.folders
	if at.believe && at.heard && at.missed == nil && !f.told && !f.gone && !f.apart && f.zip == nil && size != f.size.Load() {
		at.missed = f
	}
	f.told = false
}

// disbelieve ends the belief in what tells of files that have grown in silence.
func (t *Tailer) disbelieve() {
	for _, in := range t.inputs {
		f := in.folders.missed
		in.folders.missed = nil
		if f != nil && !f.told && t.tracks(f) {
			t.log.Info("a file has grown and nothing has told of it; all files of the pipeline are polled from now on", "pipeline", in.name, "path", f.path)
			in.folders = folders{deaf: true}
		}
	}
}

// doubt makes everything be looked at, because notifications were lost.
func (t *Tailer) doubt() {
	for _, in := range t.inputs {
		in.folders.believe, in.folders.missed = false, nil
	}
}

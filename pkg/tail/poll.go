package tail

import (
	"errors"
	"io/fs"
	"time"

	"github.com/fsnotify/fsnotify"
)

// listen looks at what has changed without waiting.
func (t *Tailer) listen(poll *time.Timer) {
	select {
	case <-t.hints.wake:
		t.follow()
	case <-poll.C:
		t.poll(poll)
	case command := <-t.commands:
		command()
	default:
	}
	if t.rescan && time.Since(t.scanAt) >= rescanEvery {
		t.scan()
	}
}

// follow queues the files that hints speak of.
func (t *Tailer) follow() {
	paths, lost := t.hints.take()
	if lost {
		t.rescan = true
		t.doubt()
		t.lookAtAll()
	}
	for path, op := range paths {
		for _, f := range t.byPath[path] {
			f.told = true
			t.queue(f)
		}
		if op&(fsnotify.Create|fsnotify.Rename|fsnotify.Remove|fsnotify.Chmod) != 0 {
			t.rescan = true
			t.hints.forget(path)
		}
	}
}

// poll looks at everything that hints may not have told of.
func (t *Tailer) poll(timer *time.Timer) {
	t.disbelieve()
	watched, loud := t.hints.watched(), []*input(nil)
	for _, in := range t.inputs {
		if in.folders.quiet = in.undisturbed(watched); !in.folders.quiet {
			in.folders.asked = time.Now()
			loud = append(loud, in)
		}
	}
	t.list(loud)
	for _, f := range t.files {
		if !f.quiet() {
			t.lookAt(f)
		}
	}
	if t.bounded() {
		t.giveUpDeleted()
	}
	if t.hints.fs == nil {
		timer.Reset(pollUnwatched)
	} else {
		timer.Reset(pollWatched)
	}
}

// lookAtAll queues every file whose size is not what was read of it.
func (t *Tailer) lookAtAll() {
	for _, f := range t.files {
		t.lookAt(f)
	}
}

func (t *Tailer) lookAt(f *file) {
	state, err := f.state()
	if f.fd == nil && (errors.Is(err, fs.ErrNotExist) || err == nil && !f.rec.sameInode(state.identity)) {
		t.queue(f) // it went away while it was closed: reopen looks for it
		return
	}
	if err != nil {
		t.warnOnce(f.path, err)
		return
	}
	f.gone = f.gone || state.Links == 0
	f.overheard(state.Size)
	f.noteSize(state.Size)
	if f.unread(state) || f.gone && time.Since(f.grew) > releaseAfter {
		t.queue(f)
	}
}

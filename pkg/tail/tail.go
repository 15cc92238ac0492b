// Package tail finds the log files of every pipeline, reads their lines into batches, and remembers durably how far
// each file has been delivered.
//
// A file is known by its identity, never by its path. The read position, how far a file has been read, belongs to the
// reading goroutine; the committed position, up to which every line is acknowledged, comes back from the outputs
// through Source.Committed, and only that one is ever written to disk (see checkpoint.go for the format and what a crash
// does to it). After a restart reading begins at the committed position: lines that were under way are sent again, and
// have the same _id.
package tail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
)

const (
	pollWatched   = 5 * time.Second        // how often everything is looked at when notifications come as well
	pollUnwatched = time.Second            // and when they do not
	rescanEvery   = 100 * time.Millisecond // directories are not listed more often than this, whatever is notified
	releaseAfter  = 10 * time.Second       // a file without a path is let go when it has not grown for so long
	saveEvery     = time.Second
	seenEvery     = time.Hour // how fine the record of when a file was last there is
)

// Named is the input of a pipeline.
type Named struct {
	Name string
	Input
	Total *event.Ledger // of all its files
}

// Config is what a Tailer needs.
type Config struct {
	Host    string  // part of every _id
	Dir     string  // the data directory; made when it is not there
	Inputs  []Named // index is Source.Pipeline
	Batches *event.Pool
	Once    bool            // read every file to its end and return
	Fed     <-chan struct{} // with Once: files may grow until it is closed; nil: they do not
	NoWatch bool            // poll only
	Ahead   func() error    // before checkpoints are written, called once they are known: what must be on disk by then; nil: nothing
	Log     *slog.Logger
}

// Tailer reads the files of all pipelines.
type Tailer struct {
	cfg    Config
	log    *slog.Logger
	inputs []*input
	lock   *os.File
	store  *store
	hints  *hints

	descriptors *descriptors

	files      map[fileKey]*file
	byPath     map[string][]*file
	ready      []*file // files that may have something to read, in turn
	scans      uint64
	warned     map[string]bool // paths that could not be opened, to say so once
	own        []identity      // what this process itself writes to
	unfinished map[*file]bool  // files with an event that is handed on when they do not grow
	flushAt    time.Time       // when the first of them is looked at again
	scanAt     time.Time       // when directories were last listed
	rescan     bool            // they should be listed again

	caught   caught
	running  atomic.Bool
	waiting  atomic.Bool // the goroutine of Run waits for an output
	commands chan func() // run by the goroutine of Run

	mu     sync.Mutex // guards status; and, beside the goroutine of Run, inputs and the input of every file in status
	status map[fileKey]*file
}

type fileKey struct {
	pipeline int
	dev, ino uint64
}

// Open takes the lock of the data directory and reads its checkpoints.
func Open(cfg Config) (*Tailer, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	lock, err := lockFile(filepath.Join(cfg.Dir, "lock"))
	if err != nil {
		return nil, err
	}
	store, err := openStore(durable.OS{}, cfg.Dir, cfg.Log)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if cfg.Ahead != nil {
		store.ahead = cfg.Ahead
	}
	t := &Tailer{cfg: cfg, log: cfg.Log, lock: lock, store: store, hints: newHints(!cfg.NoWatch && !cfg.Once, cfg.Log),
		files: map[fileKey]*file{}, byPath: map[string][]*file{}, warned: map[string]bool{}, unfinished: map[*file]bool{}, status: map[fileKey]*file{},
		commands: make(chan func()), descriptors: newDescriptors()}
	for i, in := range cfg.Inputs {
		in, err := newInput(i, in)
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		t.inputs = append(t.inputs, in)
	}
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if info, err := f.Stat(); err == nil && regular(info) {
			if state, err := stateOf(f); err == nil {
				t.own = append(t.own, state.identity)
			}
		}
	}
	return t, nil
}

// Close writes the last checkpoint and lets go of everything. Run must have returned.
func (t *Tailer) Close() error {
	t.hints.close()
	err := t.Save()
	t.store.closeJournal()
	for _, f := range t.files {
		t.descriptors.close(f)
	}
	return errors.Join(err, t.lock.Close())
}

// Save writes the checkpoints now.
func (t *Tailer) Save() error { return t.store.save(time.Now()) }

// KeepSaving writes the checkpoints a second after something has changed, until ctx is done. When they cannot be written, shipping goes
// on and the next try comes a second later.
func (t *Tailer) KeepSaving(ctx context.Context) {
	t.store.touch() // for the whole state, to begin with
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.store.touched:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(saveEvery):
		}
		err := t.Save()
		if err != nil || t.store.unwritten() {
			t.store.touch()
		}
		if err != nil && !failing {
			t.log.Error("checkpoints cannot be written; shipping goes on, and after a restart lines will be sent again", "error", err)
		} else if err == nil && failing {
			t.log.Info("checkpoints are written again")
		}
		failing = err != nil
	}
}

// Run reads until ctx is done, or with Once until every file is read to its end; then the error names what could not be
// read. deliver takes each batch over, and may wait; it returns an error only when ctx is done.
func (t *Tailer) Run(ctx context.Context, deliver func(*event.Batch) error) error {
	poll := time.NewTimer(0)
	defer poll.Stop()
	t.running.Store(true)
	defer t.running.Store(false)
	for {
		for len(t.ready) > 0 {
			if err := t.turn(ctx, deliver, false); err != nil {
				return ignoreDone(ctx, err)
			}
			t.listen(poll)
		}
		if t.scans > 0 {
			t.caught.idle()
		}
		if t.cfg.Once && t.scans > 0 && t.cfg.Fed == nil {
			return ignoreDone(ctx, t.finish(ctx, deliver))
		}
		var listed <-chan time.Time
		if t.rescan {
			listed = time.After(time.Until(t.scanAt.Add(rescanEvery)))
		}
		var quiet <-chan time.Time
		if len(t.unfinished) > 0 {
			quiet = time.After(time.Until(t.flushAt))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
			t.poll(poll)
		case <-t.hints.wake:
			t.follow()
		case <-listed:
			t.scan()
		case <-quiet:
			t.flush()
		case command := <-t.commands:
			command()
		case <-t.cfg.Fed:
			t.cfg.Fed = nil
			t.scan()
			t.lookAtAll()
		}
	}
}

func ignoreDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (t *Tailer) queue(f *file) {
	if !f.queued {
		f.queued = true
		t.ready = append(t.ready, f)
	}
}

// turn reads one batch of the file that is next, so that a file with a large backlog does not starve the others.
func (t *Tailer) turn(ctx context.Context, deliver func(*event.Batch) error, done bool) error {
	f := t.ready[0]
	since := t.caught.turning(t.ready)
	defer t.caught.turned(f)
	t.ready = t.ready[1:]
	f.queued, f.again = false, true
	if !t.tracks(f) {
		return nil
	}
	if err := t.reopen(f); err != nil {
		if errors.Is(err, errGone) {
			t.log.Info("file went away while it was closed", "path", f.path, "read", f.read)
			t.findCopy(f, false)
			t.release(f)
			return nil
		}
		t.warnOnce(f.path, err)
		return nil
	}
	// The next poll comes back to these. With Once there is none, so a source that is held is read on, and waits where
	// everything waits: for a batch.
	if t.suspect(f) || !t.cfg.Once && f.src != nil && f.src.Held.Load() > 0 {
		return nil
	}
	b, err := t.take(ctx)
	if err != nil {
		return err
	}
	if !t.tracks(f) {
		b.Release()
		return nil
	}
	done = done || f.gone && time.Since(f.grew) > releaseAfter
	if f.zip == nil && f.read == 0 && f.src == nil && compressed(f.fd) {
		f.zip = &unzipper{fd: f.fd} // it was empty when it was opened
		t.store.put(f.rec, func(r *record) { r.Zipped = true })
	}
	unpacked := f.zip != nil && f.zip.ended
	if unpacked && f.zip.broken != nil {
		t.warnOnce(f.path, f.zip.broken)
	}
	more, err := f.fill(b, done || unpacked && f.zip.broken == nil)
	if f.rested = !more; more && err == nil {
		t.caught.more(f, since)
	}
	if err == nil && b.To > b.From {
		err = t.hand(f, b, deliver, done)
		b = nil
	}
	if b != nil {
		b.Release()
	}
	f.again = err != nil
	if f.zip != nil && f.zip.ended {
		f.zip.rest(f.read - int64(len(f.overlap)))
	}
	switch {
	case !t.tracks(f): // it was given up while the outputs were away
	case errors.Is(err, errTruncated):
		t.truncated(f)
		t.queue(f)
	case errors.Is(err, context.Canceled):
		return err
	case err != nil:
		t.warnOnce(f.path, err)
	case more, f.zip != nil && f.zip.ended != unpacked:
		t.queue(f)
	case done && f.gone:
		t.release(f)
	case f.waits:
		t.await(f)
	}
	return nil
}

// tracks reports whether f has not been released.
func (t *Tailer) tracks(f *file) bool {
	return t.files[fileKey{f.input.index, f.rec.Dev, f.rec.Ino}] == f
}

// take waits for a batch.
func (t *Tailer) take(ctx context.Context) (b *event.Batch, err error) {
	if b, ok := t.cfg.Batches.TryTake(); ok {
		return b, nil
	}
	t.waiting.Store(true)
	defer t.waiting.Store(false)
	err = t.whileGivingUp(func() (err error) {
		b, err = t.cfg.Batches.Take(ctx)
		return err
	})
	return b, err
}

// hand passes b on as lines of f.
func (t *Tailer) hand(f *file, b *event.Batch, deliver func(*event.Batch) error, done bool) error {
	if ok, err := f.begin(t.cfg.Host, done); !ok {
		b.Release()
		return err
	}
	f.advance(b)
	place, known := f.place()
	t.store.put(f.rec, func(r *record) {
		r.source, r.SourceID, r.Head, r.Path, r.handed = f.src, f.src.ID, headOf(f.begins), f.path, f.read
		if known {
			r.marks = append(r.marks, place)
		}
	})
	b.Source, b.Path, b.Read = f.src, f.path, time.Now()
	f.src.Count(event.Read, len(b.Lines))
	f.input.bytes.Add(b.To - b.From)
	delete(t.warned, f.path)
	t.waiting.Store(true)
	defer t.waiting.Store(false)
	return t.whileGivingUp(func() error { return deliver(b) })
}

// truncated begins the next generation of f. What was not read before may stand in a copy, as logrotate's copytruncate
// makes one.
func (t *Tailer) truncated(f *file) {
	t.log.Info("file was truncated; reading it from its beginning", "path", f.path, "read", f.read)
	f.input.truncations.Add(1)
	if dir := filepath.Dir(f.path); !f.input.searched { // then copies are looked for all at once
		f.cut = true
		f.input.cut[dir] = append(f.input.cut[dir], f)
		return
	}
	t.findCopy(f, true)
	t.beginAnew(f)
}

// beginAnew makes f be read from its beginning, as the next generation.
func (t *Tailer) beginAnew(f *file) {
	f.restart()
	t.store.put(f.rec, func(r *record) {
		r.source, r.marks, r.SourceID, r.Head, r.Place, r.Offset = nil, nil, 0, head{}, mark{}, 0
		r.Generation++
	})
}

// finish ships last lines that have no newline; no file is going to grow any more.
func (t *Tailer) finish(ctx context.Context, deliver func(*event.Batch) error) error {
	for _, f := range t.files {
		t.queue(f)
	}
	for len(t.ready) > 0 {
		if err := t.turn(ctx, deliver, true); err != nil {
			return err
		}
	}
	if len(t.warned) > 0 {
		return fmt.Errorf("not everything could be read: %s", strings.Join(slices.Sorted(maps.Keys(t.warned)), ", "))
	}
	return nil
}

// warnOnce logs a problem with a path the first time; the next scan tries again in silence.
func (t *Tailer) warnOnce(path string, err error) {
	if t.warned[path] {
		return
	}
	t.warned[path] = true
	t.log.Warn("cannot be read; it will be tried again", "path", path, "error", err)
}

// Progress is how far the files of one pipeline have been delivered.
type Progress struct {
	Name      string
	Files     int
	Size      int64 // bytes in the files
	Committed int64 // bytes of them that are acknowledged
	Read      int64 // bytes read since the start, of these files and of those that are gone
	Truncated int64 // how often one of the files was found truncated since the start
	GivenUp   int64 // deleted files that were given up since the start, because of the limits of deleted
	Lost      int64 // bytes of those that were not read
}

// Progress returns the state of each pipeline. Any goroutine may call it.
func (t *Tailer) Progress() []Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Progress, len(t.inputs))
	for i, in := range t.inputs {
		all[i] = Progress{Name: in.name, Read: in.bytes.Load(), Truncated: in.truncations.Load(), GivenUp: in.givenUp.Load(), Lost: in.lost.Load()}
	}
	for _, f := range t.status {
		p := &all[f.input.index]
		p.Files++
		p.Size += f.size.Load()
		p.Committed += f.committed()
	}
	return all
}

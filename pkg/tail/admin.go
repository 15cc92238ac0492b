package tail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/tailspan/tailspan/pkg/event"
)

// FileStatus is what is known of one file as one pipeline reads it.
type FileStatus struct {
	Pipeline   string           `json:"pipeline"`
	Path       string           `json:"path"` // where it was seen last
	Device     uint64           `json:"device"`
	Inode      uint64           `json:"inode"`
	Source     string           `json:"source"` // part of every _id; empty while the first line is not complete
	Generation uint32           `json:"generation"`
	Committed  int64            `json:"committed"`        // everything before it is delivered
	Size       int64            `json:"size"`             // now; -1 when the file is not there
	Zipped     bool             `json:"zipped,omitempty"` // positions are those of the unpacked content
	Open       bool             `json:"open"`             // the running agent has it open
	Lines      map[string]int64 `json:"lines,omitempty"`  // the ledger since the agent began to read it
}

// Files lists what is known, by pipeline and path. Any goroutine may call it.
func (t *Tailer) Files() []FileStatus {
	all := t.store.statuses()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range all {
		_, all[i].Open = t.status[fileKey{t.pipeline(all[i].Pipeline), all[i].Device, all[i].Inode}]
	}
	return all
}

// statuses lists what is remembered, by pipeline and path.
func (s *store) statuses() (all []FileStatus) {
	for _, r := range s.all() {
		one := FileStatus{Pipeline: r.Pipeline, Path: r.Path, Device: r.Dev, Inode: r.Ino, Generation: r.Generation, Committed: r.Offset, Size: -1, Zipped: r.Zipped}
		if r.SourceID != 0 {
			one.Source = strconv.FormatUint(r.SourceID, 16)
		}
		if state, err := stateAt(r.Path); err == nil && r.sameInode(state.identity) {
			one.Size = state.Size
		}
		if r.source != nil {
			counts := r.source.Ledger.Snapshot()
			one.Lines = map[string]int64{"in_flight": counts.InFlight()}
			for verdict, name := range event.VerdictNames {
				one.Lines[name] = counts[verdict]
			}
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b FileStatus) int {
		return cmp.Or(cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Inode, b.Inode))
	})
	return all
}

// Delivered is up to where the file at path is delivered; 0 when nothing is known of it. Any goroutine may call it.
func (t *Tailer) Delivered(path string) (offset int64) {
	for _, r := range t.store.all() {
		if r.Path == path {
			offset = max(offset, r.Offset)
		}
	}
	return offset
}

// pipeline is the index of the pipeline with the name, -1 when there is none any more.
func (t *Tailer) pipeline(name string) int {
	return slices.IndexFunc(t.inputs, func(in *input) bool { return in.name == name })
}

// errNoFile says that a path is none that is known.
var errNoFile = errors.New("no such file is known; 'tailspan files list' shows those that are")

// Rewind makes reading of the file at path go on at offset, which must be the beginning of a line. Lines that were delivered
// are sent again, with the ids they have.
func (t *Tailer) Rewind(ctx context.Context, path string, offset int64) error {
	return t.do(ctx, func() error {
		found := errNoFile
		for _, r := range t.store.all() {
			if r.Path != path {
				continue
			}
			if offset < 0 || offset > r.Offset {
				return fmt.Errorf("%s: offset %d is not before the position reached, %d", path, offset, r.Offset)
			}
			if err := atLineStart(r, offset); err != nil {
				return err
			}
			found = t.rewind(r.known, offset)
		}
		return found
	})
}

// atLineStart reports why reading cannot go on at the offset.
func atLineStart(r knownRecord, offset int64) error {
	if r.Zipped || offset == 0 {
		return nil
	}
	f, err := os.Open(r.Path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var before [2]byte // the newline of UTF-16, little-endian, ends in 0
	n := min(2, offset)
	if _, err := f.ReadAt(before[2-n:], offset-n); err != nil {
		return fmt.Errorf("%s: %w", r.Path, err)
	}
	if before[1] != '\n' && before != [2]byte{'\n', 0} {
		return fmt.Errorf("%s: no line begins at offset %d", r.Path, offset)
	}
	return nil
}

// rewind moves the record, and the file being read if there is one.
func (t *Tailer) rewind(r *record, offset int64) error {
	var src *event.Source
	for _, f := range t.files {
		if f.rec != r || f.src == nil {
			continue
		}
		// A source of its own: what the old one has under way must not move the new position.
		src = &event.Source{ID: f.src.ID, Generation: f.src.Generation, Pipeline: f.src.Pipeline, Total: f.src.Total}
		src.Committed.Store(offset)
		if err := f.seek(offset); err != nil {
			return err
		}
		f.src = src
		f.mirror.Store(src)
		t.queue(f)
	}
	t.store.put(r, func(r *record) { r.source, r.marks, r.Place, r.Offset = src, nil, mark{}, offset })
	return nil
}

// Forget drops what is known of the file at path. If a pattern matches it, it is a new file at the next look.
func (t *Tailer) Forget(ctx context.Context, path string) error {
	return t.do(ctx, func() error {
		found := errNoFile
		for _, r := range t.store.all() {
			if r.Path != path {
				continue
			}
			for _, f := range t.files {
				if f.rec == r.known {
					t.release(f)
				}
			}
			t.store.drop(r.known)
			found = nil
		}
		t.rescan = true
		return found
	})
}

// Verify compares each record with the file it is about, and says what does not fit.
func (t *Tailer) Verify() (problems []string) {
	for _, r := range t.store.all() {
		f, state, err := openFile(t.inputOf(r.Pipeline), r.Path)
		switch {
		case errors.Is(err, os.ErrNotExist) || err == nil && f == nil:
			problems = append(problems, fmt.Sprintf("%s: is not there any more (delivered up to %d)", r.Path, r.Offset))
			continue
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s: %v", r.Path, err))
			continue
		}
		if !r.sameInode(state.identity) {
			problems = append(problems, fmt.Sprintf("%s: is another file now; what is known is about inode %d", r.Path, r.Ino))
		} else if same, err := r.stillIn(f, state); err != nil || !same {
			problems = append(problems, fmt.Sprintf("%s: does not hold what was read from it: it was truncated or written anew", r.Path))
		}
		_ = f.fd.Close() // was only read
	}
	slices.Sort(problems)
	return problems
}

// inputOf is the input of a pipeline; of one that is not there any more it is an input that may read anything.
func (t *Tailer) inputOf(pipeline string) *input {
	for _, in := range t.inputs {
		if in.name == pipeline {
			return in
		}
	}
	return &input{Input: Input{FollowSymlinks: true}}
}

// do runs f where the files belong: in the goroutine of Run, or here when Run has not begun.
func (t *Tailer) do(ctx context.Context, f func() error) error {
	if !t.running.Load() {
		return f()
	}
	done := make(chan error, 1)
	select {
	case t.commands <- func() { done <- f() }:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

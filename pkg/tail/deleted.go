package tail

import (
	"slices"
	"time"
)

// The space of a deleted file comes back only when nobody has it open any more. An agent that cannot deliver would fill the
// disk with what its service has cleared away, so how long it insists can be bounded. By default it is not: what has not
// been read is in no other place.

// whileGivingUp calls wait, which may take as long as the outputs are away, and looks at deleted files meanwhile if they
// are bounded.
func (t *Tailer) whileGivingUp(wait func() error) error {
	if !t.bounded() {
		return wait()
	}
	done := make(chan error, 1)
	go func() { done <- wait() }()
	tick := time.NewTicker(pollWatched)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			t.giveUpDeleted()
		}
	}
}

// bounded reports whether there are limits to how long deleted files are held.
func (t *Tailer) bounded() bool {
	return slices.ContainsFunc(t.inputs, func(in *input) bool { return in.Deleted != Deleted{} })
}

// giveUpDeleted lets go of deleted files that are past the limits and not read to their ends, or still being written.
func (t *Tailer) giveUpDeleted() {
	for _, f := range t.files {
		limits := f.input.Deleted
		if limits == (Deleted{}) || f.fd == nil {
			continue
		}
		state, err := stateOf(f.fd)
		if err != nil || state.Links > 0 {
			f.deleted = time.Time{}
			continue
		}
		if f.deleted.IsZero() {
			f.deleted = time.Now()
		}
		f.noteSize(state.Size)
		old := limits.MaxAge > 0 && time.Since(f.deleted) > limits.MaxAge
		large := limits.MaxSize > 0 && state.Size > limits.MaxSize
		if (old || large) && (f.unread(state) || time.Since(f.grew) <= releaseAfter) {
			t.giveUp(f, state, old)
		}
	}
}

// giveUp releases f, says so, and counts what is lost.
func (t *Tailer) giveUp(f *file, state fileState, old bool) {
	lost := int64(0) // of a compressed file nobody knows
	if f.zip == nil {
		lost = max(0, state.Size-f.read)
	}
	limit := "deleted.max_size"
	if old {
		limit = "deleted.max_age"
	}
	t.log.Warn("a deleted file was given up before it was read to its end", "path", f.path, "limit", limit, "read", f.read, "size", state.Size, "lost", lost)
	f.input.givenUp.Add(1)
	f.input.lost.Add(lost)
	t.release(f)
}

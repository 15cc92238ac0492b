package tail

import (
	"bytes"
	"errors"
	"path/filepath"
	"time"
)

// holdCopy is how long a new file that is, so far, the same as an older one is left alone after it last grew: it may be
// a copy made to truncate the original, and then most of it was read already. What is no copy differs soon.
const holdCopy = 3 * time.Second

// snapshot returns what is remembered of a file now.
func (s *store) snapshot(r *record) record {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.settle()
	return *r
}

// reached is what is known of f with how far it has been read, acknowledged or not.
func (t *Tailer) reached(f *file) record {
	r := t.store.snapshot(f.rec)
	if place, ok := f.place(); ok {
		r.Place = place
	}
	r.Offset, r.marks = f.read, nil
	for _, e := range f.trail {
		r.marks = append(r.marks, e.mark)
	}
	r.begins = f.begins
	return r
}

// Between the end of a copy and the truncation of its original a writer may go on, and what it writes may be read. That takes
// milliseconds, and a second on a busy machine: so many ends of batches are remembered, and of a busy file those of trailSpan
// at most, the older ones further apart. What stands between the last of them and the end of a copy cannot be compared any
// more, so that the trail should be no longer than it needs to be.
const (
	trailLength = 32
	trailSpan   = 10 * time.Second
)

// ending is where a batch ended, and when.
type ending struct {
	mark
	when time.Time
}

// extended adds the end of a batch. Of a full trail those that are too old are forgotten, and every second one of its older half.
// The trail passed in is changed.
func extended(trail []ending, end ending) []ending {
	if len(trail) == trailLength {
		kept := trail[:0]
		for i, e := range trail {
			if end.when.Sub(e.when) < trailSpan && (i >= trailLength/2 || i%2 == 0) {
				kept = append(kept, e)
			}
		}
		trail = kept
	}
	return append(trail, end)
}

// cutShort reports whether f is a copy of what r remembers that ends before what was read: it begins alike and has, at the last
// remembered end of a batch before its own end, what was there, unless its end is within the beginning.
func (r *record) cutShort(f *file, state fileState) bool {
	if f.zip != nil || state.Size >= r.Offset {
		return false
	}
	if state.Size <= int64(len(r.begins)) {
		return beginsAlike(f, state.Size, r.begins)
	}
	for i := len(r.marks) - 1; i >= 0; i-- {
		if m := r.marks[i]; m.At <= state.Size {
			same, _ := m.matches(f) // what cannot be read is not the same
			return same && beginsAlike(f, state.Size, r.begins)
		}
	}
	return false
}

// stillIn reports whether f holds what r remembers: it begins as it did, and has at the remembered place what was
// there. Of a file of which nothing was handed on nothing is known, so anything will do.
func (r *record) stillIn(f *file, state fileState) (bool, error) {
	if f.zip == nil && r.Offset > state.Size {
		return false, nil
	}
	if ok, err := r.Head.matches(f); !ok || err != nil {
		return false, err
	}
	if r.Place.Len == 0 {
		return true, nil
	}
	return r.Place.matches(f)
}

// suspect reports whether f, of which nothing has been read, is so far the same as another file of its directory that was
// there before: a copy, made to truncate the original. If that has happened already, f is read on from where the original
// was; if not, f is left alone until it differs or has not grown for holdCopy.
// What is empty yet may be a copy by the time it is read, and has its turn when it has grown.
func (t *Tailer) suspect(f *file) bool {
	if f.early || f.read > 0 || f.src != nil || f.zip != nil {
		return false
	}
	if state, err := f.state(); err == nil { // it may have grown since it was seen
		f.noteSize(state.Size)
	}
	if f.size.Load() == 0 {
		return !t.cfg.Once && !f.gone
	}
	if time.Since(f.grew) > holdCopy {
		return false
	}
	for _, g := range t.files {
		if g == f || g.input != f.input || g.zip != nil || filepath.Dir(g.path) != filepath.Dir(f.path) || !beginsAlike(f, f.size.Load(), t.begins(g)) {
			continue
		}
		size, opened := f.size.Load(), t.reopen(g)
		if size < g.read && opened == nil && !g.shrunk() {
			if sameAt(f, g, size) {
				return true
			}
			continue
		}
		if size < g.read {
			if before := t.reached(g); !before.cutShort(f, fileState{Size: size}) {
				continue
			}
		} else if place, ok := g.place(); ok {
			if same, err := place.matches(f); err != nil || !same {
				continue
			}
		}
		switch {
		case errors.Is(opened, errGone):
			t.findCopy(g, false)
			t.release(g)
		case g.shrunk():
			t.truncated(g)
		}
		return true
	}
	return false
}

// begins is what g begins with, as far as it was read; of a file that was truncated and not read since, as it stands. Nothing is known
// of other files of which nothing was read: they may be new as well.
func (t *Tailer) begins(g *file) []byte {
	if g.read > 0 || g.rec == nil || t.store.snapshot(g.rec).Generation == 0 || t.reopen(g) != nil {
		return g.begins
	}
	stands, _ := beginning(g, headSize) // what cannot be read is like nothing
	return stands
}

// beginsAlike reports whether f, which has the size, begins as another file did, as far as f goes.
func beginsAlike(f *file, size int64, begins []byte) bool {
	n := min(size, int64(len(begins)))
	mine, err := beginning(f, int(n))
	return err == nil && n > 0 && bytes.Equal(mine, begins[:n])
}

// sameAt compares the last bytes of f, which has the size, with the same place of g.
func sameAt(f, g *file, size int64) bool {
	var a, b [overlapSize]byte
	at := max(0, size-overlapSize)
	la, _ := f.ReadAt(a[:size-at], at) // what cannot be read is not the same
	lb, _ := g.ReadAt(b[:size-at], at)
	return la == lb && la > 0 && a == b
}

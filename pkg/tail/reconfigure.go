package tail

import "github.com/tailspan/tailspan/pkg/event"

// Reconfigure gives the Tailer other pipelines; Run must have returned, and may be called again afterwards. Pipelines are the
// same when their names are. Their files stay open, so that one that has been deleted is read to its end, and go on where
// they are: what was handed on and not acknowledged is read again. Files that the pipelines do not want any more are let go;
// what is known of them stays, for when they are wanted again. After an error, which is what is wrong with an input, nothing has
// changed.
func (t *Tailer) Reconfigure(inputs []Named, batches *event.Pool) error {
	var fresh []*input
	byName := map[string]*input{}
	for i, named := range inputs {
		in, err := newInput(i, named)
		if err != nil {
			return err
		}
		fresh, byName[in.name] = append(fresh, in), in
	}
	t.cfg.Inputs, t.cfg.Batches = inputs, batches
	for _, before := range t.inputs {
		if in := byName[before.name]; in != nil {
			in.carry(before)
		} else {
			t.store.unmeet(before.name)
		}
	}
	kept := make([]*file, 0, len(t.files))
	for _, f := range t.files {
		if in := byName[f.input.name]; in != nil && t.stillWanted(f, in) {
			kept = append(kept, f)
			continue
		}
		if f.src != nil {
			f.src.Ledger[event.Read].Add(-f.src.Ledger.InFlight()) // that is read again when the file is wanted again
		}
		t.release(f)
	}
	t.rekey(kept, fresh, byName)
	t.ready, t.rescan, t.caught.last = nil, true, nil
	for _, f := range kept {
		f.queued = false
		t.goOn(f)
		t.queue(f)
	}
	return nil
}

// carry takes over what is counted for a pipeline.
func (in *input) carry(before *input) {
	in.bytes.Store(before.bytes.Load())
	in.truncations.Store(before.truncations.Load())
	in.givenUp.Store(before.givenUp.Load())
	in.lost.Store(before.lost.Load())
	in.searched, in.folders.deaf = before.searched, before.folders.deaf
}

// stillWanted reports whether f, which its pipeline has been reading, is to be read on. A file that was rotated away or
// deleted is; one whose path the patterns do not match any more is not.
func (t *Tailer) stillWanted(f *file, in *input) bool {
	return in.wants(f.path) || !f.input.wants(f.path) || !leadsTo(f.path, f)
}

// rekey puts files under the numbers that their pipelines have now.
func (t *Tailer) rekey(files []*file, inputs []*input, byName map[string]*input) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inputs = inputs
	clear(t.files)
	clear(t.status)
	for _, f := range files {
		f.input = byName[f.input.name]
		key := fileKey{f.input.index, f.rec.Dev, f.rec.Ino}
		t.files[key], t.status[key] = f, f
	}
}

// goOn lets f go on where it is, or, when not everything that was handed on has been acknowledged, where that ends. Lines
// that will be read again do not count as read.
func (t *Tailer) goOn(f *file) {
	if f.src == nil {
		return
	}
	committed, lost := f.src.Committed.Load(), f.src.Ledger.InFlight()
	if lost == 0 && committed == f.read {
		f.src.Pipeline, f.src.Total = f.input.index, f.input.total
		return
	}
	// A source of its own: what the old one has under way must not move the new position.
	src := &event.Source{ID: f.src.ID, Generation: f.src.Generation, Pipeline: f.input.index, Total: f.input.total}
	src.Ledger.Continue(&f.src.Ledger)
	src.Committed.Store(committed)
	t.store.put(f.rec, func(r *record) {
		r.settle()
		r.source, r.marks = src, nil
	})
	f.src = src
	f.mirror.Store(src)
	f.read, f.scanned, f.overlap, f.trail = committed, committed, nil, nil
	f.begins = f.begins[:min(int64(len(f.begins)), committed)]
	if f.fd == nil {
		return // it is looked for when it is opened again
	}
	if err := f.seek(committed); err != nil {
		t.warnOnce(f.path, err)
	}
}

// unmeet makes the files of a pipeline that is not there any more be looked for when it comes back.
func (s *store) unmeet(pipeline string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range s.byInode {
		for _, r := range list {
			if r.Pipeline == pipeline {
				r.settle()
				r.marks, r.met = nil, false
			}
		}
	}
}

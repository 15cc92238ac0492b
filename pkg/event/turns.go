package event

import "sync"

// Past is what the lines of a source before one leave to it.
type Past struct {
	Time    Time // of the last line that had one
	Columns any  // that the last line with names of columns has named; only the format knows what that is
}

// Turn is that of a batch among those of its source. It hands the Past from batch to batch in their order, whichever workers have
// them: who needs it waits for the workers of the batches before, which hardly any line does. Who does not may end its turn before them.
type Turn struct {
	of *turns
	n  uint64
}

// turns are those that one owner has taken. Another begins with turns of its own, so that it waits for nothing that the one before
// did not end.
type turns struct {
	owner any
	taken uint64 // belongs to who takes turns

	mu    sync.Mutex
	moved sync.Cond
	done  uint64
	past  Past
	early map[uint64]Time // turns that ended before one before them, and what they leave
}

// Next takes the turn of the source's next batch. One goroutine calls it. Each turn must be ended, by Done or by Return, and owner is
// who sees to that.
func (s *Source) Next(owner any) Turn {
	t := s.turns
	if t == nil || t.owner != owner {
		t = &turns{owner: owner}
		t.moved.L = &t.mu
		if s.turns != nil {
			s.turns.mu.Lock()
			t.past = s.turns.past
			s.turns.mu.Unlock()
		}
		s.turns = t
	}
	t.taken++
	return Turn{t, t.taken}
}

// Return gives back the turn that was taken last, by who has taken it.
func (t Turn) Return() { t.of.taken-- }

// Wait waits until all turns before are done. What it returns belongs to the caller until Done.
func (t Turn) Wait() *Past {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	for t.of.done != t.n-1 {
		t.of.moved.Wait()
	}
	return &t.of.past
}

// Done ends a turn, and leaves the time of the last line of its batch to the next ones unless it is not set.
func (t Turn) Done(last Time) {
	of := t.of
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.done != t.n-1 {
		if of.early == nil {
			of.early = map[uint64]Time{}
		}
		of.early[t.n] = last
		return
	}
	for ok := true; ok; last, ok = of.early[of.done+1] {
		of.done++
		delete(of.early, of.done)
		if last.Set {
			of.past.Time = last
		}
	}
	of.moved.Broadcast()
}

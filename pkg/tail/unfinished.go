package tail

import "time"

// An event that may go on is left in its file until the next one begins, or until the file has not grown for the timeout.
// Nothing tells of a file that does not grow, so those files are remembered.

// await takes down that f has whole lines that are left until it grows, or does not for the timeout.
func (t *Tailer) await(f *file) {
	if due := f.grew.Add(f.input.framer.Timeout()); len(t.unfinished) == 0 || due.Before(t.flushAt) {
		t.flushAt = due
	}
	t.unfinished[f] = true
}

// flush queues the files whose time is up.
func (t *Tailer) flush() {
	now := time.Now()
	t.flushAt = now.Add(time.Hour)
	for f := range t.unfinished {
		due := f.grew.Add(f.input.framer.Timeout())
		if f.waits && due.After(now) {
			if due.Before(t.flushAt) {
				t.flushAt = due
			}
			continue
		}
		delete(t.unfinished, f)
		if f.waits {
			t.queue(f)
		}
	}
}

package tail

import (
	"sync/atomic"
	"time"
)

// caught knows up to when everything that was written has been handed on, as far as it was seen in the files. It belongs to the goroutine
// of Run, but for at.
type caught struct {
	at     atomic.Int64        // Unix nanoseconds
	behind map[*file]time.Time // files that have more than was read of them: up to when nothing of them is missing
	began  time.Time           // when the round of turns began
	last   *file               // whose turn ends it; nil: the next turn begins one
}

// CaughtUp is up to when everything that was written has been handed on. While a file has a backlog that is when it began; while outputs
// are away nothing is read, and it stands still. A file that cannot be read, or of which nothing is read because its index is blocked,
// counts for nothing. Any goroutine may call it.
func (t *Tailer) CaughtUp() time.Time { return time.Unix(0, t.caught.at.Load()) }

// turning begins the turn of f, the first of the files that are ready.
func (c *caught) turning(ready []*file) (since time.Time) {
	if c.last == nil {
		c.began, c.last = time.Now(), ready[len(ready)-1]
	}
	f := ready[0]
	since, was := c.behind[f]
	if !was {
		return time.Unix(0, c.at.Load())
	}
	delete(c.behind, f)
	return since
}

// more says that f has more than was read in its turn, which turning answered since.
func (c *caught) more(f *file, since time.Time) {
	if c.behind == nil {
		c.behind = map[*file]time.Time{}
	}
	c.behind[f] = since
}

// turned ends the turn of f.
func (c *caught) turned(f *file) {
	if f == c.last {
		c.last = nil
		c.publish(c.began)
	}
}

// idle says that no file is known to have anything to read.
func (c *caught) idle() {
	c.last = nil
	c.publish(time.Now())
}

func (c *caught) publish(at time.Time) {
	for _, since := range c.behind {
		if since.Before(at) {
			at = since
		}
	}
	c.at.Store(max(at.UnixNano(), c.at.Load()))
}

// forget lets go of a file.
func (c *caught) forget(f *file) {
	delete(c.behind, f)
	if c.last == f {
		c.last = nil
	}
}

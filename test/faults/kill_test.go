//go:build faults && linux

package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/tailspan/tailspan/internal/control"
)

// Two things bound what is sent again after a kill. An agent has as duplicates only what it did not find in the checkpoint; and the
// checkpoint has whatever was acknowledged, up to the first line that was not, a save and its interval before the kill.

// saveWithin is the interval of saves, a second, with what a busy machine adds to it.
const saveWithin = 3 * time.Second

// killMany kills agents at random moments under load, and leaves the last one running.
func (s *scene) killMany(kills int) {
	s.t.Helper()
	for i := range 3 {
		s.writer(fmt.Sprintf("app%d.log", i)).flow(700)
	}
	covered := coveredLines{s: s, offsets: map[string]int64{}}
	most, again := 0, 0
	for range kills {
		a := s.start()
		twice := s.live(a, covered.count, rand.N(4*time.Second))
		again, most = again+twice, max(most, twice)
		covered.update()
	}
	s.start()
	s.saw("%d kills, %d lines, %d sent again, at most %d at once, peak %s", kills, s.store.tally().created, again, most, s.peakText())
}

// acknowledged is how far files were acknowledged at a moment.
type acknowledged struct {
	at    time.Time
	files map[string]int64
}

// live lets an agent live so long, kills it, and returns how many lines it had sent again by its last account; covered is how many
// lines the checkpoint had when it started.
func (s *scene) live(a *agent, covered int, span time.Duration) (twice int) {
	s.t.Helper()
	var marks []acknowledged
	for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(min(200*time.Millisecond, time.Until(end))) {
		marks = append(marks, s.acknowledged())
		m, err := a.metrics()
		if err != nil {
			continue
		}
		twice = int(sumOf(m, "tailspan_lines_total", `"duplicate"`))
		indexed, created := int(sumOf(m, "tailspan_lines_total", `"indexed"`)), s.store.tally().created
		if most := created - covered - indexed; twice > most {
			s.wrong("%d lines sent again: there are %d, the checkpoint had %d and %d are new", twice, created, covered, indexed)
		}
	}
	killed := time.Now()
	a.kill()
	for _, mark := range marks {
		for path, offset := range mark.files {
			if saved := s.checkpoint(path); killed.Sub(mark.at) > saveWithin && saved < offset {
				s.wrong("%s was acknowledged up to %d %v before the kill, the checkpoint has %d", path, offset, killed.Sub(mark.at), saved)
			}
		}
	}
	return twice
}

// acknowledged asks the agent.
func (s *scene) acknowledged() acknowledged {
	now := acknowledged{time.Now(), map[string]int64{}}
	client, err := control.Dial(context.Background(), s.data)
	if err != nil {
		return now // not listening yet
	}
	files, _ := client.Files(context.Background()) // none, then
	for _, f := range files {
		now.files[f.Path] = f.Committed
	}
	return now
}

// coveredLines counts the lines before the offsets of a checkpoint, without reading a file twice.
type coveredLines struct {
	s       *scene
	offsets map[string]int64
	count   int
}

// update reads on to where the checkpoint is now.
func (c *coveredLines) update() {
	c.s.t.Helper()
	for _, w := range c.s.writers {
		to := c.s.checkpoint(w.path)
		if to < 0 {
			continue
		}
		fd, err := os.Open(w.path)
		c.s.must(err)
		text, err := io.ReadAll(io.NewSectionReader(fd, c.offsets[w.path], to-c.offsets[w.path]))
		c.s.must(err)
		c.s.must(fd.Close())
		c.count += bytes.Count(text, []byte("\n"))
		c.offsets[w.path] = to
	}
}

//go:build faults && linux

package faults_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

var holdRows = []row{
	{55, "SIGKILL at random while lines are held", killedWhileHolding},
	{56, "Elasticsearch away while lines are held", awayWhileHolding},
	{57, "rotation, restarts and reloads while lines are held", rotatedWhileHolding},
	{58, "memory for held lines spent", heldBeyondMemory},
}

// Traced writers come in threes. Of two of them, groupLines lines each are of one trace, with those of others between them; every fifth trace
// is kept, because of the last line of the first of them, or of the second, or of a line of the third, which has no others: so its
// file is acknowledged while lines of the trace are held.
const (
	groupLines = 8
	atOnce     = 25 // traces
	blockLines = groupLines * atOnce
	errorLines = 3 // who the third writer is
)

// groupOf is the trace that a line of a traced writer is of.
func (w *writer) groupOf(number int) int {
	if w.teller == errorLines {
		return 15*number + 10
	}
	return group(number)
}

// group is the trace of a line of the first two.
func group(number int) int { return number/blockLines*atOnce + number%atOnce }

// tells says whether a line makes its trace one that is kept.
func (w *writer) tells(number int) bool {
	g := w.groupOf(number)
	return w.teller == errorLines || g%5 == 0 && g/5%3 == w.teller-1 && number%blockLines >= blockLines-atOnce
}

// tracedLine is a line of a traced writer.
func (w *writer) tracedLine(number int) string {
	level := "info"
	if w.tells(number) {
		level = "error"
	}
	return fmt.Sprintf(`{"message":"%s","level":%q,"trace_id":"%016x%016x"}`, token(w.name, number, w.wide), level, 0x1234_0000_0000_0000+w.groupOf(number), uint64(w.groupOf(number)+1)<<40)
}

// pair is two writers whose lines are of the same traces, one for errors in some of these, and one whose lines are of none.
type pair struct {
	s             *scene
	both          [2]*writer
	errors, plain *writer
}

// hold gives the pipeline of the scene a rule, and makes writers.
func (s *scene) hold(rule string) *pair {
	s.t.Helper()
	s.conf.pipelines[0].extra = "hold: " + rule + "\n"
	p := &pair{s: s, both: [2]*writer{s.writer("a.log"), s.writer("b.log")}, errors: s.writer("errors.log"), plain: s.writer("plain.log")}
	for i, w := range p.both {
		w.teller = i + 1
	}
	p.errors.teller = errorLines
	return p
}

// write appends n lines to each of both, and what errors they come with.
func (p *pair) write(n int) {
	for _, w := range p.both {
		w.write(n)
	}
	p.errors.write((p.both[1].written()/blockLines*atOnce+4)/15 - p.errors.written())
}

// flow appends so many lines a second to each of both, in step, until rest.
func (p *pair) flow(perSecond int) {
	stop, done := make(chan struct{}), make(chan struct{})
	p.both[0].stops = append(p.both[0].stops, func() {
		close(stop)
		<-done
	})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for start, made := time.Now(), 0; ; {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			due := int(time.Since(start).Seconds() * float64(perSecond))
			p.write(due - made)
			made = due
		}
	}()
}

// finish writes the last traces to their ends.
func (p *pair) finish() {
	p.both[0].rest()
	p.write(blockLines - p.both[0].written()%blockLines)
}

// keeps says whether the rule keeps a line.
func (p *pair) keeps(key lineKey) bool {
	return key.writer == p.plain.name || key.writer == p.errors.name || group(key.number)%5 == 0
}

// pass is the standard pass for what the rule keeps; strictly, nothing else may be there.
func (p *pair) pass(strictly bool) {
	s := p.s
	s.t.Helper()
	p.finish()
	s.passWith(standard{optional: func(key lineKey) bool { return !p.keeps(key) }, drops: true})
	kept := s.store.read()
	kept.mu.Lock()
	defer kept.mu.Unlock()
	more, all, total := []lineKey{}, 0, 0
	for key := range kept.lines {
		if all++; !p.keeps(key) {
			more = append(more, key)
		}
	}
	if strictly && len(more) > 0 {
		s.wrong("%d lines are there that the rule drops: %s", len(more), ranges(more))
	}
	for _, w := range s.writers {
		total += w.written()
	}
	s.saw("%d lines, %d kept, %d of them not by the rule", total, all, len(more))
}

// early is how many lines were let through before their time, and late how many traces were kept too late, by the agent that runs.
func (p *pair) early() (early, late float64) {
	p.s.t.Helper()
	m, err := p.s.agent.metrics()
	p.s.must(err)
	return sumOf(m, "tailspan_held_decided_lines_total", `"early"`), sumOf(m, "tailspan_held_late_traces_total")
}

// killedWhileHolding kills agents that live long enough to decide some of what they hold, or not.
func killedWhileHolding(s *scene) {
	kills := size(12, 300)
	p := s.hold("{for: 1500ms}")
	p.flow(700)
	p.plain.flow(100)
	for range kills {
		a := s.start()
		lasts(time.Duration(rand.Int64N(int64(4 * time.Second))))
		a.kill()
	}
	s.start()
	p.pass(true)
	s.saw("%d kills", kills)
}

// awayWhileHolding lets Elasticsearch be away for far longer than lines are held, more than once, in every way that makes the agent wait. Requests are
// few and small, so that nothing is read soon, and what makes a trace one that is kept stands unread in the files.
func awayWhileHolding(s *scene) {
	s.conf.output = "bulk: {max_docs: 20, in_flight: 1}\n"
	p := s.hold("{for: 1500ms}")
	s.start()
	p.flow(700)
	p.plain.flow(100)
	for i := range size(3, 20) {
		lasts(time.Second)
		s.sink.suffer(func(w http.ResponseWriter, r *request) bool {
			if i%2 == 0 {
				r.hold()
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}, nil)
		lasts(6 * time.Second)
		if i%3 == 1 {
			s.agent.kill()
			s.start()
		}
		s.sink.heal()
		lasts(2 * time.Second)
	}
	early, late := p.early()
	p.pass(true)
	if early > 0 || late > 0 {
		s.wrong("%v lines early, %v traces late", early, late)
	}
}

// rotatedWhileHolding renames both logs again and again, to a name that the pattern matches and one that it does not, while the agent is
// restarted in good order and its configuration read again.
func rotatedWhileHolding(s *scene) {
	s.conf.pipelines[0].paths = []string{filepath.Join(s.logs, "*.log")}
	p := s.hold("{for: 1500ms}")
	s.start()
	p.plain.flow(100)
	rotations := size(12, 200)
	for i := range rotations {
		p.flow(1000)
		lasts(700 * time.Millisecond)
		p.both[0].rest()
		w := p.both[i%2]
		key := lineKey{p.plain.name, p.plain.written()}
		s.await("the agent reads", patience, func() bool { return s.sink.has(key) }) // what it has not seen before it is renamed cannot be found
		s.must(os.Rename(w.path, fmt.Sprintf("%s.%d", w.path, i)))
		s.must(w.reopen(w.path))
		switch i % 4 {
		case 1:
			s.agent.stop()
			s.start()
		case 3:
			done := strings.Count(s.agent.log(), takenOver)
			s.conf.pipelines[0].extra = fmt.Sprintf("hold: {for: 1500ms}\nfields: [{name: labels.n, value: %d}]\n", i)
			s.writeConf()
			s.agent.signal(syscall.SIGHUP)
			s.await("the reload is done", patience, func() bool { return strings.Count(s.agent.log(), takenOver) > done })
		}
	}
	p.pass(true)
	s.saw("%d rotations", rotations)
}

// heldBeyondMemory holds more than there is memory for: nothing is lost, and that more is kept than the rule says is counted.
func heldBeyondMemory(s *scene) {
	p := s.hold("{for: 1m, memory: 1MiB}")
	s.start()
	for range size(10, 200) {
		for range 10 {
			p.write(200)
		}
		lasts(100 * time.Millisecond)
	}
	p.finish()
	s.await("memory is spent", patience, func() bool { early, _ := p.early(); return early > 0 })
	s.agent.kill()
	s.conf.pipelines[0].extra = "hold: {for: 1500ms, memory: 1MiB}\n"
	s.start()
	p.pass(false)
	early, _ := p.early()
	s.saw("%v lines early in the last life", early)
}

//go:build faults && linux

package faults_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// standard is the standard pass; a row says in it what its fault excuses.
type standard struct {
	twice    func(lineKey) bool // lines that may stand there under two ids; nil: none
	optional func(lineKey) bool // lines that may be missing; nil: none
	within   time.Duration      // for all lines; 0: patience
	memory   int64              // the cap in bytes; 0: what the configuration says
	noFresh  bool               // no fresh line is asked for
	deleted  bool               // the store does not have all that it was given, or has it twice: it does not agree with the ledger
}

// memoryCap is the default bound for what is resident: memory in the configuration, and the program beside it.
const memoryCap = 64<<20 + 32<<20

// freshWithin is how long a line may take after a fault has ended.
const freshWithin = 10 * time.Second

// pass applies the standard pass with no excuses.
func (s *scene) pass() {
	s.t.Helper()
	s.passWith(standard{})
}

// passWith looks at everything that must hold after the fault has ended. The agent must be running.
func (s *scene) passWith(o standard) {
	s.t.Helper()
	if !o.noFresh {
		s.fresh()
	}
	for _, w := range s.writers {
		w.rest()
	}
	s.complete(o)
	s.ledger(o)
	s.memory(o)
}

// fresh writes a line into a file that is not new to the agent and waits for it.
func (s *scene) fresh() {
	s.t.Helper()
	if len(s.writers) == 0 {
		s.fail("nobody writes")
	}
	s.freshBy(s.writers[len(s.writers)-1])
}

// freshBy writes the line by w.
func (s *scene) freshBy(w *writer) {
	s.t.Helper()
	w.rest()
	key := lineKey{w.name, w.written()}
	w.write(1)
	start := time.Now()
	for !s.store.read().has(key) {
		if time.Since(start) > patience {
			s.fail("a fresh line of %s was not indexed within %v", w.name, patience)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if took := time.Since(start); took > freshWithin {
		s.wrong("a fresh line took %.1f s", took.Seconds())
	}
}

// complete waits until every line is in the sink or the dead letters, and checks that each is there once and unaltered.
func (s *scene) complete(o standard) {
	s.t.Helper()
	limit := time.Now().Add(max(o.within, patience))
	var missing []lineKey
	for {
		if missing = s.missing(o); len(missing) == 0 || time.Now().After(limit) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if len(missing) > 0 {
		s.wrong("%d lines lost, the first %v, the last %v", len(missing), missing[0], missing[len(missing)-1])
	}
	kept := s.store.read()
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if n := len(kept.foreign); n > 0 {
		s.wrong("%d documents altered or foreign, the first: %s", n, kept.foreign[0])
	}
	known := map[string]int{}
	for _, w := range s.writers {
		known[w.name] = w.written()
	}
	var double, unknown []lineKey
	for key, n := range kept.lines {
		if next, ok := known[key.writer]; !ok || key.number >= next {
			unknown = append(unknown, key)
		}
		if n > 1 && (o.twice == nil || !o.twice(key)) {
			double = append(double, key)
		}
	}
	if len(double) > 0 {
		s.wrong("%d lines doubled under another _id, such as %v", len(double), double[0])
	}
	if len(unknown) > 0 {
		s.wrong("%d documents that nobody wrote, such as %v", len(unknown), unknown[0])
	}
}

// missing lists the lines that are neither in the sink nor in the dead letters.
func (s *scene) missing(o standard) []lineKey {
	dead, kept := s.deadLines(), s.store.read()
	kept.mu.Lock()
	defer kept.mu.Unlock()
	var all []lineKey
	for _, w := range s.writers {
		for number := range w.written() {
			key := lineKey{w.name, number}
			if kept.lines[key] == 0 && !dead[key] && (o.optional == nil || !o.optional(key)) {
				all = append(all, key)
			}
		}
	}
	return all
}

// letter is a line of the dead letters.
type letter struct {
	Status       int
	Type, Reason string
	Document     json.RawMessage
}

// letters reads the dead letters; a last line without its end does not count.
func (s *scene) letters() []letter {
	fd, err := os.Open(filepath.Join(s.data, "dead-letters.ndjson"))
	if err != nil {
		return nil // there were none
	}
	defer func() { _ = fd.Close() }() // was only read
	var all []letter
	for in := bufio.NewReader(fd); ; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return all
		}
		var l letter
		if json.Unmarshal(line, &l) == nil {
			all = append(all, l)
		}
	}
}

// deadLines are the lines in the dead letters.
func (s *scene) deadLines() map[lineKey]bool {
	all := map[lineKey]bool{}
	for _, l := range s.letters() {
		if m := tokenForm.FindSubmatch(l.Document); m != nil {
			all[keyOf(m)] = true
		}
	}
	return all
}

// ledger checks the agent's own account: it adds up, nothing is left in flight, and what it says was indexed is what the
// sink has got of this run.
func (s *scene) ledger(o standard) {
	s.t.Helper()
	a := s.agent
	if a.ended() {
		return
	}
	var m map[string]float64
	s.await("nothing is in flight", patience, func() bool {
		var err error
		m, err = a.metrics()
		return err == nil && sumOf(m, "tailspan_lines_in_flight") == 0
	})
	read := sumOf(m, `tailspan_lines_total`, `"read"`)
	indexed, duplicate := sumOf(m, `tailspan_lines_total`, `"indexed"`), sumOf(m, `tailspan_lines_total`, `"duplicate"`)
	dead, dropped := sumOf(m, `tailspan_lines_total`, `"dead_lettered"`), sumOf(m, `tailspan_lines_total`, `"dropped"`)
	if read != indexed+duplicate+dead+dropped {
		s.wrong("the ledger does not add up: read %v, indexed %v, duplicate %v, dead-lettered %v, dropped %v", read, indexed, duplicate, dead, dropped)
	}
	if o.deleted {
		return
	}
	// An answer that was lost makes an indexed line a duplicate one: of the two the sum is certain, and the first is no more than
	// what the sink has kept.
	created := s.store.tally().created - a.base.created
	if int(indexed) > created || int(indexed+duplicate) < created {
		s.wrong("the ledger says %v indexed and %v duplicate, the sink has kept %d", indexed, duplicate, created)
	}
}

// sumOf adds the samples whose name begins with the first word and holds the others.
func sumOf(m map[string]float64, prefix string, words ...string) float64 {
	total := 0.0
next:
	for name, v := range m {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		for _, w := range words {
			if !strings.Contains(name, w) {
				continue next
			}
		}
		total += v
	}
	return total
}

// memory checks the most that was ever resident.
func (s *scene) memory(o standard) {
	s.t.Helper()
	limit := o.memory
	if limit == 0 {
		limit = memoryCap
	}
	if s.agent.sample(); s.agent.peak > limit {
		s.wrong("%d MiB resident, the cap is %d", s.agent.peak>>20, limit>>20)
	}
}

// delivered waits until every line written so far is kept or in the dead letters.
func (s *scene) delivered() {
	s.t.Helper()
	start := time.Now()
	for missing := s.missing(standard{}); len(missing) > 0; missing = s.missing(standard{}) {
		if time.Since(start) > patience {
			s.fail("%d lines not delivered within %v, the first %v, the last %v", len(missing), patience, missing[0], missing[len(missing)-1])
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// saved waits until the checkpoint says that the files are delivered to their ends.
func (s *scene) saved(paths ...string) {
	s.t.Helper()
	s.delivered()
	for _, path := range paths {
		s.await("the checkpoint knows "+path, patience, func() bool {
			info, err := os.Stat(path)
			return err == nil && s.checkpoint(path) == info.Size()
		})
	}
}

var recordForm = regexp.MustCompile(`"path":("[^"]*").*"offset":(\d+)`)

// checkpoint is how far the file is delivered as the data directory has it; -1 when it does not know the file.
func (s *scene) checkpoint(path string) int64 {
	offset := int64(-1)
	for _, name := range []string{"checkpoints", "checkpoints.journal"} {
		text, _ := os.ReadFile(filepath.Join(s.data, name)) // not there yet: it knows nothing
		for _, m := range recordForm.FindAllSubmatch(text, -1) {
			if known, err := strconv.Unquote(string(m[1])); err == nil && known == path {
				offset, _ = strconv.ParseInt(string(m[2]), 10, 64) // digits
			}
		}
	}
	return offset
}

// peakText is the most memory seen, for the table.
func (s *scene) peakText() string {
	s.agent.sample()
	return strings.TrimSpace(mebibytes(s.agent.peak))
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }

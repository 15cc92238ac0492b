//go:build faults && linux

package faults_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// standard is the standard pass; a row says in it what its fault excuses.
type standard struct {
	twice    func(lineKey) bool // lines that may stand there under two ids; nil: none
	optional func(lineKey) bool // lines that may be missing; nil: none
	within   time.Duration      // how long nothing may come while lines are missing; 0: patience
	memory   int64              // the cap in bytes; 0: what the configuration says
	noFresh  bool               // no fresh line is asked for
	reopened bool               // files were let go and found again: their own ledgers begin anew then
	drops    bool               // a rule of the user's drops lines, which no output is given then
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
	if missing := s.settled(o); len(missing) > 0 {
		s.wrong("%d lines lost: %s", len(missing), ranges(missing))
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
		s.wrong("%d lines doubled under another _id: %s", len(double), ranges(double))
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

// ranges says which lines these are, the first few stretches of them.
func ranges(lines []lineKey) string {
	slices.SortFunc(lines, func(a, b lineKey) int {
		return cmp.Or(cmp.Compare(a.writer, b.writer), cmp.Compare(a.number, b.number))
	})
	var out []string
	for len(lines) > 0 && len(out) < 10 {
		n := 1
		for n < len(lines) && lines[n] == (lineKey{lines[0].writer, lines[0].number + n}) {
			n++
		}
		out = append(out, fmt.Sprintf("%s %d–%d", lines[0].writer, lines[0].number, lines[n-1].number))
		lines = lines[n:]
	}
	if len(lines) > 0 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
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
	if s.agent.sample(); s.peak > limit {
		s.wrong("%d MiB resident, the cap is %d", s.peak>>20, limit>>20)
	}
}

// delivered waits until every line written so far is kept or in the dead letters, for as long as there are fewer and fewer
// that are not.
func (s *scene) delivered() {
	s.t.Helper()
	if missing := s.settled(standard{}); len(missing) > 0 {
		s.fail("no line delivered for %v and %d missing: %s", patience, len(missing), ranges(missing))
	}
}

// settled waits until no line is missing, or until nothing has come for as long as patience lasts, and returns what is missing.
// To look at a million lines takes a while, so that it does not look all the time.
func (s *scene) settled(o standard) []lineKey {
	s.t.Helper()
	least, since := -1, time.Now()
	for {
		start := time.Now()
		missing := s.missing(o)
		if least < 0 || len(missing) < least { // the first look may take minutes
			least, since = len(missing), time.Now()
		}
		if len(missing) == 0 || time.Since(since) > max(o.within, patience) {
			return missing
		}
		time.Sleep(min(max(5*time.Millisecond, 4*time.Since(start)), 5*time.Second))
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
	return strings.TrimSpace(mebibytes(s.peak))
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }

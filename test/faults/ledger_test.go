//go:build faults && linux

package faults_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
)

// verdicts are what becomes of a line that was read.
var verdicts = []string{"indexed", "duplicate", "dead_lettered", "dropped"}

// fileLedger is what `tailspan files` says of a file.
type fileLedger struct {
	Pipeline, Path, Source string
	Generation             uint32
	Committed, Size        int64
	Zipped                 bool
	Lines                  map[string]int64
}

// ledger checks the agent's own account: it adds up for every pipeline, output and file, nothing is left in flight, and what it
// says was indexed is what the store has got of this run.
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
	for _, p := range s.conf.pipelines {
		s.addsUp("pipeline "+p.name, func(verdict string) int64 {
			return int64(sumOf(m, "tailspan_lines_total", `pipeline="`+p.name+`"`, `verdict="`+verdict+`"`))
		})
	}
	for _, verdict := range verdicts {
		read, sent := sumOf(m, "tailspan_lines_total", `"`+verdict+`"`), sumOf(m, "tailspan_output_lines_total", `"elasticsearch"`, `"`+verdict+`"`)
		if read != sent && !(o.drops && verdict == "dropped") {
			s.wrong("%v lines are %s by the pipelines' ledgers, %v by the output's", read, verdict, sent)
		}
	}
	s.fileLedgers(o, m)
	if o.deleted {
		return
	}
	// An answer that was lost makes an indexed line a duplicate one: of the two the sum is certain, and the first is no more than
	// what the store has kept.
	indexed, duplicate := sumOf(m, `tailspan_lines_total`, `"indexed"`), sumOf(m, `tailspan_lines_total`, `"duplicate"`)
	created := s.store.tally().created - a.base.created
	if int(indexed) > created || int(indexed+duplicate) < created {
		s.wrong("the ledger says %v indexed and %v duplicate, the store has kept %d", indexed, duplicate, created)
	}
}

// addsUp checks one account, of which nothing is in flight.
func (s *scene) addsUp(whose string, count func(verdict string) int64) {
	s.t.Helper()
	total := int64(0)
	for _, verdict := range verdicts {
		n := count(verdict)
		if n < 0 {
			s.wrong("%s: %d lines %s", whose, n, verdict)
		}
		total += n
	}
	if read := count("read"); read != total {
		s.wrong("the ledger of %s does not add up: %d lines read, %d with a verdict", whose, read, total)
	}
}

// fileLedgers checks the account of each file, and all of them against those of the pipelines: the same, unless files were truncated,
// copied or deleted, whose lines no file has any more. What a first agent has read of a whole file is its lines.
func (s *scene) fileLedgers(o standard, m map[string]float64) {
	s.t.Helper()
	var complaints bytes.Buffer
	cmd := exec.Command(binary, "files", "--config", filepath.Join(s.dir, "tailspan.yaml"), "--json")
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		s.fail("tailspan files: %v: %s", err, complaints.Bytes())
	}
	var files []fileLedger
	s.must(json.Unmarshal(out, &files))
	read, whole, sources := int64(0), true, map[string]bool{}
	for _, f := range files {
		if f.Lines == nil {
			continue // known, and not read by this agent
		}
		s.addsUp("file "+f.Path, func(verdict string) int64 { return f.Lines[verdict] })
		if n := f.Lines["in_flight"]; n != 0 {
			s.wrong("%d lines of %s in flight", n, f.Path)
		}
		alone := f.Generation == 0 && f.Size >= 0 && !f.Zipped && !sources[f.Pipeline+f.Source]
		whole = whole && alone
		sources[f.Pipeline+f.Source] = true
		read += f.Lines["read"]
		if alone && !o.reopened && s.runs == 1 && f.Size < 64<<20 && f.Committed == f.Size {
			s.wantRead(f)
		}
	}
	if total := int64(sumOf(m, "tailspan_lines_total", `"read"`)); whole && !o.reopened && read != total {
		s.wrong("%d lines were read by the files' ledgers, %d by the pipelines'", read, total)
	}
}

// wantRead compares an account with the file itself.
func (s *scene) wantRead(f fileLedger) {
	s.t.Helper()
	text, err := os.ReadFile(f.Path)
	if err != nil {
		return // it is gone since
	}
	if n := int64(bytes.Count(text[:min(int64(len(text)), f.Committed)], []byte("\n"))); n != f.Lines["read"] {
		s.wrong("%s: %d lines read, it has %d", f.Path, f.Lines["read"], n)
	}
}

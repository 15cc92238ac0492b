//go:build faults && linux

package faults_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

var checkpointRows = []row{
	{6, "checkpoint truncated at every byte", checkpointTruncated},
	{7, "checkpoint bit-flipped, zeroed, empty", checkpointFlipped},
	{8, "checkpoint deleted", checkpointDeleted},
}

// state is the data directory of an agent that has delivered in three lives, so that every file in it says something.
type state struct {
	s     *scene
	files map[string][]byte
}

func newState(s *scene) *state {
	w, other := s.writer("app.log"), s.writer("other.log")
	for range 3 {
		w.write(50)
		other.write(5)
		s.once(launch{})
	}
	w.write(50) // and a life that ended in the middle of it
	s.start()
	for range 3 {
		other.write(1)
		s.saved(w.path, other.path)
	}
	s.agent.kill()
	st := &state{s: s, files: map[string][]byte{}}
	entries, err := os.ReadDir(s.data)
	s.must(err)
	for _, e := range entries {
		if e.Type().IsRegular() {
			b, err := os.ReadFile(filepath.Join(s.data, e.Name()))
			s.must(err)
			st.files[e.Name()] = b
		}
	}
	return st
}

// with puts the state back, one file of it damaged, and lets an agent read it.
func (st *state) with(name string, damaged []byte) *agent {
	st.s.t.Helper()
	st.s.must(os.RemoveAll(st.s.data))
	st.s.must(os.Mkdir(st.s.data, 0o700))
	for n, b := range st.files {
		if n == name {
			b = damaged
		}
		st.s.must(os.WriteFile(filepath.Join(st.s.data, n), b, 0o600))
	}
	a := st.s.once(launch{})
	if a.status() != 0 {
		st.s.fail("with %s damaged it ended with %d", name, a.status())
	}
	return a
}

// aside reports whether the file was set aside, whatever the end of its new name.
func (st *state) aside(name string) bool {
	found, _ := filepath.Glob(filepath.Join(st.s.data, name+"*broken*")) // the pattern is a good one
	return len(found) > 0
}

func checkpointTruncated(s *scene) {
	st := newState(s)
	total, starts, unreported := s.sink.tally().created, 0, 0
	for _, name := range []string{"checkpoints", "checkpoints.journal"} {
		whole := st.files[name]
		for n := 0; n < len(whole); n += size(37, 1) {
			before := s.sink.tally()
			a := st.with(name, whole[:n])
			starts++
			after := s.sink.tally()
			if after.created != total {
				s.fail("%s cut at %d: %d documents were new", name, n, after.created-total)
			}
			if name == "checkpoints" && n > 0 && after.conflicts-before.conflicts == total {
				s.wrong("%s cut at %d: everything was sent again, the previous copy was not used", name, n)
			}
			whole := n > 0 && whole[n-1] == '\n' && name != "checkpoints" // a journal of fewer records
			if !whole && n > 0 && !a.says("damaged", "torn", "corrupt") {
				unreported++
				if unreported == 1 {
					s.wrong("%s cut at %d of %d: nothing was said", name, n, len(st.files[name]))
				}
			}
		}
	}
	s.start()
	s.pass()
	s.saw("%d lengths, %d not reported", starts, unreported)
}

func checkpointFlipped(s *scene) {
	st := newState(s)
	total, silent, harmless := s.sink.tally().created, map[string]int{}, 0
	again := func(name string, damaged []byte) (*agent, int) {
		before := s.sink.tally().conflicts
		a := st.with(name, damaged)
		return a, s.sink.tally().conflicts - before
	}
	_, usual := again("", nil)
	try := func(name, how string, damaged []byte) {
		a, twice := again(name, damaged)
		if got := s.sink.tally().created; got != total {
			s.fail("%s %s: %d documents were new", name, how, got-total)
		}
		if !a.says("damaged", "torn", "corrupt") || name == "checkpoints" && !st.aside(name) {
			if twice == usual { // such as a key in another case: it says the same
				harmless++
				return
			}
			silent[name]++
			s.t.Logf("%s %s: not noticed", name, how)
		}
	}
	flips := size(60, 1000)
	for i := range flips {
		name := []string{"checkpoints", "checkpoints.journal"}[i%2]
		damaged := append([]byte(nil), st.files[name]...)
		at := rand.N(len(damaged))
		damaged[at] ^= 1 << rand.N(8)
		try(name, fmt.Sprintf("with a bit of byte %d flipped", at), damaged)
	}
	for _, name := range []string{"checkpoints", "checkpoints.journal"} {
		try(name, "zeroed", make([]byte, len(st.files[name])))
		if name == "checkpoints" { // an empty journal is one that has just begun
			try(name, "empty", nil)
		}
	}
	s.start()
	s.pass()
	s.saw("%d damages, %d of them without meaning", flips+3, harmless)
	if len(silent) > 0 {
		s.wrong("not noticed, set aside and reported: %v", silent)
	}
}

func checkpointDeleted(s *scene) {
	w := s.writer("app.log")
	for _, what := range []string{"checkpoints", "checkpoints*", "*"} {
		w.write(2000)
		s.start()
		s.delivered()
		s.agent.stop()
		found, err := filepath.Glob(filepath.Join(s.data, what))
		s.must(err)
		for _, name := range found {
			s.must(os.RemoveAll(name))
		}
	}
	s.start()
	s.pass()
	s.saw("%d lines read again, none twice", s.sink.tally().conflicts)
}

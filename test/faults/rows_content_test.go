//go:build faults && linux

package faults_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

var contentRows = []row{
	{18, "inode reused by larger, smaller, equal content", inodeReused},
	{19, "same first 4 KiB, truncated and rewritten", samePreamble},
	{20, "truncated to 0, or to the middle of a line", truncated},
}

func inode(path string) uint64 {
	var st syscall.Stat_t
	_ = syscall.Stat(path, &st) // 0 for what is not there
	return st.Ino
}

// inodeReused replaces files by others that get their inode, on an ext4 with birth times and on one without, while the agent
// runs and while it does not.
func inodeReused(s *scene) {
	reused, tried := 0, 0
	var dirs []string
	for name, inodeSize := range map[string]string{"birth": "256", "nobirth": "128"} {
		dir := filepath.Join(s.dir, name)
		s.mountExt4(dir, 32, "-I", inodeSize)
		s.conf.pipelines = append(s.conf.pipelines, pipe{name: name, paths: []string{dir + "/*.log*"}})
		dirs = append(dirs, dir)
	}
	for _, dir := range dirs {
		for _, running := range []bool{true, false} {
			for _, lines := range []int{50, 200, 100} {
				tried++
				name := fmt.Sprintf("%s/reused-%d.log", dir, tried)
				if s.agent == nil || s.agent.ended() {
					s.start()
				}
				w := s.writerAt(name)
				w.write(100)
				s.delivered()
				if !running {
					s.saved(name)
					s.agent.kill()
				}
				before := inode(name)
				s.must(w.fd.Close())
				s.must(os.Remove(name))
				next := s.replacement(name, lines, w)
				if inode(name) == before {
					reused++
				}
				if !running {
					s.start()
				}
				next.write(3)
				s.delivered()
			}
		}
	}
	if reused == 0 {
		s.skip("no inode was reused")
	}
	s.writer("last.log")
	s.pass()
	s.saw("%d of %d replacements had the same inode", reused, tried)
}

// replacement makes a file of as many lines, and for 100 of as many bytes as the one before had.
func (s *scene) replacement(path string, lines int, before *writer) *writer {
	s.t.Helper()
	w := s.writerAt(path)
	if lines == 100 {
		// Names of one length give lines of one length.
		w.name = fmt.Sprintf("%s%s", strings.Repeat("x", max(0, len(before.name)-len(w.name))), w.name)
	}
	w.write(lines)
	return w
}

// preamble is what files begin with; its lines are nobody's.
func preamble(bytes int) []byte {
	var out []byte
	for i := 0; len(out) < bytes; i++ {
		out = fmt.Appendf(out, "# line %d of what every file of this service begins with\n", i)
	}
	return out
}

func samePreamble(s *scene) {
	s.conf.pipelines[0].extra = "format: none\n"
	rounds := 0
	for _, running := range []bool{true, false} {
		for _, lines := range []int{20, 60, 40} { // fewer, more, and as many as before
			rounds++
			w := s.writer(fmt.Sprintf("app-%d.log", rounds))
			w.raw(preamble(5000))
			w.write(40)
			if s.agent == nil || s.agent.ended() {
				s.start()
			}
			s.delivered()
			if !running {
				s.saved(w.path)
				s.agent.kill()
			}
			s.must(os.Truncate(w.path, 0))
			w.raw(preamble(5000))
			w.write(lines)
			if !running {
				s.start()
			}
			s.delivered()
		}
	}
	s.pass()
	if n, want := len(s.sink.strangers()), 2*rounds*strings.Count(string(preamble(5000)), "\n"); n != want {
		s.wrong("%d lines of preambles, %d were written", n, want)
	}
	s.saw("%d rewrites, preambles of both generations there", rounds)
}

// truncated cuts files to nothing and into a line, with half a line read in either case. What is left of a cut line and what is
// then appended to it is one line, of nobody; what the cut left is read again, as another generation.
func truncated(s *scene) {
	zero, middle := s.writer("zero.log"), s.writer("middle.log")
	s.start()
	again := map[lineKey]bool{}
	for range 3 {
		zero.write(50)
		zero.begin() // never finished
		s.delivered()
		s.must(os.Truncate(zero.path, 0))
		zero.write(30)
		s.delivered()
	}
	middle.write(51) // the last one is JSON
	middle.begin()
	s.delivered()
	text, err := os.ReadFile(middle.path)
	s.must(err)
	lines := strings.SplitAfter(string(text), "\n")
	cut := len(strings.Join(lines[:30], ""))
	s.must(os.Truncate(middle.path, int64(cut+10)))
	for n := range 30 {
		again[lineKey{middle.name, n}] = true
	}
	middle.raw([]byte("\n"))
	middle.write(20)
	s.await("the cut line is there", patience, func() bool {
		s.sink.mu.Lock()
		defer s.sink.mu.Unlock()
		return len(s.sink.foreign) > 0
	})
	s.sink.mu.Lock()
	for _, f := range s.sink.foreign {
		if !strings.Contains(f, strings.TrimSuffix(jsonText(lines[30][:10]), `"`)) {
			s.t.Errorf("a document that is no line: %s", f)
		}
	}
	s.sink.foreign = nil
	s.sink.mu.Unlock()
	s.passWith(standard{twice: func(key lineKey) bool { return again[key] }})
	if !s.agent.says("truncated") {
		s.wrong("nothing was said")
	}
	m, err := s.agent.metrics()
	s.must(err)
	if n := sumOf(m, "tailspan_", "truncat"); n < 4 {
		s.wrong("4 truncations, /metrics counts %v", n)
	}
	s.saw("held halves discarded")
}

// jsonText is the text as it stands in a JSON document.
func jsonText(text string) string {
	b, _ := json.Marshal(text) // a string can always be marshalled
	return string(b[1:])
}

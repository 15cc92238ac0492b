//go:build faults && linux

package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

var crashRows = []row{
	{1, "SIGKILL at random under load", killedAtRandom},
	{2, "SIGKILL at each write, fsync, rename, unlink", killedAtEachCall},
	{3, "SIGTERM while Elasticsearch hangs", stoppedWhileHanging},
	{4, "SIGSTOP, then SIGCONT", stoppedAndContinued},
	{5, "last line without newline, kill, then completed", halfALineAndAKill},
	{9, "two agents, one data_dir", twoAgents},
	{13, "memory limit, OOM kill", outOfMemory},
}

func killedAtRandom(s *scene) {
	s.killMany(size(25, 500))
	s.pass()
}

// killedAtEachCall lets strace kill the agent at the first, second, … call of each kind that it makes in its data
// directory: with --once until it lives to its end, and as a service for as many calls as its saves make in some seconds.
func killedAtEachCall(s *scene) {
	s.needTool("strace")
	calls := size([]string{"fsync", "renameat,renameat2,rename", "unlinkat,unlink", "write"},
		[]string{"fsync", "renameat,renameat2,rename", "unlinkat,unlink", "write", "openat", "ftruncate", "close"})
	w := s.writer("app.log")
	w.write(200)
	service, once := 0, 0
	for _, call := range calls {
		for nth := 1; ; nth++ {
			w.write(100)
			if !s.killedAt(call, nth, "--once") {
				break
			}
			once++
		}
		for nth := 1; nth <= size(5, 15); nth++ {
			w.flow(200)
			killed := s.killedAt(call, nth)
			w.rest()
			if !killed {
				break
			}
			service++
		}
	}
	s.start()
	s.pass()
	s.saw("%d kills of a service, %d of --once", service, once)
}

// killedAt runs an agent that is killed at the nth call; it answers false when the call did not come.
func (s *scene) killedAt(call string, nth int, args ...string) bool {
	s.t.Helper()
	a := s.launch(launch{before: straced(s, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, nth)), args: args})
	if len(args) > 0 {
		a.await(patience)
	}
	select {
	case <-a.done:
	case <-time.After(time.Duration(nth+3) * time.Second): // a save a second
		a.kill()
		return false
	}
	ws, ok := a.cmd.ProcessState.Sys().(syscall.WaitStatus)
	killed := ok && ws.Signal() == syscall.SIGKILL
	if !killed && a.status() != 0 {
		s.fail("at %s number %d it ended with %v", call, nth, a.cmd.ProcessState)
	}
	return killed
}

// straced is the command that runs the agent under strace, which looks at its data directory only.
func straced(s *scene, args ...string) []string {
	all := []string{"strace", "-D", "-f", "-qq", "-o", filepath.Join(s.dir, "strace.out")}
	for _, name := range []string{"", "checkpoints", "checkpoints.new", "checkpoints.previous", "checkpoints.journal", "dead-letters.ndjson"} {
		all = append(all, "-P", filepath.Join(s.data, name))
	}
	return append(append(all, args...), "--")
}

func stoppedWhileHanging(s *scene) {
	s.conf.shutdown = "3s"
	w := s.writer("app.log")
	w.write(5000)
	s.sink.suffer(func(_ http.ResponseWriter, r *request) bool { r.hold(); return true }, nil)
	a := s.start()
	s.await("a request hangs", patience, func() bool { return s.sink.faulty() > 0 })
	start := time.Now()
	a.stop()
	took := time.Since(start)
	if took > 5*time.Second {
		s.wrong("it took %.1f s to stop, allowed are 3", took.Seconds())
	}
	s.sink.heal()
	s.start()
	s.pass()
	s.saw("stopped after %.1f s of 3, status %d", took.Seconds(), a.status())
}

func stoppedAndContinued(s *scene) {
	pause := size(5*time.Second, 60*time.Second)
	w := s.writer("app.log")
	a := s.start()
	w.flow(2000)
	s.await("lines come", patience, func() bool { return s.sink.tally().created > 1000 })
	a.signal(syscall.SIGSTOP)
	lasts(pause / 2)
	s.sink.server.CloseClientConnections() // as a balancer does that hears nothing
	lasts(pause / 2)
	a.signal(syscall.SIGCONT)
	s.pass()
	s.saw("stopped for %v, %d lines", pause, w.written())
}

func halfALineAndAKill(s *scene) {
	w := s.writer("app.log")
	for range 5 {
		a := s.start()
		w.write(10)
		finish := w.begin()
		s.delivered()
		a.kill()
		finish()
	}
	for range 3 { // and while it runs
		s.start()
		finish := w.begin()
		s.delivered()
		finish()
		s.delivered()
		s.agent.stop()
	}
	s.start()
	s.pass()
	s.saw("8 halves, each one whole line")
}

func twoAgents(s *scene) {
	w := s.writer("app.log")
	first := s.start()
	w.write(100)
	s.delivered()
	second := s.launch(launch{})
	second.await(patience)
	said := strings.TrimSpace(second.log())
	if second.status() <= 0 || !second.says(s.data) || len(said) > 1000 {
		s.wrong("the second ended with %d and said: %s", second.status(), clip(said, 300))
	}
	s.agent = first
	if first.ended() {
		s.fail("the first has ended")
	}
	s.pass()
	s.saw("status %d: %s", second.status(), clip(strings.ReplaceAll(said, s.data, "DIR"), 120))
}

// outOfMemory gives the agent a limit that it cannot live in, until it has been killed, and then the one it is made for: what is
// configured and the program itself.
func outOfMemory(s *scene) {
	s.needRoot()
	group, file := s.memoryGroup()
	limit := func(mib int) {
		s.must(os.WriteFile(file, fmt.Appendf(nil, "%d", mib<<20), 0o644))
	}
	inGroup := launch{before: []string{"sh", "-c", "echo $$ > " + group + "/cgroup.procs && exec \"$@\"", "sh"}}
	w := s.writer("app.log")
	w.wide = 300
	w.write(size(50_000, 200_000))
	limit(12)
	for range 3 {
		a := s.launch(inGroup)
		a.await(patience)
		if ws, ok := a.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
			s.fail("12 MiB did not kill it: %v", a.cmd.ProcessState)
		}
	}
	limit(memoryCap >> 20)
	s.launch(inGroup).listening()
	w.flow(2000)
	lasts(size(2*time.Second, 20*time.Second))
	s.pass()
	s.saw("killed 3 times in 12 MiB; peak %s in %d", s.peakText(), memoryCap>>20)
}

// memoryGroup makes a control group, of the first or the second version, and returns its folder and the file that its limit is
// written to. The row is skipped where there can be none.
func (s *scene) memoryGroup() (group, limit string) {
	s.t.Helper()
	const root = "/sys/fs/cgroup"
	name := fmt.Sprintf("tailspan-faults-%d", os.Getpid())
	group, limit = filepath.Join(root, name), "memory.max"
	if _, err := os.Stat(root + "/memory/memory.limit_in_bytes"); err == nil {
		group, limit = filepath.Join(root, "memory", name), "memory.limit_in_bytes"
	}
	if err := os.Mkdir(group, 0o755); err != nil {
		s.skip("no control group can be had: %v", err)
	}
	s.t.Cleanup(func() {
		s.stopAll()
		_ = os.Remove(group) // it may be busy a moment longer; an empty group costs nothing
	})
	limit = filepath.Join(group, limit)
	if _, err := os.Stat(limit); err != nil {
		s.skip("no memory controller: %v", err)
	}
	return group, limit
}

//go:build faults && linux

package faults_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

var stateRows = []row{
	{10, "state file system full", stateFull},
	{11, "fsync EIO on the checkpoint", syncFails},
	{12, "state directory becomes read-only", stateReadOnly},
	{49, "dead-letter disk full", letterDiskFull},
}

// fill takes all the room that is left below dir; the returned function gives it back.
func (s *scene) fill(dir string) (free func()) {
	s.t.Helper()
	path := filepath.Join(dir, "filler")
	fd, err := os.Create(path)
	s.must(err)
	for _, n := range []int{1 << 20, 4 << 10, 1} {
		for chunk := make([]byte, n); err == nil; {
			_, err = fd.Write(chunk)
		}
		err = nil
	}
	s.must(fd.Close())
	return func() { s.must(os.Remove(path)) }
}

func stateFull(s *scene) {
	s.mountExt4(s.data, 8)
	w := s.writer("app.log")
	s.start()
	w.flow(1000)
	s.await("lines come", patience, func() bool { return s.sink.tally().created > 1000 })
	free := s.fill(s.data)
	s.await("it says that checkpoints cannot be written", patience, func() bool { return s.agent.says("no space left") })
	before := s.sink.tally().created
	s.await("lines come while the disk is full", patience, func() bool { return s.sink.tally().created > before+2000 })
	free()
	s.await("checkpoints are written again", freshWithin, func() bool { return s.agent.says("written again") })
	s.pass()
	lasts(2 * time.Second) // a save
	s.agent.kill()
	before = s.sink.tally().conflicts
	s.start()
	s.pass()
	if again := s.sink.tally().conflicts - before; again > 0 {
		s.wrong("%d lines sent again although there was room for the checkpoint", again)
	}
	s.saw("shipped on, reported, saved after space came back")
}

var fsyncCall = regexp.MustCompile(`^\d+ +(fsync|fdatasync|close|openat)\((\d+)?(?:<[^>]*>)?.*\) += (-?\d+)(.*)$`)

// syncFails lets some syncs fail. A descriptor whose sync failed must be closed and not synced again.
func syncFails(s *scene) {
	s.needTool("strace")
	w := s.writer("app.log")
	trace := filepath.Join(s.dir, "calls")
	before := []string{"strace", "-D", "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync,openat,close",
		"-e", "inject=fsync,fdatasync:error=EIO:when=3..30+3", "--"}
	s.launch(launch{before: before}).listening()
	w.flow(500)
	s.await("syncs fail", patience, func() bool {
		text, _ := os.ReadFile(trace) // soon
		return strings.Count(string(text), "(INJECTED)") >= 4
	})
	s.pass()
	s.agent.stop()
	text, err := os.ReadFile(trace)
	s.must(err)
	failed, bad := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		m := fsyncCall.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case m == nil:
		case m[1] == "close":
			delete(bad, m[2])
		case m[1] == "openat":
			delete(bad, m[3])
		default:
			if bad[m[2]] {
				s.fail("descriptor %s was synced again after its sync had failed", m[2])
			}
			if strings.Contains(m[4], "INJECTED") {
				bad[m[2]], failed[m[2]] = true, true
			}
		}
	}
	if !s.agent.says("cannot be written") {
		s.wrong("nothing was said")
	}
	s.start()
	s.pass()
	s.saw("%d syncs failed, none retried on its descriptor", strings.Count(string(text), "(INJECTED)"))
}

// stateReadOnly makes the kernel turn the file system read-only, as it does after an error of the disk.
func stateReadOnly(s *scene) {
	image := s.mountExt4(s.data, 8)
	w := s.writer("app.log")
	s.start()
	w.flow(1000)
	s.await("lines come", patience, func() bool { return s.sink.tally().created > 1000 })
	if err := try("mount", "-o", "remount,abort", s.data); err != nil {
		s.skip("the file system cannot be made to fail: %v", err)
	}
	s.await("it says that checkpoints cannot be written", patience, func() bool { return s.agent.says("read-only", "input/output error") })
	before := s.sink.tally().created
	s.await("lines come all the same", patience, func() bool { return s.sink.tally().created > before+2000 })
	s.agent.stop()
	s.command("umount", s.data)
	_ = try("fsck.ext4", "-p", image) // its status says that it mended something
	s.mount(image, s.data)
	s.start()
	s.pass()
	s.saw("shipped on, reported, whole after a check of the file system")
}

// letterDiskFull refuses documents while there is no room for them: they have to wait.
func letterDiskFull(s *scene) {
	s.mountExt4(s.data, 8)
	w := s.writer("app.log")
	s.start()
	w.write(1000)
	s.delivered()
	free := s.fill(s.data)
	s.sink.suffer(nil, func(d *document) (int, string, string) {
		if d.line.number%10 == 3 {
			return http.StatusBadRequest, "illegal_argument_exception", "it is not wanted"
		}
		return 0, "", ""
	})
	w.wide = 20_000 // more than the blocks that the file system keeps for itself
	w.write(400)
	s.await("it says that dead letters cannot be written", patience, func() bool { return s.agent.says("dead letters cannot be written") })
	m, err := s.agent.metrics()
	s.must(err)
	if dead := sumOf(m, "tailspan_lines_total", `"dead_lettered"`); int(dead) > len(s.letters()) {
		s.wrong("%v lines counted as dead-lettered, %d are on disk", dead, len(s.letters()))
	}
	free()
	s.await("the letters are on disk", patience, func() bool { return len(s.missing(standard{})) == 0 })
	s.sink.heal()
	s.pass()
	s.saw("held and reported, then %d letters", len(s.letters()))
}

//go:build faults && linux

package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

var systemRows = []row{
	{28, "inotify queue of 16 and a burst", smallQueue},
	{29, "no inotify watches; file system without events", noEvents},
	{30, "log directory unmounted and back; read EIO", unmounted},
}

// smallQueue makes the kernel's queue of file events short while the agent starts, which is when its length counts.
func smallQueue(s *scene) {
	s.needRoot()
	const setting = "/proc/sys/fs/inotify/max_queued_events"
	usual, err := os.ReadFile(setting)
	s.must(err)
	restore := func() { _ = os.WriteFile(setting, usual, 0o644) } // it could be written before
	s.t.Cleanup(restore)
	if err := os.WriteFile(setting, []byte("16"), 0o644); err != nil {
		s.skip("%s cannot be set: %v", setting, err)
	}
	w := s.writer("app.log")
	w.write(1)
	s.start()
	s.delivered()
	restore()
	for range size(5, 50) {
		for i := range 200 {
			b := s.writer(fmt.Sprintf("burst%03d-%d.log", i, len(s.writers)))
			b.write(1)
			s.must(b.fd.Close())
		}
		s.delivered()
	}
	s.must(w.reopen(w.path))
	s.writers = append(s.writers[1:], w)
	s.pass()
	s.saw("%d files in bursts of 200", len(s.writers)-1)
}

// noEvents runs one agent in a user namespace that has no watches, and another on a bindfs, below which changes send no
// events.
func noEvents(s *scene) {
	s.needTool("unshare")
	w := s.writer("app.log")
	w.write(100)
	if err := try("unshare", "-U", "-r", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_watches"); err != nil {
		s.skip("no user namespaces: %v", err)
	}
	s.launch(launch{before: []string{"unshare", "-U", "-r", "sh", "-c", `echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"`, "sh"}}).listening()
	late := s.writer("late.log")
	late.write(10)
	s.delivered()
	s.must(os.Rename(late.path, late.path+".1"))
	late.write(10)
	s.must(late.reopen(late.path))
	s.pass()
	if !s.agent.says("cannot be watched", "no file notifications") {
		s.wrong("nothing was said")
	}
	s.agent.stop()
	s.saw("polled without watches")
	s.throughBindfs(w)
}

// throughBindfs reads the logs through a mount that sends no events for changes made below it.
func (s *scene) throughBindfs(w *writer) {
	s.t.Helper()
	if try("which", "bindfs") != nil {
		s.saw("bindfs is not installed")
		return
	}
	mirror := filepath.Join(s.dir, "mirror")
	s.must(os.Mkdir(mirror, 0o755))
	if err := try("bindfs", s.logs, mirror); err != nil {
		s.saw("no bindfs here: %v", err)
		return
	}
	s.t.Cleanup(func() {
		s.stopAll()
		_ = try("umount", "-l", mirror) // the folder goes with it
	})
	s.data = filepath.Join(s.dir, "data2")
	s.conf.data = s.data
	s.conf.pipelines = []pipe{{name: "mirror", paths: []string{mirror + "/*.log*"}}}
	s.start()
	excuse := standard{twice: func(lineKey) bool { return true }} // other files than before, as far as anyone can tell
	s.freshBy(w)
	other := s.writer("below.log")
	s.freshBy(other)
	s.passWith(excuse)
	s.saw("and through bindfs")
}

// unmounted takes the file system of the logs away and brings it back, and lets reads fail.
func unmounted(s *scene) {
	image := s.mountExt4(s.logs, 32)
	w := s.writer("app.log")
	w.write(1000)
	other := s.writerAt(filepath.Join(s.dir, "other.log"))
	s.conf.pipelines = append(s.conf.pipelines, pipe{name: "other", paths: []string{other.path}})
	s.start()
	s.delivered()
	for range size(1, 3) {
		w.write(10)
		s.must(w.fd.Close())
		s.command("umount", "-l", s.logs)
		lasts(size(15*time.Second, 60*time.Second)) // longer than a file without a path is kept
		s.freshBy(other)
		s.mount(image, s.logs)
		s.must(w.reopen(w.path))
		s.freshBy(w)
	}
	s.passWith(standard{reopened: true})
	s.agent.stop()
	s.saw("away for %v, read on", size(15*time.Second, 60*time.Second))
	s.needTool("strace")
	s.launch(launch{before: []string{"strace", "-D", "-f", "-qq", "-o", filepath.Join(s.dir, "reads"), "-P", w.path,
		"-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=2+7", "--"}}).listening()
	for range 5 {
		w.write(10)
		s.delivered()
	}
	s.pass()
	text, _ := os.ReadFile(filepath.Join(s.dir, "reads")) // empty: no read failed
	n := strings.Count(string(text), "(INJECTED)")
	if n == 0 {
		s.wrong("no read failed")
	}
	s.saw("%d reads with EIO", n)
}

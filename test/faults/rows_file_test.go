//go:build faults && linux

package faults_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

var fileRows = []row{
	{22, "10,000 files, 2,000 active", manyFiles},
	{23, "RLIMIT_NOFILE=64 with 500 files", fewDescriptors},
	{24, "depth 200, 100,000 directories", manyDirectories},
	{25, "permission denied, then granted", permissionGranted},
	{26, "symlink loop; link retargeted", symlinks},
	{27, "FIFO, socket, device, directory matching the glob", notFiles},
}

// manyFiles has more files than the agent may have descriptors for, and one with a backlog that must not hold up the others.
func manyFiles(s *scene) {
	s.needTool("prlimit")
	files, active, descriptors := size(3000, 10_000), size(600, 2000), size(1000, 2500)
	idle := make([]*writer, 0, files)
	for i := range files {
		w := s.writer(fmt.Sprintf("f%05d.log", i))
		w.write(2)
		if i >= active {
			s.must(w.fd.Close())
		}
		idle = append(idle, w)
	}
	big := s.writer("big.log")
	big.wide = 2000
	a := s.launch(launch{before: []string{"prlimit", fmt.Sprintf("--nofile=%d:%d", descriptors, descriptors), "--"}})
	a.listening()
	s.delivered()
	most := len(a.descriptors())
	s.sink.suffer(func(http.ResponseWriter, *request) bool { lasts(500 * time.Millisecond); return false }, nil)
	big.write(size(60_000, 200_000))
	start := time.Now()
	for range 5 {
		for _, w := range idle[:active] {
			w.write(1)
		}
		most = max(most, len(a.descriptors()))
	}
	s.await("all active files are delivered", 2*patience, func() bool {
		missing := s.missing(standard{})
		return len(missing) == 0 || missing[0].writer == big.name
	})
	fair := time.Since(start)
	bigLeft := big.written() - s.sink.kept(big.name)
	if bigLeft == 0 {
		s.wrong("the backlog of one file went before all others")
	}
	s.sink.heal()
	s.freshBy(idle[0]) // big itself has its backlog first
	s.passWith(standard{noFresh: true})
	s.saw("%d files, %d active, at most %d descriptors of %d; the active ones were done after %.1f s with %d lines of the backlog left; peak %s",
		files, active, most, descriptors, fair.Seconds(), bigLeft, s.peakText())
}

func fewDescriptors(s *scene) {
	s.needTool("prlimit")
	var all []*writer
	for i := range 500 {
		w := s.writer(fmt.Sprintf("f%03d.log", i))
		w.write(20)
		all = append(all, w)
	}
	limited := launch{before: []string{"prlimit", "--nofile=64:64", "--"}}
	a := s.launch(limited)
	a.listening()
	most := 0
	limit := time.Now().Add(size(20*time.Second, 60*time.Second))
	for len(s.missing(standard{})) > 0 && time.Now().Before(limit) {
		most = max(most, len(a.descriptors()))
		time.Sleep(20 * time.Millisecond)
	}
	if n := len(s.missing(standard{})); n > 0 {
		read := 0
		for _, w := range all {
			if s.sink.kept(w.name) > 0 {
				read++
			}
		}
		s.wrong("%d of 500 files were read with 64 descriptors, %d lines were not", read, n)
	}
	a.stop()
	s.start() // with descriptors enough: nothing may have been forgotten
	before := s.sink.tally().conflicts
	s.pass()
	if again := s.sink.tally().conflicts - before; again > 0 {
		s.wrong("%d lines sent again: state was deleted", again)
	}
	s.saw("at most %d descriptors", most)
}

func manyDirectories(s *scene) {
	directories := size(10_000, 100_000)
	s.conf.pipelines[0].paths = []string{s.logs + "/**/*.log"}
	deep := s.logs
	for range 200 {
		deep = filepath.Join(deep, "d")
	}
	s.must(os.MkdirAll(deep, 0o755))
	for i := range directories {
		s.must(os.MkdirAll(fmt.Sprintf("%s/wide/%d/%d", s.logs, i/1000, i), 0o755))
	}
	w, wide := s.writerAt(deep+"/deep.log"), s.writerAt(fmt.Sprintf("%s/wide/%d/%d/wide.log", s.logs, 3, 3000))
	a := s.start()
	start := time.Now()
	w.write(100)
	wide.write(100)
	s.delivered()
	first := time.Since(start)
	late := s.writerAt(fmt.Sprintf("%s/wide/%d/%d/late.log", s.logs, 5, 5000))
	s.freshBy(late)
	before := cpuOf(a)
	const span = 10 * time.Second
	lasts(span)
	share := (cpuOf(a) - before).Seconds() / span.Seconds()
	if share > 0.5 {
		s.wrong("idle, it takes %.0f %% of a core to scan", share*100)
	}
	s.pass()
	s.saw("%d directories, first lines after %.1f s, idle %.1f %% of a core", directories, first.Seconds(), share*100)
}

// cpuOf is the time the agent has computed.
func cpuOf(a *agent) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", a.cmd.Process.Pid)) // zero when it has ended
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	var user, system int64
	_, _ = fmt.Sscan(fields[11], &user) // the kernel writes numbers
	_, _ = fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 everywhere
}

// permissionGranted runs the agent as nobody, whom permissions concern.
func permissionGranted(s *scene) {
	s.needRoot()
	const nobody = 65534
	s.must(os.Mkdir(s.data, 0o700))
	s.must(os.Chown(s.data, nobody, nobody))
	w, open := s.writer("closed.log"), s.writer("open.log")
	s.must(os.Chmod(w.path, 0o600))
	w.write(100)
	open.write(100)
	a := s.launch(launch{attr: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}})
	a.listening()
	s.freshBy(open)
	lasts(size(12*time.Second, 30*time.Second)) // several scans
	if n := s.sink.kept(w.name); n > 0 {
		s.fail("%d lines of a file that it may not read", n)
	}
	warnings := regexp.MustCompile(`(?m)^.*level=WARN.*closed\.log.*$`)
	if n := len(warnings.FindAllString(a.log(), -1)); n != 1 {
		s.wrong("%d warnings", n)
	}
	s.must(os.Chmod(w.path, 0o644))
	s.freshBy(w)
	s.pass()
	s.saw("one warning, read once it was allowed")
}

// symlinks has loops below the pattern, a link that moves on from one file to another, and one that leads out of what is allowed.
func symlinks(s *scene) {
	outside := filepath.Join(s.dir, "outside")
	s.must(os.Mkdir(outside, 0o755))
	s.must(os.Mkdir(s.logs+"/sub", 0o755))
	s.must(os.Symlink(s.logs, s.logs+"/sub/loop"))
	s.must(os.Symlink("self", s.logs+"/self"))
	s.must(os.Symlink("b.log", s.logs+"/a.log"))
	s.must(os.Symlink("a.log", s.logs+"/b.log"))
	s.must(os.Symlink("nowhere", s.logs+"/dangling.log"))
	s.conf.pipelines[0].paths = []string{s.logs + "/**/*.log"}
	first, second := s.writerAt(outside+"/1.txt"), s.writerAt(outside+"/2.txt")
	secret := s.writerAt(filepath.Join(s.dir, "secret.txt"))
	s.conf.pipelines[0].extra = fmt.Sprintf("allowed_roots: [%q, %q]\n", s.logs, outside)
	s.must(os.Symlink(secret.path, s.logs+"/secret.log"))
	secret.write(10)
	link := s.logs + "/current.log"
	s.must(os.Symlink(first.path, link))
	first.write(100)
	plain := s.writer("sub/plain.log")
	s.start()
	forbidden := standard{optional: func(key lineKey) bool { return key.writer == secret.name }}
	reach := func(w *writer) {
		w.write(100)
		s.await("the link's file is read", patience, func() bool { return s.sink.kept(w.name) == w.written() })
	}
	reach(first)
	for range 3 {
		for _, w := range []*writer{second, first} {
			s.must(os.Symlink(w.path, link+".new"))
			s.must(os.Rename(link+".new", link))
			reach(w)
		}
	}
	s.freshBy(plain)
	s.passWith(standard{optional: forbidden.optional})
	if n := s.sink.kept(secret.name); n > 0 {
		s.wrong("%d lines from outside of allowed_roots", n)
	}
	s.saw("loops passed over, 6 retargetings, nothing from outside")
}

func notFiles(s *scene) {
	s.must(syscall.Mkfifo(s.logs+"/fifo.log", 0o644))
	s.must(os.Mkdir(s.logs+"/dir.log", 0o755))
	l, err := net.Listen("unix", s.logs+"/socket.log")
	s.must(err)
	defer func() { _ = l.Close() }()
	kinds := "FIFO, directory, socket"
	if syscall.Mknod(s.logs+"/device.log", syscall.S_IFCHR|0o600, 1<<8|5) == nil { // /dev/zero
		kinds += ", device"
	}
	s.must(os.Symlink("/dev/zero", s.logs+"/zero.log"))
	w := s.writer("app.log")
	w.write(100)
	s.start()
	s.pass()
	s.toTheEnd()
	s.saw("skipped: %s, a link to a device", kinds)
}

// toTheEnd ends the agent and reads everything with --once.
func (s *scene) toTheEnd() {
	s.t.Helper()
	s.agent.stop()
	if a := s.once(launch{}); a.status() != 0 {
		s.wrong("run --once ended with %d", a.status())
	}
}

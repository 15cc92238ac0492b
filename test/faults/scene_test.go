//go:build faults && linux

package faults_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scene is what a row plays on: a folder with logs and a data directory, a sink, writers, and agents one after the other.
type scene struct {
	t       *testing.T
	dir     string // holds everything
	logs    string // dir/logs; every *.log* in it is shipped
	data    string // the agent's data_dir
	conf    config
	sink    *sink  // the stand-in for Elasticsearch
	store   store  // what the agent ships to: sink, unless the row has a real one
	agent   *agent // the one that runs, or ran last
	writers []*writer
	seen    []string // what the table says
	count   int      // agents started so far, and folders made
	runs    int      // agents started so far
	peak    int64    // the most resident memory that one of them ever had, in bytes
}

func newScene(t *testing.T) *scene {
	dir, err := os.MkdirTemp("", "tailspan-fault-")
	s := &scene{t: t, dir: dir}
	s.must(err)
	t.Cleanup(func() {
		if t.Failed() && os.Getenv("TAILSPAN_FAULTS_KEEP") != "" {
			t.Logf("kept: %s", dir)
			return
		}
		_ = os.RemoveAll(dir) // what is left of it does no harm
	})
	s.must(os.Chmod(dir, 0o755))
	s.logs, s.data = filepath.Join(dir, "logs"), filepath.Join(dir, "data")
	s.must(os.Mkdir(s.logs, 0o755))
	s.sink = newSink(t)
	s.store = s.sink
	s.conf = config{hosts: []string{s.sink.url}, data: s.data, memory: "64MiB", shutdown: "10s",
		pipelines: []pipe{{name: "faults", paths: []string{filepath.Join(s.logs, "*.log*")}}}}
	return s
}

// saw adds to what the table says of the row.
func (s *scene) saw(format string, args ...any) {
	s.seen = append(s.seen, fmt.Sprintf(format, args...))
}

// fail ends the row.
func (s *scene) fail(format string, args ...any) {
	s.t.Helper()
	s.wrong(format, args...)
	s.t.FailNow()
}

// wrong notes a failure and goes on.
func (s *scene) wrong(format string, args ...any) {
	s.t.Helper()
	s.saw(format, args...)
	s.t.Errorf(format, args...)
	if s.agent != nil {
		s.t.Logf("the agent said:\n%s", clip(s.agent.log(), 4000))
	}
}

// clip keeps both ends of a text.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most/2] + "\n…\n" + text[len(text)-most/2:]
}

// skip ends the row: the machine cannot produce it.
func (s *scene) skip(format string, args ...any) {
	s.t.Helper()
	s.saw(format, args...)
	s.t.Skipf(format, args...)
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.fail("%v", err)
	}
}

// size is full, or small when the tests are to be short.
func size[T any](small, full T) T {
	if testing.Short() {
		return small
	}
	return full
}

// patience bounds what should take seconds, on a machine that is busy with other things.
const patience = 60 * time.Second

// await polls until done answers true, or fails the row.
func (s *scene) await(what string, within time.Duration, done func() bool) time.Duration {
	s.t.Helper()
	start := time.Now()
	for !done() {
		if time.Since(start) > within {
			s.fail("not within %v: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(start)
}

// lasts lets a fault last; nothing is waited for.
func lasts(d time.Duration) { time.Sleep(d) }

// needRoot skips the row for others than root.
func (s *scene) needRoot() {
	s.t.Helper()
	if os.Geteuid() != 0 {
		s.skip("needs root")
	}
}

// needTool skips the row when a program is missing.
func (s *scene) needTool(names ...string) {
	s.t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			s.skip("%s is not installed", name)
		}
		if name == "strace" {
			if err := try("strace", "-qq", "-o", "/dev/null", "true"); err != nil {
				s.skip("nothing can be traced here: %v", err)
			}
		}
	}
}

// command runs a program that has to succeed.
func (s *scene) command(name string, args ...string) string {
	s.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		s.fail("%s %s: %v: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return string(out)
}

// try runs a program that may fail.
func try(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %v: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// mountExt4 mounts a small ext4 at dir, made with the options. It reuses freed inodes at once. The row is skipped where
// that cannot be.
func (s *scene) mountExt4(dir string, megabytes int, options ...string) (image string) {
	s.t.Helper()
	s.needRoot()
	s.needTool("mkfs.ext4", "mount")
	s.count++
	image = filepath.Join(s.dir, fmt.Sprintf("image%d", s.count))
	s.must(os.WriteFile(image, nil, 0o600))
	s.must(os.Truncate(image, int64(megabytes)<<20))
	s.command("mkfs.ext4", append(append([]string{"-q", "-F", "-m", "0"}, options...), image)...)
	s.must(os.MkdirAll(dir, 0o755))
	s.mount(image, dir)
	return image
}

// mount mounts an image until the row ends.
func (s *scene) mount(image, dir string) {
	s.t.Helper()
	if err := try("mount", "-o", "loop", image, dir); err != nil {
		s.skip("no loop mounts here: %v", err)
	}
	s.t.Cleanup(func() {
		s.stopAll()
		_ = try("umount", "-l", dir) // it may be unmounted already
	})
}

// stopAll kills the agent, for cleaning up.
func (s *scene) stopAll() {
	if s.agent != nil {
		s.agent.kill()
	}
}

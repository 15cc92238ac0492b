//go:build elasticsearch

package elasticsearch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/free"
)

// setup is a configuration for one test, with its folders.
type setup struct {
	logs    string // where the test writes what is shipped
	data    string // data_dir
	dataset string // of the first pipeline; also its name
	stream  string // the data stream that it goes to
	path    string // the configuration file
	address string // where the agent's own server listens
}

// newSetup writes a configuration with one pipeline over a glob below the logs folder. What pipeline and output add are
// lines below the pipeline and below output.elasticsearch.
func newSetup(t *testing.T, glob, pipeline, output string) *setup {
	t.Helper()
	dir := t.TempDir()
	s := &setup{logs: filepath.Join(dir, "logs"), data: filepath.Join(dir, "data"), path: filepath.Join(dir, "tailspan.yaml")}
	s.address = free.For(t)
	s.dataset = strings.ToLower(regexp.MustCompile(`\W+`).ReplaceAllString(t.Name(), "_"))
	s.stream = "logs-" + s.dataset + "-default"
	if err := os.Mkdir(s.logs, 0o755); err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(glob) {
		glob = filepath.Join(s.logs, glob)
	}
	s.write(t, fmt.Sprintf("  - name: %s\n    paths: [%q]\n%s", s.dataset, glob, indent(pipeline, 4)), output)
	return s
}

// write writes the configuration with these pipelines.
func (s *setup) write(t *testing.T, pipelines, output string) {
	t.Helper()
	text := fmt.Sprintf("data_dir: %s\nhost: {name: test-host}\nhttp: {listen: %q}\nshutdown_timeout: 2s\n"+
		"pipelines:\n%soutput:\n  elasticsearch:\n    hosts: [%q]\n%s", s.data, s.address, pipelines, node.URL, indent(output, 4))
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// indent moves lines to the right; nothing stays nothing.
func indent(text string, by int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.Repeat(" ", by) + strings.TrimRight(line, "\n") + "\n")
	}
	return out.String()
}

// agent is a running tailspan.
type agent struct {
	t      *testing.T
	url    string // of its own server
	cmd    *exec.Cmd
	stderr *output
	done   chan struct{}
}

// output is what a process has printed so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start runs tailspan; the test's end kills it if nothing else has ended it.
func (s *setup) start(t *testing.T, args ...string) *agent {
	t.Helper()
	return s.startInto(t, nil, args...)
}

// startInto is start with a place for standard output; nil is none.
func (s *setup) startInto(t *testing.T, stdout *os.File, args ...string) *agent {
	t.Helper()
	a := &agent{t: t, url: "http://" + s.address, stderr: new(output), done: make(chan struct{})}
	a.cmd = exec.Command(binary, append([]string{"run", "--config", s.path}, args...)...)
	a.cmd.Stderr = a.stderr
	if stdout != nil {
		a.cmd.Stdout = stdout
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(a.done)
		_ = a.cmd.Wait() // how it ended stands in ProcessState
	}()
	t.Cleanup(func() {
		a.kill()
		if t.Failed() {
			t.Logf("tailspan printed:\n%s", a.stderr)
		}
	})
	return a
}

// once runs tailspan with --once to its end and wants this exit status.
func (s *setup) once(t *testing.T, status int) *agent {
	t.Helper()
	a := s.start(t, "--once")
	a.ends(patience, status)
	return a
}

// ends waits for the process to end and wants this exit status.
func (a *agent) ends(within time.Duration, status int) {
	a.t.Helper()
	select {
	case <-a.done:
	case <-time.After(within):
		a.t.Fatalf("tailspan still runs after %s", within)
	}
	if got := a.cmd.ProcessState.ExitCode(); got != status {
		a.t.Fatalf("tailspan ended with status %d and should with %d", got, status)
	}
}

// terminate asks the agent to stop and wants it to do so in good order.
func (a *agent) terminate(within time.Duration) {
	a.t.Helper()
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		a.t.Fatal(err)
	}
	a.ends(within, 0)
}

// kill ends the process as a crash would.
func (a *agent) kill() {
	if err := a.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		a.t.Error(err)
	}
	<-a.done
}

// ended reports whether the process is no more.
func (a *agent) ended() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// eventually polls until what is asked for is so. The check says what it sees, for the failure.
func eventually(t *testing.T, within time.Duration, what string, check func() (ok bool, seen any)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, seen := check()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after %s still not: %s; last seen: %v", within, what, seen)
		}
	}
}

// wantCount wants just so many documents in the data stream.
func wantCount(t *testing.T, stream string, want int) {
	t.Helper()
	if got := count(t, stream); got != want {
		t.Fatalf("%s has %d documents and should have %d", stream, got, want)
	}
}

func count(t *testing.T, stream string) int {
	t.Helper()
	n, err := node.Count(stream)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wantNoDeadLetters wants that nothing was refused.
func (s *setup) wantNoDeadLetters(t *testing.T) {
	t.Helper()
	letters, err := os.ReadFile(filepath.Join(s.data, "dead-letters.ndjson"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("there are dead letters: %v\n%.2000s", err, letters)
	}
}

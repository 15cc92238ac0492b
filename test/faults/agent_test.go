//go:build faults && linux

package faults_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// config is the part of the agent's configuration that rows differ in.
type config struct {
	hosts     []string
	data      string
	memory    string
	shutdown  string
	output    string // further lines below output.elasticsearch
	pipelines []pipe
}

type pipe struct {
	name  string
	paths []string
	extra string // further lines
}

func (c *config) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "data_dir: %s\nhost: {name: faulty}\nhttp: {listen: \"127.0.0.1:0\"}\nmemory: %s\nshutdown_timeout: %s\n", c.data, c.memory, c.shutdown)
	b.WriteString("pipelines:\n")
	for _, p := range c.pipelines {
		fmt.Fprintf(&b, "  - name: %s\n    paths: [%s]\n", p.name, strings.Join(quoted(p.paths), ", "))
		b.WriteString(indented(p.extra, "    "))
	}
	fmt.Fprintf(&b, "output:\n  elasticsearch:\n    hosts: [%s]\n", strings.Join(c.hosts, ", "))
	b.WriteString(indented(c.output, "    "))
	return b.String()
}

func quoted(words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = strconv.Quote(w)
	}
	return all
}

func indented(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by + strings.TrimSuffix(line, "\n") + "\n")
	}
	return b.String()
}

// agent is one run of the binary.
type agent struct {
	s       *scene
	cmd     *exec.Cmd
	logPath string
	done    chan struct{} // closed once it has ended
	err     error         // how it ended
	started time.Time
	base    tally // what the store had when it started
	peak    int64 // the most resident memory seen, in bytes
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

// launch says how an agent is started.
type launch struct {
	before []string // a command that runs it: strace …, prlimit …, ip netns exec …
	args   []string // after run --config F
	env    []string
	attr   *syscall.SysProcAttr
	change func(pid int) error                                                  // called before its first instruction
	dial   func(ctx context.Context, network, address string) (net.Conn, error) // reaches its HTTP server
}

// start runs an agent beside the test and waits until it listens.
func (s *scene) start() *agent {
	s.t.Helper()
	a := s.launch(launch{})
	a.listening()
	return a
}

// writeConf writes the configuration as it is now and returns its path.
func (s *scene) writeConf() string {
	s.t.Helper()
	path := filepath.Join(s.dir, "tailspan.yaml")
	s.must(os.WriteFile(path, []byte(s.conf.yaml()), 0o644))
	return path
}

// launch runs an agent and does not wait.
func (s *scene) launch(l launch) *agent {
	s.t.Helper()
	s.count++
	s.runs++
	conf := s.writeConf()
	a := &agent{s: s, logPath: filepath.Join(s.dir, fmt.Sprintf("agent%d.out", s.count)), done: make(chan struct{}),
		started: time.Now(), base: s.store.tally(), dial: l.dial}
	out, err := os.Create(a.logPath)
	s.must(err)
	defer func() { _ = out.Close() }() // the agent has its own descriptor of it
	args := append(append(append([]string{}, l.before...), binary, "run", "--config", conf), l.args...)
	a.cmd = exec.Command(args[0], args[1:]...)
	a.cmd.Stdout, a.cmd.Stderr = out, out
	a.cmd.Env = append(os.Environ(), l.env...)
	a.cmd.SysProcAttr = &syscall.SysProcAttr{}
	if l.attr != nil {
		a.cmd.SysProcAttr = l.attr
	}
	a.cmd.SysProcAttr.Setpgid = true              // strace and what it runs are ended together
	a.cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // and with the test
	if l.change == nil {
		err = a.cmd.Start()
	} else {
		err = startHeld(a.cmd, l.change)
	}
	if a.cmd.Process != nil {
		s.t.Cleanup(a.kill)
	}
	if errors.Is(err, errNoClock) {
		close(a.done)
		s.skip("%v", err)
	}
	s.must(err)
	go func() {
		a.err = a.cmd.Wait()
		close(a.done)
	}()
	s.agent = a
	return a
}

// once runs the agent with --once to its end.
func (s *scene) once(l launch) *agent {
	s.t.Helper()
	l.args = append(l.args, "--once")
	a := s.launch(l)
	a.await(patience)
	return a
}

// await waits for the agent to end by itself.
func (a *agent) await(within time.Duration) {
	a.s.t.Helper()
	select {
	case <-a.done:
	case <-time.After(within):
		a.s.fail("the agent still runs after %v", within)
	}
}

func (a *agent) ended() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// status is the exit status of an agent that has ended; -1 when a signal ended it.
func (a *agent) status() int { return a.cmd.ProcessState.ExitCode() }

// kill ends it as a power failure would, and waits until it is gone.
func (a *agent) kill() {
	if !a.ended() {
		a.sample()
		_ = syscall.Kill(-a.cmd.Process.Pid, syscall.SIGKILL) // it may have ended just now
		<-a.done
	}
}

// stop ends it in good order.
func (a *agent) stop() {
	a.s.t.Helper()
	a.sample()
	a.signal(syscall.SIGTERM)
	a.await(patience)
}

func (a *agent) signal(sig syscall.Signal) { _ = a.cmd.Process.Signal(sig) }

// log is what it has said so far.
func (a *agent) log() string {
	text, _ := os.ReadFile(a.logPath) // no log, no words
	return string(text)
}

// says reports whether the log holds one of the words.
func (a *agent) says(words ...string) bool {
	log := strings.ToLower(a.log())
	for _, w := range words {
		if strings.Contains(log, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

var listenAddress = regexp.MustCompile(`msg=listening address=(\S+)`)

// listening waits for the HTTP server and returns its address.
func (a *agent) listening() string {
	a.s.t.Helper()
	var found []string
	a.s.await("the agent listens", patience, func() bool {
		if a.ended() {
			a.s.fail("the agent ended: %v", a.err)
		}
		found = listenAddress.FindStringSubmatch(a.log())
		return found != nil
	})
	return found[1]
}

// metrics reads /metrics; a sample with labels stands under NAME{labels}.
func (a *agent) metrics() (map[string]float64, error) {
	found := listenAddress.FindStringSubmatch(a.log())
	if found == nil {
		return nil, errors.New("it does not listen")
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: a.dial, DisableKeepAlives: true}}
	res, err := client.Get("http://" + found[1] + "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // was only read
	return parseMetrics(res.Body), nil
}

func parseMetrics(r io.Reader) map[string]float64 {
	all := map[string]float64{}
	for scan := bufio.NewScanner(r); scan.Scan(); {
		line := scan.Text()
		space := strings.LastIndexByte(line, ' ')
		if space < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if v, err := strconv.ParseFloat(line[space+1:], 64); err == nil {
			all[line[:space]] = v
		}
	}
	return all
}

// sample notes the most memory that was ever resident, as the kernel counts it.
func (a *agent) sample() {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.cmd.Process.Pid))
	if err != nil {
		return // it has ended
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64) // 0 is no maximum
			a.peak = max(a.peak, kib<<10)
			a.s.peak = max(a.s.peak, a.peak)
		}
	}
}

// descriptors lists what its descriptors lead to.
func (a *agent) descriptors() []string {
	dir := fmt.Sprintf("/proc/%d/fd", a.cmd.Process.Pid)
	entries, _ := os.ReadDir(dir) // it may have ended
	var all []string
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			all = append(all, to)
		}
	}
	return all
}

// holds reports whether it has a file open whose name contains part.
func (a *agent) holds(part string) bool {
	for _, to := range a.descriptors() {
		if strings.Contains(to, part) {
			return true
		}
	}
	return false
}

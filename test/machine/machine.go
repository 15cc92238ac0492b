//go:build linux

// Package machine boots a systemd of its own over a copy-on-write view of this machine's files, for tests of what is installed and
// of what users type. Nothing that happens inside is seen outside. It needs root and util-linux.
package machine

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

//go:embed boot.sh
var script []byte

// Machine is a systemd of its own, as boot.sh starts it, with the packages of this machine installed and without a network.
type Machine struct {
	t   *testing.T
	pid string // of its first process
	env []string
}

// Boot starts a machine, which ends with the test. env are variables for what is run in it, each NAME=value.
func Boot(t *testing.T, env ...string) Machine {
	t.Helper()
	folder, cgroup := t.TempDir(), fmt.Sprintf("tailspan-test-%d", os.Getpid())
	start := filepath.Join(t.TempDir(), "boot.sh")
	if err := os.WriteFile(start, script, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--mount", "bash", start, folder, cgroup)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // takes the first process and all others with it
		<-ended
		emptied := fmt.Sprintf("mount -t cgroup2 cgroup2 %s && until find %[1]s/%[2]s -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.05; done", folder, cgroup)
		if out, err := exec.Command("timeout", "10", "unshare", "--mount", "bash", "-c", emptied).CombinedOutput(); err != nil {
			t.Errorf("the control group of the machine is still there: %v %s", err, out)
		}
	})
	m := Machine{t: t, env: env}
	Eventually(t, "systemd to run", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("systemd does not start: %v\n%s", err, said.String())
		default:
		}
		// Of unshare, the child is the first process of the machine.
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
		if err != nil || len(bytes.Fields(children)) == 0 {
			return false
		}
		m.pid = string(bytes.Fields(children)[0])
		out, _ := m.Try("", "systemctl", "is-system-running")
		return strings.HasPrefix(out, "running") || strings.HasPrefix(out, "degraded")
	})
	return m
}

// Try runs a command in the machine and returns what it prints, errors too.
func (m Machine) Try(stdin string, args ...string) (string, error) {
	inside := []string{"-t", m.pid, "-m", "-p", "-u", "-i", "-n", "-C", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"}
	inside = append(inside, m.env...)
	cmd := exec.Command("nsenter", append(inside, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Do runs shell commands that must succeed.
func (m Machine) Do(script string) string {
	m.t.Helper()
	out, err := m.Try("", "bash", "-euc", script)
	if err != nil {
		journal, _ := m.Try("", "journalctl", "-u", "tailspan", "--no-pager", "-n", "30")
		m.t.Fatalf("%s: %v\n%s\n%s", script, err, out, journal)
	}
	return strings.TrimSpace(out)
}

// Put writes a file, and the folders that it is in.
func (m Machine) Put(path, text string) {
	m.t.Helper()
	if out, err := m.Try(text, "bash", "-c", "mkdir -p $(dirname "+path+") && cat > "+path); err != nil {
		m.t.Fatalf("%s: %v %s", path, err, out)
	}
}

// Expect runs shell commands and compares what they print.
func (m Machine) Expect(want, script string) {
	m.t.Helper()
	if got := m.Do(script); got != want {
		m.t.Errorf("%s: %q, want %q", script, got, want)
	}
}

// Eventually waits for what another process does.
func Eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 2 min in vain for %s", what)
		}
	}
}

package elastictest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// account is whom the server runs as. Elasticsearch refuses to run as root, so then it is the unprivileged account that
// every system has; otherwise it is the one of the tests.
type account struct{ credential *syscall.Credential }

func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return account{}, fmt.Errorf("elasticsearch does not run as root, and there is no other account for it: %w", err)
	}
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	if err != nil {
		return account{}, err
	}
	return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// own gives the account everything below dir.
func (a account) own(dir string) error {
	if a.credential == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(a.credential.Uid), int(a.credential.Gid))
	})
}

// kill kills the server first, which is its launcher's child, and waits until both are gone: left to itself it would end in
// good order once its launcher is away, and hold its data directory until then.
func (p *process) kill() error {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid)) // of each of its threads
	if err != nil {
		return err
	}
	var servers []string
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended
		servers = append(servers, strings.Fields(string(text))...)
	}
	for _, server := range servers {
		pid, err := strconv.Atoi(server)
		if err == nil {
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			return fmt.Errorf("the server, process %s: %w", server, err)
		}
	}
	return p.cmd.Process.Kill()
}

// launch starts cmd so that it does not outlive this process, even when that is killed. The kernel ties the child to the
// thread that made it, so that thread waits for it.
func launch(cmd *exec.Cmd, a account) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Pdeathsig: syscall.SIGKILL}
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer close(p.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in ProcessState
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

//go:build !linux

package elastictest

import (
	"errors"
	"os"
	"os/exec"
)

// account is whom the server runs as: here always the account of the tests.
type account struct{}

func serverAccount() (account, error) {
	if os.Geteuid() == 0 {
		return account{}, errors.New("elasticsearch does not run as root: run the tests as another user")
	}
	return account{}, nil
}

func (account) own(string) error { return nil }

// kill kills the launcher; the server ends when it does.
func (p *process) kill() error { return p.cmd.Process.Kill() }

// launch starts cmd.
func launch(cmd *exec.Cmd, _ account) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // how it ended stands in ProcessState
	}()
	return p, nil
}

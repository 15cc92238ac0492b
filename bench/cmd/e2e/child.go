package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tailspan/tailspan/bench/internal/process"
)

// child is a process that this command started. Nothing else is ever ended.
type child struct {
	cmd     *exec.Cmd
	log     string
	ended   chan struct{}
	drained chan struct{}
	err     error // of the process; set when ended is closed
}

// start starts cmd, with one core to itself when the bench pins, and its standard error in a log file.
func (b *bench) start(cmd *exec.Cmd, core int, log string) (*child, error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the process has it for itself
	cmd.Stderr = file
	if !b.pin {
		core = -1
	}
	if err := process.StartOn(core, cmd); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, log: log, ended: make(chan struct{}), drained: make(chan struct{})}
	if cmd.Stdout == nil {
		close(c.drained)
	}
	go func() {
		<-c.drained
		c.err = cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

// drain reads on, so that the process can write.
func (c *child) drain(lines *bufio.Scanner) {
	go func() {
		defer close(c.drained)
		for lines.Scan() {
		}
	}()
}

func (c *child) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// stop asks the process to end, and makes it when it does not.
func (c *child) stop() error {
	if c.hasEnded() {
		return nil
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may just have ended
	select {
	case <-c.ended:
		return nil
	case <-time.After(15 * time.Second):
		err := c.cmd.Process.Kill()
		<-c.ended
		return errors.Join(fmt.Errorf("%s did not end when asked", filepath.Base(c.cmd.Path)), err)
	}
}

// tail returns the end of what the process wrote to standard error.
func (c *child) tail() string {
	text, _ := os.ReadFile(c.log) // without it there is just less to say
	return string(bytes.TrimSpace(text[max(0, len(text)-2000):]))
}

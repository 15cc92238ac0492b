package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/tailspan/tailspan/bench/internal/process"
	"github.com/tailspan/tailspan/test/free"
)

// scene is a folder of log files, an agent's configuration and a sink.
type scene struct {
	options
	dir     string
	address string // of the agent
	files   []*os.File
	sink    *sink
	server  *http.Server
}

func newScene(dir string, o options) (*scene, error) {
	s := &scene{options: o, dir: dir, sink: newSink()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.server = &http.Server{Handler: s.sink, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(listener) }() // until close
	if s.address, err = free.Address(); err != nil {
		return nil, err
	}
	for i := range o.files {
		file, err := os.Create(filepath.Join(dir, "file-"+strconv.Itoa(i)+".log"))
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(file, `{"message":"the first line of file %d"}`+"\n", i); err != nil {
			return nil, err
		}
		if i < o.active {
			s.files = append(s.files, file)
		} else if err := file.Close(); err != nil {
			return nil, err
		}
	}
	config := fmt.Sprintf("data_dir: state\nmemory: %s\nhttp: {listen: %q}\npipelines: [{name: live, paths: ['*.log'], format: json}]\noutput: {elasticsearch: {hosts: ['http://%s']}}\n",
		o.memory, s.address, listener.Addr())
	return s, os.WriteFile(s.config(), []byte(config), 0o600)
}

func (s *scene) config() string { return filepath.Join(s.dir, "tailspan.yaml") }

func (s *scene) close() {
	_ = s.server.Close() // nobody is there any more
	for _, f := range s.files {
		_ = f.Close() // the folder is removed
	}
}

// agent is a running tailspan.
type agent struct {
	cmd   *exec.Cmd
	ready time.Duration // after its start
}

// start returns once the agent says that it is ready.
func (s *scene) start(ctx context.Context) (*agent, error) {
	a := &agent{cmd: exec.Command(s.bin, "run", "--config", s.config())}
	log, err := os.OpenFile(filepath.Join(s.dir, "agent.err"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the agent has its own descriptor
	a.cmd.Stderr = log
	began := time.Now()
	if err := process.StartOn(-1, a.cmd); err != nil {
		return nil, err
	}
	for {
		res, err := http.Get("http://" + s.address + "/readyz") // #nosec G107 -- the agent that was just started
		if err == nil {
			_ = res.Body.Close() // was not read
			if res.StatusCode == http.StatusOK {
				a.ready = time.Since(began)
				return a, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), a.stop())
		case <-time.After(time.Millisecond):
		}
		if time.Since(began) > time.Minute {
			text, _ := os.ReadFile(log.Name()) // for the message only
			return nil, errors.Join(fmt.Errorf("the agent is not ready within a minute:\n%s", text), a.stop())
		}
	}
}

func (a *agent) stop() error {
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return a.cmd.Wait()
}

// idle tells what the agent costs while nothing happens.
func (s *scene) idle(ctx context.Context, a *agent) error {
	if err := rest(ctx, 12*time.Second); err != nil { // for what the start has left, and until folders are believed
		return err
	}
	before, err := process.UsageOf(a.cmd.Process.Pid)
	if err != nil {
		return err
	}
	if err := rest(ctx, s.length); err != nil {
		return err
	}
	after, err := process.UsageOf(a.cmd.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("idle: %.2f %% of a core over %v, %d files; %d MiB resident at most so far\n", 100*(after.CPU-before.CPU).Seconds()/s.length.Seconds(), s.length, s.options.files, after.Peak>>20)
	return nil
}

// load writes lines, each with the time of its write, and tells how long they took.
func (s *scene) load(ctx context.Context, a *agent) error {
	if s.backlog > 0 {
		if err := s.pile(); err != nil {
			return err
		}
	}
	before, err := process.UsageOf(a.cmd.Process.Pid)
	if err != nil {
		return err
	}
	s.sink.reset()
	lines, began := 0, time.Now()
	for time.Since(began) < s.length {
		due := int(time.Since(began).Seconds() * float64(s.rate))
		for ; lines < due; lines++ {
			line := fmt.Sprintf(`{"level":"info","message":"a line that somebody waits for","duration_ms":12,"trace_id":"%032x","written":%d}`+"\n", lines+1, time.Now().UnixNano())
			if _, err := s.files[lines%len(s.files)].WriteString(line); err != nil {
				return err
			}
		}
		if err := rest(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	if err := s.sink.wait(ctx, int64(lines)); err != nil {
		return err
	}
	after, err := process.UsageOf(a.cmd.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("load: %d lines/s in %d of %d files for %v: %.1f %% of a core, %d MiB resident at most\n", s.rate, s.active, s.options.files, s.length,
		100*(after.CPU-before.CPU).Seconds()/time.Since(began).Seconds(), after.Peak>>20)
	if s.backlog > 0 {
		fmt.Printf("backlog: %d of %d lines meanwhile\n", s.sink.others.Load(), s.backlog/int64(len(old)))
	}
	fmt.Print(s.sink.histogram())
	return nil
}

// old is a line of the backlog.
const old = `{"level":"info","service":"batch","message":"a line of long ago, of which there are many, so that they are in the way of others","duration_ms":12,"user":"somebody"}` + "\n"

// pile writes the backlog.
func (s *scene) pile() error {
	file, err := os.Create(filepath.Join(s.dir, "backlog.tmp"))
	if err != nil {
		return err
	}
	var block []byte
	for len(block) < 1<<20 {
		block = append(block, old...)
	}
	for n := int64(0); n < s.backlog; n += int64(len(block)) {
		if _, err := file.Write(block); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(s.dir, "backlog.log"))
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// config is what the demo runs tailspan with: three formats, one output. The edge's pattern names its groups as the fields
// are to be called; msec and rt are what nginx calls $msec and $request_time.
const config = `data_dir: %[1]q
pipelines:
  - name: checkout          # flat JSON: time, level, ids and duration_ms are found by themselves
    paths: [%[2]q]
    format: json

  - name: payments          # nested ECS: stays as it is
    paths: [%[3]q]
    format: json

  - name: edge              # access log lines
    paths: [%[4]q]
    format: regex
    service: edge
    pattern: '^(?P<source.ip>\S+) - \S+ \[[^\]]+\] "(?P<http.request.method>\S+) (?P<url.path>\S+) HTTP/(?P<http.version>\S+)" (?P<http.response.status_code>\d+) (?P<http.response.body.bytes>\d+) "[^"]*" "(?P<user_agent.original>[^"]*)" msec=(?P<msec>\S+) rt=(?P<rt>\S+) traceparent=(?P<traceparent>\S+)$'
    timestamp: {field: msec, layouts: [unix]}
    duration: {field: rt, unit: s}

output:
  console: {}               # documents on standard output
`

// agent is a running tailspan.
type agent struct {
	cmd   *exec.Cmd
	lines chan []byte // documents; closed when there are no more
	log   string
}

// startAgent writes the configuration into folder and runs tailspan with it.
func startAgent(bin, folder string) (*agent, error) {
	path := filepath.Join(folder, "tailspan.yaml")
	text := fmt.Sprintf(config, filepath.Join(folder, "data"), logPath(folder, "checkout"), logPath(folder, "payments"), logPath(folder, "edge"))
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return nil, err
	}
	a := &agent{cmd: exec.Command(bin, "run", "--config", path), lines: make(chan []byte, 100), log: filepath.Join(folder, "tailspan.log")}
	log, err := os.Create(a.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has it for itself
	a.cmd.Stderr = log
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := a.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w\nbuild it first: go build -o bin/tailspan ./cmd/agent", err)
	}
	go func() {
		defer close(a.lines)
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			a.lines <- bytes.Clone(scanner.Bytes())
		}
	}()
	return a, nil
}

// terminate asks tailspan to end; what it still has to say comes first. When it does not end, it is made to.
func (a *agent) terminate() {
	if a.cmd.Process.Signal(syscall.SIGTERM) != nil {
		_ = a.cmd.Process.Kill() // where there are no signals, or it has ended already
	}
	time.AfterFunc(15*time.Second, func() { _ = a.cmd.Process.Kill() }) // of no effect once it has ended
}

// wait returns how tailspan ended. All its lines must have been taken.
func (a *agent) wait() error {
	err := a.cmd.Wait()
	if err == nil {
		return nil
	}
	text, _ := os.ReadFile(a.log) // without it there is just less to say
	return fmt.Errorf("tailspan ended with %w:\n%s", err, bytes.TrimSpace(text[max(0, len(text)-2000):]))
}

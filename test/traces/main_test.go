//go:build traces

// Package traces_test sends spans through the tailspan binary to a real Jaeger and reads them back through its query API:
//
//	go test -tags traces ./test/traces               # Jaeger with its spans in memory
//	go test -tags traces,elasticsearch ./test/traces # and with its spans in a real Elasticsearch
//
// See packages jaegertest and elastictest for what the machine must have.
package traces_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/agenttest"
	"github.com/tailspan/tailspan/test/jaegertest"
)

var binary string // tailspan, as built from the sources beside these tests

// patience bounds what should take seconds, on a machine that is busy with other things.
const patience = 60 * time.Second

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	built, remove, err := agenttest.Build()
	defer remove()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = built
	return m.Run()
}

// startJaeger runs a Jaeger for one test.
func startJaeger(t *testing.T, elasticsearch string) *jaegertest.Jaeger {
	t.Helper()
	j, err := jaegertest.Start(elasticsearch)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

// setup is an agent's folder.
type setup struct {
	dir, logs, config string
}

// newSetup makes a folder with a configuration whose outputs are given as YAML.
func newSetup(t *testing.T, outputs string) *setup {
	t.Helper()
	dir := t.TempDir()
	s := &setup{dir: dir, logs: filepath.Join(dir, "logs"), config: filepath.Join(dir, "tailspan.yaml")}
	if err := os.Mkdir(s.logs, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "data_dir: data\nhost: {name: shop-1}\nshutdown_timeout: 3s\npipelines:\n" +
		"- {name: shop, paths: [logs/*.log]}\noutput:\n" + outputs
	if err := os.WriteFile(s.config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

// write adds lines to a log.
func (s *setup) write(t *testing.T, name string, lines ...string) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(s.logs, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// tailspan runs a command to its end and returns its standard output.
func (s *setup) tailspan(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = s.dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tailspan %v: %v\n%s", args, err, errs.String())
	}
	if errs.Len() > 0 {
		t.Logf("tailspan %v: %s", args, errs.String())
	}
	return string(out)
}

// eventually polls until ok, and says what it saw last when that takes too long.
func eventually(t *testing.T, what string, ok func() (bool, any)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		done, saw := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s; last seen: %v", what, patience, saw)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// traceJSON is what trace --json prints.
type traceJSON struct {
	TraceID string `json:"trace_id"`
	Spans   []struct {
		SpanID   string    `json:"span_id"`
		ParentID string    `json:"parent_id"`
		Service  string    `json:"service"`
		Name     string    `json:"name"`
		Start    time.Time `json:"start"`
		Duration int64     `json:"duration_ns"`
		Error    bool      `json:"error"`
	} `json:"spans"`
}

func decode(t *testing.T, text string) (tr traceJSON) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &tr); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return tr
}

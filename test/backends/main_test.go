//go:build backends

// Package backends_test runs the tailspan binary against every server that it is said to work with: Elasticsearch 7.17, 8.19 (plain,
// and with TLS and security) and 9.2, and OpenSearch 2.19 with data streams and ingest processors. Each is a real one of this machine:
//
//	make test-backends
//
// See package elastictest for what the machine must have. Without a JDK 21 or later Elasticsearch 9 is left out, and said to be.
package backends_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/test/agenttest"
	"github.com/tailspan/tailspan/test/elastictest"
)

var binary string // tailspan, as built from the sources beside these tests

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

// bench is a server, and an agent's configuration for it.
type bench struct {
	t    *testing.T
	node *elastictest.Node
	dir  string // of the configuration, the log app.log and the agent's state
}

func newBench(t *testing.T, options elastictest.Options) *bench {
	t.Helper()
	node, err := elastictest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{t: t, node: node, dir: t.TempDir()}
}

const stream = "logs-app-default"

// configure writes the configuration: output are lines below output.elasticsearch.
func (b *bench) configure(output ...string) {
	b.t.Helper()
	b.write("tailspan.yaml", fmt.Sprintf("data_dir: state\nhost: {name: test-host}\npipelines:\n  - {name: app, paths: [app.log], format: json}\n"+
		"output:\n  elasticsearch:\n    hosts: [%q]\n    %s\n", b.node.URL, strings.Join(output, "\n    ")))
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// tailspan runs a command with the configuration and returns what it printed.
func (b *bench) tailspan(status int, command string, args ...string) string {
	b.t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(binary, append([]string{command, "--config", filepath.Join(b.dir, "tailspan.yaml")}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		b.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		b.t.Fatalf("tailspan %s ended with status %d and should with %d:\n%s", command, got, status, &out)
	}
	return out.String()
}

// says wants every text in what was printed.
func (b *bench) says(printed string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			b.t.Errorf("it does not say %q:\n%s", text, printed)
		}
	}
}

// do asks the server, as its administrator.
func (b *bench) do(method, path string, body, answer any) {
	b.t.Helper()
	if err := b.node.Do(method, path, body, answer); err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// wantCount wants just so many documents in an index or data stream.
func (b *bench) wantCount(index string, want int) {
	b.t.Helper()
	if got, err := b.node.Count(index); err != nil || got != want {
		b.t.Fatalf("%s has %d documents and should have %d, %v", index, got, want, err)
	}
}

package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
)

// stage is a folder with a configuration and a Runner on it that writes documents to out.
type stage struct {
	t         *testing.T
	dir       string
	runner    *Runner
	reloads   chan struct{}
	out, said shared
	stop      context.CancelFunc
	ended     chan error
}

// shared is a buffer that one goroutine writes and another reads.
type shared struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

const oneStage = "data_dir: state\nhost: {name: h}\npipelines: [{name: a, paths: [a.log]}]\noutput: {console: {}}\n"

// configured writes files into a folder and loads tailspan.yaml, which is one of them.
func configured(tb testing.TB, dir string, files map[string]string) *config.Config {
	tb.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	cfg, err := config.Load(filepath.Join(dir, "tailspan.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	return cfg
}

func newStage(t *testing.T) *stage { return newStageOf(t, t.TempDir(), oneStage) }

// newStageOf begins with another configuration, in a folder that may have seen others.
func newStageOf(t *testing.T, dir, configuration string) *stage {
	s := &stage{t: t, dir: dir, reloads: make(chan struct{}), ended: make(chan error, 1)}
	cfg := configured(t, dir, map[string]string{"tailspan.yaml": configuration})
	var err error
	if s.runner, err = NewRunner(cfg, false, nil, &s.out, slog.New(slog.NewTextHandler(&s.said, nil))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	go func() { s.ended <- s.runner.Run(ctx, s.reloads) }()
	t.Cleanup(s.end)
	return s
}

func (s *stage) end() {
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Error(err)
	}
	s.ended <- nil // for the cleanup
}

func (s *stage) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// log appends to a log.
func (s *stage) log(name, text string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// reload lets the configuration be read, and returns when it is taken over or refused.
func (s *stage) reload(configuration string) {
	s.t.Helper()
	before := s.runner.Agent()
	refused := strings.Count(s.said.String(), "was not taken over")
	s.write("tailspan.yaml", configuration)
	s.reloads <- struct{}{}
	s.eventually("the configuration is taken over or refused", func() bool {
		return s.runner.Agent() != before && s.runner.began.Load() == 0 || strings.Count(s.said.String(), "was not taken over") > refused
	})
}

func (s *stage) eventually(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not within 20 s: %s; the log:\n%s", what, s.said.String())
		}
	}
}

// messages are those of the documents so far, in order of their text.
func (s *stage) messages() []string {
	var all []string
	for line := range strings.Lines(s.out.String()) {
		_, rest, _ := strings.Cut(line, `"message":"`)
		message, _, _ := strings.Cut(rest, `"`)
		all = append(all, message)
	}
	slices.Sort(all)
	return all
}

func (s *stage) shipped(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	s.eventually(fmt.Sprintf("these documents: %q", want), func() bool { return len(s.messages()) >= len(want) })
	if diff := cmp.Diff(want, s.messages()); diff != "" {
		s.t.Error(diff)
	}
}

func TestReload(t *testing.T) {
	s := newStage(t)
	s.log("a.log", "a1\n")
	s.shipped("a1")
	two := strings.Replace(oneStage, "}]", "}, {name: b, paths: [b.log], fields: [{name: labels.x, value: y}]}]", 1)
	s.reload(two)
	s.log("a.log", "a2\n")
	s.log("b.log", "b1\n")
	s.shipped("a1", "a2", "b1")
	if !strings.Contains(s.out.String(), `"labels.x":"y"`) {
		t.Error("what the new configuration adds is missing")
	}
	s.reload(strings.ReplaceAll(oneStage, "name: a,", "name: b,")) // a goes, and b has other paths
	s.log("b.log", "b2\n")
	s.shipped("a1", "a1", "a2", "a2", "b1") // what is another pipeline's is read by that for the first time
	s.reload(two)
	s.shipped("a1", "a1", "a2", "a2", "b1", "b2")
}

// TestReloadUnderLoad: nothing is lost and nothing is doubled, and the ledgers go on.
func TestReloadUnderLoad(t *testing.T) {
	reloads := 20
	s := newStage(t)
	file, err := os.Create(filepath.Join(s.dir, "a.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var want []string
	for i := range reloads {
		var text bytes.Buffer
		for j := range 500 {
			want = append(want, fmt.Sprintf("line-%d-%d", i, j))
			text.WriteString(want[len(want)-1] + "\n")
		}
		if _, err := file.Write(text.Bytes()); err != nil {
			t.Fatal(err)
		}
		s.reload(strings.Replace(oneStage, "a.log]", fmt.Sprintf("a.log], fields: [{name: n, value: %d}]", i), 1))
	}
	s.shipped(want...)
	s.eventually("nothing is in flight", func() bool { return s.runner.Status().Pipelines[0].Lines.InFlight() == 0 })
	status := s.runner.Status()
	wantLines := event.Counts{event.Read: int64(len(want)), event.Indexed: int64(len(want))}
	if diff := cmp.Diff(wantLines, status.Pipelines[0].Lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantLines, status.Outputs[0].Lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantLines, status.Files[0].Lines); diff != "" {
		t.Error(diff)
	}
}

func TestReloadRefused(t *testing.T) {
	for _, c := range []struct{ name, configuration, says string }{
		{"no YAML", "pipelines: [", "tailspan.yaml:"},
		{"an unknown key", strings.Replace(oneStage, "paths", "path", 1), "tailspan.yaml:3: pipelines[0].path: unknown key"},
		{"no output", strings.Replace(oneStage, "output: {console: {}}", "", 1), "output: run needs one"},
		{"another data_dir", strings.Replace(oneStage, "state", "other", 1), "tailspan.yaml:1: data_dir: was"},
		{"another name", strings.Replace(oneStage, "name: h", "name: g", 1), `tailspan.yaml:2: host.name: was \"h\" when the agent started`},
		{"another listener", oneStage + "http: {listen: '127.0.0.1:1'}\n", "tailspan.yaml:5: http.listen: was"},
		{"a certificate that is not there", strings.Replace(oneStage, "output: {", "output: {elasticsearch: {hosts: ['https://h:9200'], tls: {ca: none.pem}}, ", 1), "none.pem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.reload(c.configuration)
			if !strings.Contains(s.said.String(), c.says) {
				t.Errorf("the log says %s, want %s", s.said.String(), c.says)
			}
			if good, at := s.runner.Reloaded(); good || at.IsZero() {
				t.Errorf("good: %v, at %v", good, at)
			}
			s.log("a.log", "a1\n")
			s.shipped("a1")
			s.reload(oneStage)
			if good, _ := s.runner.Reloaded(); !good {
				t.Error("a good one after it is not")
			}
			s.log("a.log", "a2\n")
			s.shipped("a1", "a2")
		})
	}
}

// TestCommandsWhileReloading: a command that changes something waits for the takeover, and is carried out.
func TestCommandsWhileReloading(t *testing.T) {
	s := newStage(t)
	s.log("a.log", "a1\n")
	s.shipped("a1")
	done := make(chan error)
	for i := range 20 {
		go func() { done <- s.runner.Rewind(t.Context(), filepath.Join(s.dir, "a.log"), 0) }()
		s.reload(oneStage + strings.Repeat("\n", i))
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		s.runner.Files()
		if err := s.runner.Turn(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

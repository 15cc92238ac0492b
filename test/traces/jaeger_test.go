//go:build traces

package traces_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/jaegertest"
)

// check compares what Jaeger has of every trace with the truth, span by span.
func (s *shop) check(t *testing.T, j *jaegertest.Jaeger) {
	t.Helper()
	for id, truth := range s.spans {
		got, err := j.Trace(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(truth) {
			t.Fatalf("trace %s: %d spans, want %d: %+v", id, len(got), len(truth), got)
		}
		byID := map[string]jaegertest.Span{}
		for _, span := range got {
			byID[span.SpanID] = span
		}
		for _, w := range truth {
			compare(t, byID[w.span], w)
		}
		if t.Failed() {
			return // the others would say the same
		}
	}
}

func compare(t *testing.T, got jaegertest.Span, w want) {
	t.Helper()
	text := fmt.Sprintf("%s %s %s %q %q kind=%s start=%d took=%d error=%s logs=%d host=%s", got.SpanID, got.Parent(), got.TraceID, got.Service, got.Name,
		got.Tag("span.kind"), got.StartTime, got.Duration, got.Tag("error"), len(got.Logs), got.Host)
	kind, failed := w.kind, ""
	if w.kind == "internal" {
		kind = got.Tag("span.kind") // Jaeger leaves out what is the default, or not, by version
	}
	if w.failed {
		failed = "true"
	}
	wanted := fmt.Sprintf("%s %s %s %q %q kind=%s start=%d took=%d error=%s logs=%d host=%s", w.span, w.parent, w.trace, w.service, w.name,
		kind, w.start.UnixMicro(), w.took.Microseconds(), failed, w.logs, "shop-1")
	if text != wanted {
		t.Errorf("got  %s\nwant %s", text, wanted)
	}
	if len(got.Warnings) > 0 {
		t.Errorf("%s: Jaeger warns: %v", w.span, got.Warnings)
	}
}

// TestSpanBySpan ships the lines of four services and reads every span back; and once more, which changes nothing.
func TestSpanBySpan(t *testing.T) {
	j := startJaeger(t, "")
	s := newSetup(t, fmt.Sprintf("  console: {}\n  jaeger: {endpoint: %q}\n", j.OTLP))
	shop := newShop(s)
	shop.orders(t, 200, time.Now())
	s.tailspan(t, "run", "--once", "--config", s.config)
	shop.check(t, j)
	if err := os.RemoveAll(filepath.Join(s.dir, "data")); err != nil {
		t.Fatal(err)
	}
	s.tailspan(t, "run", "--once", "--config", s.config)
	shop.check(t, j)
	s.tailspan(t, "replay", "--config", s.config, "--output", "jaeger", "--from", "1h")
	shop.check(t, j)
}

// TestFilesSayTheSame compares trace --files, without a server, with what Jaeger has.
func TestFilesSayTheSame(t *testing.T) {
	s := newSetup(t, "  console: {}\n")
	shop := newShop(s)
	shop.orders(t, 20, time.Now())
	for id, truth := range shop.spans {
		tr := decode(t, s.tailspan(t, "trace", id, "--files", "logs/*.log", "--json"))
		if len(tr.Spans) != len(truth) {
			t.Fatalf("trace %s: %d spans, want %d", id, len(tr.Spans), len(truth))
		}
		for _, got := range tr.Spans {
			for _, w := range truth {
				if w.span != got.SpanID {
					continue
				}
				if got.ParentID != w.parent || got.Service != w.service || got.Name != w.name || !got.Start.Equal(w.start) || got.Duration != w.took.Nanoseconds() || got.Error != w.failed {
					t.Errorf("got  %+v\nwant %+v", got, w)
				}
			}
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "data")); err == nil {
		t.Error("trace --files wrote something")
	}
}

// TestAway lets Jaeger be away while an agent runs: the primary output goes on, what does not fit is counted, and replay
// catches up.
func TestAway(t *testing.T) {
	j := startJaeger(t, "")
	s := newSetup(t, fmt.Sprintf("  console: {}\n  jaeger: {endpoint: %q}\nmemory: 16MiB\n", j.OTLP))
	shop := newShop(s)
	if err := j.Kill(); err != nil {
		t.Fatal(err)
	}
	from := time.Now()
	shop.orders(t, 400, time.Now())
	start := time.Now()
	s.tailspan(t, "run", "--once", "--config", s.config)
	t.Logf("shipped without Jaeger in %s", time.Since(start))
	if waited := time.Since(start); waited > 20*time.Second {
		t.Errorf("the run without Jaeger took %s", waited)
	}
	if err := j.Restart(); err != nil {
		t.Fatal(err)
	}
	out := s.tailspan(t, "replay", "--config", s.config, "--output", "jaeger", "--from", from.Add(-time.Hour).UTC().Format(time.RFC3339))
	t.Log(out)
	shop.check(t, j)
}

// TestComesBack kills Jaeger under a running agent; once it is there again, lines written meanwhile arrive by themselves.
func TestComesBack(t *testing.T) {
	j := startJaeger(t, "")
	s := newSetup(t, fmt.Sprintf("  console: {}\n  jaeger: {endpoint: %q}\n", j.OTLP))
	shop := newShop(s)
	cmd := exec.Command(binary, "run", "--config", s.config)
	cmd.Dir, cmd.Stderr = s.dir, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the agent ended: %v", err)
		}
	})
	arrived := func() (bool, any) {
		services, err := j.Services()
		return err == nil && len(services) >= 4, fmt.Sprint(services, err)
	}
	shop.orders(t, 20, time.Now())
	eventually(t, "the first spans", arrived)
	if err := j.Kill(); err != nil {
		t.Fatal(err)
	}
	shop = newShop(s)
	shop.rng.Uint64()
	shop.orders(t, 20, time.Now())
	time.Sleep(8 * time.Second) // real time that Jaeger is away: longer than the agent holds spans back
	if err := j.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the spans of the outage", func() (bool, any) {
		for id, truth := range shop.spans {
			got, err := j.Trace(id)
			if err != nil || len(got) != len(truth) {
				return false, fmt.Sprint(len(got), err)
			}
		}
		return true, nil
	})
	shop.check(t, j)
}

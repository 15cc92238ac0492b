package pipeline

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tailspan/tailspan/internal/config"
)

// messages gathers the messages of documents.
type messages struct {
	mu  sync.Mutex
	all []string
}

func (m *messages) Write(docs []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for line := range strings.Lines(string(docs)) {
		var doc struct{ Message string }
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			return 0, err
		}
		m.all = append(m.all, doc.Message)
	}
	return len(docs), nil
}

// TestTrialAnswersWhoeverTypes writes documents when their events are whole, or nothing more came for a while.
func TestTrialAnswersWhoeverTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	text := "pipelines: [{name: a, framing: cri, multiline: auto, format: none}]\noutput: {console: {}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	trial, err := NewTrial(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		in, typed := io.Pipe()
		out := new(messages)
		ended := make(chan error, 1)
		go func() { ended <- trial.Run(in, out) }()
		for _, step := range []struct {
			typed string
			wait  time.Duration
			want  []string
		}{
			{"2026-01-02T03:04:05Z stdout F one\n2026-01-02T03:04:05Z stdout P he", 0, nil},
			{"ad\n2026-01-02T03:04:05Z stdout F er\n2026-01-02T03:04:05Z stdout F \tat x\n", 0, []string{"one"}},
			{"", time.Second, []string{"one", "header\n\tat x"}},
			{"2026-01-02T03:04:06Z stdout F last", time.Second, []string{"one", "header\n\tat x"}},
		} {
			if _, err := io.WriteString(typed, step.typed); err != nil {
				t.Fatal(err)
			}
			time.Sleep(step.wait)
			synctest.Wait()
			if out.mu.Lock(); !slices.Equal(out.all, step.want) {
				t.Errorf("after %q and %v: %q, want %q", step.typed, step.wait, out.all, step.want)
			}
			out.mu.Unlock()
		}
		if err := typed.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil || out.all[len(out.all)-1] != "last" {
			t.Errorf("at the end: %v, %q", err, out.all)
		}
	})
}

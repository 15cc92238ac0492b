package pipeline

import (
	"encoding/json"
	"io"
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
	text := "pipelines: [{name: a, framing: cri, multiline: auto, format: none}]\noutput: {console: {}}\n"
	cfg := configured(t, t.TempDir(), map[string]string{"tailspan.yaml": text})
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

// TestHeldExplained: what explain says of a line in a pipeline that holds.
func TestHeldExplained(t *testing.T) {
	const trace = `"trace_id":"4bf92f3577b34da6a3000000000000f1"`
	for held, lines := range map[string]map[string]string{
		"": {`{"msg":"m"}`: ""},
		"hold: {}": {`{"msg":"m"}`: "passes at once: it is of no trace", `{"level":"error",` + trace + `}`: "passes at once, and its trace is kept: it tells of a failure or was slow",
			`{` + trace + `}`: "waits for 10s; kept when a line of its trace tells of a failure"},
		"hold: {for: 5s, keep: {slower_than: 1s}}": {`{` + trace + `}`: "waits for 5s; kept when a line of its trace tells of a failure or took 1s or longer",
			`{"duration_ms":1000,` + trace + `}`: "passes at once, and its trace is kept: it tells of a failure or was slow"},
		"hold: {keep: {sample: 100%}}":              {`{` + trace + `}`: "passes at once: its trace is in the share of 100%"},
		"hold: {keep: {errors: false, sample: 5%}}": {`{` + trace + `}`: "waits for 10s; kept when a line of its trace makes it one that is kept in another pipeline"},
	} {
		cfg, err := config.Parse("t.yaml", []byte("pipelines:\n- name: a\n  format: json\n  "+held+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		for line, want := range lines {
			trial, err := NewTrial(cfg, 0)
			if err != nil {
				t.Fatal(err)
			}
			trial.Explain([]byte(line), time.Unix(1, 0))
			if got := trial.Held(); got != want {
				t.Errorf("%s %s: %q, want %q", held, line, got, want)
			}
		}
	}
}

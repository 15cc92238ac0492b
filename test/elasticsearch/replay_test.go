//go:build elasticsearch

package elasticsearch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const replayLines = 2000

// replay runs the command and wants this exit status; it returns what it prints.
func (s *setup) replay(t *testing.T, status int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"replay", "--config", s.path}, args...)...)
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("replay ended with status %d and should with %d: %v\n%s", got, status, err, out)
	}
	t.Logf("%s", out)
	return string(out)
}

// remove deletes the documents of every line that which says, by id, from the backing indices they are in: the minimal
// distribution cannot delete by query.
func remove(t *testing.T, stream string, which func(seq int) bool) (removed int) {
	t.Helper()
	if err := node.Refresh(stream); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Hits struct {
			Hits []struct {
				Index  string            `json:"_index"`
				ID     string            `json:"_id"`
				Source struct{ Seq int } `json:"_source"`
			}
		}
	}
	if err := node.Do("POST", "/"+stream+"/_search", map[string]any{"size": 10_000, "_source": "seq"}, &answer); err != nil {
		t.Fatal(err)
	}
	var bulk strings.Builder
	for _, hit := range answer.Hits.Hits {
		if which(hit.Source.Seq) {
			fmt.Fprintf(&bulk, `{"delete":{"_index":%q,"_id":%q}}`+"\n", hit.Index, hit.ID)
			removed++
		}
	}
	var deleted struct{ Errors bool }
	if err := node.Do("POST", "/_bulk?refresh=true", bulk.String(), &deleted); err != nil || deleted.Errors {
		t.Fatalf("bulk delete: %v, errors %v", err, deleted.Errors)
	}
	return removed
}

// checkpointed waits until the checkpoints on disk, which a replay reads, say that the whole file is delivered.
func (s *setup) checkpointed(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`"offset":%d,`, info.Size())
	eventually(t, patience, "the checkpoint says that all of it is delivered", func() (bool, any) {
		var all []byte
		for _, name := range []string{"checkpoints", "checkpoints.journal"} {
			data, err := os.ReadFile(filepath.Join(s.data, name))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return false, err
			}
			all = append(all, data...)
		}
		return bytes.Contains(all, []byte(want)), string(all)
	})
}

// rollOver begins a new backing index.
func rollOver(t *testing.T, stream string) {
	t.Helper()
	var answer json.RawMessage
	if err := node.Do("POST", "/"+stream+"/_rollover", nil, &answer); err != nil {
		t.Fatal(err)
	}
}

// TestReplay loses documents, rolls the stream over, so that create does not find the others, and ships the time again: first
// a part of it, then all, then once more.
func TestReplay(t *testing.T) {
	s := newSetup(t, "*.log", "format: json", "")
	for i, name := range []string{"a.log", "b.log"} {
		writeLines(t, filepath.Join(s.logs, name), i*replayLines/2, (i+1)*replayLines/2)
	}
	s.once(t, 0)
	wantLines(t, s.stream, replayLines)
	removed := remove(t, s.stream, func(seq int) bool { return seq%3 == 0 })
	rollOver(t, s.stream)
	wantCount(t, s.stream, replayLines-removed)

	from, half := firstTime.Format(time.RFC3339Nano), lineTime(replayLines/2)
	early := (replayLines/2 + 2) / 3 // of the removed ones
	out := s.replay(t, 0, "--from", from, "--to", half)
	if want := fmt.Sprintf("lines looked at: %d, in range: %d, already there: %d, sent: %d, refused: 0", replayLines, replayLines/2, replayLines/2-early, early); !strings.Contains(out, want) {
		t.Errorf("half: want %q", want)
	}
	wantCount(t, s.stream, replayLines-removed+early)

	out = s.replay(t, 0, "--from", from)
	if want := fmt.Sprintf("already there: %d, sent: %d, refused: 0", replayLines-removed+early, removed-early); !strings.Contains(out, want) {
		t.Errorf("all: want %q", want)
	}
	wantLines(t, s.stream, replayLines)
	rollOver(t, s.stream)
	out = s.replay(t, 0, "--from", from)
	if want := fmt.Sprintf("already there: %d, sent: 0, refused: 0", replayLines); !strings.Contains(out, want) {
		t.Errorf("once more: want %q", want)
	}
	wantLines(t, s.stream, replayLines)
	s.wantNoDeadLetters(t)
}

// TestReplayBesideAgent replays while an agent ships on, after the file was rotated and compressed.
func TestReplayBesideAgent(t *testing.T) {
	s := newSetup(t, "app.log", "format: json", "")
	path := filepath.Join(s.logs, "app.log")
	writeLines(t, path, 0, replayLines/2)
	a := s.start(t)
	delivered := func(n int) {
		t.Helper()
		eventually(t, patience, fmt.Sprintf("%d lines are delivered", n), func() (bool, any) {
			l, ok := a.ledger(s.dataset)
			return ok && l.done() >= n, l
		})
	}
	delivered(replayLines / 2)
	s.checkpointed(t, path)
	rename(t, path, path+".1")
	writeLines(t, path, replayLines/2, replayLines)
	delivered(replayLines)
	s.checkpointed(t, path)
	if out, err := exec.Command("gzip", path+".1").CombinedOutput(); err != nil {
		t.Fatalf("gzip: %v\n%s", err, out)
	}
	remove(t, s.stream, func(seq int) bool { return seq%2 == 0 })
	rollOver(t, s.stream)
	out := s.replay(t, 0, "--from", "2026-01-01T00:00:00Z")
	if want := fmt.Sprintf("already there: %d, sent: %d, refused: 0", replayLines/2, replayLines/2); !strings.Contains(out, want) {
		t.Errorf("want %q", want)
	}
	a.terminate(patience)
	wantLines(t, s.stream, replayLines)
}

package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shelf takes documents as Elasticsearch does, and knows which ids it has.
type shelf struct {
	t    *testing.T
	docs map[string]string // messages by index and _id
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	index, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/_bulk":
		s.bulk(w, strings.Split(strings.TrimSpace(string(data)), "\n"))
	case what == "_search":
		var question struct {
			Query struct{ IDs struct{ Values []string } }
		}
		if err := json.Unmarshal(data, &question); err != nil {
			s.t.Error(err)
		}
		var hits []string
		for _, id := range question.Query.IDs.Values {
			if _, there := s.docs[index+"/"+id]; there {
				hits = append(hits, fmt.Sprintf(`{"_id":%q}`, id))
			}
		}
		_, _ = fmt.Fprintf(w, `{"timed_out":false,"hits":{"total":{"value":%d},"hits":[%s]}}`, len(hits), strings.Join(hits, ",")) // the client sees to it
	default:
		_, _ = io.WriteString(w, `{}`)
	}
}

func (s *shelf) bulk(w io.Writer, lines []string) {
	var items []string
	for i := 0; i+1 < len(lines); i += 2 {
		var action struct {
			Create struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
			}
		}
		var doc struct{ Message string }
		if err := json.Unmarshal([]byte(lines[i]), &action); err != nil {
			s.t.Error(err)
		}
		if err := json.Unmarshal([]byte(lines[i+1]), &doc); err != nil {
			s.t.Error(err)
		}
		key := action.Create.Index + "/" + action.Create.ID
		status := 201
		if _, there := s.docs[key]; there {
			status = 409
		}
		s.docs[key] = doc.Message
		items = append(items, fmt.Sprintf(`{"create":{"status":%d}}`, status))
	}
	_, _ = fmt.Fprintf(w, `{"errors":false,"items":[%s]}`, strings.Join(items, ","))
}

func (s *shelf) messages() []string {
	var all []string
	for _, message := range s.docs {
		all = append(all, message)
	}
	slices.Sort(all)
	return all
}

// TestReplayRange ships what is in a range of time, of two pipelines and before any agent has run; then the agent, then again.
func TestReplayRange(t *testing.T) {
	s := &shelf{t: t, docs: map[string]string{}}
	server := httptest.NewServer(s)
	defer server.Close()
	dir := t.TempDir()
	cfg := configured(t, dir, map[string]string{
		"a.log": "begins without a time\n2026-03-01T11:59:59.999Z early\n2026-03-01T12:00:00Z first\nof the same time\n2026-03-01T12:00:59.999999999Z last\n2026-03-01T12:01:00Z late\n",
		"b.log": "2026-03-01T13:00:30+01:00 elsewhere\n2026-03-01T12:30:00Z no\n2026-03-01T12:00:30Z not ended",
		"tailspan.yaml": fmt.Sprintf("data_dir: %s/state\nhost: {name: h}\npipelines: [{name: a, paths: [a.log]}, {name: b, paths: [b.log]}]\n"+
			"output: {elasticsearch: {hosts: [%q], compression: none}}\n", dir, server.URL),
	})
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	replay := func() Replayed {
		t.Helper()
		r, err := NewReplay(t.Context(), cfg, "elasticsearch", from, from.Add(time.Minute), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Run(); err != nil {
			t.Fatal(err)
		}
		return r.Done()
	}
	if diff := cmp.Diff(Replayed{Files: 2, AllFiles: 2, Lines: 8, InRange: 4, Sent: 4, WithoutTime: 1}, replay()); diff != "" {
		t.Error(diff)
	}
	if got := len(s.docs); got != 4 {
		t.Errorf("%d documents: %q", got, s.messages())
	}
	if _, err := os.Stat(filepath.Join(dir, "state")); !os.IsNotExist(err) {
		t.Errorf("it left a data directory behind: %v", err)
	}

	agent, err := NewRunner(cfg, true, nil, io.Discard, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	all := s.messages()
	if len(all) != 9 {
		t.Errorf("%d documents: %q", len(all), all)
	}
	for key, message := range s.docs {
		if strings.Contains(message, "first") || strings.Contains(message, "elsewhere") || strings.Contains(message, "not ended") {
			delete(s.docs, key)
		}
	}
	if diff := cmp.Diff(Replayed{Files: 2, AllFiles: 2, Lines: 9, InRange: 5, There: 2, Sent: 3, WithoutTime: 1}, replay()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(all, s.messages()); diff != "" {
		t.Error(diff)
	}
}

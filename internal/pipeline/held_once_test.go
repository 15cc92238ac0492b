package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship/local"
)

// onceLines are lines of 100 traces over two files, of which every tenth fails in the last line of the other file.
func onceLines() (a, b string, kept func(message string) bool) {
	var first, second strings.Builder
	for round := range 3 {
		for i := range 100 {
			level := "info"
			if round == 2 && i%10 == 3 {
				level = "error"
			}
			fmt.Fprintf(&first, `{"time":"2026-03-01T12:00:00Z","service":"s%d","trace_id":"%016x%016x","msg":"a %d %d"}`+"\n", i%3, i+1, uint64(i+1)<<32, i, round)
			fmt.Fprintf(&second, `{"time":"2026-03-01T12:00:00Z","service":"s%d","level":%q,"trace_id":"%016x%016x","msg":"b %d %d"}`+"\n", i%3, level, i+1, uint64(i+1)<<32, i, round)
			if i%20 == 0 {
				fmt.Fprintf(&first, `{"time":"2026-03-01T12:00:00Z","msg":"a -7 %d"}`+"\n", i)
			}
		}
	}
	return first.String(), second.String(), func(message string) bool {
		var i int
		if _, err := fmt.Sscanf(message[2:], "%d", &i); err != nil {
			panic(err)
		}
		return i < 0 || i%10 == 3
	}
}

// TestHeldOnce ships files to their ends with and without hold, to each output that documents can go to, as the primary one and beside another: with
// hold there are the documents that the rule keeps, with the ids, names of indices and bytes that they have without.
func TestHeldOnce(t *testing.T) {
	for name, output := range map[string]string{
		"console":            "{console: {}}",
		"local":              "{local: {}}",
		"elasticsearch":      "{elasticsearch: {hosts: [%s, bulk: {max_docs: 7}}}",
		"elasticsearch name": "{elasticsearch: {hosts: [%s, index: 'x-%%{service.name}', bulk: {max_size: 3KiB}}}",
		"all":                "{elasticsearch: {hosts: [%s, bulk: {max_docs: 50}}, local: {}, console: {}, metrics: {}}",
		"the store first":    "{primary: local, elasticsearch: {hosts: [%s}, local: {}, console: {}}",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a, b, kept := onceLines()
			for name, text := range map[string]string{"a.log": a, "b.log": b} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			without := shipOnce(t, dir, output, "")
			held := shipOnce(t, dir, output, "hold: {}")
			want := map[string]string{}
			for id, doc := range without {
				var d struct{ Message string }
				if err := json.Unmarshal([]byte(doc), &d); err != nil {
					t.Fatal(err)
				}
				if kept(d.Message) {
					want[id] = doc
				}
			}
			if len(without) < 615 || len(want) >= len(without)/2 || !maps.Equal(held, want) {
				t.Errorf("%d documents without hold, %d with it, want %d", len(without), len(held), len(want))
			}
		})
	}
}

// shipOnce returns documents by output, index and _id.
func shipOnce(t *testing.T, dir, output, held string) map[string]string {
	t.Helper()
	docs := map[string]string{}
	server := httptest.NewServer(bulkTaker(t, docs))
	defer server.Close()
	if strings.Contains(output, "%s") {
		output = fmt.Sprintf(output, server.URL+"], compression: none")
	}
	text := fmt.Sprintf("data_dir: %s\nhost: {name: h}\nhttp: {listen: \"127.0.0.1:0\"}\npipelines:\n  - name: a\n    paths: [a.log]\n    %s\n  - name: b\n    paths: [b.log]\n    %s\noutput: %s\n", t.TempDir(), held, held, output)
	cfg := configured(t, dir, map[string]string{"tailspan.yaml": text})
	var out shared
	runner, err := NewRunner(cfg, true, nil, &out, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s := runner.Status()
	for _, p := range s.Pipelines {
		if p.Lines.InFlight() != 0 || p.Committed != p.Size || p.Lines[event.Indexed]+p.Lines[event.Dropped] != p.Lines[event.Read] {
			t.Errorf("%+v", p)
		}
		if held != "" && (p.Held.Waiting != 0 || p.Held.Bytes != 0) {
			t.Errorf("%+v", p.Held)
		}
	}
	for _, o := range s.Outputs {
		if o.Name != "metrics" && (o.Lines.InFlight() != 0 || o.Lines[event.Indexed] != o.Lines[event.Read]) {
			t.Errorf("%+v", o)
		}
	}
	for line := range strings.Lines(out.String()) {
		docs["console "+line] = line
	}
	if cfg.Output.Local != nil {
		hits, err := local.NewReader(local.Dir(cfg.DataDir)).Search(t.Context(), local.Question{}, nil, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			docs["local "+h.ID] = h.Document
		}
	}
	return docs
}

// bulkTaker takes documents as Elasticsearch does, each once.
func bulkTaker(t *testing.T, docs map[string]string) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path != "/_bulk" {
			_, _ = w.Write([]byte(`{}`)) // the client sees to it
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var items []string
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		for i := 0; i+1 < len(lines); i += 2 {
			var action struct {
				Create struct {
					Index string `json:"_index"`
					ID    string `json:"_id"`
				}
			}
			if err := json.Unmarshal([]byte(lines[i]), &action); err != nil || docs["es "+action.Create.Index+action.Create.ID] != "" {
				t.Errorf("%v, or there already: %s", err, lines[i])
			}
			docs["es "+action.Create.Index+action.Create.ID] = lines[i+1]
			items = append(items, `{"create":{"status":201}}`)
		}
		_, _ = fmt.Fprintf(w, `{"errors":false,"items":[%s]}`, strings.Join(items, ",")) // the client sees to it
	}
}

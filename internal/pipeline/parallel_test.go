package pipeline

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bulkSink keeps documents by their _id.
type bulkSink struct {
	t    *testing.T
	mu   sync.Mutex
	docs map[string]string
}

func (s *bulkSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	if r.URL.Path != "/_bulk" {
		_, _ = io.WriteString(w, `{}`) // the client sees to it
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	var items []string
	for i := 0; i+1 < len(lines); i += 2 {
		_, id, _ := strings.Cut(lines[i], `"_id":"`)
		s.docs[strings.TrimRight(id, `"}`)] = lines[i+1]
		items = append(items, `{"create":{"status":201}}`)
	}
	_, _ = fmt.Fprintf(w, `{"errors":false,"items":[%s]}`, strings.Join(items, ","))
}

// TestOneFileOnAllCores: batches of one file are parsed by all workers at once, and each line becomes the document that it becomes
// when they are read one after the other, also where it depends on a line before it: the time of lines without one, and the
// columns that a line names for those behind it.
func TestOneFileOnAllCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	sink := &bulkSink{t: t, docs: map[string]string{}}
	server := httptest.NewServer(sink)
	defer server.Close()
	dir := t.TempDir()
	var text, timeless, columns, others strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "2026-03-01T12:%02d:%02d.%03dZ INFO line %d has a time\n", i/1000/60, i/1000%60, i%1000, i)
		if i%3000 == 0 {
			fmt.Fprintf(&timeless, "2026-03-01T13:%02d:00Z INFO from here on\n", i/3000)
			fmt.Fprintf(&columns, "#Fields: date time c-ip cs-method cs-uri-stem sc-status x-%d\n", i)
		}
		fmt.Fprintf(&timeless, "line %d has none\n", i)
		fmt.Fprintf(&columns, "2026-03-01 12:00:00 10.0.0.1 GET /a%d 200 v\n", i)
		fmt.Fprintf(&others, "2026-03-01 12:00:00 10.0.0.1 GET /b%d 200 w\n", i)
	}
	cfg := configured(t, dir, map[string]string{
		"text.log": text.String(), "timeless.log": timeless.String(), "columns.iis": columns.String(), "others.iis": "#Fields: date time c-ip cs-method cs-uri-stem sc-status y\n" + others.String(),
		"tailspan.yaml": fmt.Sprintf("data_dir: state\nhost: {name: h}\npipelines: [{name: a, paths: ['*.log']}, {name: iis, paths: ['*.iis'], format: w3c}]\n"+
			"output: {elasticsearch: {hosts: [%q], compression: none}}\n", server.URL),
	})
	runOnce(t, cfg)
	want := map[string]string{}
	if _, err := ReadFiles(context.Background(), cfg, slog.New(slog.DiscardHandler), func(id string, document []byte) error {
		want[id] = strings.TrimSpace(string(document))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(want) < 80_000 {
		t.Fatalf("%d documents are to be expected", len(want))
	}
	wrong := 0
	for id, document := range want {
		if strings.Contains(document, `"log.offset":0,`) && strings.Contains(document, "#Fields") {
			continue // the first line has no time, and no line before it: it was read at another time
		}
		if got := sink.docs[id]; got != document {
			if wrong++; wrong < 4 {
				t.Error(cmp.Diff(document, got))
			}
		}
	}
	if wrong > 0 || len(sink.docs) != len(want) {
		t.Errorf("%d of %d documents are others, and there are %d", wrong, len(want), len(sink.docs))
	}
}

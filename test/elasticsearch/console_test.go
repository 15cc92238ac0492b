//go:build elasticsearch

package elasticsearch_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestBackPressure prints documents for a reader that does not read: the agent must stop reading files when what it may
// hold is full, stay well, and go on from there.
func TestBackPressure(t *testing.T) {
	n := max(manyLines, 50_000)
	s := newSetup(t, "*.log", "", "")
	writeFile(t, s.path, fmt.Sprintf("data_dir: %s\nmemory: 16MiB\nhost: {name: test-host}\nhttp: {listen: %q}\npipelines:\n"+
		"  - {name: %s, paths: [%q], format: json}\noutput: {console: {}}\n", s.data, s.address, s.dataset, filepath.Join(s.logs, "*.log")))
	writeLines(t, filepath.Join(s.logs, "app.log"), 0, n)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }() // was only read
	a := s.startInto(t, writer)
	if err := writer.Close(); err != nil { // the agent has its own
		t.Fatal(err)
	}
	stuck(a, s.dataset, n)
	documents := bufio.NewScanner(reader)
	for seq := range n {
		var d struct{ Seq int }
		if !documents.Scan() {
			t.Fatalf("there are no more than %d documents: %v", seq, documents.Err())
		}
		if err := json.Unmarshal(documents.Bytes(), &d); err != nil || d.Seq != seq {
			t.Fatalf("document %d: %v: %s", seq, err, documents.Bytes())
		}
	}
	eventually(t, patience, "the ledger is closed", func() (bool, any) {
		l, ok := a.ledger(s.dataset)
		return ok && l["indexed"] == n && l["in_flight"] == 0, l
	})
	a.terminate(patience)
}

// stuck waits until the agent reads no more, and wants it to be well, with a sum that adds up.
func stuck(a *agent, pipeline string, n int) {
	a.t.Helper()
	var last ledger
	same := 0
	eventually(a.t, patience, "nothing more is read", func() (bool, any) {
		l, ok := a.ledger(pipeline)
		if !ok || l["read"] == 0 || l["read"] != last["read"] {
			same = 0
		}
		last, same = l, same+1
		return same == 10, l
	})
	if last["read"] >= n || last["in_flight"] == 0 || last["read"] != last.done()+last["in_flight"] {
		a.t.Fatalf("an agent that nobody listens to has read too much, or does not know what it holds: %v", last)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body, err := a.get(path); status != http.StatusOK || err != nil {
			a.t.Errorf("%s: %d %q %v", path, status, body, err)
		}
	}
}

//go:build elasticsearch

package elasticsearch_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/ship"
)

const (
	conflictLines = 500
	conflictEvery = 100 // the distance between lines that Elasticsearch refuses
	conflicts     = (conflictLines - 1) / conflictEvery
)

// writeConflicts writes lines whose field is the bad value now and then; the first line has a good one.
func writeConflicts(t *testing.T, path, name, good, bad string) {
	t.Helper()
	var lines strings.Builder
	for seq := range conflictLines {
		value := good
		if seq > 0 && seq%conflictEvery == 0 {
			value = bad
		}
		fmt.Fprintf(&lines, `{"seq":%d,%q:%s}`+"\n", seq, name, value)
	}
	writeFile(t, path, lines.String())
}

// TestConflict ships a field that is a number first and text later: the documents that do not fit are kept, with the field
// and the reason aside, and the others are not touched by that.
func TestConflict(t *testing.T) {
	s := newSetup(t, "*.log", "format: json", "")
	writeConflicts(t, filepath.Join(s.logs, "app.log"), "amount", "1", `"many"`)
	s.once(t, 0)
	s.wantNoDeadLetters(t)
	wantCount(t, s.stream, conflictLines)
	for seq, d := range documents(t, s.stream) {
		aside, bad := d["tailspan.unmapped.amount"], seq > 0 && seq%conflictEvery == 0
		if bad && (aside != "many" || d["amount"] != nil || !strings.Contains(fmt.Sprint(d["tailspan.unmapped_reason"]), "amount")) {
			t.Errorf("the amount of line %d should be aside, with a reason: %v", seq, d)
		}
		if !bad && (aside != nil || d["amount"] != 1.0) {
			t.Errorf("line %d should be as it was: %v", seq, d)
		}
	}
	hits, err := node.Search(s.stream, map[string]any{"query": map[string]any{"term": map[string]string{"tailspan.unmapped.amount": "many"}}})
	if err != nil || len(hits) != conflicts {
		t.Errorf("%d documents are found by what is aside, and should be %d: %v", len(hits), conflicts, err)
	}
}

// TestRefused ships objects that are deeper than Elasticsearch maps. It does not name a field that could be moved aside, so
// those documents are dead letters, with the reason, and the others are there.
func TestRefused(t *testing.T) {
	const depth = 30 // the limit is 20
	s := newSetup(t, "*.log", "format: json", "")
	writeConflicts(t, filepath.Join(s.logs, "app.log"), "tree", `{"leaf":1}`,
		strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth))
	a := s.once(t, 1)
	if want := fmt.Sprintf("%d lines were refused", conflicts); !strings.Contains(a.stderr.String(), want) {
		t.Errorf("tailspan should say %q:\n%s", want, a.stderr)
	}
	wantCount(t, s.stream, conflictLines-conflicts)
	letters := deadLetters(t, s)
	if len(letters) != conflicts {
		t.Fatalf("there are %d dead letters and should be %d", len(letters), conflicts)
	}
	for i, letter := range letters {
		var d struct{ Seq int }
		if err := json.Unmarshal(letter.Document, &d); err != nil {
			t.Fatal(err)
		}
		if d.Seq != (i+1)*conflictEvery || letter.Status != 400 || letter.Pipeline != s.dataset ||
			letter.Type == "" || !strings.Contains(letter.Reason, "depth") {
			t.Errorf("letter %d: %+v", i, letter)
		}
	}
	s.once(t, 0) // nothing new: what is in the dead letters is delivered
	if again := deadLetters(t, s); len(again) != conflicts {
		t.Errorf("after another run there are %d dead letters", len(again))
	}
	wantCount(t, s.stream, conflictLines-conflicts)
}

// deadLetters reads the letters in the order in which they were refused.
func deadLetters(t *testing.T, s *setup) (letters []ship.DeadLetter) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.data, "dead-letters.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var letter ship.DeadLetter
		if err := json.Unmarshal(line, &letter); err != nil {
			t.Fatal(err)
		}
		letters = append(letters, letter)
	}
	return letters
}

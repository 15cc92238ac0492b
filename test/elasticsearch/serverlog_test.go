//go:build elasticsearch

package elasticsearch_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
)

// serverLine is what matters here of a line of Elasticsearch's own log in ECS.
type serverLine struct {
	Time    string `json:"@timestamp"`
	Level   string `json:"log.level"`
	Message string
	Offset  int64 `json:"log.offset"` // only of documents
}

// TestServerLog ships Elasticsearch's own log into itself while it is being written, and compares every line with its
// document.
func TestServerLog(t *testing.T) {
	s := newSetup(t, node.ServerLog(), "format: json", "")
	a := s.start(t)
	noisy(t, true)
	t.Cleanup(func() { noisy(t, false) })
	for i := range 20 { // each new index is worth a line; a bulk item that fails has one with a stack trace
		body := fmt.Sprintf("{\"create\":{\"_index\":%q}}\n{\"n\":1}\n{\"create\":{\"_index\":%[1]q}}\n{\"n\":\"no number\"}\n", fmt.Sprintf("noise-%d", i))
		if err := node.Do("POST", "/_bulk", body, nil); err != nil {
			t.Fatal(err)
		}
	}
	noisy(t, false)
	var lines [][]byte
	eventually(t, patience, "as many documents as lines", func() (bool, any) {
		log, err := os.ReadFile(node.ServerLog())
		if err != nil {
			t.Fatal(err)
		}
		lines = bytes.SplitAfter(log, []byte("\n"))
		lines = lines[:len(lines)-1] // what comes behind the last newline is no line yet
		n := count(t, s.stream)
		return n == len(lines), fmt.Sprintf("%d lines, %d documents", len(lines), n)
	})
	a.terminate(patience)
	s.wantNoDeadLetters(t)
	compareServerLog(t, s.stream, lines)
}

// noisy lets the server log what it refuses, with the stack trace, or stop that.
func noisy(t *testing.T, on bool) {
	t.Helper()
	var level any
	if on {
		level = "DEBUG"
	}
	body := map[string]any{"persistent": map[string]any{"logger.org.elasticsearch.action.bulk.TransportShardBulkAction": level}}
	if err := node.Do("PUT", "/_cluster/settings", body, nil); err != nil {
		t.Error(err)
	}
}

// compareServerLog finds the document of each line by where the line stands.
func compareServerLog(t *testing.T, stream string, lines [][]byte) {
	t.Helper()
	docs := map[int64]serverLine{}
	err := node.Each(stream, []string{"@timestamp", "log.level", "message", "log.offset"}, func(hit elastictest.Hit) error {
		var d serverLine
		err := json.Unmarshal(hit.Source, &d)
		docs[d.Offset] = d
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	var offset int64
	for i, line := range lines {
		var want serverLine
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatalf("line %d is not what this test was made for: %v", i+1, err)
		}
		d, ok := docs[offset]
		at, wantAt := parseTime(t, d.Time), parseTime(t, want.Time)
		if !ok || !at.Equal(wantAt) || d.Level != strings.ToLower(want.Level) || d.Message != want.Message {
			t.Fatalf("line %d: %s\nbecame: %+v", i+1, line, d)
		}
		levels[d.Level]++
		offset += int64(len(line))
	}
	t.Logf("%d lines, by level %v", len(lines), levels)
	if len(levels) < 2 {
		t.Errorf("the log should have had more than one level: %v", levels)
	}
}

func parseTime(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

//go:build elasticsearch

package elasticsearch_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// TestLimits runs the node with limits so low that requests are too large for it and too many, which it says in its own
// ways: 413 with an empty body, and 200 with items of status 429.
func TestLimits(t *testing.T) {
	if err := node.Restart("http.max_content_length: 1mb", "thread_pool.write.queue_size: 1"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := node.Restart(); err != nil {
			t.Error(err)
		}
	})
	for _, compression := range []string{"none", "gzip"} {
		t.Run("too large, "+compression, func(t *testing.T) { tooLarge(t, compression) })
	}
	t.Run("too many", tooMany)
}

// tooLarge ships requests above the limit, which are halved until they fit, and one line that can never fit.
func tooLarge(t *testing.T, compression string) {
	s := newSetup(t, "*.log", "format: json\nmax_line: 4MiB", "bulk: {max_size: 5MiB}\ncompression: "+compression)
	const n, huge = 400, 222
	var lines strings.Builder
	for seq := range n {
		size := 10 << 10
		if seq == huge {
			size = 3 << 20
		}
		fmt.Fprintf(&lines, `{"seq":%d,"noise":{"message":"%s"}}`+"\n", seq, noise(size))
	}
	writeFile(t, filepath.Join(s.logs, "app.log"), lines.String())
	s.once(t, 1)
	wantCount(t, s.stream, n-1)
	letters := deadLetters(t, s)
	if len(letters) != 1 || letters[0].Status != 413 || !strings.Contains(string(letters[0].Document), fmt.Sprintf(`"seq":%d,`, huge)) {
		t.Fatalf("there should be one dead letter, of line %d: %d letters, %.300v", huge, len(letters), letters)
	}
	docs := documents(t, s.stream)
	for seq := range n {
		if (docs[seq] == nil) != (seq == huge) {
			t.Errorf("line %d: %.100v", seq, docs[seq])
		}
	}
}

// noise is text that hardly compresses.
func noise(size int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	text := make([]byte, size)
	for i := range text {
		text[i] = letters[rand.IntN(len(letters))]
	}
	return string(text)
}

// tooMany ships with more requests at once than the node's write queue holds.
func tooMany(t *testing.T) {
	n := manyLines / 8
	s := newSetup(t, "*.log", "format: json", "bulk: {max_size: 128KiB, in_flight: 8}")
	for file := range 4 {
		writeLines(t, filepath.Join(s.logs, fmt.Sprintf("%d.log", file)), n*file/4, n*(file+1)/4)
	}
	a := s.start(t)
	var retried float64
	eventually(t, patience, "everything is indexed", func() (bool, any) {
		metrics, err := a.scrape()
		if err != nil {
			return false, err
		}
		retried = metrics[`tailspan_output_lines_retried_total{output="elasticsearch"}`]
		l, ok := a.ledger(s.dataset)
		return ok && l["indexed"] == n, l
	})
	if retried == 0 {
		t.Error("the write queue was never full")
	}
	if l, _ := a.ledger(s.dataset); l["duplicate"] != 0 {
		t.Errorf("items with status 429 were taken nevertheless: %v", l)
	}
	t.Logf("%v documents of %d had to be sent again", retried, n)
	a.terminate(patience)
	wantLines(t, s.stream, n)
	s.wantNoDeadLetters(t)
}

package local

import (
	"database/sql"
	"os"
	"strings"
	"testing"
)

// TestDocumentedSQL runs the statements that docs/STORE.md shows, each of which finds the document that is there.
func TestDocumentedSQL(t *testing.T) {
	page, err := os.ReadFile("../../../docs/STORE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```sql\n")
	block, _, ok := strings.Cut(block, "```")
	if !ok {
		t.Fatal("the page has no SQL")
	}
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
	write(t, k, newChunk(0, document("2026-11-22", 1, `,"log.level":"error","http.response.status_code":502,"message":"Connection refused"`)))
	statements := strings.Split(strings.TrimSpace(block), ";")
	if len(statements) < 4 {
		t.Fatalf("only %d statements", len(statements)-1)
	}
	for _, statement := range statements[:len(statements)-1] {
		rows := 0
		err := NewReader(dir).file(t.Context(), must(List(dir))[0], statement, nil, func(*sql.Rows) error { rows++; return nil })
		if err != nil || rows != 1 {
			t.Errorf("%s: %d rows, %v", statement, rows, err)
		}
	}
}

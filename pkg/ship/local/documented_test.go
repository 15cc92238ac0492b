package local

import (
	"database/sql"
	"os"
	"strings"
	"testing"
)

// TestDocumentedQueries runs what docs/STORE.md shows for sqlite3.
func TestDocumentedQueries(t *testing.T) {
	page, err := os.ReadFile("../../../docs/STORE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```sql\n")
	block, _, ok := strings.Cut(block, "```")
	if !ok {
		t.Fatal("no queries")
	}
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
	write(t, k, newChunk(1, document("2026-11-22", 1, `,"log.level":"error","service.name":"shop","http.response.status_code":502,"event.duration":7000000,"message":"connection refused by stock"`),
		document("2026-11-22", 2, `,"log.level":"info","message":"done"`)))
	files, err := List(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	db, err := sql.Open("sqlite", "file:"+files[0].Path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for query := range strings.SplitSeq(strings.TrimSpace(block), ";") {
		if query = strings.TrimSpace(query); query == "" {
			continue
		}
		rows := 0
		found, err := db.Query(query)
		if err != nil {
			t.Errorf("%s\n%v", query, err)
			continue
		}
		for found.Next() {
			rows++
		}
		if err := found.Close(); err != nil || rows != 1 {
			t.Errorf("%s\n%d rows, %v", query, rows, err)
		}
	}
}

package local

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
)

// document is one of the tests: so many seconds after the beginning of a day, with further members.
func document(day string, second int, more string) string {
	at, err := time.Parse(dayLayout, day)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"@timestamp":%q,"log.file.path":"/l","log.offset":%d,"host.name":"h"%s}`,
		at.Add(time.Duration(second)*time.Second).Format(time.RFC3339Nano), second, more)
}

// newChunk is a chunk of documents with their numbers as ids.
func newChunk(first int, documents ...string) *chunk {
	c := new(chunk)
	for i, d := range documents {
		c.buf = append(c.buf, testID(first+i)...)
		c.buf = binary.LittleEndian.AppendUint32(c.buf, uint32(len(d)))
		c.buf = append(c.buf, d...)
	}
	c.parts = []share{{ack: event.Ack{Source: new(event.Source)}, lines: len(documents)}}
	return c
}

func testID(n int) string { return fmt.Sprintf("SSSSSSSSSSSSSSSS%016d", n) }

func newTestKeeper(t *testing.T, dir string, cfg Config) (*keeper, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	k := newKeeper(cfg, dir, slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() {
		if err := k.close(); err != nil {
			t.Error(err)
		}
	})
	return k, &log
}

func write(t *testing.T, k *keeper, c *chunk) (twice int) {
	t.Helper()
	if err := k.write(t.Context(), []*chunk{c}); err != nil {
		t.Fatal(err)
	}
	return c.parts[0].twice
}

// found are the offsets of the documents that a query finds, in their order.
func found(t *testing.T, dir, text string) string {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	hits, err := NewReader(dir).Search(t.Context(), Question{Query: q}, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, h := range hits {
		all = append(all, fmt.Sprint(h.Place.Offset))
	}
	return strings.Join(all, " ")
}

func TestDuplicatesAreImpossible(t *testing.T) {
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
	docs := []string{document("2026-11-21", 1, ""), document("2026-11-22", 2, "")}
	if twice := write(t, k, newChunk(1, docs...)); twice != 0 {
		t.Errorf("%d of new documents were there", twice)
	}
	if twice := write(t, k, newChunk(1, append(docs, document("2026-11-22", 3, ""))...)); twice != 2 {
		t.Errorf("%d of two documents were there", twice)
	}
	if got := found(t, dir, ""); got != "3 2 1" {
		t.Errorf("found %s", got)
	}
}

// TestDuplicatesInOtherParts: a day of several files has no document twice either.
func TestDuplicatesInOtherParts(t *testing.T) {
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 8 * 100 << 10})
	for i := range 6 {
		var docs []string
		for n := range 100 {
			docs = append(docs, document("2026-11-22", 100*i+n, `,"message":"`+strings.Repeat("x", 600)+`"`))
		}
		write(t, k, newChunk(100*i, docs...))
	}
	files, err := List(dir)
	if err != nil || len(files) < 3 {
		t.Fatalf("%v %v", files, err)
	}
	if twice := write(t, k, newChunk(299, document("2026-11-22", 299, ""))); twice != 1 {
		t.Error("a document of an older file was added again")
	}
	if twice := write(t, k, newChunk(600, document("2026-11-22", 600, ""))); twice != 0 {
		t.Error("a new document was not added")
	}
}

func TestBounds(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	t.Run("size", func(t *testing.T) {
		dir := t.TempDir()
		k, log := newTestKeeper(t, dir, Config{MaxSize: 500 << 10})
		for i, day := range []string{"2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"} {
			write(t, k, newChunk(i, document(day, i, `,"x":"`+strings.Repeat("y", 150<<10)+`"`)))
		}
		k.swept = time.Time{}
		k.sweep(now)
		files, err := List(dir)
		if err != nil || len(files) == 4 || files[len(files)-1].Day != "2026-11-22" {
			t.Errorf("%v %v", files, err)
		}
		if !strings.Contains(log.String(), "2026-11-19.001.db") {
			t.Errorf("the log says %s", log)
		}
		if twice := write(t, k, newChunk(9, document("2026-11-19", 9, ""))); twice != 0 {
			t.Error("a dropped day takes no documents")
		}
	})
	t.Run("age", func(t *testing.T) {
		dir := t.TempDir()
		k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30, MaxAge: 24 * time.Hour})
		for i, day := range []string{"2026-11-19", "2026-11-20", "2026-11-22"} {
			write(t, k, newChunk(i, document(day, i, "")))
		}
		for _, end := range companions[:2] { // only the first is not written to any more
			path := partPath(dir, "2026-11-19", 1) + end
			if err := os.Chtimes(path, time.Time{}, now.Add(-25*time.Hour)); err != nil {
				t.Fatal(err)
			}
			path = partPath(dir, "2026-11-20", 1) + end
			if err := os.Chtimes(path, time.Time{}, now.Add(-23*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		k.swept = time.Time{}
		k.sweep(now)
		if got := found(t, dir, ""); got != "2 1" {
			t.Errorf("left are %s", got)
		}
	})
}

// TestManyDays: a batch with documents of many days needs no more files at once than a few.
func TestManyDays(t *testing.T) {
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
	var docs []string
	for i := range 12 {
		docs = append(docs, document(fmt.Sprintf("2026-11-%02d", 1+i%9), i, ""))
	}
	write(t, k, newChunk(0, docs...))
	if len(k.days) > openDays {
		t.Errorf("%d days are open", len(k.days))
	}
	if got := strings.Fields(found(t, dir, "")); len(got) != 12 {
		t.Errorf("found %v", got)
	}
}

// TestDamage: whatever happens to a file, the next documents find their place, and the log says where the damaged one is.
func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"zeros": func(t *testing.T, path string) { overwrite(t, path, 0, make([]byte, 64<<10)) },
		"middle": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, 8192, bytes.Repeat([]byte{0xaa}, int(info.Size())-8192))
		},
		"text": func(t *testing.T, path string) {
			overwrite(t, path, 0, []byte("this is no database at all, whatever its name says"))
		},
		"short": func(t *testing.T, path string) {
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
			var docs []string
			for i := range 500 {
				docs = append(docs, document("2026-11-22", i, fmt.Sprintf(`,"message":"some words %d"`, i)))
			}
			write(t, first, newChunk(0, docs...))
			if err := first.close(); err != nil {
				t.Fatal(err)
			}
			path := partPath(dir, "2026-11-22", 1)
			damage(t, path)
			k, log := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
			c := newChunk(1000, document("2026-11-22", 1000, ""))
			err := k.write(t.Context(), []*chunk{c})
			for range 3 {
				if err != nil {
					err = k.write(t.Context(), []*chunk{c})
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			aside, err := filepath.Glob(path + ".damaged-*")
			if err != nil || len(aside) == 0 || !strings.Contains(log.String(), "replay --output local") {
				t.Errorf("set aside: %v %v; the log says %s", aside, err, log)
			}
			if got := found(t, dir, ""); got != "1000" {
				t.Errorf("found %s", got)
			}
		})
	}
}

func overwrite(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestReadersWhileWriting: who reads sees whole transactions, and holds up nobody.
func TestReadersWhileWriting(t *testing.T) {
	dir := t.TempDir()
	k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
	write(t, k, newChunk(0, document("2026-11-22", 0, "")))
	ctx, cancel := context.WithCancel(t.Context())
	wrong := make(chan error, 1)
	go func() {
		defer close(wrong)
		for last := 0; ctx.Err() == nil; {
			hits, err := NewReader(dir).Search(t.Context(), Question{}, nil, 10_000)
			if err != nil || len(hits) < last || len(hits)%100 != 1 {
				wrong <- fmt.Errorf("%d documents after %d: %w", len(hits), last, err)
				return
			}
			last = len(hits)
		}
	}()
	for i := range 40 {
		var docs []string
		for n := range 100 {
			docs = append(docs, document("2026-11-22", 1+100*i+n, ""))
		}
		write(t, k, newChunk(1+100*i, docs...))
	}
	cancel()
	if err := <-wrong; err != nil {
		t.Error(err)
	}
}

// TestTwoWriters: a replay writes beside the agent.
func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	ended := make(chan int)
	for range 2 {
		k, _ := newTestKeeper(t, dir, Config{MaxSize: 1 << 30})
		go func() {
			twice := 0
			for i := range 20 {
				c := newChunk(i, document("2026-11-22", i, ""))
				if err := k.write(t.Context(), []*chunk{c}); err != nil {
					t.Error(err)
				}
				twice += c.parts[0].twice
			}
			ended <- twice
		}()
	}
	if twice := <-ended + <-ended; twice != 20 {
		t.Errorf("%d of 20 documents were there already", twice)
	}
	if got := strings.Fields(found(t, dir, "")); len(got) != 20 {
		t.Errorf("found %v", got)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

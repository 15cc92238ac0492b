//go:build elasticsearch

package elasticsearch_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
)

// firstTime is the time of the first line; each is a microsecond and a nanosecond after the one before.
var firstTime = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func lineTime(seq int) string {
	return firstTime.Add(time.Duration(seq) * 1001).Format(time.RFC3339Nano)
}

// lineMessage is the text of a line; it differs in length from one to the next.
func lineMessage(seq int) string {
	return fmt.Sprintf("order %d of customer %08x was \"paid\" — %.*s", seq, crc32.ChecksumIEEE(fmt.Append(nil, seq)), seq%40, padding)
}

const padding = "The quick brown fox jumps over the lazy dog."

// putLine writes line number seq.
func putLine(w io.Writer, seq int) error {
	message, err := json.Marshal(lineMessage(seq))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `{"ts":"%s","level":"INFO","message":%s,"seq":%d,"sum":%d,"path":"/api/v1/orders/%d"}`+"\n",
		lineTime(seq), message, seq, crc32.ChecksumIEEE([]byte(lineMessage(seq))), seq)
	return err
}

// writeLines appends lines [from,to) to a file.
func writeLines(t *testing.T, path string, from, to int) {
	t.Helper()
	if err := appendLines(path, from, to); err != nil {
		t.Fatal(err)
	}
}

func appendLines(path string, from, to int) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	w := bufio.NewWriter(f)
	for seq := from; seq < to; seq++ {
		if err := putLine(w, seq); err != nil {
			return err
		}
	}
	return w.Flush()
}

// wantLines wants each of the lines [0,n) in the data stream exactly once, with the content it was written with.
func wantLines(t *testing.T, stream string, n int) {
	t.Helper()
	wantCount(t, stream, n)
	seen := make([]bool, n)
	err := node.Each(stream, []string{"@timestamp", "message", "seq", "sum", "log.level", "host.name"}, func(hit elastictest.Hit) error {
		var d struct {
			Time    string `json:"@timestamp"`
			Message string
			Level   string `json:"log.level"`
			Host    string `json:"host.name"`
			Seq     int
			Sum     uint32
		}
		if err := json.Unmarshal(hit.Source, &d); err != nil {
			return err
		}
		switch {
		case d.Seq < 0 || d.Seq >= n:
			return fmt.Errorf("nobody wrote line %d: %s", d.Seq, hit.Source)
		case seen[d.Seq]:
			return fmt.Errorf("line %d is there twice", d.Seq)
		case d.Sum != crc32.ChecksumIEEE([]byte(d.Message)) || d.Message != lineMessage(d.Seq):
			return fmt.Errorf("line %d has changed: %s", d.Seq, hit.Source)
		case d.Time != lineTime(d.Seq) || d.Level != "info" || d.Host != "test-host":
			return fmt.Errorf("line %d has time %q, level %q, host %q; its time is %q", d.Seq, d.Time, d.Level, d.Host, lineTime(d.Seq))
		}
		seen[d.Seq] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

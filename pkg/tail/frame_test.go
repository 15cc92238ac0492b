package tail

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// FuzzFrame reads a file through an arena of any size and compares the lines with those of bytes.Split.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nno newline"), uint8(8), uint8(5))
	f.Add(bytes.Repeat([]byte("a long line "), 50), uint8(16), uint8(40))
	f.Add([]byte("\n\n\r\n\x00\n\xff"), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, content []byte, arena, limit uint8) {
		for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
			if bytes.HasPrefix(content, []byte(mark)) {
				t.Skip("package frame has a target for these")
			}
		}
		maxLine := int(limit) + 1
		path := filepath.Join(t.TempDir(), "a.log")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		fd, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = fd.Close() }()
		in, err := newInput(0, Named{Input: Input{Config: frame.Config{MaxLine: maxLine}}})
		if err != nil {
			t.Fatal(err)
		}
		file := &file{input: in, fd: fd, rec: new(record)}
		// The arena has room for the overlap and at least one byte more.
		b, err := event.NewPool(1, overlapSize+1+int(arena)).Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for steps := 0; file.read < int64(len(content)); steps++ {
			if steps > 3*len(content)+3 {
				t.Fatalf("no progress at %d of %d", file.read, len(content))
			}
			b.Data, b.Lines = b.Data[:0], b.Lines[:0]
			if _, err := file.fill(b, true); err != nil {
				t.Fatal(err)
			}
			if b.To == b.From {
				continue
			}
			for _, l := range b.Lines {
				text := string(b.Data[l.Start:l.End])
				if !bytes.HasPrefix(content[l.Offset:], []byte(text)) {
					t.Fatalf("line %q is not at its offset %d", text, l.Offset)
				}
				got = append(got, text)
			}
			file.advance(b)
		}
		var want []string
		for line := range bytes.Lines(content) {
			line = bytes.TrimSuffix(line, []byte("\n"))
			if len(line) > maxLine {
				line = line[:maxLine]
			} else {
				line = bytes.TrimSuffix(line, []byte("\r"))
			}
			want = append(want, string(line))
		}
		if !slices.Equal(got, want) {
			t.Errorf("lines %q\nwant  %q", got, want)
		}
	})
}

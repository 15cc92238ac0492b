package parse_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// headClock is the time of reading in tests of lines without a year.
var headClock = parse.Config{Timestamp: parse.Timestamp{Now: "2026-01-02T00:00:00Z"}}

// headSamples are lines of all formats that are told by their heads, one a line of the file.
func headSamples(tb testing.TB) []string {
	tb.Helper()
	file, err := os.Open("testdata/heads.log")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var lines []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if line := scanner.Text(); line != "" && !strings.HasPrefix(line, "## ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestNothingIsStolen holds auto to making the same document of a line whatever the line before was.
func TestNothingIsStolen(t *testing.T) {
	lines := headSamples(t)
	steady := newDocuments(t, headClock)
	for _, line := range lines {
		fresh := newDocuments(t, headClock)
		want := string(fresh.append(nil, []byte(line)))
		stolen := 0
		for _, before := range lines {
			steady.append(nil, []byte(before))
			if got := string(steady.append(nil, []byte(line))); got != want {
				if stolen++; stolen == 1 {
					t.Errorf("%s\nbehind %s\nis %s\nnot %s", line, before, got, want)
				}
			}
		}
	}
}

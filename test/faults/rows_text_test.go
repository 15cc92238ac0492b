//go:build faults && linux

package faults_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

var otherRows = []row{
	{33, "a 100 MB line; 10 GB without newline", longLines},
	{34, "invalid UTF-8, NUL, CRLF, UTF-16 BOM, lone CR", oddBytes},
	{35, "every line unparsable", unparsable},
	{36, "JSON depth 100,000, 100,000 keys, twice a key, 1e400", oddJSON},
}

func longLines(s *scene) {
	s.conf.pipelines[0].extra = "format: none\n"
	w := s.writer("app.log")
	s.start()
	w.write(100)
	line := append([]byte("# long "), bytes.Repeat([]byte("x"), size(100, 100)<<20)...)
	w.raw(append(line, '\n'))
	w.write(100)
	s.delivered()
	others := s.sink.strangers()
	if len(others) != 1 {
		s.fail("%d documents of one long line", len(others))
	}
	message, _ := others[0].source["message"].(string) // empty: too short
	if len(message) != 1<<20 || !strings.Contains(others[0].raw, "truncated") {
		s.wrong("a document of %d bytes, flagged: %v", len(message), strings.Contains(others[0].raw, "truncated"))
	}
	s.pass()
	s.saw("100 MB: cut to 1 MiB and flagged, peak %s", s.peakText())
	endless := s.writer("endless.log")
	endless.raw([]byte("# endless "))
	s.must(os.Truncate(endless.path, int64(size(1, 10))<<30)) // a hole: it reads as NULs
	s.freshBy(w)
	lasts(5 * time.Second)
	s.freshBy(w)
	endless.raw([]byte("\n"))
	endless.write(10)
	s.freshBy(w) // endless itself has all of its line to read first
	s.passWith(standard{noFresh: true})
	s.saw("%d GB without newline: next line whole, peak %s", size(1, 10), s.peakText())
}

// oddBytes ships lines that are no good text. Each is one document of valid JSON, from which the bytes can be had again.
func oddBytes(s *scene) {
	s.conf.pipelines[0].extra = "format: none\ntimestamp: off\n"
	w := s.writer("app.log")
	lines := []struct {
		line, message string
		original      bool // the bytes are not in message
	}{
		{"# latin \xe9\xff", "# latin \ufffd\ufffd", true},
		{"# cut \xe2\x82", "", true},
		{"# surrogate \xed\xa0\x80", "", true},
		{"# overlong \xc0\xaf", "", true},
		{"# NUL \x00 and \x01 \x1b[31m", "# NUL \x00 and \x01 \x1b[31m", false},
		{"# crlf\r", "# crlf", false},
		{"# lone \r CR \r in it", "# lone \r CR \r in it", false},
		{"# \u2028 \u2029 \u0085 \U0001f600", "# \u2028 \u2029 \u0085 \U0001f600", false},
		{"# quote \" backslash \\ </script>", "# quote \" backslash \\ </script>", false},
	}
	for _, l := range lines {
		w.raw([]byte(l.line + "\n"))
		w.write(1)
	}
	s.start()
	s.delivered()
	got := s.sink.strangers()
	if len(got) != len(lines) {
		s.fail("%d documents of %d odd lines", len(got), len(lines))
	}
	for i, l := range lines {
		doc := got[i].source
		if l.message != "" && doc["message"] != l.message {
			s.wrong("%q became %q", l.line, doc["message"])
		}
		original, _ := doc["event.original"].(string) // none: empty
		raw, err := base64.StdEncoding.DecodeString(original)
		if l.original && (err != nil || string(raw) != l.line) {
			s.wrong("%q: event.original is %q", l.line, original)
		}
	}
	s.pass()
	s.saw("%d odd lines, one document each, bytes kept", len(lines))
	s.utf16()
}

// utf16 is a file that begins with a byte order mark.
func (s *scene) utf16() {
	s.t.Helper()
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff# first ä\n# second 😀\n")) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	s.must(os.WriteFile(s.logs+"/wide.log", out, 0o644))
	before := len(s.sink.strangers())
	var got []string
	start := time.Now()
	for len(got) < 2 && time.Since(start) < freshWithin {
		time.Sleep(50 * time.Millisecond)
		got = nil
		for _, d := range s.sink.strangers()[before:] {
			got = append(got, fmt.Sprint(d.source["message"]))
		}
	}
	if want := []string{"# first ä", "# second 😀"}; !slices.Equal(got, want) {
		s.sink.mu.Lock()
		foreign := s.sink.foreign
		s.sink.mu.Unlock()
		s.wrong("UTF-16 with a BOM is not decoded: %q and %d other documents", got, len(foreign))
		return
	}
	s.saw("UTF-16 decoded")
}

func unparsable(s *scene) {
	s.conf.pipelines[0].extra = "format: json\n"
	flagged := 0
	s.sink.look = func(d kept) {
		if strings.Contains(d.raw, "pipeline_error") && strings.Contains(d.raw, "error.message") {
			flagged++
		}
	}
	w := s.writer("app.log")
	n := size(20_000, 1_000_000)
	w.write(n)
	s.start()
	s.delivered()
	s.pass()
	if flagged < n/2 || flagged > n/2+2 {
		s.wrong("%d of %d lines flagged, half of them do not parse", flagged, n)
	}
	if lines := strings.Count(s.agent.log(), "\n"); lines > 20 {
		s.wrong("%d lines in the agent's own log", lines)
	}
	s.saw("%d of %d lines flagged, %d lines of its own log", flagged, n, strings.Count(s.agent.log(), "\n"))
}

func oddJSON(s *scene) {
	s.conf.pipelines[0].extra = "format: json\n"
	var keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, `,"k%d":%d`, i, i)
	}
	odd := []string{
		`{"message":"# deep","a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		`{"message":"# deep","a":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + `}`,
		`{"message":"# open","a":` + strings.Repeat("[", 100_000) + `}`,
		`{"message":"# keys"` + keys.String() + `}`,
		`{"message":"# twice","a":1,"a":2,"a.b":3,"a":{"b":4}}`,
		`{"message":"# large","n":1e400,"m":-1e400,"z":1e-400,"i":123456789012345678901234567890}`,
		`{"message":"# NaN","n":NaN}`, `{"message":"# lone \ud800 surrogate"}`, `{"":"# empty name"}`, `{}`, `[1,2]`, `null`, `"# text"`, ``,
	}
	w := s.writer("app.log")
	s.sink.odd = odd
	s.start()
	for _, line := range odd {
		w.write(1)
		w.raw([]byte(line + "\n"))
		w.write(1)
		s.delivered()
	}
	s.pass()
	// Deep ones are refused by Elasticsearch, too, unless they come as text.
	flagged, deepest, twice := 0, 0, 0
	s.sink.mu.Lock()
	for _, d := range s.sink.others {
		if strings.Contains(d.raw, "pipeline_error") {
			flagged++
		}
		depth, repeated := shape(d.raw)
		deepest = max(deepest, depth)
		if repeated {
			twice++
			s.t.Logf("a key twice: %s", clip(d.raw, 200))
		}
	}
	s.sink.mu.Unlock()
	if deepest > 1000 {
		s.wrong("a document of depth %d: Elasticsearch takes no more than 1,000", deepest)
	}
	if twice > 0 {
		s.wrong("%d documents with a key twice: Elasticsearch refuses them", twice)
	}
	s.saw("alive, %d of %d flagged, depth at most %d", flagged, len(odd), deepest)
}

// shape is how deep a document goes, and whether an object of it has a key twice.
func shape(raw string) (deepest int, repeated bool) {
	decoder := json.NewDecoder(strings.NewReader(raw))
	var open []map[string]bool // of objects; nil for arrays
	name := false
	for {
		t, err := decoder.Token()
		if err != nil {
			return deepest, repeated
		}
		if d, ok := t.(json.Delim); ok && (d == '{' || d == '[') {
			if d == '{' {
				open = append(open, map[string]bool{})
			} else {
				open = append(open, nil)
			}
			deepest = max(deepest, len(open))
			name = d == '{'
			continue
		} else if ok {
			open = open[:len(open)-1]
		} else if name {
			key := t.(string)
			repeated = repeated || open[len(open)-1][key]
			open[len(open)-1][key] = true
			name = false
			continue
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}

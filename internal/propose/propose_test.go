package propose

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const trace = "java.lang.RuntimeException: x\n\tat com.acme.Foo.run(Foo.java:12)\n"

func TestPipelines(t *testing.T) {
	json := `{"level":"info","msg":"x","ts":"2023-01-01T00:00:00Z"}` + "\n"
	java := "2023-01-01 12:00:00,123 INFO  [main] com.acme.Foo - started\n"
	docker := `{"log":"x\n","stream":"stdout","time":"2021-02-01T16:45:03.01231Z"}` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"json", json, "format: json"},
		{"a stack trace", java + trace, "format: log4j, multiline: auto"},
		{"syslog with JSON inside", "Jun 14 15:16:01 web app[12]: " + json, "format: auto"},
		{"mixed", json + java, "format: auto"},
		{"nearly all", strings.Repeat(json, 99) + java, "format: json"},
		{"docker", docker, "framing: docker, format: auto"},
		{"text", "hello\n", "format: auto"},
		{"no newline", strings.TrimSpace(json), "format: json"},
		{"Windows", strings.ReplaceAll(json, "\n", "\r\n"), "format: json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Read(strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			pipelines, err := Pipelines([]Sample{s})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range strings.Split(Configuration(pipelines), "\n") {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "format:") || strings.HasPrefix(line, "framing:") || strings.HasPrefix(line, "multiline:") {
					got = append(got, line)
				}
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("%s, want %s\n%s", got, c.want, pipelines[0].Remark())
			}
		})
	}
}

func TestSamples(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a/app-2023-01-01.log": "x\n", "a/app-2023-01-02.log": "y\n", "a/b/2023.log": "z\n", "a/binary.gz": "\x00\x01", "a/empty.log": ""} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var errs strings.Builder
	samples, err := Samples([]string{filepath.Join(dir, "a"), filepath.Join(dir, "a", "app-*.log")}, &errs)
	if err != nil || len(samples) != 3 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, want := range []string{"binary.gz: left out: it is no text", "empty.log: left out: there is no line in it"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("%q lacks %q", errs.String(), want)
		}
	}
	pipelines, err := Pipelines(samples)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range pipelines {
		names = append(names, p.name)
	}
	if got := strings.Join(names, " "); got != "app b" {
		t.Errorf("the pipelines are %s", got)
	}
	for _, missing := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "*.none"), filepath.Join(dir, "a", "*.gz"), "["} {
		if _, err := Samples([]string{missing}, io.Discard); err == nil {
			t.Errorf("%s: no error", missing)
		}
	}
}

// TestLongLines: what is cut off at the end of a sample is no line.
func TestLongLines(t *testing.T) {
	s, err := Read(strings.NewReader("first\n" + strings.Repeat("x", sampleBytes)))
	if err != nil || len(s.lines) != 1 {
		t.Errorf("%d lines, %v", len(s.lines), err)
	}
	if s, err = Read(strings.NewReader(strings.Repeat("x\n", sampleLines+10))); err != nil || len(s.lines) != sampleLines {
		t.Errorf("%d lines, %v", len(s.lines), err)
	}
}

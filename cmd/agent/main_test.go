package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/free"
)

// folder is a configuration with a log beside it.
type folder struct {
	t    *testing.T
	path string
}

func newFolder(t *testing.T, lines string) folder {
	f := folder{t, t.TempDir()}
	f.write("app.log", lines)
	f.write("tailspan.yaml", "data_dir: state\npipelines: [{name: app, paths: [app.log]}]\noutput: {console: {}}\n")
	return f
}

func (f folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.path, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) file(name string) string { return filepath.Join(f.path, name) }

// command runs a command line in this process.
func command(t *testing.T, stdin string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &o, &e)
	return status, o.String(), e.String()
}

// invocation is a command line, the status it ends with, and what it says: on standard output when it succeeds, else on
// standard error.
type invocation struct {
	name   string
	args   []string
	status int
	says   []string
}

func (c *invocation) check(t *testing.T) {
	status, out, errs := command(t, "", c.args...)
	text := out
	if status != exitDone {
		text = errs
	}
	if status != c.status {
		t.Errorf("status %d, want %d: %s", status, c.status, errs)
	}
	for _, want := range c.says {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

func TestExitStatus(t *testing.T) {
	f := newFolder(t, "")
	f.write("bad.yaml", "pipelines: [{name: a, path: [x]}]\noutput: {console: {}}\n")
	f.write("no-output.yaml", "pipelines: [{name: a, paths: [x]}]\n")
	f.write("bad-pattern.yaml", "pipelines:\n  - name: a\n    paths: [x]\n    format: regex\n    pattern: '(?P<a>[)'\n    duration: {field: d, unit: parsec}\noutput: {console: {}}\n")
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   []string
	}{
		{"version", []string{"version"}, exitDone, nil},
		{"no such command", []string{"shipp"}, exitUsage, []string{`unknown command "shipp"`}},
		{"no such flag", []string{"run", "--twice"}, exitUsage, []string{"--twice", "tailspan run --help"}},
		{"no configuration", []string{"run"}, exitUsage, []string{"config"}},
		{"a configuration that is not there", []string{"run", "-c", f.file("none.yaml")}, exitUsage, []string{"none.yaml"}},
		{"an unknown key", []string{"check", "-c", f.file("bad.yaml")}, exitUsage, []string{"bad.yaml:1: ", `"paths"`}},
		{"no output", []string{"run", "-c", f.file("no-output.yaml")}, exitUsage, []string{"no-output.yaml", "output"}},
		{"mistakes that the parser finds", []string{"run", "-c", f.file("bad-pattern.yaml")}, exitUsage,
			[]string{"bad-pattern.yaml:5: pipelines[0].pattern: ", "bad-pattern.yaml:6: pipelines[0].duration.unit: "}},
		{"an unknown pipeline", []string{"parse", "-c", f.file("tailspan.yaml"), "-p", "ap"}, exitUsage, []string{`"app"`}},
		{"a good one", []string{"check", "-c", f.file("tailspan.yaml")}, exitDone, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, _, errs := command(t, "", c.args...)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			for _, text := range c.says {
				if !strings.Contains(errs, text) {
					t.Errorf("says %q, want it to name %q", errs, text)
				}
			}
			if c.status == exitDone && errs != "" {
				t.Errorf("says %q, want silence", errs)
			}
		})
	}
}

func TestParse(t *testing.T) {
	f := newFolder(t, "")
	for _, c := range []struct {
		name, in string
		args     []string
		messages []string
	}{
		{"lines", "one\r\n\n{\"msg\":\"three\"}\nno end", nil, []string{"one", "", "three", "no end"}},
		{"NUL", "a\nb\x00c\x00", []string{"--null"}, []string{"a\nb", "c"}},
		{"nothing", "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := command(t, c.in, append([]string{"parse", "-c", f.file("tailspan.yaml")}, c.args...)...)
			if status != exitDone || errs != "" {
				t.Errorf("status %d, says %q", status, errs)
			}
			var got []string
			for line := range strings.Lines(out) {
				var doc struct{ Message string }
				if err := json.Unmarshal([]byte(line), &doc); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				got = append(got, doc.Message)
			}
			if strings.Join(got, "|") != strings.Join(c.messages, "|") {
				t.Errorf("messages %q, want %q", got, c.messages)
			}
		})
	}
	if _, err := os.Stat(f.file("state")); !os.IsNotExist(err) {
		t.Errorf("parse left a data directory behind: %v", err)
	}
}

func TestRunOnce(t *testing.T) {
	f := newFolder(t, "one\ntwo\nthe last has no newline")
	status, out, errs := command(t, "", "run", "--once", "-c", f.file("tailspan.yaml"))
	if status != exitDone || errs != "" || strings.Count(out, "\n") != 3 {
		t.Fatalf("status %d, says %q, documents:\n%s", status, errs, out)
	}
	status, out, _ = command(t, "", "run", "--once", "-c", f.file("tailspan.yaml"))
	if status != exitDone || out != "" {
		t.Errorf("a second run: status %d, documents again:\n%s", status, out)
	}
	if err := os.RemoveAll(f.file("state")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.file("state"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, errs = command(t, "", "run", "--once", "-c", f.file("tailspan.yaml")); status != exitFailed || !strings.Contains(errs, "data_dir") {
		t.Errorf("a data_dir that cannot be made: status %d, says %q", status, errs)
	}
}

// TestAnOutputThatIsAway ships to the console while the other output, Elasticsearch, is not there.
func TestAnOutputThatIsAway(t *testing.T) {
	f := newFolder(t, "one\ntwo\n")
	f.write("tailspan.yaml", "data_dir: state\nshutdown_timeout: 200ms\npipelines: [{name: app, paths: [app.log]}]\n"+
		"output: {primary: console, console: {}, elasticsearch: {hosts: ['http://127.0.0.1:1']}}\n")
	status, out, _ := command(t, "", "run", "--once", "-c", f.file("tailspan.yaml"))
	if status != exitDone || strings.Count(out, "\n") != 2 {
		t.Errorf("status %d, documents:\n%s", status, out)
	}
	status, out, _ = command(t, "", "files", "-c", f.file("tailspan.yaml"))
	if status != exitDone || !strings.Contains(out, "8 B") {
		t.Errorf("status %d, files:\n%s", status, out)
	}
}

func TestCommandsOnCheckpoints(t *testing.T) {
	f := newFolder(t, "one\ntwo\n")
	path := f.file("app.log")
	config := []string{"-c", f.file("tailspan.yaml")}
	if status, _, errs := command(t, "", append([]string{"run", "--once"}, config...)...); status != exitDone {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"files", "verify"}, exitDone, "as it was left"},
		{[]string{"files", "show", path}, exitDone, `"committed": 8`},
		{[]string{"files", "show", path + "x"}, exitFailed, "no such file"},
		{[]string{"files", "rewind", path, "3"}, exitFailed, "no line begins"},
		{[]string{"files", "rewind", path, "four"}, exitUsage, "not an offset"},
		{[]string{"files", "rewind", path, "4"}, exitDone, ""},
		{[]string{"files", "show", path}, exitDone, `"committed": 4`},
		{[]string{"files", "turn"}, exitUsage, "files --help"},
		{[]string{"files", "forget", path}, exitDone, ""},
		{[]string{"files", "show", path}, exitFailed, "no such file"},
		{[]string{"dlq"}, exitDone, "dead letters: 0"},
		{[]string{"dlq", "show", "1"}, exitFailed, "no dead letter 1"},
		{[]string{"dlq", "show"}, exitUsage, "dlq --help"},
		{[]string{"dlq", "replay"}, exitUsage, "output.elasticsearch"},
		{[]string{"dlq", "purge"}, exitDone, "thrown away: 0"},
	} {
		status, out, errs := command(t, "", append(c.args, config...)...)
		if status != c.status || !strings.Contains(out+errs, c.says) {
			t.Errorf("%v: status %d, want %d; says %s%s, want %q", c.args, status, c.status, out, errs, c.says)
		}
	}
}

func TestEndpoints(t *testing.T) {
	f := newFolder(t, "one\ntwo\n")
	address := free.For(t)
	f.write("tailspan.yaml", "data_dir: state\nhttp: {listen: '"+address+"'}\npipelines: [{name: app, paths: [app.log]}]\noutput: {console: {}}\n")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		var out, errs bytes.Buffer
		ended <- run(ctx, []string{"run", "-c", f.file("tailspan.yaml")}, nil, &out, &errs)
	}()
	eventually(t, func() bool { return get("http://"+address+"/readyz") == "ready\n" })
	if got := get("http://" + address + "/healthz"); got != "ok\n" {
		t.Errorf("/healthz: %q", got)
	}
	var metrics string
	eventually(t, func() bool {
		metrics = get("http://" + address + "/metrics")
		return strings.Contains(metrics, `tailspan_lines_total{pipeline="app",verdict="indexed"} 2`)
	})
	for _, want := range []string{`tailspan_lines_total{pipeline="app",verdict="read"} 2`, `tailspan_lines_in_flight{pipeline="app"} 0`,
		`tailspan_lag_bytes{pipeline="app"} 0`, `tailspan_bytes_read_total{pipeline="app"} 8`, `tailspan_files{pipeline="app"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if status, out, errs := command(t, "", "files", "-c", f.file("tailspan.yaml")); status != exitDone || !strings.Contains(out, "true") {
		t.Errorf("files beside a running agent: status %d, %s%s", status, out, errs)
	}
	if status, _, errs := command(t, "", "files", "forget", f.file("app.log"), "-c", f.file("tailspan.yaml")); status != exitDone {
		t.Errorf("forget beside a running agent: status %d, %s", status, errs)
	}
	eventually(t, func() bool {
		return strings.Contains(get("http://"+address+"/metrics"), `tailspan_lines_total{pipeline="app",verdict="indexed"} 4`)
	})
	stop()
	if status := <-ended; status != exitDone {
		t.Errorf("status %d after SIGTERM", status)
	}
}

func get(url string) string {
	res, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		return err.Error()
	}
	return b.String()
}

// eventually waits until ok, a real agent being at work.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("did not come true within 10 s")
		}
	}
}

func TestProgressLine(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 5 << 30: "5.0 GiB"} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) = %q, want %q", n, got, want)
		}
	}
}

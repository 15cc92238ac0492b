//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// last is the last line of a text.
func last(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestExplainPath(t *testing.T) {
	f := newFolder(t, "one\ntwo\n")
	mkdir := func(name string) {
		if err := os.Mkdir(f.file(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mkdir("logs")
	mkdir("logs/below")
	mkdir("elsewhere")
	for name, text := range map[string]string{"logs/a.log": "a\n", "logs/B.LOG": "b\n", "logs/below/c.log": "c\n", "logs/skip.log": "s\n",
		"logs/old.log": "o\n", "elsewhere/d.log": "d\n", "elsewhere/e.txt": "e\n", "logs/e.txt": "e\n", "tail.log": "t\n"} {
		f.write(name, text)
	}
	old := time.Now().Add(-72 * time.Hour)
	if err := os.Chtimes(f.file("logs/old.log"), old, old); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"logs/link.log": "elsewhere/d.log", "logs/dangling.log": "none"} {
		if err := os.Symlink(f.file(to), f.file(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(f.file("logs/pipe.log"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.write("tailspan.yaml", "data_dir: state\npipelines:\n"+
		"  - {name: app, paths: [app.log]}\n"+
		"  - {name: logs, paths: ['logs/*.log'], exclude: [skip.*], ignore_older: 24h, allowed_roots: ["+f.file("logs")+"]}\n"+
		"  - {name: ends, paths: [tail.log], start_at: end}\n"+
		"output: {console: {}}\n")
	if _, _, errs := command(t, "", "run", "--once", "-c", f.file("tailspan.yaml")); !strings.Contains(errs, "allowed_roots") {
		t.Fatal(errs)
	}
	f.write("logs/new.log", "n\n")
	f.write("app.log", "one\ntwo\nthree\n")
	for _, c := range []struct{ path, says, verdict string }{
		{"app.log", "delivered up to byte 8", "It is not read, because no agent runs; tailspan run would read it for pipeline app from byte 8 on."},
		{"logs/new.log", "checkpoint  none", "tailspan run would read it for pipeline logs from its beginning."},
		{"tail.log", "of pipeline ends matches", "for pipeline ends from byte 2 on."},
		{"logs/none.log", "obstacle", "logs/none.log does not exist; correct the path"},
		{"none/x.log", "obstacle", "/none does not exist; correct the path"},
		{"logs/dangling.log", "is a link to ", "which does not exist; correct the path"},
		{"logs/B.LOG", "almost matches", "logs/*.log of pipeline logs almost matches it, but upper and lower case differ"},
		{"logs/below/c.log", "almost matches", "the file is in a folder below; ** is for any depth, as in " + f.file("logs/**/*.log")},
		{"logs/skip.log", "skip.* of pipeline logs matches", "skip.* in exclude of pipeline logs matches it; take it out."},
		{"logs/old.log", "changed", "it has not changed for 3 days, longer than ignore_older of pipeline logs, 24h0m0s"},
		{"logs/link.log", "leads to    " + f.file("elsewhere/d.log"), "outside of allowed_roots of pipeline logs"},
		{"logs/pipe.log", "a named pipe of", "it is a named pipe, and only files are"},
		{"logs", "a folder of", "it is a folder, and only files are"},
		{"logs/a.txt", "almost", "does not exist"},
		{"logs/e.txt", "almost", "logs/*.log of pipeline logs almost matches it, but the name is another; correct the pattern."},
		{"elsewhere/e.txt", "checkpoint  none", "no pattern of any pipeline is about it; add it to paths."},
	} {
		status, out, errs := command(t, "", "explain", "-c", f.file("tailspan.yaml"), f.file(c.path))
		if status != exitDone || !strings.Contains(out, c.says) || !strings.Contains(last(out), c.verdict) {
			t.Errorf("%s: status %d, %s\n%s\nwant %q and %q", c.path, status, errs, out, c.says, c.verdict)
		}
	}
}

func TestExplainPathWithoutRights(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	f := newFolder(t, "one\n")
	if err := os.Chmod(f.file("app.log"), 0); err != nil {
		t.Fatal(err)
	}
	_, out, _ := command(t, "", "explain", "-c", f.file("tailspan.yaml"), f.file("app.log"))
	if !strings.Contains(last(out), "cannot be read: permission denied; it belongs to ") || !strings.Contains(last(out), "setfacl -m u:") {
		t.Error(out)
	}
}

// TestExplainPathAskingTheAgent: a running agent is asked, and the answer never shows what is in the file.
func TestExplainPathAskingTheAgent(t *testing.T) {
	f := newFolder(t, "secret line\n")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		var out, errs bytes.Buffer
		ended <- run(ctx, []string{"run", "-c", f.file("tailspan.yaml")}, nil, &out, &errs)
	}()
	explain := func(name string) string {
		_, out, errs := command(t, "", "explain", "-c", f.file("tailspan.yaml"), f.file(name))
		if strings.Contains(out, "secret") {
			t.Errorf("it shows what is in the file: %s", out)
		}
		return out + errs
	}
	eventually(t, func() bool {
		return last(explain("app.log")) == "It is read by pipeline app, and all of it is delivered."
	})
	if out := explain("app.log"); !strings.Contains(out, "open        by the running agent") || !strings.Contains(out, "agent       runs") {
		t.Error(out)
	}
	if err := os.Rename(f.file("app.log"), f.file("rotated")); err != nil {
		t.Fatal(err)
	}
	if out := last(explain("rotated")); !strings.Contains(out, "It is read by pipeline app") {
		t.Error(out)
	}
	f.write("app.log", "half a line")
	eventually(t, func() bool { return strings.Contains(last(explain("app.log")), "has no whole line yet") })
	stop()
	if status := <-ended; status != exitDone {
		t.Errorf("status %d", status)
	}
}

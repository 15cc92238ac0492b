//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRealFilebeat lets a real Filebeat, which TAILSPAN_FILEBEAT names, ship two files, by either of its inputs for files, into a
// file, and stops it. tailspan takes its configuration and its registry over: of all lines, those before and those after, none
// is missing and none is there twice.
func TestRealFilebeat(t *testing.T) {
	binary := os.Getenv("TAILSPAN_FILEBEAT")
	if binary == "" {
		t.Skip("TAILSPAN_FILEBEAT names no Filebeat")
	}
	f := newFolder(t, "")
	f.write("fb.yml", fmt.Sprintf("filebeat.inputs:\n- {type: filestream, id: one, paths: [%s]}\n- {type: log, paths: [%s], scan_frequency: 1s}\n"+
		"output.file: {path: %s, filename: docs}\nfilebeat.registry.flush: 0s\nsetup.template.enabled: false\nhttp.enabled: false\n",
		f.file("one.log"), f.file("two.log"), f.file("out")))
	var want []string
	add := func(name string, from, to int) (text string) {
		for i := from; i < to; i++ {
			line := fmt.Sprintf("%s line %d", name, i)
			want = append(want, line)
			text += line + "\n"
		}
		return text
	}
	one, two := add("one", 0, 500), add("two", 0, 300)
	f.write("one.log", one+"half ")
	f.write("two.log", two)
	theirs := runFilebeat(t, f, binary, 800)
	want = append(want, "half a line")
	f.write("one.log", one+"half a line\n"+add("one", 500, 700))
	f.write("two.log", two+add("two", 300, 301))

	status, draft, says := command(t, "", "import", "filebeat", f.file("fb.yml"))
	if status != exitDone {
		t.Fatal(says)
	}
	draft, _, _ = strings.Cut(draft, "\noutput:") // to Elasticsearch, as Filebeat's would be
	f.write("ours.yaml", "data_dir: state\n"+draft+"\noutput: {console: {}}\n")
	status, out, says := command(t, "", "import", "filebeat", "--registry", f.file("data/registry/filebeat"), "-c", f.file("ours.yaml"))
	if status != exitDone || !strings.Contains(out, "positions in the registry: 2; taken over: 2") {
		t.Fatal(out, says)
	}
	status, out, says = command(t, "", "run", "-c", f.file("ours.yaml"), "--once")
	if status != exitDone {
		t.Fatal(says)
	}
	ours := messages(t, out)
	if len(ours) != 202 {
		t.Errorf("%d lines were left to tailspan, want 202", len(ours))
	}
	got := append(theirs, ours...)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d lines of Filebeat's and %d of tailspan's are not the %d that there are", len(theirs), len(ours), len(want))
	}
}

// runFilebeat lets Filebeat ship so many lines, stops it in good order and returns them.
func runFilebeat(t *testing.T, f folder, binary string, lines int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "run", "-e", "--path.home", f.file("home"), "--path.data", f.file("data"), "-c", f.file("fb.yml")) // #nosec G204 -- the tester's
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var text string
	for end := time.Now().Add(time.Minute); strings.Count(text, "\n") < lines; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			t.Fatal("Filebeat has not shipped the lines: ", log.String())
		}
		names, _ := filepath.Glob(f.file("out/docs*"))
		text = ""
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text += string(data)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status says nothing of its registry
	return messages(t, text)
}

// messages are those of documents, a line each.
func messages(t *testing.T, documents string) (all []string) {
	t.Helper()
	for line := range strings.Lines(documents) {
		var doc struct{ Message string }
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatal(err)
		}
		all = append(all, doc.Message)
	}
	return all
}

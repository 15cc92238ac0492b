package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestConfigs gives every configuration of configs/ to check, which runs the tests in it. Those for one kind of log show with
// several lines what becomes of them.
func TestConfigs(t *testing.T) {
	t.Setenv("NODE_NAME", "node")
	kinds := []string{"nginx", "apache", "java", "go", "kubernetes", "syslog", "postgresql", "hold"}
	files, err := filepath.Glob("../../configs/*.yaml")
	if err != nil || len(files) != len(kinds)+2 {
		t.Fatalf("%v %v; want those of %v, tailspan.yaml and console.yaml", files, err, kinds)
	}
	for _, file := range files {
		status, out, errs := command(t, "", "check", "--config", file)
		if status != exitDone || errs != "" {
			t.Errorf("%s: status %d, says %s%s", file, status, out, errs)
		}
	}
	for _, kind := range kinds {
		text := readFile(t, "../../configs/"+kind+".yaml")
		pipelines, tests := strings.Count(text, "\n  - name: "), strings.Count(text, "\n    tests:")
		if lines := strings.Count(text, "      - input: "); pipelines == 0 || pipelines != tests || lines < 4 {
			t.Errorf("%s: %d pipelines, of which %d have tests, with %d lines", kind, pipelines, tests, lines)
		}
	}
}

// option is a line that is commented out and could stand in a configuration.
var option = regexp.MustCompile(`^( *)# ( *)(- )?(name|[a-z_]+: *[^ ]*.*|[a-z_]+:$)`)

// TestOptions takes the comment off every option of the default configuration, one at a time with what is below it.
func TestOptions(t *testing.T) {
	lines := strings.Split(readFile(t, "../../configs/tailspan.yaml"), "\n")
	folder := newFolder(t, "")
	tried := 0
	for i := range lines {
		m := option.FindStringSubmatch(lines[i])
		if m == nil || m[1] == "" || m[2] != "" { // the head of the file, and what is below another option
			continue
		}
		changed := append([]string(nil), lines...)
		changed[i] = strings.Replace(lines[i], "# ", "", 1)
		for j := i + 1; j < len(lines) && strings.HasPrefix(lines[j], m[1]+"#   "); j++ {
			changed[j] = strings.Replace(lines[j], "# ", "", 1)
		}
		folder.write("tailspan.yaml", strings.Join(changed, "\n"))
		t.Setenv("ES_API_KEY", "key")
		if status, out, errs := command(t, "", "check", "--config", folder.file("tailspan.yaml")); status != exitDone {
			t.Errorf("%s\nstatus %d, says %s%s", strings.TrimSpace(lines[i]), status, out, errs)
		}
		tried++
	}
	if tried < 15 {
		t.Errorf("only %d options were found", tried)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

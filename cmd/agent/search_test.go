package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// storeFolder is a folder whose lines are in its embedded store.
func storeFolder(t *testing.T, lines string) folder {
	t.Helper()
	f := newFolder(t, "")
	f.write("a.log", lines)
	f.write("tailspan.yaml", fmt.Sprintf("data_dir: %s\npipelines: [{name: shop, paths: [%s]}]\noutput: {local: {}}\n", f.file("data"), f.file("a.log")))
	if status, _, errs := command(t, "", "run", "--once", "--config", f.file("tailspan.yaml")); status != exitDone {
		t.Fatalf("status %d: %s", status, errs)
	}
	return f
}

func TestSearch(t *testing.T) {
	f := storeFolder(t, `{"time":"2026-03-01T12:00:00Z","level":"info","service":"shop","msg":"order accepted"}
{"time":"2026-03-01T12:00:01Z","level":"error","service":"bank","msg":"card \u001b[31mrefused\nfor good","status":502}
{"time":"2026-03-01T12:00:02Z","level":"warn","service":"shop","msg":"order slow"}
`)
	for _, c := range []struct {
		args string
		want string
	}{
		{"log.level:error", `2026-03-01T12:00:01Z  error  bank  card \x1b[31mrefused\nfor good` + "\n"},
		{"service.name:shop and order", "2026-03-01T12:00:02Z  warn   shop  order slow\n2026-03-01T12:00:00Z  info   shop  order accepted\n"},
		{"order --limit 1", "2026-03-01T12:00:02Z  warn   shop  order slow\n"},
		{"--to 2026-03-01T12:00:01Z", "2026-03-01T12:00:00Z  info   shop  order accepted\n"},
		{"--from 2026-03-01T12:00:02Z --output local", "2026-03-01T12:00:02Z  warn   shop  order slow\n"},
		{"nothing", ""},
	} {
		status, out, errs := command(t, "", append([]string{"search", "--config", f.file("tailspan.yaml")}, strings.Fields(c.args)...)...)
		if status != exitDone || errs != "" || out != c.want {
			t.Errorf("%s: status %d, %s\n%s\nwant\n%s", c.args, status, errs, out, c.want)
		}
	}
	status, out, _ := command(t, "", "search", "--config", f.file("tailspan.yaml"), "status >= 500 or http.response.status_code >= 500", "--json")
	var hit struct {
		ID     string         `json:"_id"`
		Source map[string]any `json:"_source"`
	}
	if err := json.Unmarshal([]byte(out), &hit); err != nil || status != exitDone || len(hit.ID) != 32 || hit.Source["log.level"] != "error" {
		t.Errorf("status %d, %v: %s", status, err, out)
	}
}

func TestSearchRefuses(t *testing.T) {
	f := newFolder(t, "")
	f.write("tailspan.yaml", "pipelines: [{name: a}]\noutput: {local: {}}\n")
	f.write("console.yaml", "pipelines: [{name: a}]\noutput: {console: {}}\n")
	for _, c := range []struct{ config, args, want string }{
		{"tailspan.yaml", "a:", "query, at 3"},
		{"tailspan.yaml", "x --output elasticsearch", "no output.elasticsearch"},
		{"tailspan.yaml", "x --output console", "from elasticsearch or local"},
		{"console.yaml", "x", "the configuration has neither"},
		{"tailspan.yaml", "x --limit 0", "--limit"},
		{"tailspan.yaml", "x --since yesterday", "--since"},
		{"tailspan.yaml", "x --from 1h --to 2h", "ends before it begins"},
	} {
		status, _, errs := command(t, "", append([]string{"search", "--config", f.file(c.config)}, strings.Fields(c.args)...)...)
		if status != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%s: status %d, %s", c.args, status, errs)
		}
	}
}

// TestTracesFromTheStore: the commands about traces read the embedded store as they read files.
func TestTracesFromTheStore(t *testing.T) {
	end := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	files := traceFolder(t, end)
	files.write("tailspan.yaml", fmt.Sprintf("data_dir: %s\npipelines: [{name: shop, paths: ['%s']}]\noutput: {local: {}}\n", files.file("data"), files.file("*.log")))
	if status, _, errs := command(t, "", "run", "--once", "--config", files.file("tailspan.yaml")); status != exitDone {
		t.Fatalf("status %d: %s", status, errs)
	}
	status, out, errs := command(t, "", "trace", someTrace, "--config", files.file("tailspan.yaml"), "--json")
	if status != exitDone || strings.Count(out, `"span_id"`) != 3 {
		t.Errorf("status %d, %s: %s", status, errs, out)
	}
	for _, name := range []string{"traces", "bottleneck"} {
		status, out, errs := command(t, "", name, "--since", "1h", "--config", files.file("tailspan.yaml"), "--json")
		if status != exitDone || !strings.Contains(out, "place order") {
			t.Errorf("%s: status %d, %s: %s", name, status, errs, out)
		}
	}
	// What is in the store already is not sent again.
	replay := []string{"replay", "--from", "1h", "--output", "local", "--config", files.file("tailspan.yaml")}
	if status, out, errs := command(t, "", replay...); status != exitDone || !strings.Contains(out, "already there: 4, sent: 0") {
		t.Errorf("status %d, %s: %s", status, errs, out)
	}
}

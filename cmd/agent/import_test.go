package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportAndTakeOver goes the way of a machine from Filebeat: its configuration is imported, its positions are taken
// over, and what is shipped is exactly what Filebeat had not delivered.
func TestImportAndTakeOver(t *testing.T) {
	f := newFolder(t, "one\ntwo\nthree\n")
	f.write("new.log", "four\n")
	f.write("filebeat.yml", fmt.Sprintf("filebeat.inputs:\n- type: filestream\n  id: app\n  paths: [%q]\noutput.console: {}\n", f.file("*.log")))
	status, draft, says := command(t, "", "import", "filebeat", f.file("filebeat.yml"))
	if status != exitDone || !strings.Contains(says, "100.0 %") {
		t.Fatalf("status %d, says %q", status, says)
	}
	f.write("ours.yaml", draft+"data_dir: state\n")
	if status, _, errs := command(t, "", "check", "-c", f.file("ours.yaml")); status != exitDone {
		t.Fatalf("the draft is refused: %s\n%s", errs, draft)
	}

	dir := filepath.Join(f.path, "registry", "filebeat")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f.write("registry/filebeat/meta.json", `{"version":"1"}`)
	f.write("registry/filebeat/log.json", `{"op":"set","id":1}`+"\n"+
		fmt.Sprintf(`{"k":"filestream::app::fingerprint::445d01af","v":{"cursor":{"offset":8},"meta":{"source":%q,"identifier_name":"fingerprint"},"ttl":-1,"updated":[1,2]}}`, f.file("app.log"))+"\n")
	status, out, says := command(t, "", "import", "filebeat", "--registry", f.file("registry"), "--config", f.file("ours.yaml"))
	if want := "app.log: pipeline app goes on at byte 8\npositions in the registry: 1; taken over: 1\n"; status != exitDone || !strings.HasSuffix(out, want) {
		t.Fatalf("status %d, prints %q, says %q", status, out, says)
	}
	_, out, _ = command(t, "", "import", "filebeat", "--registry", f.file("registry"), "--config", f.file("ours.yaml"))
	if !strings.Contains(out, "known already") || !strings.Contains(out, "taken over: 0") {
		t.Errorf("a second time it prints %q", out)
	}

	status, out, says = command(t, "", "run", "--once", "-c", f.file("ours.yaml"))
	if status != exitDone {
		t.Fatalf("status %d, says %q", status, says)
	}
	shipped := map[string]int{}
	for line := range strings.Lines(out) {
		var doc struct {
			Message string `json:"message"`
		}
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		shipped[doc.Message]++
	}
	if len(shipped) != 2 || shipped["three"] != 1 || shipped["four"] != 1 {
		t.Errorf("shipped %v, want three and four once each", shipped)
	}
}

func TestImportUsage(t *testing.T) {
	f := newFolder(t, "")
	f.write("bad.conf", "filter { grok { match => [ } }")
	f.write("good.conf", "input { file { path => '/var/log/a.log' } }\nfilter { xml { source => 'message' } }\n")
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"import"}, exitUsage, "requires at least 1 arg"},
		{[]string{"import", "fluentd", f.file("good.conf")}, exitUsage, "tailspan import logstash"},
		{[]string{"import", "logstash"}, exitUsage, "tailspan import logstash"},
		{[]string{"import", "logstash", f.file("none.conf")}, exitUsage, "none.conf"},
		{[]string{"import", "logstash", f.file("bad.conf")}, exitUsage, "bad.conf:1:28"},
		{[]string{"import", "filebeat", f.file("bad.conf")}, exitUsage, "bad.conf"},
		{[]string{"import", "filebeat", "--registry", f.path}, exitUsage, "--config"},
		{[]string{"import", "filebeat", "--registry", f.path, "--config", f.file("tailspan.yaml")}, exitUsage, "no registry"},
		{[]string{"import", "logstash", f.file("good.conf")}, exitDone, "good.conf:2: xml: not carried over: "},
	} {
		status, _, says := command(t, "", c.args...)
		if status != c.status || !strings.Contains(says, c.says) {
			t.Errorf("%q: status %d, says %q; want %d and %q", c.args, status, says, c.status, c.says)
		}
	}
}

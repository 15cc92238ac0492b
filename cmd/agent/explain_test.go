package main

import (
	"strings"
	"testing"
)

func TestExplainLine(t *testing.T) {
	f := newFolder(t, "")
	for _, c := range []struct {
		name, line string
		want       []string
	}{
		{"a head", "2023-01-01 12:00:00,123 INFO  [main] com.acme.Foo - took 5ms", []string{
			"format    log4j, found by auto; the line begins as <time> <level> [<thread>] <logger>",
			`time      "2023-01-01T12:00:00.123Z", from the field timestamp ("2023-01-01 12:00:00,123")`,
			`level     "info", from the field log.level ("INFO")`, "ids       none", "duration  5000000, from the text of the line",
			`"process.thread.name": "main"`}},
		{"json", `{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","took":"5ms"}`, []string{
			"format    json, found by auto\n", "time      none in the line", "level     none", "ids       from the field traceparent",
			`duration  5000000, from the field took ("5ms")`}},
		{"an envelope", "Jun 14 15:16:01 web app[12]: {\"level\":\"warn\"}", []string{"format    syslog, found by auto\n", "inside    json, found by auto\n", `level     "warn", from the field level ("warn")`}},
		{"text", "2023-01-01T12:00:00Z hello", []string{"no format fits", `from the text of the line ("2023-01-01T12:00:00Z")`}},
		{"empty", "", []string{"no format fits", "time      none in the line"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := command(t, "", "explain", "--config", f.file("tailspan.yaml"), "--line", c.line)
			if status != exitDone || errs != "" {
				t.Fatalf("status %d: %s", status, errs)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
			_, piped, _ := command(t, c.line+"\n", "explain", "--config", f.file("tailspan.yaml"))
			if first, _, _ := strings.Cut(out, "document"); !strings.HasPrefix(piped, first) {
				t.Errorf("piped it is\n%s\nnot\n%s", piped, out)
			}
		})
	}
	f.write("json.yaml", "data_dir: state\npipelines: [{name: app, paths: [app.log], format: json}]\noutput: {console: {}}\n")
	_, out, _ := command(t, "", "explain", "--config", f.file("json.yaml"), "--line", "{")
	for _, want := range []string{"format    json, as configured", `error     "json: expected a name`} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}

// TestInit: what init prints is a configuration that check accepts.
func TestInit(t *testing.T) {
	f := newFolder(t, `{"level":"info","msg":"x"}`+"\n")
	status, out, errs := command(t, "", "init", f.file("app.log"))
	if status != exitDone || !strings.Contains(out, "format: json") || !strings.Contains(errs, "app: format json, sure") {
		t.Fatalf("status %d\n%s\n%s", status, out, errs)
	}
	f.write("proposed.yaml", out)
	if status, out, errs = command(t, "", "check", "--config", f.file("proposed.yaml")); status != exitDone || !strings.Contains(out, "files matched: 1") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
	if status, out, _ = command(t, "2023-01-01 12:00:00,123 INFO  [main] com.acme.Foo - x\n", "init"); status != exitDone || !strings.Contains(out, "format: log4j") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, _, errs = command(t, "", "init"); status != exitUsage {
		t.Errorf("status %d: %s", status, errs)
	}
	if status, _, errs = command(t, "", "init", f.file("none")); status != exitUsage {
		t.Errorf("status %d: %s", status, errs)
	}
}

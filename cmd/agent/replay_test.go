package main

import (
	"strings"
	"testing"
	"time"
)

func TestTimeRange(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ from, to, begin, end, says string }{
		{"2h", "0s", "2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z", ""},
		{"90m", "30m", "2026-03-01T10:30:00Z", "2026-03-01T11:30:00Z", ""},
		{"2026-02-28T23:59:59.5+01:00", "1h", "2026-02-28T22:59:59.5Z", "2026-03-01T11:00:00Z", ""},
		{"1h", "2h", "", "", "--from 2026-03-01T11:00:00Z is not before --to 2026-03-01T10:00:00Z"},
		{"1h", "1h", "", "", "is not before"},
		{"-1h", "0s", "", "", `--from: "-1h" is neither`},
		{"1h", "yesterday", "", "", `--to: "yesterday" is neither`},
	} {
		begin, end, err := timeRange(c.from, c.to, now)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s to %s: %v, want %q", c.from, c.to, err, c.says)
			}
			continue
		}
		if b, e := begin.UTC().Format(time.RFC3339Nano), end.UTC().Format(time.RFC3339Nano); err != nil || b != c.begin || e != c.end {
			t.Errorf("%s to %s: %s to %s, %v", c.from, c.to, b, e, err)
		}
	}
}

func TestReplayUsage(t *testing.T) {
	f := newFolder(t, "2026-03-01T12:00:00Z one\n")
	const pipelines = "data_dir: state\npipelines: [{name: app, paths: [app.log]}]\n"
	f.write("es.yaml", pipelines+"output: {elasticsearch: {hosts: ['http://127.0.0.1:1']}}\n")
	f.write("both.yaml", pipelines+"output: {primary: console, console: {}, elasticsearch: {hosts: ['http://127.0.0.1:1']}}\n")
	f.write("automatic.yaml", pipelines+"output: {elasticsearch: {hosts: ['http://127.0.0.1:1'], delivery: at_least_once}}\n")
	f.write("nothing.yaml", "data_dir: state\npipelines: [{name: app, paths: [none.log]}]\noutput: {primary: console, console: {}, elasticsearch: {hosts: ['http://127.0.0.1:1']}}\n")
	for _, c := range []struct {
		name, config string
		args         []string
		status       int
		says         string
	}{
		{"no --from", "es.yaml", nil, exitUsage, `"from"`},
		{"a time that is none", "es.yaml", []string{"--from", "noon"}, exitUsage, `"noon"`},
		{"the console", "tailspan.yaml", []string{"--from", "1h"}, exitUsage, "only possible to elasticsearch"},
		{"the console by name", "both.yaml", []string{"--from", "1h", "--output", "console"}, exitUsage, "only possible to elasticsearch"},
		{"the primary one is the console", "both.yaml", []string{"--from", "1h"}, exitUsage, "only possible to elasticsearch"},
		{"an output that is not there", "tailspan.yaml", []string{"--from", "1h", "--output", "elasticsearch"}, exitUsage, "needs output.elasticsearch"},
		{"automatic ids", "automatic.yaml", []string{"--from", "1h"}, exitUsage, "exactly_once"},
		{"an unknown pipeline", "es.yaml", []string{"--from", "1h", "--pipeline", "ap"}, exitUsage, `"app"`},
		{"nothing in the range", "es.yaml", []string{"--from", "2020-01-01T00:00:00Z", "--to", "2020-01-02T00:00:00Z"}, exitDone, ""},
		{"no files, to a secondary output", "nothing.yaml", []string{"--from", "1h", "--output", "elasticsearch"}, exitDone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := command(t, "", append([]string{"replay", "-c", f.file(c.config)}, c.args...)...)
			if status != c.status || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, says %q; want %d, %q", status, errs, c.status, c.says)
			}
			if c.status == exitDone && (errs != "" || !strings.HasPrefix(out, "lines looked at: ")) {
				t.Errorf("prints %q, says %q", out, errs)
			}
		})
	}
}

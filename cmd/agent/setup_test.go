package main

import (
	"strings"
	"testing"
)

func TestSetupCommand(t *testing.T) {
	f := newFolder(t, "")
	const pipelines = "data_dir: state\npipelines: [{name: app, paths: [app.log]}]\n"
	f.write("es.yaml", pipelines+"output: {elasticsearch: {hosts: ['http://127.0.0.1:1'], retention: 30d}}\n")
	f.write("short.yaml", pipelines+"output: {elasticsearch: {hosts: ['http://127.0.0.1:1'], retention: 5m}}\n")
	f.write("kibana.yaml", pipelines+"output: {elasticsearch: {hosts: ['http://127.0.0.1:1'], kibana: {host: 'http://127.0.0.1:1'}}}\n")
	f.write("nowhere.yaml", pipelines+"output: {elasticsearch: {hosts: ['http://127.0.0.1:1'], kibana: {}}}\n")
	for _, c := range []struct {
		name, config string
		args         []string
		status       int
		out, says    string
	}{
		{"print", "es.yaml", []string{"--print"}, exitDone, `"data_retention": "30d"`, ""},
		{"print for another", "es.yaml", []string{"--print=opensearch"}, exitDone, "PUT _plugins/_ism/policies/tailspan-logs-app-default\n", ""},
		{"print for nobody", "es.yaml", []string{"--print=solr"}, exitUsage, "", `"solr" is no product`},
		{"print for Kibana", "es.yaml", []string{"--print=kibana"}, exitDone, `{"id":"tailspan-logs","type":"index-pattern"`, ""},
		{"print over what is there", "es.yaml", []string{"--print=kibana", "--overwrite"}, exitUsage, "", "overwrite print"},
		{"no Kibana there", "kibana.yaml", []string{"--dry-run"}, exitFailed, "", "output.elasticsearch.kibana: cannot be reached"},
		{"Kibana without a host", "nowhere.yaml", nil, exitUsage, "", "output.elasticsearch.kibana.host: is missing; write http://127.0.0.1:5601"},
		{"both", "es.yaml", []string{"--print", "--dry-run"}, exitUsage, "", "dry-run print"},
		{"nobody there", "es.yaml", []string{"--dry-run"}, exitFailed, "", "output.elasticsearch: cannot be reached"},
		{"no Elasticsearch", "tailspan.yaml", nil, exitUsage, "", "setup needs output.elasticsearch"},
		{"a retention that keeps nothing", "short.yaml", []string{"--print"}, exitUsage, "", "output.elasticsearch.retention: 5m0s deletes what has just come; write 1h or more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := command(t, "", append([]string{"setup", "-c", f.file(c.config)}, c.args...)...)
			if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, want %d; prints %q, says %q", status, c.status, out, errs)
			}
		})
	}
}

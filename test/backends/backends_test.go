//go:build backends

package backends_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/test/elastictest"
)

// TestBackends ships to each server: what setup makes is there and stays, the documents are there once each, also after all of them
// were sent again, and a field that does not fit its mapping costs no document.
func TestBackends(t *testing.T) {
	for _, c := range []struct {
		release  elastictest.Release
		output   []string // the minimal 7.17 has no data streams
		retained bool     // setup puts the lifecycle into the template
		modules  bool     // with the API for data streams and with ingest processors
	}{
		{elastictest.Elasticsearch7, []string{"index: " + stream}, false, false},
		{elastictest.Elasticsearch8, nil, true, false},
		{elastictest.Elasticsearch9, nil, true, false},
		{elastictest.OpenSearch2, nil, false, true},
	} {
		t.Run(c.release.String(), func(t *testing.T) {
			if c.release == elastictest.Elasticsearch9 && !hasNewJava() {
				t.Skip("there is no JDK 21 or later")
			}
			b := newBench(t, elastictest.Options{Release: c.release, Modules: c.modules})
			b.configure(c.output...)
			b.says(b.tailspan(0, "check", "--connect"), "cluster tailspan-test is", "the configuration is good")
			b.prepare()
			b.ship()
			b.days()
			if c.retained || c.modules {
				b.teams()
			}
			if c.retained {
				b.configure("retention: 30d")
				b.says(b.tailspan(0, "setup"), ": changed: template.lifecycle", "no API for data streams")
				b.says(b.tailspan(0, "setup"), ": unchanged")
				b.configure("data_stream: {namespace: aged}", "retention: 30d")
				b.says(b.tailspan(0, "setup"), "index template tailspan-logs-app-aged: created")
				b.says(b.tailspan(0, "setup"), ": unchanged")
			}
			if c.modules {
				b.unprepared()
				b.ingest()
				var found struct {
					Streams []struct{ Name, Template string } `json:"data_streams"`
				}
				b.do("GET", "/_data_stream/"+stream, nil, &found)
				if len(found.Streams) != 1 || found.Streams[0].Template != "tailspan-"+stream {
					t.Errorf("data streams: %+v", found)
				}
			}
		})
	}
}

func hasNewJava() bool {
	homes, _ := filepath.Glob("/usr/lib/jvm/*/bin/java") // the pattern is a good one
	for _, java := range append(homes, filepath.Join(os.Getenv("JAVA_HOME"), "bin", "java")) {
		out, _ := exec.Command(java, "-version").CombinedOutput()
		for _, old := range []string{`"1.`, `"8`, `"11`, `"17`} {
			if strings.Contains(string(out), "version "+old) {
				out = nil
			}
		}
		if strings.Contains(string(out), `version "`) {
			return true
		}
	}
	return false
}

// prepare sets up: it says what it would do, does it, finds nothing more to do, and leaves alone what is somebody else's.
func (b *bench) prepare() {
	b.t.Helper()
	const template = "index template tailspan-" + stream
	b.says(b.tailspan(0, "setup", "--dry-run"), template+": would be created")
	b.says(b.tailspan(0, "setup"), template+": created")
	b.says(b.tailspan(0, "setup"), template+": unchanged")
	var found struct {
		Templates []struct {
			Template map[string]any `json:"index_template"`
		} `json:"index_templates"`
	}
	b.do("GET", "/_index_template/tailspan-"+stream, nil, &found)
	own := found.Templates[0].Template
	delete(own, "created_date") // the server's own, which it does not take back
	delete(own, "modified_date")
	delete(own, "created_date_millis")
	delete(own, "modified_date_millis")
	own["_meta"] = map[string]any{"managed_by": "others"}
	own["priority"] = 251
	b.do("PUT", "/_index_template/tailspan-"+stream, own, nil)
	b.says(b.tailspan(1, "setup"), "left alone: it is managed by others")
	own["_meta"] = map[string]any{"managed_by": "tailspan"}
	b.do("PUT", "/_index_template/tailspan-"+stream, own, nil)
	b.says(b.tailspan(0, "setup", "--dry-run"), template+": would be changed: priority")
	b.says(b.tailspan(0, "setup"), template+": changed: priority")
}

// ship ships lines, then all of them again, then a field that does not fit.
func (b *bench) ship() {
	const lines = 5000
	b.t.Helper()
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, `{"ts":"2026-03-01T12:00:00.%09dZ","level":"info","msg":"line %d","seq":%d,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`+"\n", i, i, i)
	}
	b.write("app.log", text.String())
	b.tailspan(0, "run", "--once")
	b.wantCount(stream, lines)
	if err := os.RemoveAll(filepath.Join(b.dir, "state")); err != nil {
		b.t.Fatal(err)
	}
	b.tailspan(0, "run", "--once")
	b.wantCount(stream, lines)
	b.write("app.log", text.String()+`{"ts":"2026-03-01T13:00:00Z","msg":"a conflict","seq":"none"}`+"\n")
	b.tailspan(0, "run", "--once")
	b.wantCount(stream, lines+1)
	hits, err := b.node.Search(stream, map[string]any{"query": map[string]any{"match_phrase": map[string]any{"message": "a conflict"}}})
	if err != nil || len(hits) != 1 || !strings.Contains(string(hits[0].Source), `"tailspan.unmapped":{"seq":"none"}`) {
		b.t.Errorf("the document with the conflict: %+v, %v", hits, err)
	}
	hits, err = b.node.Search(stream, map[string]any{"size": 1, "sort": []any{map[string]any{"@timestamp": "desc"}},
		"query": map[string]any{"bool": map[string]any{"filter": []any{map[string]any{"term": map[string]any{"trace.id": "4bf92f3577b34da6a3ce929d0e0e4736"}},
			map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": "2026-03-01T12:00:00.000004000Z"}}}}}}})
	if err != nil || len(hits) != 1 || !strings.Contains(string(hits[0].Source), fmt.Sprintf(`"seq":%d,`, lines-1)) && !strings.Contains(string(hits[0].Source), fmt.Sprintf(`"seq":%d}`, lines-1)) {
		b.t.Errorf("the last line by nanoseconds: %+v, %v", hits, err)
	}
}

// days ships into an index for each line's day, whatever the day is now.
func (b *bench) days() {
	b.t.Helper()
	b.again(`{"ts":"2026-03-01T23:59:59.999Z","msg":"one"}`, `{"ts":"2026-03-02T00:59:59+01:00","msg":"two"}`, `{"ts":"2026-03-02T00:00:00Z","msg":"three"}`)
	b.configure("index: days-%{+yyyy.MM.dd}")
	b.tailspan(0, "run", "--once")
	b.wantCount("days-2026.03.01", 2)
	b.wantCount("days-2026.03.02", 1)
}

// teams ships into data streams that lines name, some of them with the names of others' in mind.
func (b *bench) teams() {
	b.t.Helper()
	b.again(`{"msg":"one","team":"payments"}`, `{"msg":"two","team":"../../_security"}`, `{"msg":"three","team":"A-B *,?"}`, `{"msg":"four","team":{"x":1}}`, `{"msg":"five"}`)
	b.configure(`data_stream: {dataset: "app.%{team}"}`)
	b.tailspan(0, "run", "--once")
	b.wantCount("logs-app.payments-default", 1)
	b.wantCount("logs-app..._..__security-default", 1)
	b.wantCount("logs-app.a_b____-default", 1)
	b.wantCount("logs-app.unknown-default", 2)
}

// again writes another log, for an agent that knows of none.
func (b *bench) again(lines ...string) {
	b.t.Helper()
	if err := os.RemoveAll(filepath.Join(b.dir, "state")); err != nil {
		b.t.Fatal(err)
	}
	b.write("app.log", strings.Join(lines, "\n")+"\n")
}

// unprepared ships to where no setup has been: the template is what setup would have made.
func (b *bench) unprepared() {
	b.t.Helper()
	b.configure("data_stream: {namespace: unprepared}")
	b.again(`{"msg":"one"}`)
	b.tailspan(0, "run", "--once")
	b.wantCount("logs-app-unprepared", 1)
	b.says(b.tailspan(0, "setup"), "index template tailspan-logs-app-unprepared: unchanged")
}

// ingest lets setup install an ingest pipeline, and ships through it.
func (b *bench) ingest() {
	b.t.Helper()
	b.configure("ingest_pipeline: team", "ingest_dir: ingest", "data_stream: {namespace: through}")
	b.says(b.tailspan(1, "setup"), "ingest pipeline team: is named by the configuration and is not there")
	if err := os.Mkdir(filepath.Join(b.dir, "ingest"), 0o700); err != nil {
		b.t.Fatal(err)
	}
	b.write("ingest/team.json", `{"description":"adds the team","processors":[{"set":{"field":"labels.team","value":"payments"}}]}`)
	b.says(b.tailspan(0, "setup"), "ingest pipeline team: created")
	b.says(b.tailspan(0, "setup"), "ingest pipeline team: unchanged")
	b.again(`{"msg":"one"}`, `{"msg":"two"}`)
	b.tailspan(0, "run", "--once")
	b.wantCount("logs-app-through", 2)
	hits, err := b.node.Search("logs-app-through", map[string]any{"query": map[string]any{"term": map[string]any{"labels.team": "payments"}}})
	if err != nil || len(hits) != 2 {
		b.t.Errorf("documents did not go through the pipeline: %+v, %v", hits, err)
	}
}

//go:build elasticsearch

package elasticsearch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/demo"
	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/test/elastictest"
)

// kibanaIndices is where the documents of the sample services are, among those of other tests.
const kibanaIndices = "logs-*-kibana"

// savedObject is a line of what Kibana imports, as far as it asks questions.
type savedObject struct {
	ID, Type   string
	Attributes struct {
		VisState string
		Columns  []string
		Sort     [][]string
		Meta     struct {
			Source string `json:"searchSourceJSON"`
		} `json:"kibanaSavedObjectMeta"`
	}
}

// TestKibanaQuestions ships what the sample services write, takes every visualization and Discover session of what setup prints for
// Kibana, asks Elasticsearch what Kibana would, and compares each bucket and metric with what is counted in the documents.
func TestKibanaQuestions(t *testing.T) {
	config := shipSamples(t)
	printed, err := exec.Command(binary, "setup", "--config", config, "--print=kibana").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := kibanaDocuments(t)
	visuals, sessions := 0, 0
	for line := range strings.Lines(string(printed)) {
		var o savedObject
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		switch o.Type {
		case "visualization":
			visuals++
			t.Run(o.ID, func(t *testing.T) { checkVisual(t, o, all) })
		case "search":
			sessions++
			t.Run(o.ID, func(t *testing.T) { checkSession(t, o, all) })
		}
	}
	t.Logf("%d visualizations and %d sessions asked of %d documents", visuals, sessions, len(all))
	if visuals < 20 || sessions < 4 {
		t.Error("too few")
	}
}

// shipSamples ships the lines of the sample services, and a few that do not fit; it returns the configuration.
func shipSamples(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	config, err := demo.Prepare(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	lines, err := demo.New(7, time.Now().Add(-3*time.Minute), time.Now().Add(-time.Minute)).Write(ctx, dir)
	if err != nil || lines < 1000 {
		t.Fatalf("%d lines, %v", lines, err)
	}
	const odd = `{"level":"info","n":{"a":1},"message":"fine"}
no JSON at all
{"level":"info","n":"not a map","message":"no place for it"}
{"level":"error","message":"it failed","error":{"type":"java.io.IOException","message":"reset"},"service":{"name":"odd"}}
`
	if err := os.WriteFile(filepath.Join(dir, "logs", "odd.log"), []byte(odd+`{"message":"`+strings.Repeat("x", 5000)+"\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(demo.Config, "output:\n")
	if !ok {
		t.Fatal("the demo's configuration has no output")
	}
	head = strings.Replace(head, "pipelines:\n", "pipelines:\n  - {name: odd, paths: [logs/odd.log], format: json, max_line: 4KiB}\n", 1)
	head += fmt.Sprintf("output:\n  elasticsearch: {hosts: [%q], data_stream: {namespace: kibana}}\n", node.URL)
	if err := os.WriteFile(config, []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(binary, "run", "--once", "--config", config).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return config
}

// kibanaDocument is one document: its text, and its values by dotted names.
type kibanaDocument struct {
	text   []byte
	values map[string]any
}

func kibanaDocuments(t *testing.T) (all []kibanaDocument) {
	t.Helper()
	err := node.Each(kibanaIndices, nil, func(h elastictest.Hit) error {
		d := kibanaDocument{h.Source, map[string]any{}}
		var v any
		err := json.Unmarshal(h.Source, &v)
		d.flatten("", v)
		all = append(all, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (d *kibanaDocument) flatten(name string, v any) {
	if m, ok := v.(map[string]any); ok {
		for key, value := range m {
			d.flatten(strings.TrimPrefix(name+"."+key, "."), value)
		}
		return
	}
	d.values[name] = v
}

// number is a value as aggregations count with it: times in milliseconds.
func (d *kibanaDocument) number(field string) (float64, bool) {
	if field == "@timestamp" {
		text, _ := d.values[field].(string)
		at, err := time.Parse(time.RFC3339Nano, text)
		return float64(at.UnixMilli()), err == nil
	}
	n, ok := d.values[field].(float64)
	return n, ok
}

// parseSource reads the query of an object, and finds the documents that it is about without Elasticsearch.
func parseSource(t *testing.T, o savedObject, all []kibanaDocument) (dsl map[string]any, match []kibanaDocument) {
	t.Helper()
	var source struct {
		Query struct{ Query, Language string }
	}
	if err := json.Unmarshal([]byte(o.Attributes.Meta.Source), &source); err != nil {
		t.Fatal(err)
	}
	dsl, match = matching(t, source.Query.Query, all)
	if source.Query.Language != "kuery" || len(match) == 0 {
		t.Fatalf("%s %q matches no document", source.Query.Language, source.Query.Query)
	}
	return dsl, match
}

func matching(t *testing.T, text string, all []kibanaDocument) (dsl map[string]any, match []kibanaDocument) {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	m := query.NewMatcher(q)
	for _, d := range all {
		if m.Match(d.text) {
			match = append(match, d)
		}
	}
	return q.DSL(), match
}

func checkSession(t *testing.T, o savedObject, all []kibanaDocument) {
	dsl, match := parseSource(t, o, all)
	sort := o.Attributes.Sort[0]
	hits, err := node.Search(kibanaIndices, map[string]any{"query": dsl, "size": 10000, "track_total_hits": true,
		"fields": o.Attributes.Columns, "sort": []any{map[string]any{sort[0]: map[string]any{"order": sort[1], "unmapped_type": "long"}}}})
	if err != nil || len(hits) != len(match) {
		t.Fatalf("%d hits, want %d; %v", len(hits), len(match), err)
	}
	for _, column := range o.Attributes.Columns {
		filled := 0
		for _, h := range hits {
			if len(h.Fields[column]) > 0 {
				filled++
			}
		}
		if filled == 0 {
			t.Errorf("the column %s is empty", column)
		}
	}
}

//go:build elasticsearch

package elasticsearch_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/test/elastictest"
)

// kibanaIndices is where the documents of the shop are, among those of other tests.
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

// TestKibanaQuestions ships what examples/shop writes, takes every visualization and Discover session of what setup prints for Kibana, asks
// Elasticsearch what Kibana would, and compares each bucket and metric with what is counted in the lines that the shop is known to have
// written. Which lines a panel is to be about is written down beside (about), not taken from its query.
func TestKibanaQuestions(t *testing.T) {
	dir := t.TempDir()
	spans := openShop(t, dir)
	known := shopLines(t, dir, spans)
	writeOdd(t, filepath.Join(dir, "odd.log"), known)
	tailspan := configureShop(t, dir)
	if out, err := tailspan("run", "--once").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	printed, err := tailspan("setup", "--print=kibana").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := sameDocuments(t, kibanaDocuments(t), known)
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
	t.Logf("%d visualizations and %d sessions asked of %d documents of %d spans", visuals, sessions, len(all), len(spans))
	if visuals+sessions != len(about) || len(spans) < 1000 {
		t.Errorf("%d panels are known, and 1000 spans are the least", len(about))
	}
}

// configureShop makes the configuration that examples/shop has into one that ships to Elasticsearch and knows of the odd log, and
// returns how tailspan is run with it.
func configureShop(t *testing.T, dir string) func(args ...string) *exec.Cmd {
	t.Helper()
	text, err := os.ReadFile("../../examples/shop/tailspan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), "output:\n")
	if !ok {
		t.Fatal("the shop's configuration has no output")
	}
	head = strings.ReplaceAll(head, ", paths:", ", templates: on, paths:")
	head = strings.Replace(head, "pipelines:\n", "pipelines:\n  - {name: odd, paths: ['${SHOP_DIR}/odd.log'], format: json, max_line: 4KiB}\n", 1)
	head += fmt.Sprintf("output:\n  elasticsearch: {hosts: [%q], data_stream: {namespace: kibana}}\n", node.URL)
	config := filepath.Join(dir, "tailspan.yaml")
	if err := os.WriteFile(config, []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--config", config)...)
		cmd.Env = append(os.Environ(), "SHOP_DIR="+dir)
		return cmd
	}
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

// parseSource reads the query of an object, and finds the lines that it is to be about.
func parseSource(t *testing.T, o savedObject, all []kibanaDocument) (dsl map[string]any, match []kibanaDocument) {
	t.Helper()
	var source struct {
		Query struct{ Query, Language string }
	}
	if err := json.Unmarshal([]byte(o.Attributes.Meta.Source), &source); err != nil {
		t.Fatal(err)
	}
	dsl, _ = matching(t, source.Query.Query, nil)
	for _, d := range all {
		if known := about[o.ID]; known == nil || known(d) {
			match = append(match, d)
		}
	}
	if source.Query.Language != "kuery" || about[o.ID] == nil || len(match) == 0 {
		t.Fatalf("%s %q: %d lines are known", source.Query.Language, source.Query.Query, len(match))
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
	for i, h := range hits[1:] {
		if a, b := sortValue(t, sort[0], hits[i]), sortValue(t, sort[0], h); a != b && (a > b) != (sort[1] == "desc") {
			t.Fatalf("by %s: %v, then %v", sort, hits[i].Fields, h.Fields)
		}
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

// sortValue is what a hit is sorted by, as a number.
func sortValue(t *testing.T, field string, h elastictest.Hit) float64 {
	t.Helper()
	values := h.Fields[field]
	if len(values) == 1 {
		d := kibanaDocument{values: map[string]any{field: values[0]}}
		if n, ok := d.number(field); ok {
			return n
		}
	}
	t.Fatalf("sorted by %s: %v", field, values)
	return 0
}

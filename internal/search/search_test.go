package search

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

// TestTypesAreTheTemplates holds what pkg/query knows of types to the index template: it may not import it.
func TestTypesAreTheTemplates(t *testing.T) {
	index, err := elastic.ParseName("logs-a-b", true)
	if err != nil {
		t.Fatal(err)
	}
	_, made, err := elastic.Template(elastic.Target{Index: index, Stream: true}, elastic.Elasticsearch, 0)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Template struct {
			Mappings struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(body, &template); err != nil {
		t.Fatal(err)
	}
	want := map[string]query.Type{}
	gather(want, "", template.Template.Mappings.Properties)
	got := query.Template()
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s is %+v in the template and %+v in pkg/query", name, w, got[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not in the template", name)
		}
	}
}

func gather(all map[string]query.Type, prefix string, properties map[string]any) {
	for name, property := range properties {
		p := property.(map[string]any)
		if inner, ok := p["properties"].(map[string]any); ok {
			gather(all, prefix+name+".", inner)
			continue
		}
		kind, _ := p["type"].(string)
		limit, _ := p["ignore_above"].(float64)
		if p["index"] == false {
			kind = ""
		}
		all[prefix+name] = query.Type{Name: kind, Limit: int(limit)}
	}
}

func TestFields(t *testing.T) {
	got, err := Fields([]byte(`{"b":{"c":[1,"x"]},"a.b":null,"a":true}`))
	want := []Field{{"a", "true", false}, {"a.b", "null", false}, {"b.c", "1", false}, {"b.c", "x", true}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v", got, err)
	}
}

// TestFailureLevels: the levels at which a line has failed are those by which its document counts as an error. A letter alone is
// spelled out in documents.
func TestFailureLevels(t *testing.T) {
	m := query.NewMatcher(Failures())
	for _, level := range []string{
		"trace", "verbose", "debug", "config", "info", "notice", "warn", "warning",
		"error", "err", "eror", "severe", "failure", "critical", "crit", "alert", "emergency", "emerg", "panic", "dpanic", "fatal",
	} {
		if found, failed := m.Match([]byte(`{"log.level":"`+level+`"}`)), event.FailureLevel([]byte(level)); found != failed {
			t.Errorf("%s: an error among documents: %v, of lines: %v", level, found, failed)
		}
	}
}

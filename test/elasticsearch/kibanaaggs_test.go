//go:build elasticsearch

package elasticsearch_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"testing"
)

// kibanaAgg is an aggregation of a visualization.
type kibanaAgg struct {
	ID, Type, Schema string
	Params           struct {
		Field, OrderBy, Order string
		Size                  int
		Percents              []float64
		MissingBucket         bool
		JSON                  string
		Filters               []struct {
			Label string
			Input struct{ Query, Language string }
		}
	}
}

// missingKey is what Kibana has Elasticsearch call documents without the field.
const missingKey = "__missing__"

// interval is how wide bars are here: Kibana computes it from the time range.
const interval = 1000

// bucketed is an answer's part, with buckets as a list or by name.
type bucketed struct {
	Buckets json.RawMessage
	Value   *float64
	Values  map[string]*float64
}

type bucket struct {
	Key   any
	Count int `json:"doc_count"`
	Aggs  map[string]json.RawMessage
}

func checkVisual(t *testing.T, o savedObject, all []kibanaDocument) {
	dsl, match := parseSource(t, o, all)
	var state struct{ Aggs []kibanaAgg }
	if err := json.Unmarshal([]byte(o.Attributes.VisState), &state); err != nil {
		t.Fatal(err)
	}
	var metrics, buckets []kibanaAgg
	for _, a := range state.Aggs {
		if a.Schema == "metric" {
			metrics = append(metrics, a)
		} else {
			buckets = append(buckets, a)
		}
	}
	body := map[string]any{"size": 0, "track_total_hits": true, "query": dsl, "aggs": kibanaAggs(t, metrics, buckets)}
	var answer struct {
		Hits struct{ Total struct{ Value int } }
		Aggs map[string]json.RawMessage `json:"aggregations"`
	}
	if err := node.Do("POST", "/"+kibanaIndices+"/_search", body, &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Hits.Total.Value != len(match) {
		t.Errorf("%d documents, want %d", answer.Hits.Total.Value, len(match))
	}
	compareAggs(t, o.ID, answer.Aggs, metrics, buckets, match)
}

// kibanaAggs are the aggregations as Kibana asks for them: the metrics inside the buckets inside one another, and, for the order of
// terms, in each of them.
func kibanaAggs(t *testing.T, metrics, buckets []kibanaAgg) map[string]any {
	t.Helper()
	aggs := map[string]any{}
	for _, m := range metrics {
		switch m.Type {
		case "count":
		case "percentiles":
			aggs[m.ID] = map[string]any{m.Type: map[string]any{"field": m.Params.Field, "percents": m.Params.Percents}}
		case "avg", "max", "cardinality":
			aggs[m.ID] = map[string]any{m.Type: map[string]any{"field": m.Params.Field}}
		default:
			t.Fatalf("%s is no metric", m.Type)
		}
	}
	if len(buckets) == 0 {
		return aggs
	}
	b := buckets[0]
	body := map[string]any{"field": b.Params.Field}
	switch b.Type {
	case "date_histogram":
		body["fixed_interval"], body["min_doc_count"] = fmt.Sprintf("%dms", interval), 1
	case "terms":
		order := b.Params.OrderBy
		for _, m := range metrics {
			if m.ID == order && m.Type == "count" {
				order = "_count"
			}
		}
		body["size"], body["order"] = b.Params.Size, map[string]any{order: b.Params.Order}
		if b.Params.MissingBucket {
			body["missing"] = missingKey
		}
		if err := json.Unmarshal([]byte(cmp.Or(b.Params.JSON, "{}")), &body); err != nil {
			t.Fatal(err)
		}
	case "filters":
		named := map[string]any{}
		for _, f := range b.Params.Filters {
			named[f.Label], _ = matching(t, f.Input.Query, nil)
		}
		body = map[string]any{"filters": named}
	default:
		t.Fatalf("%s has no buckets", b.Type)
	}
	aggs[b.ID] = map[string]any{b.Type: body, "aggs": kibanaAggs(t, metrics, buckets[1:])}
	return aggs
}

// compareAggs holds an answer to what is known of the lines.
func compareAggs(t *testing.T, at string, got map[string]json.RawMessage, metrics, buckets []kibanaAgg, documents []kibanaDocument) {
	t.Helper()
	for _, m := range metrics {
		if m.Type != "count" {
			compareMetric(t, at+" "+m.Type+" "+m.Params.Field, got[m.ID], m, documents)
		}
	}
	if len(buckets) == 0 {
		return
	}
	groups := grouped(t, buckets[0], documents)
	answers := bucketsOf(t, got[buckets[0].ID])
	want := len(groups)
	if size := buckets[0].Params.Size; size > 0 {
		want = min(want, size)
	}
	if want == 0 || len(answers) != want {
		t.Errorf("%s: %d buckets, want %d", at, len(answers), want)
	}
	shown := map[string]bool{}
	for _, b := range answers {
		key := fmt.Sprint(b.Key)
		if n, ok := b.Key.(float64); ok {
			key = strconv.FormatFloat(n, 'f', -1, 64)
		}
		shown[key] = true
		if b.Count == 0 || b.Count != len(groups[key]) {
			t.Errorf("%s: %s has %d documents, want %d", at, key, b.Count, len(groups[key]))
			continue
		}
		compareAggs(t, at+" "+key, b.Aggs, metrics, buckets[1:], groups[key])
	}
	if buckets[0].Type == "terms" {
		checkFirst(t, at, buckets[0], metrics, groups, shown)
	}
}

// grouped are the documents by the keys of their buckets.
func grouped(t *testing.T, a kibanaAgg, documents []kibanaDocument) map[string][]kibanaDocument {
	t.Helper()
	groups := map[string][]kibanaDocument{}
	if a.Type == "filters" {
		for _, f := range a.Params.Filters {
			_, groups[f.Label] = matching(t, f.Input.Query, documents)
		}
		return groups
	}
	for _, d := range documents {
		v, there := d.values[a.Params.Field]
		key := fmt.Sprint(v)
		switch {
		case a.Type == "date_histogram":
			ms, _ := d.number(a.Params.Field)
			key = strconv.FormatFloat(math.Floor(ms/interval)*interval, 'f', -1, 64)
		case !there && !a.Params.MissingBucket:
			continue
		case !there:
			key = missingKey
		}
		groups[key] = append(groups[key], d)
	}
	return groups
}

func bucketsOf(t *testing.T, text json.RawMessage) []bucket {
	t.Helper()
	var answer bucketed
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	names := []string{}
	if json.Unmarshal(answer.Buckets, &list) != nil {
		var named map[string]json.RawMessage
		if err := json.Unmarshal(answer.Buckets, &named); err != nil {
			t.Fatal(err)
		}
		for name, b := range named {
			names, list = append(names, name), append(list, b)
		}
	}
	var all []bucket
	for i, one := range list {
		var b bucket
		if err := json.Unmarshal(one, &b); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(one, &b.Aggs); err != nil {
			t.Fatal(err)
		}
		if len(names) > 0 {
			b.Key = names[i]
		}
		all = append(all, b)
	}
	return all
}

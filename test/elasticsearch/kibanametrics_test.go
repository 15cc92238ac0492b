//go:build elasticsearch

package elasticsearch_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"testing"
)

// checkFirst wants no value left out that has more of what the values are ordered by than one that is shown.
func checkFirst(t *testing.T, at string, b kibanaAgg, metrics []kibanaAgg, groups map[string][]kibanaDocument, shown map[string]bool) {
	t.Helper()
	least, most := math.Inf(1), math.Inf(-1)
	for key, documents := range groups {
		for _, m := range metrics {
			if m.ID != b.Params.OrderBy {
				continue
			}
			size := float64(len(documents))
			if m.Type == "max" {
				_, _, size = summed(m.Params.Field, documents)
			} else if m.Type == "avg" {
				numbers, sum, _ := summed(m.Params.Field, documents)
				size = sum / float64(len(numbers))
			}
			if shown[key] {
				least = min(least, size)
			} else {
				most = max(most, size)
			}
		}
	}
	if b.Params.Order != "desc" || most > least {
		t.Errorf("%s: left out is one with %g, but shown one with %g", at, most, least)
	}
}

// summed are the numbers of a field, their sum and the largest.
func summed(field string, documents []kibanaDocument) (numbers []float64, sum, most float64) {
	most = math.Inf(-1)
	for _, d := range documents {
		if n, ok := d.number(field); ok {
			numbers = append(numbers, n)
			sum, most = sum+n, max(most, n)
		}
	}
	return numbers, sum, most
}

func compareMetric(t *testing.T, at string, text json.RawMessage, m kibanaAgg, documents []kibanaDocument) {
	t.Helper()
	var got bucketed
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	distinct := map[string]bool{}
	for _, d := range documents {
		if v, there := d.values[m.Params.Field]; there {
			distinct[fmt.Sprint(v)] = true
		}
	}
	numbers, sum, most := summed(m.Params.Field, documents)
	if m.Type == "percentiles" {
		for percent, v := range got.Values {
			p, _ := strconv.ParseFloat(percent, 64)
			if v == nil || !near(*v, p, numbers) {
				t.Errorf("%s: %s%% is %v of %d", at, percent, v, len(numbers))
			}
		}
		if len(got.Values) != len(m.Params.Percents) {
			t.Errorf("%s: %v", at, got.Values)
		}
		return
	}
	want := map[string]float64{"cardinality": float64(len(distinct)), "max": most, "avg": sum / float64(len(numbers))}[m.Type]
	tolerance := map[string]float64{"cardinality": 0.02, "avg": 1e-9}[m.Type] // cardinality is an estimate
	if m.Type != "cardinality" && len(numbers) == 0 {
		if got.Value != nil {
			t.Errorf("%s: %v of nothing", at, *got.Value)
		}
		return
	}
	if got.Value == nil || math.Abs(*got.Value-want) > tolerance*math.Abs(want) {
		t.Errorf("%s: %v, want %v", at, got.Value, want)
	}
}

// near reports a percentile that lies where it should among the numbers, give or take what the estimate is allowed.
func near(v, percent float64, numbers []float64) bool {
	below, upTo := 0, 0
	for _, n := range numbers {
		if n < v*0.99 {
			below++
		}
		if n <= v*1.01 {
			upTo++
		}
	}
	slack := 0.03*float64(len(numbers)) + 1
	rank := percent / 100 * float64(len(numbers))
	return float64(below) <= rank+slack && float64(upTo) >= rank-slack
}

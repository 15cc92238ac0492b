//go:build traces && elasticsearch

package traces_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
)

// TestThroughElasticsearch ships documents to a real Elasticsearch and spans to a Jaeger that keeps them in the same; the
// commands read the traces back from the documents, and Jaeger from its spans.
func TestThroughElasticsearch(t *testing.T) {
	node, err := elastictest.Start(elastictest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	j := startJaeger(t, node.URL)
	s := newSetup(t, fmt.Sprintf("  elasticsearch: {hosts: [%q]}\n  jaeger: {endpoint: %q}\n", node.URL, j.OTLP))
	shop := newShop(s)
	const traces = 300
	shop.orders(t, traces, time.Now())
	s.tailspan(t, "check", "--connect", "--config", s.config)
	s.tailspan(t, "run", "--once", "--config", s.config)
	if err := node.Do("POST", "/_refresh", nil, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all spans in Jaeger's indices", func() (bool, any) {
		if err := node.Do("POST", "/_refresh", nil, nil); err != nil {
			return false, err
		}
		n := 0
		for id := range shop.spans {
			got, err := j.Trace(id)
			if err != nil {
				return false, err
			}
			n += len(got)
		}
		return n == 5*traces, n
	})
	shop.check(t, j)
	s.tailspan(t, "replay", "--config", s.config, "--output", "jaeger", "--from", "1h")
	shop.check(t, j) // the storage has them twice now, and shows them once
	asked := 0
	for id, truth := range shop.spans {
		if asked++; asked > 20 {
			break
		}
		relatedLogs(t, node, id)
		fromServer, fromFiles := s.tailspan(t, "trace", id, "--config", s.config, "--json"), s.tailspan(t, "trace", id, "--config", s.config, "--files", "logs/*.log", "--json")
		if fromServer != fromFiles {
			t.Fatalf("Elasticsearch and the files say different things:\n%s\n%s", fromServer, fromFiles)
		}
		if got := decode(t, fromServer); len(got.Spans) != len(truth) {
			t.Fatalf("trace %s: %d spans, want %d", id, len(got.Spans), len(truth))
		}
	}
	for _, args := range [][]string{{"traces", "--slow"}, {"bottleneck"}} {
		start := time.Now()
		out := s.tailspan(t, append(args, "--config", s.config, "--since", "1h")...)
		t.Logf("tailspan %v, %s:\n%s", args, time.Since(start), out)
		if !strings.Contains(out, fmt.Sprintf("traces: %d", traces)) {
			t.Errorf("not all traces are there")
		}
	}
}

// relatedLogs asks for the lines of a trace as Kibana does when it shows the logs of one: by trace.id or, in documents without
// it, anywhere in the text, in order of time, with what its columns show. By service and duration they can be counted and sorted,
// because these are no analyzed text.
func relatedLogs(t *testing.T, node *elastictest.Node, id string) {
	t.Helper()
	var answer struct {
		Hits struct {
			Hits []struct {
				Fields map[string][]any
			}
		}
		Aggregations struct {
			Services struct {
				Buckets []struct {
					Key   string
					Count int `json:"doc_count"`
				}
			}
			Longest struct{ Value float64 }
		}
	}
	query := map[string]any{
		"size": 100, "_source": false,
		"fields": []string{"@timestamp", "message", "log.level", "service.name", "host.name", "trace.id", "span.id", "parent.id", "event.duration"},
		"query": map[string]any{"bool": map[string]any{"minimum_should_match": 1, "should": []any{
			map[string]any{"term": map[string]any{"trace.id": id}},
			map[string]any{"bool": map[string]any{"must_not": map[string]any{"exists": map[string]any{"field": "trace.id"}}, "must": map[string]any{"multi_match": map[string]any{"type": "phrase", "query": id, "lenient": true}}}},
		}}},
		"sort": []any{map[string]any{"@timestamp": "asc"}},
		"aggs": map[string]any{"services": map[string]any{"terms": map[string]any{"field": "service.name"}}, "longest": map[string]any{"max": map[string]any{"field": "event.duration"}}},
	}
	if err := node.Do("POST", "/logs-shop-default/_search", query, &answer); err != nil {
		t.Fatal(err)
	}
	if n := len(answer.Hits.Hits); n != 8 {
		t.Errorf("trace %s: %d lines, want 8", id, n)
	}
	for _, hit := range answer.Hits.Hits {
		for _, name := range []string{"@timestamp", "service.name", "host.name", "trace.id", "span.id"} {
			if len(hit.Fields[name]) != 1 {
				t.Errorf("trace %s: %s is %v in %v", id, name, hit.Fields[name], hit.Fields)
			}
		}
	}
	services := map[string]int{}
	for _, b := range answer.Aggregations.Services.Buckets {
		services[b.Key] = b.Count
	}
	if fmt.Sprint(services) != "map[bank:1 checkout:4 gate:1 worker:2]" || answer.Aggregations.Longest.Value < 1e6 {
		t.Errorf("trace %s: %v, longest %g", id, services, answer.Aggregations.Longest.Value)
	}
}

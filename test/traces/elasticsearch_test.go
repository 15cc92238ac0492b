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

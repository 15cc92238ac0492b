package pipeline

import (
	"fmt"
	"testing"

	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

// An index that a pipeline names for itself is no data stream, whatever the output has; and the other way round.
func TestTargets(t *testing.T) {
	for output, want := range map[string][]string{
		"":                                       {"a mine false", "own logs-own-default true", "c logs-c-default true"},
		"index: theirs":                          {"a mine false", "own logs-own-default true", "c theirs false"},
		"index: 'x-%{service.name}-%{+yyyy.MM}'": {"a mine false", "own logs-own-default true", "c x-*-* false"},
		"data_stream: {dataset: '%{service.name}'}": {"a mine false", "own logs-own-default true", "c logs-*-default true"},
	} {
		text := "pipelines:\n  - {name: a, paths: [/a], index: mine}\n  - {name: b, paths: [/b], data_stream: {dataset: own}}\n  - {name: c, paths: [/c]}\n" +
			"output:\n  elasticsearch:\n    hosts: [http://127.0.0.1:9200]\n    " + output + "\n"
		cfg := configured(t, t.TempDir(), map[string]string{"tailspan.yaml": text})
		got, _ := Targets(cfg)
		for i, target := range got {
			if is := fmt.Sprint(target.Dataset, " ", target.Index.Pattern(), " ", target.Stream); is != want[i] {
				t.Errorf("with %q: %s, want %s", output, is, want[i])
			}
			_, body, err := elastic.Template(target, elastic.Elasticsearch, 0)
			if err != nil || (body["data_stream"] != nil) != target.Stream {
				t.Errorf("%s: %s %v", target.Index.Pattern(), body, err)
			}
		}
	}
}

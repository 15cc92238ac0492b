package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

// An index that a pipeline names for itself is no data stream, whatever the output has; and the other way round.
func TestTargets(t *testing.T) {
	for output, want := range map[string][]elastic.Target{
		"":              {{Dataset: "a", Index: "mine"}, {Dataset: "own", Index: "logs-own-default", Stream: true}, {Dataset: "c", Index: "logs-c-default", Stream: true}},
		"index: theirs": {{Dataset: "a", Index: "mine"}, {Dataset: "own", Index: "logs-own-default", Stream: true}, {Dataset: "c", Index: "theirs"}},
	} {
		path := filepath.Join(t.TempDir(), "tailspan.yaml")
		text := "pipelines:\n  - {name: a, paths: [/a], index: mine}\n  - {name: b, paths: [/b], data_stream: {dataset: own}}\n  - {name: c, paths: [/c]}\n" +
			"output:\n  elasticsearch:\n    hosts: [http://127.0.0.1:9200]\n    " + output + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := Targets(cfg)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with %q: %s", output, diff)
		}
		for _, target := range got {
			_, body, err := elastic.Template(target)
			if err != nil || strings.Contains(string(body), `"data_stream"`) != target.Stream {
				t.Errorf("%s: %s %v", target.Index, body, err)
			}
		}
	}
}

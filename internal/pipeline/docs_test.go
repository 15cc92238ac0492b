package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/internal/config"
)

// TestDocumentedProcessors runs the examples of docs/PROCESSORS.md.
func TestDocumentedProcessors(t *testing.T) {
	page, err := os.ReadFile("../../docs/PROCESSORS.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(page), "```yaml\n")[1:]
	if len(examples) < 7 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, example := range examples {
		example, _, _ = strings.Cut(example, "```")
		path := filepath.Join(t.TempDir(), "f.yaml")
		text := "pipelines:\n- name: a\n  " + strings.ReplaceAll(strings.TrimSpace(example), "\n", "\n  ") + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(path)
		if err != nil {
			t.Errorf("%v\n%s", err, example)
			continue
		}
		failures, err := RunTests(cfg, 0)
		if err != nil {
			t.Error(err)
		}
		for _, failure := range failures {
			t.Error(failure)
		}
	}
}

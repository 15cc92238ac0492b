// Package importtest compares what an import made with what it should have made.
package importtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/tailspan/tailspan/internal/imports"
)

// Check fails t unless the draft is the configuration want, as YAML, and the ledger's report has says in it.
func Check(t *testing.T, draft *imports.Draft, ledger *imports.Ledger, want, says string) {
	t.Helper()
	text, err := draft.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var got, wanted any
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var report strings.Builder
	if err := ledger.Print(&report); err != nil || !strings.Contains(report.String(), says) {
		t.Errorf("says\n%swant\n%s", report.String(), says)
	}
}

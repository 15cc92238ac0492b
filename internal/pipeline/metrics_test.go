package pipeline

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/pkg/ship/metrics"
)

// TestOperations: every line that tells a duration is counted, whether it is of a trace or not, and a beginning and an end as
// one; what says no duration is not.
func TestOperations(t *testing.T) {
	dir := t.TempDir()
	var lines strings.Builder
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	add := func(format string, args ...any) {
		at = at.Add(time.Second)
		fmt.Fprintf(&lines, `{"time":%q,"service":"shop",`+format+"}\n", append([]any{at.Format(time.RFC3339)}, args...)...)
	}
	for i := range 100 {
		add(`"method":"GET","path":"/cart/%d","status":%d,"duration_ms":20,"trace_id":"%032x","span_id":"%016x"`, i+1, 200+i%4*100, i+1, i+1)
		add(`"msg":"job","duration_ms":2000`)
		add(`"msg":"says nothing of time"`)
		add(`"msg":"audit started","trace_id":"%032x","span_id":"%016x"`, i+1, i+1000)
		add(`"msg":"audit finished","trace_id":"%032x","span_id":"%016x"`, i+1, i+1000)
	}
	cfg := configured(t, dir, map[string]string{"a.log": lines.String(), "tailspan.yaml": "data_dir: state\nhost: {name: h}\n" +
		"pipelines: [{name: a, paths: [a.log]}]\noutput: {console: {}, metrics: {buckets: [0.05, 1]}}\n"})
	agent, err := NewRunner(cfg, true, nil, io.Discard, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	got := map[metrics.Key]string{}
	for _, op := range agent.Status().Operations.Operations {
		got[op.Key] = fmt.Sprintf("%v %d failed, %gs, trace %t", op.Counts, op.Failed, op.Seconds, op.Exemplars[0].TraceID+op.Exemplars[1].TraceID != "")
	}
	want := map[metrics.Key]string{
		{Service: "shop", Operation: "GET /cart/{id}", Kind: "server"}: "[100 0 0] 25 failed, 2s, trace true",
		{Service: "shop", Operation: "job"}:                            "[0 0 100] 0 failed, 200s, trace false",
		{Service: "shop", Operation: "audit"}:                          "[0 100 0] 0 failed, 100s, trace true",
	}
	for key, text := range got {
		got[key] = strings.Replace(text, "2.0000000000000013s", "2s", 1) // a sum of binary fractions
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

package pipeline

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// TestDroppedLinesAreCounted sees that a line without a document is in the ledger, and that the batch ends as any other.
func TestDroppedLinesAreCounted(t *testing.T) {
	s := shapes[0]
	s.pipeline += "\n    process: [{drop: {when: 'seq % 2 == 0'}}]"
	w, batch := newBench(t, s)
	if err := w.again(batch); err != nil {
		t.Fatal(err)
	}
	docs := strings.Count(string(w.out.(*sinkhole).buf), `{"@timestamp"`)
	if dropped := batch.Source.Ledger[event.Dropped].Load(); dropped != 250 || docs != 250 {
		t.Errorf("%d dropped, %d documents of %d lines", dropped, docs, len(batch.Lines))
	}
}

func TestRunTests(t *testing.T) {
	text := `pipelines:
- name: a
  process: [{drop: {when: 'log.level == "debug"'}}, {dedupe: {}}]
  tests:
  - {input: '{"level":"INFO","n":1.50,"o":{"x":true}}', expect: [{name: log.level, value: info}, {name: n, value: 1.5}, {name: o.x, value: true}, {name: gone, value: null}]}
  - {input: '{"level":"INFO","n":1.50,"o":{"x":true}}', expect: [{name: n, value: 1.5}]}
  - {input: 'level=debug x=1', dropped: true}
  - input: '{"n":"1","o":{}}'
    expect:
    - {name: n, value: 1}
    - {name: m, value: x}
    - {name: o, value: null}
  - {input: '{"level":"debug"}', expect: [{name: n, value: 1}]}
  - {input: '{"n":1}', dropped: true}
`
	dir := t.TempDir()
	cfg := configured(t, dir, map[string]string{"tailspan.yaml": text})
	failures, err := RunTests(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, failure := range failures {
		for line := range strings.Lines(strings.ReplaceAll(failure.Error(), filepath.Join(dir, "tailspan.yaml"), "F")) {
			if !strings.HasPrefix(line, "  the document is {") {
				got = append(got, strings.TrimSpace(line))
			}
		}
	}
	want := []string{`F:10: pipelines[0].tests[3].expect[0]: n is "1", want 1`, `F:11: pipelines[0].tests[3].expect[1]: m is absent, want "x"`,
		`F:12: pipelines[0].tests[3].expect[2]: o is {}, want absent`, `F:13: pipelines[0].tests[4].expect: the line is dropped`,
		`F:14: pipelines[0].tests[5].dropped: the line is not dropped`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

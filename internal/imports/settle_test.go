package imports

import (
	"errors"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/internal/confkey"
)

// refuse is a check that says of each text in the draft what is wrong with it.
func refuse(texts map[string]*confkey.Error) func([]byte) error {
	return func(data []byte) error {
		var errs []error
		for text, problem := range texts {
			if strings.Contains(string(data), text) {
				errs = append(errs, problem)
			}
		}
		return errors.Join(errs...)
	}
}

func TestSettleTakesOutWhatIsRefused(t *testing.T) {
	at := func(line int) Pos { return Pos{"f", line, 1} }
	l := new(Ledger)
	for line := 1; line <= 4; line++ {
		l.See(at(line), "directive")
		l.Carry(at(line))
	}
	d := NewDraft("head")
	p := d.AddPipeline("a")
	p.Set("format", "grok")
	p.Append("pattern", "BROKEN", at(1))
	for i, kind := range []string{"good", "bad", "worse"} {
		step, inner := d.Map(), d.Map()
		inner.Set("field", kind)
		step.Set("set", inner, at(i+2))
		p.Append("process", step)
	}
	d.Root.Below("output").Below("elasticsearch").Set("hosts", "HOST")
	err := d.Settle(l, refuse(map[string]*confkey.Error{
		"BROKEN":       {Key: "pipelines[0].pattern[0]", Msg: "no"},
		"field: bad":   {Key: "pipelines[0].process[1].set.field", Msg: "no"},
		"field: worse": {Key: "pipelines[0].process[2].set.field", Msg: "no"},
		"HOST":         {Key: "output.elasticsearch.hosts[0]", Msg: "no"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := `# head
pipelines:
  - name: a
    format: auto
    process:
      - set:
          field: good
output:
  elasticsearch:
    hosts: ['http://127.0.0.1:9200']
`
	if string(text) != want {
		t.Errorf("the draft is\n%swant\n%s", text, want)
	}
	if c := l.Counts(); c != (Counts{Carried: 1, Lost: 3}) {
		t.Errorf("counts %v", c)
	}
}

func TestSettleLeavesTheEnvironmentAlone(t *testing.T) {
	d := NewDraft("")
	d.Root.Set("memory", "${TAILSPAN_NOT_SET}")
	d.Root.Set("data_dir", "${TAILSPAN_NOT_SET:-/x}")
	err := d.Settle(new(Ledger), refuse(map[string]*confkey.Error{
		"memory: x":    {Key: "memory", Msg: "no size"},
		"memory: http": {Key: "memory", Msg: "no size"},
		"${":           {Key: "data_dir", Msg: "a variable is left"},
	}))
	text, _ := d.Bytes()
	if err != nil || !strings.Contains(string(text), "memory: ${TAILSPAN_NOT_SET}") || !strings.Contains(string(text), "data_dir: ${TAILSPAN_NOT_SET:-/x}") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestSettleEnds(t *testing.T) {
	d := NewDraft("")
	if err := d.Settle(new(Ledger), func([]byte) error { return &confkey.Error{Key: "", Msg: "never good"} }); err == nil {
		t.Error("a draft that is never good was settled")
	}
}

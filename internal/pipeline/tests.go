package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/confkey"
)

// RunTests runs the tests of one pipeline through the same code as the agent. failures has one error for each test that
// failed, at its place in the file, with each difference and the document. Each test has a parser of its own: what one line
// leaves behind is nothing to the next.
func RunTests(cfg *config.Config, index int) (failures []error, err error) {
	for i := range cfg.Pipelines[index].Tests {
		test := &cfg.Pipelines[index].Tests[i]
		trial, err := NewTrial(cfg, index)
		if err != nil {
			return nil, err
		}
		doc := bytes.TrimSuffix(trial.AppendEvent(nil, []byte(test.Input), 0, time.Now()), []byte{'\n'})
		if failed := judge(test, doc, fmt.Sprintf("pipelines[%d].tests[%d]", index, i)); failed != nil {
			failures = append(failures, cfg.Locate(failed))
		}
	}
	return failures, nil
}

// judge compares a document with what the test at key expects.
func judge(test *config.Test, doc []byte, key string) error {
	switch {
	case test.Dropped && len(doc) > 0:
		return confkey.Errorf(key+".dropped", "the line is not dropped\n  the document is %s", doc)
	case test.Dropped:
		return nil
	case len(doc) == 0:
		return confkey.Errorf(key+".expect", "the line is dropped")
	}
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	var nested map[string]any
	if err := decoder.Decode(&nested); err != nil {
		return confkey.Errorf(key, "the document is not JSON: %v", err)
	}
	fields := map[string]any{}
	dotted(fields, "", nested)
	var errs []error
	for i, want := range test.Expect {
		got, there := fields[want.Name]
		if same(got, want.Value) {
			continue
		}
		errs = append(errs, confkey.Errorf(fmt.Sprintf("%s.expect[%d]", key, i), "%s is %s, want %s", want.Name, shown(got, there), shown(want.Value, want.Value != nil)))
	}
	if len(errs) == 0 {
		return nil
	}
	last := confkey.All(errs[len(errs)-1])[0]
	errs[len(errs)-1] = confkey.Errorf(last.Key, "%s\n  the document is %s", last.Msg, doc)
	return errors.Join(errs...)
}

// dotted gives each field its dotted name. Objects stand under theirs, too, so that they can be expected to be absent.
func dotted(fields map[string]any, prefix string, object map[string]any) {
	for name, value := range object {
		fields[prefix+name] = value
		if inner, ok := value.(map[string]any); ok {
			dotted(fields, prefix+name+".", inner)
		}
	}
}

// same compares a value of a document with one of the configuration; numbers by value.
func same(got, want any) bool {
	number, ok := got.(json.Number)
	if !ok {
		return got == nil && want == nil || scalar(got) && got == want
	}
	switch want.(type) {
	case int64, uint64, float64:
		a, okA := new(big.Rat).SetString(string(number))
		b, okB := new(big.Rat).SetString(fmt.Sprint(want))
		return okA && okB && a.Cmp(b) == 0
	}
	return false
}

// scalar reports a value that can be compared.
func scalar(v any) bool {
	switch v.(type) {
	case string, bool:
		return true
	}
	return false
}

// shown is a value as JSON.
func shown(v any, there bool) string {
	if !there {
		return "absent"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
)

const templatesOn = "data_dir: state\nhost: {name: h}\npipelines: [{name: a/b, paths: [a.log], templates: on}]\noutput: {console: {}}\n"

// tagged are the texts of the documents so far by their messages.
func (s *stage) tagged() map[string]string {
	s.t.Helper()
	texts := map[string]string{}
	for line := range strings.Lines(s.out.String()) {
		var doc map[string]any
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			s.t.Fatal(err)
		}
		text, _ := doc["log.template.text"].(string)
		texts[doc["message"].(string)] = text
	}
	return texts
}

func (s *stage) text(message, want string) {
	s.t.Helper()
	s.log("a.log", message+"\n")
	s.eventually("the document of "+message, func() bool { return strings.Contains(s.out.String(), message) })
	if got := s.tagged()[message]; got != want {
		s.t.Errorf("%s: %q, want %q", message, got, want)
	}
}

// TestTemplatesLive: what was learned lives on when the configuration changes, and when the agent starts again.
func TestTemplatesLive(t *testing.T) {
	dir := t.TempDir()
	s := newStageOf(t, dir, templatesOn)
	s.text("user anna has gone", "user anna has gone")
	s.text("user bert has gone", "user <*> has gone")
	s.reload(templatesOn + "\n")
	s.text("user carl has gone", "user <*> has gone")
	s.reload(strings.Replace(templatesOn, "on}", "off}", 1))
	s.text("user dora has gone", "")
	s.reload(templatesOn)
	s.text("user emil has gone", "user <*> has gone")
	s.end()
	s = newStageOf(t, dir, templatesOn)
	s.text("user frieda has gone", "user <*> has gone")
	s.end()
	if s.said.String() != "" && strings.Contains(s.said.String(), "template") {
		t.Error(s.said.String())
	}

	path := filepath.Join(dir, "state", "templates", "a%2Fb")
	damaged, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged[len(damaged)/2] ^= 1
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	s = newStageOf(t, dir, templatesOn)
	s.text("user gustav has gone", "user <*> has gone") // the copy from before knows
	if _, err := os.Stat(path + durable.Broken); err != nil || !strings.Contains(s.said.String(), "not all templates could be loaded") {
		t.Errorf("%v; the log: %s", err, s.said.String())
	}
}

// TestRedactedInNoTemplate: the text of a template is made of what is left of a line.
func TestRedactedInNoTemplate(t *testing.T) {
	text := `pipelines:
- {name: a, format: json, templates: on, process: [{redact: {fields: [message], patterns: ['hunter\w*']}}, {drop: {when: 'n == 1'}}]}
`
	cfg := configured(t, t.TempDir(), map[string]string{"tailspan.yaml": text})
	trial, err := NewTrial(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	if doc := trial.AppendEvent(nil, []byte(`{"n":1,"message":"never seen"}`), 0, time.Unix(1, 0)); len(doc) != 0 {
		t.Errorf("not dropped: %s", doc)
	}
	doc := string(trial.AppendEvent(nil, []byte(`{"n":2,"message":"password hunter is wrong","log":{"level":"info","x":1}}`), 0, time.Unix(1, 0)))
	if strings.Contains(doc, "hunter") || !strings.Contains(doc, `"log.template.text":"password `) || !json.Valid([]byte(doc)) {
		t.Error(doc)
	}
}

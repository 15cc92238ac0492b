package elastic

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// mappings are the fields that must not be left to guessing: a guess depends on which line comes first.
//
//go:embed mappings.json
var mappings []byte

// templateVersion grows with mappings.json, so that an older agent does not undo what a newer one installed.
const templateVersion = 3

// templatePriority is above those that Elasticsearch itself brings for logs-*-* (100 and 200).
const templatePriority = 250

// Template returns the name and the body of the index template for a target. It matches the names of that target alone, so that agents
// with other pipelines do not undo each other's.
func Template(t Target) (name string, body []byte, err error) {
	template := map[string]any{
		"index_patterns": []string{t.Index.Pattern()},
		"priority":       templatePriority,
		"version":        templateVersion,
		"template":       map[string]any{"mappings": json.RawMessage(mappings)},
		"_meta":          map[string]any{"managed_by": "tailspan"},
	}
	if t.Stream {
		template["data_stream"] = struct{}{}
	}
	body, err = json.Marshal(template)
	return "tailspan-" + strings.ReplaceAll(t.Index.Pattern(), "*", "any"), body, err
}

// installTemplates installs what is missing before the first document is sent. Without the right to do so it warns and
// lets shipping go on: templates may be somebody else's duty.
func (o *Output) installTemplates(ctx context.Context) {
	if !o.cfg.Template {
		return
	}
	s := &sender{out: o}
	done := map[string]bool{}
	for _, t := range o.targets() {
		index := t.Index.Pattern()
		for !done[index] {
			refused, err := o.installTemplate(ctx, t)
			done[index] = err == nil || refused
			if refused {
				o.log.Warn("the index template could not be installed; documents are sent without it", "index", index, "error", err)
			} else if err != nil {
				s.report(ctx, err)
				if !s.wait(ctx, 0) {
					return
				}
			}
		}
	}
}

// installTemplate installs the template of one target unless one as new is there. refused means that trying again is no use.
func (o *Output) installTemplate(ctx context.Context, t Target) (refused bool, err error) {
	name, body, err := Template(t)
	if err != nil {
		return true, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	res, err := esapi.IndicesGetIndexTemplateRequest{Name: name, FilterPath: []string{"index_templates.index_template.version"}}.Do(ctx, o.transport)
	if err != nil {
		return false, err
	}
	status, answer, err := drain(res)
	if err != nil || status >= 500 || status == http.StatusTooManyRequests {
		return false, fmt.Errorf("HTTP %d: %w", status, err)
	}
	if status == http.StatusOK {
		var found struct {
			IndexTemplates []struct {
				IndexTemplate struct{ Version int } `json:"index_template"`
			} `json:"index_templates"`
		}
		if json.Unmarshal(answer, &found) == nil && len(found.IndexTemplates) > 0 && found.IndexTemplates[0].IndexTemplate.Version >= templateVersion {
			return false, nil
		}
	}
	res, err = esapi.IndicesPutIndexTemplateRequest{Name: name, Body: bytes.NewReader(body)}.Do(ctx, o.transport)
	if err != nil {
		return false, err
	}
	if status, answer, err = drain(res); err != nil {
		return false, err
	}
	if status == http.StatusOK {
		o.log.Info("index template installed", "template", name)
		return false, nil
	}
	err = fmt.Errorf("HTTP %d: %s", status, strings.TrimSpace(string(answer[:min(len(answer), 500)])))
	return status < 500 && status != http.StatusTooManyRequests && status != http.StatusUnauthorized, err
}

// drain reads a small answer to its end, so that its connection can be used again.
func drain(res *esapi.Response) (status int, answer []byte, err error) {
	answer, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	return res.StatusCode, answer, err
}

package elastic

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
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

// templateName is the name of a target's template, the same for every agent.
func templateName(t Target) string {
	return manager + "-" + strings.ReplaceAll(t.Index.Pattern(), "*", "any")
}

func managed() map[string]any { return map[string]any{"managed_by": manager} }

// Template returns the name and the body of the index template for a target. It matches the names of that target alone, so that agents
// with other pipelines do not undo each other's. With a retention it says which lifecycle new indices have; without, nothing of it.
func Template(t Target, p Product, retention time.Duration) (name string, body map[string]any, err error) {
	fields := mappings
	if p == OpenSearch {
		fields = bytes.ReplaceAll(fields, []byte(`"flattened"`), []byte(`"flat_object"`))
	}
	inner := map[string]any{"mappings": json.RawMessage(fields)}
	switch {
	case retention == 0 || p == OpenSearch: // whose policies name the indices themselves
	case p == Elasticsearch && t.Stream:
		inner["lifecycle"] = map[string]any{"data_retention": days(retention)}
	default:
		inner["settings"] = map[string]any{"index": map[string]any{"lifecycle": map[string]any{"name": policyName(t, p, retention)}}}
	}
	template := map[string]any{
		"index_patterns": []string{t.Index.Pattern()},
		"priority":       templatePriority,
		"version":        templateVersion,
		"template":       inner,
		"_meta":          managed(),
	}
	if t.Stream {
		template["data_stream"] = struct{}{}
	}
	body, err = plainJSON(template)
	return templateName(t), body, err
}

// indexTemplate is the template of a target as an object on a server.
func indexTemplate(t Target, p Product, retention time.Duration) (*object, error) {
	name, body, err := Template(t, p, retention)
	if err != nil {
		return nil, err
	}
	return &object{kind: "index template", name: name, path: "/_index_template/", body: body, privilege: "the cluster privilege manage_index_templates",
		inside: func(answer map[string]any) any {
			list, _ := answer["index_templates"].([]any)
			if len(list) == 0 {
				return nil
			}
			return at(list[0], "index_template")
		},
		owner: func(body map[string]any) string { return textAt(body, "_meta", "managed_by") }}, nil
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

// installTemplate installs the template of one target unless one as new is there. A retention is left to setup: nothing is ever
// deleted because an agent was started. refused means that trying again is no use.
func (o *Output) installTemplate(ctx context.Context, t Target) (refused bool, err error) {
	c := &caller{cfg: o.cfg, transport: o.transport, hosts: 1}
	template, err := indexTemplate(t, Elasticsearch, 0)
	if err != nil {
		return true, err
	}
	found, err := template.ask(ctx, c)
	if err != nil {
		return final(err), err
	}
	if found.body != nil {
		if by := template.foreign(found); by != "" {
			return true, fmt.Errorf("there is one of the name %s, managed by %s", template.name, by)
		}
		if version, _ := strconv.Atoi(fmt.Sprint(found.body["version"])); version >= templateVersion {
			return false, nil
		}
	}
	err = template.put(ctx, c, found)
	var answer *answerError
	if errors.As(err, &answer) && bytes.Contains(answer.answer, []byte("[flattened]")) { // OpenSearch calls it otherwise
		if template, err = indexTemplate(t, OpenSearch, 0); err == nil {
			err = template.put(ctx, c, found)
		}
	}
	if err != nil {
		return final(err), err
	}
	o.log.Info("index template installed", "template", template.name)
	if found.body == nil && o.cfg.Retention > 0 {
		o.log.Warn("a retention is configured, which tailspan setup puts into force; until then nothing is deleted", "index", t.Index.Pattern())
	}
	return false, nil
}

// final reports a refusal that another try does not change. Credentials may be renewed.
func final(err error) bool {
	var answer *answerError
	return errors.As(err, &answer) && answer.status < 500 && answer.status != http.StatusTooManyRequests && answer.status != http.StatusUnauthorized
}

// drain reads a small answer to its end, so that its connection can be used again.
func drain(res *esapi.Response) (status int, answer []byte, err error) { return readAll(res, 1<<20) }

// readAll reads an answer of so many bytes at most.
func readAll(res *esapi.Response, limit int64) (status int, answer []byte, err error) {
	answer, err = io.ReadAll(io.LimitReader(res.Body, limit))
	return res.StatusCode, answer, errors.Join(err, res.Body.Close())
}

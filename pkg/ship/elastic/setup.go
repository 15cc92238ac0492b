package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// setupTimeout is how long a server has for one answer: it may wait for its master.
const setupTimeout = 60 * time.Second

// Setup puts on the server what documents for the targets need, and tells a line for each object: ingest pipelines, lifecycle
// policies, index templates, and the lifecycle of data streams that are there already. What is as it should be is left alone, so
// that it can run any number of times; so is what somebody else owns, which is an error. With dryRun it only says what it would
// do. The error joins what stands in the way, each with what to do.
func Setup(ctx context.Context, cfg Config, targets []Target, dryRun bool, tell func(line string)) error {
	c, err := newCaller(cfg)
	if err != nil {
		return err
	}
	product, err := askProduct(ctx, c)
	if err != nil {
		return err
	}
	s := &setup{caller: c, product: product, dryRun: dryRun, tell: tell}
	objects, missing, err := s.objects(targets)
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range missing {
		problems = append(problems, s.wantPipeline(ctx, name))
	}
	for _, o := range objects {
		if err := s.settle(ctx, o); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", o, err))
		}
	}
	if cfg.Retention > 0 && errors.Join(problems...) == nil { // what is missing above they would need
		problems = append(problems, s.streams(ctx, targets))
	}
	return errors.Join(problems...)
}

// Requests are what Setup would write to a product, in the form that the consoles of Kibana and OpenSearch Dashboards take. They
// ask no server.
func Requests(cfg Config, targets []Target, product Product) ([]byte, error) {
	s := &setup{caller: &caller{cfg: cfg}, product: product}
	objects, _, err := s.objects(targets)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i, o := range objects {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "PUT %s\n", strings.TrimPrefix(o.url(), "/"))
		text, err := json.MarshalIndent(o.body, "", "  ")
		if err != nil {
			return nil, err
		}
		out.Write(append(text, '\n'))
	}
	return out.Bytes(), nil
}

// setup is one run.
type setup struct {
	caller  *caller
	product Product
	dryRun  bool
	tell    func(line string)
}

// objects are what is to be there, in the order in which one needs the other, and the ingest pipelines that somebody else has to
// bring.
func (s *setup) objects(targets []Target) (all []*object, missing []string, err error) {
	cfg := s.caller.cfg
	seen := map[string]bool{}
	var policies, templates []*object
	for _, t := range everyTarget(targets) {
		if t.Pipeline != "" && !seen["pipeline "+t.Pipeline] {
			seen["pipeline "+t.Pipeline] = true
			o, err := s.ingestPipeline(t.Pipeline)
			if err != nil {
				return nil, nil, err
			}
			if o != nil {
				all = append(all, o)
			} else {
				missing = append(missing, t.Pipeline)
			}
		}
		if o, ok := lifecyclePolicy(t, s.product, cfg.Retention); ok && !seen[o.String()] {
			seen[o.String()] = true
			if o.body, err = plainJSON(o.body); err != nil {
				return nil, nil, err
			}
			policies = append(policies, o)
		}
		o, err := indexTemplate(t, s.product, cfg.Retention)
		if err != nil {
			return nil, nil, err
		}
		if cfg.Template && !seen[o.String()] {
			seen[o.String()] = true
			templates = append(templates, o)
		}
	}
	return append(append(all, policies...), templates...), missing, nil
}

// everyTarget are the targets and those of their routes.
func everyTarget(targets []Target) []Target {
	var all []Target
	for i := range targets {
		all = append(all, targets[i].all()...)
	}
	return all
}

// ingestPipeline is the one that ingest_dir has under a name; nil: there is none.
func (s *setup) ingestPipeline(name string) (*object, error) {
	dir := s.caller.cfg.IngestDir
	if dir == "" || !filepath.IsLocal(name) {
		return nil, nil
	}
	path := filepath.Join(dir, name+".json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ingest_dir: %w", err)
	}
	body, err := decodeJSON(text)
	if err == nil && body["processors"] == nil {
		err = errors.New("it has no processors; write what stands behind PUT _ingest/pipeline/NAME")
	}
	if err != nil {
		return nil, fmt.Errorf("ingest_dir: %s: %w", path, err)
	}
	o := &object{kind: "ingest pipeline", name: name, path: "/_ingest/pipeline/", body: body, replace: true,
		privilege: "the cluster privilege manage_ingest_pipelines",
		inside:    func(answer map[string]any) any { return answer[name] },
		owner:     func(body map[string]any) string { return textAt(body, "_meta", "managed_by") }}
	if s.product == OpenSearch { // whose pipelines have no _meta
		body["description"] = strings.TrimSpace(textAt(body, "description") + " (managed by " + manager + ")")
		o.owner = func(body map[string]any) string { return describedOwner(textAt(body, "description")) }
		return o, nil
	}
	meta, _ := body["_meta"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["managed_by"] = manager
	body["_meta"] = meta
	return o, nil
}

// describedOwner is the owner where only a description can name one.
func describedOwner(description string) string {
	if strings.HasSuffix(strings.TrimSuffix(description, ")"), "managed by "+manager) {
		return manager
	}
	return description
}

// settle brings one object to where it should be.
func (s *setup) settle(ctx context.Context, o *object) error {
	found, err := o.ask(ctx, s.caller)
	if err != nil {
		return err
	}
	if found.body == nil {
		return s.write(ctx, o, found, "created", "")
	}
	if by := o.foreign(found); by != "" {
		return fmt.Errorf("is there already and left alone: it is managed by %s; delete or rename it, or write that it is managed by %s to let setup change it", by, manager)
	}
	if changes := o.changes(found); len(changes) > 0 {
		return s.write(ctx, o, found, "changed", ": "+shortened(changes))
	}
	s.tell(o.String() + ": unchanged")
	return nil
}

// shortened is a list for one line.
func shortened(list []string) string {
	const most = 5
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

func (s *setup) write(ctx context.Context, o *object, over state, what, details string) error {
	return s.act(o.String(), what, details, func() error { return o.put(ctx, s.caller, over) })
}

// act does one thing, or says that it would, and tells.
func (s *setup) act(subject, what, details string, do func() error) error {
	if s.dryRun {
		s.tell(subject + ": would be " + what + details)
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	s.tell(subject + ": " + what + details)
	return nil
}

// wantPipeline says when an ingest pipeline that the configuration names is nowhere: each document would be refused.
func (s *setup) wantPipeline(ctx context.Context, name string) error {
	status, _, answer, err := s.caller.do(ctx, http.MethodGet, "/_ingest/pipeline/"+url.PathEscape(name), nil)
	switch {
	case err != nil:
	case status == http.StatusOK:
		s.tell("ingest pipeline " + name + ": is there; it is not in ingest_dir and left alone")
		return nil
	case status == http.StatusNotFound:
		err = fmt.Errorf("is named by the configuration and is not there: every document would be refused; put %s.json into ingest_dir, or make it by hand", name)
	default:
		err = s.caller.refused(status, answer, "the cluster privilege read_pipeline")
	}
	return fmt.Errorf("ingest pipeline %s: %w", name, err)
}

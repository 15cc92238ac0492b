package pipeline

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/detect/template"
)

const (
	// savingTemplates is how often what was learned is written. A crash loses less than that, and it is learned again from
	// the next lines, under the same ids.
	savingTemplates = 30 * time.Second
	templatesDir    = "templates"
)

// statements are what the pipelines know of the log statements that their messages come from.
type statements struct {
	list []*statement // by pipeline; nil where nobody asks for templates
	dir  string
	log  *slog.Logger
}

// statement is one pipeline's; its workers share it.
type statement struct {
	pipeline string
	miner    *template.Miner // from before the first line on
}

// newStatements are those of pipelines that know nothing yet. With all of them the pipelines count that do not have templates on
// their documents.
func newStatements(cfg *config.Config, all bool, log *slog.Logger) *statements {
	s := &statements{list: make([]*statement, len(cfg.Pipelines)), dir: filepath.Join(cfg.DataDir, templatesDir), log: log}
	for i := range cfg.Pipelines {
		if p := &cfg.Pipelines[i]; p.Templates || all && !p.Own {
			s.list[i] = &statement{pipeline: p.Name, miner: template.New(template.Options{})}
		}
	}
	return s
}

// each calls do for the pipelines that have templates.
func (s *statements) each(do func(*statement)) {
	for _, one := range s.list {
		if one != nil {
			do(one)
		}
	}
}

// path is where a pipeline's are kept.
func (s *statements) path(one *statement) string {
	return filepath.Join(s.dir, url.PathEscape(one.pipeline))
}

// load takes over what was saved. Nothing that is wrong with it is a reason to stop: it is learned again.
func (s *statements) load(fsys durable.FS) { s.each(func(one *statement) { s.loadOne(fsys, one) }) }

func (s *statements) loadOne(fsys durable.FS, one *statement) {
	var err error
	if one.miner, err = template.Load(fsys, s.path(one), template.Options{}); err != nil {
		s.log.Error("not all templates could be loaded; those from before are used, or they are learned anew", "pipeline", one.pipeline, "error", err)
	}
}

// follow goes on with what the statements of the configuration from before know.
func (s *statements) follow(before *statements) {
	before.save()
	s.each(func(one *statement) {
		if old := before.of(one.pipeline); old != nil {
			one.miner = old.miner
		} else {
			s.loadOne(durable.OS{}, one) // had none just before, but perhaps once
		}
	})
}

// of is that of the pipeline with the name, or nil.
func (s *statements) of(pipeline string) *statement {
	i := slices.IndexFunc(s.list, func(one *statement) bool { return one != nil && one.pipeline == pipeline })
	if i < 0 {
		return nil
	}
	return s.list[i]
}

// keepSaving writes what has changed now and then, until ctx is done, if there is anything that could.
func (s *statements) keepSaving(ctx context.Context) {
	if !slices.ContainsFunc(s.list, func(one *statement) bool { return one != nil }) {
		return
	}
	turn := time.NewTicker(savingTemplates)
	defer turn.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-turn.C:
			s.save()
		}
	}
}

// save writes what has changed.
func (s *statements) save() {
	s.each(func(one *statement) {
		err := os.MkdirAll(s.dir, 0o700)
		if err == nil {
			err = one.miner.Save(durable.OS{}, s.path(one))
		}
		if err != nil {
			s.log.Warn("templates cannot be saved; after a restart they are learned anew", "pipeline", one.pipeline, "error", err)
		}
	})
}

// unchanging is a file system that is only read: damage is passed over where it is.
type unchanging struct{ durable.OS }

func (unchanging) Rename(string, string) error { return nil }

// taggers are by pipeline, for one worker; nil where there is nothing to do. The statements must not be loaded again after that.
func (s *statements) taggers() []*template.Tagger {
	all := make([]*template.Tagger, len(s.list))
	for i, one := range s.list {
		if one != nil {
			all[i] = template.NewTagger(one.miner)
		}
	}
	return all
}

// tag gives the workers what is known now of log statements.
func (a *Agent) tag() {
	for _, w := range a.workers {
		w.taggers = a.known.taggers()
	}
}

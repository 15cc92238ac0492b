package search

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/local"
)

// Open opens the output called name, elasticsearch or local; "" is the primary one if it can be asked, else the one that can. An
// error is the configuration's.
func Open(cfg *config.Config, name string) (Source, error) {
	if name == "" {
		name = usual(cfg.Output)
	}
	switch {
	case name == "elasticsearch" && cfg.Output.Elasticsearch != nil:
		client, err := elastic.NewClient(*cfg.Output.Elasticsearch, indices(cfg))
		if err != nil {
			return nil, err
		}
		return &elasticSource{client}, nil
	case name == "local" && cfg.Output.Local != nil:
		return &localSource{local.NewReader(local.Dir(cfg.DataDir))}, nil
	case name == "elasticsearch", name == "local":
		return nil, fmt.Errorf("the configuration has no output.%s", name)
	case name == "":
		return nil, errors.New("documents are read from output.elasticsearch or output.local, and the configuration has neither")
	}
	return nil, fmt.Errorf("documents are read from elasticsearch or local, not from %q", name)
}

// usual is the output that is asked when none is named.
func usual(out config.Output) string {
	switch {
	case out.Primary == "local":
		return "local"
	case out.Elasticsearch != nil:
		return "elasticsearch"
	case out.Local != nil:
		return "local"
	}
	return ""
}

// indices are the patterns of all that the pipelines write to.
func indices(cfg *config.Config) (all []string) {
	add := func(t elastic.Target) {
		if t.Index != nil {
			all = append(all, t.Index.Pattern())
		}
	}
	for i := range cfg.Pipelines {
		t, err := cfg.Target(&cfg.Pipelines[i])
		if err == nil {
			add(t)
		}
		for _, route := range t.Routes {
			add(route)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

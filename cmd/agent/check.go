package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
	"github.com/tailspan/tailspan/pkg/tail"
)

func checkCommand() *cobra.Command {
	var path string
	var connect bool
	cmd := &cobra.Command{
		Use:   "check --config FILE [--connect]",
		Short: "Check a configuration and what it names",
		Long:  "Check the configuration, its patterns, and which files it matches and may be read. It changes nothing.",
		Example: "  tailspan check --config tailspan.yaml\n" +
			"  tailspan check --config tailspan.yaml --connect",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, parsers, err := loadToRun(path)
			if err != nil {
				return err
			}
			return check(cmd.Context(), cmd.OutOrStdout(), cfg, parsers, connect)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&connect, "connect", false, "ask the outputs, too, whether they can be reached and let us in")
	return cmd
}

// check says what each pipeline would read, and what stands in its way.
func check(ctx context.Context, out io.Writer, cfg *config.Config, parsers []*parse.Parser, connect bool) error {
	var problems []error
	for i := range cfg.Pipelines {
		if p := &cfg.Pipelines[i]; !p.Own {
			problems = append(problems, checkPipeline(out, p, parsers[i]))
		}
	}
	problems = append(problems, checkTests(out, cfg))
	if connect {
		problems = append(problems, checkElasticsearch(ctx, out, cfg), checkJaeger(ctx, out, cfg))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return say(out, "the configuration is good\n")
}

func checkPipeline(out io.Writer, p *config.Pipeline, parser *parse.Parser) error {
	for _, name := range parser.Collisions() {
		if err := say(out, "pipeline %s: warning: %s is an object in ECS; call the field %s.name or the like, or it is moved aside where documents have the object\n",
			p.Name, name, name); err != nil {
			return err
		}
	}
	if p.Input != nil {
		return say(out, "pipeline %s: input: %s\n", p.Name, plain.Text(strings.TrimSpace(p.Input.Type+" "+p.Input.Listen)))
	}
	paths, err := tail.Match(p.Tail)
	if err != nil {
		err = fmt.Errorf("pipeline %s: %w", p.Name, err)
	}
	return errors.Join(say(out, "pipeline %s: files matched: %d\n", p.Name, len(paths)), err)
}

// checkTests runs the tests of all pipelines.
func checkTests(out io.Writer, cfg *config.Config) error {
	var failed []error
	for i := range cfg.Pipelines {
		p := &cfg.Pipelines[i]
		if len(p.Tests) == 0 {
			continue
		}
		failures, err := pipeline.RunTests(cfg, i)
		if err == nil {
			err = say(out, "pipeline %s: tests passed: %d of %d\n", p.Name, len(p.Tests)-len(failures), len(p.Tests))
		}
		if err != nil {
			return err
		}
		failed = append(failed, failures...)
	}
	return errors.Join(failed...)
}

func checkElasticsearch(ctx context.Context, out io.Writer, cfg *config.Config) error {
	if cfg.Output.Elasticsearch == nil {
		return nil
	}
	targets, _ := pipeline.Targets(cfg)
	news, err := elastic.Probe(ctx, *cfg.Output.Elasticsearch, targets)
	for _, text := range news {
		if err := say(out, "output elasticsearch: %s\n", plain.Text(text)); err != nil {
			return err
		}
	}
	return aboutEach("output.elasticsearch", err)
}

func checkJaeger(ctx context.Context, out io.Writer, cfg *config.Config) error {
	if cfg.Output.Jaeger == nil {
		return nil
	}
	if err := otlp.Ping(ctx, *cfg.Output.Jaeger); err != nil {
		return fmt.Errorf("output.jaeger: %w", err)
	}
	return say(out, "output jaeger: takes spans\n")
}

// aboutEach says of each of joined errors what it is about.
func aboutEach(what string, err error) error {
	if err == nil {
		return nil
	}
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = slices.Clone(joined.Unwrap())
	}
	for i, one := range all {
		all[i] = fmt.Errorf("%s: %w", what, one)
	}
	return errors.Join(all...)
}

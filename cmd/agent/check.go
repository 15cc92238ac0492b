package main

import (
	"errors"
	"fmt"
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
			cfg, err := load(path)
			if err != nil {
				return err
			}
			parsers, err := pipeline.Parsers(cfg)
			if err != nil {
				return usageError{errors.Join(err, cfg.RunErrors())}
			}
			if err := cfg.RunErrors(); err != nil {
				return usageError{err}
			}
			return check(cmd, cfg, parsers, connect)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&connect, "connect", false, "ask the outputs, too, whether they can be reached and let us in")
	return cmd
}

// check says what each pipeline would read, and what stands in its way.
func check(cmd *cobra.Command, cfg *config.Config, parsers []*parse.Parser, connect bool) error {
	var problems []error
	for i := range cfg.Pipelines {
		p := &cfg.Pipelines[i]
		if p.Own {
			continue
		}
		for _, name := range parsers[i].Collisions() {
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "pipeline %s: warning: %s is an object in ECS; call the field %s.name or the like, or it is moved aside where documents have the object\n",
				p.Name, name, name); err != nil {
				return err
			}
		}
		if p.Input != nil {
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "pipeline %s: input: %s\n", p.Name, plain.Text(strings.TrimSpace(p.Input.Type+" "+p.Input.Listen))); err != nil {
				return err
			}
			continue
		}
		paths, err := tail.Match(p.Tail)
		if _, printed := fmt.Fprintf(cmd.OutOrStdout(), "pipeline %s: files matched: %d\n", p.Name, len(paths)); printed != nil {
			return printed
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("pipeline %s: %w", p.Name, err))
		}
	}
	if err := checkTests(cmd, cfg); err != nil {
		problems = append(problems, err)
	}
	if connect && cfg.Output.Elasticsearch != nil {
		targets, _ := pipeline.Targets(cfg)
		news, err := elastic.Probe(cmd.Context(), *cfg.Output.Elasticsearch, targets)
		for _, text := range news {
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), "output elasticsearch:", plain.Text(text)); err != nil {
				return err
			}
		}
		for _, one := range separate(err) {
			problems = append(problems, fmt.Errorf("output.elasticsearch: %w", one))
		}
	}
	if connect && cfg.Output.Jaeger != nil {
		if err := otlp.Ping(cmd.Context(), *cfg.Output.Jaeger); err != nil {
			problems = append(problems, fmt.Errorf("output.jaeger: %w", err))
		} else if _, err := fmt.Fprintln(cmd.OutOrStdout(), "output jaeger: takes spans"); err != nil {
			return err
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), "the configuration is good")
	return err
}

// separate takes joined errors apart, so that each can be told with what it is about.
func separate(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// checkTests runs the tests of all pipelines.
func checkTests(cmd *cobra.Command, cfg *config.Config) error {
	var failed []error
	for i := range cfg.Pipelines {
		p := &cfg.Pipelines[i]
		if len(p.Tests) == 0 {
			continue
		}
		failures, err := pipeline.RunTests(cfg, i)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "pipeline %s: tests passed: %d of %d\n", p.Name, len(p.Tests)-len(failures), len(p.Tests)); err != nil {
			return err
		}
		failed = append(failed, failures...)
	}
	return errors.Join(failed...)
}

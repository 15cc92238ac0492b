package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/cause"
)

func whyCommand() *cobra.Command {
	var source traceSource
	var at string
	var options cause.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why --at TIME {--config FILE | --files GLOB} [--service NAME] [--window DURATION] [--json]",
		Short: "Rank what changed when something went wrong",
		Long: "Compare documents and traces behind a time with those before it, and rank what changed: operations that take longer by\n" +
			"themselves or at which failures begin, calls that are repeated, hosts and versions on which it is worse than elsewhere,\n" +
			"lines that were not written before. What others are slow or fail because of stands before them. Each comes with numbers\n" +
			"and examples, which 'tailspan trace' draws; a change at the same time is a hint, not a proof.\n\n" +
			"TIME is RFC 3339, as 2026-03-01T12:00:00Z, or a duration ago, as 10m. It need not be exact: within two thirds of the\n" +
			"window, the beginning is found.",
		Example: "  tailspan why --config tailspan.yaml --at 10m\n" +
			"  tailspan why --config tailspan.yaml --at 2026-03-01T12:00:00Z --service checkout --window 1h",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if at == "" {
				return usageError{errors.New("--at is missing: when did it go wrong? as 2026-03-01T12:00:00Z, or 10m for ten minutes ago")}
			}
			if options.At, err = instant("--at", at, time.Now()); err == nil && options.Window <= 0 {
				err = errors.New("--window must be longer than 0")
			}
			if err != nil {
				return usageError{err}
			}
			report, err := study(cmd, &source, options)
			if report == nil {
				return err
			}
			if asJSON {
				return errors.Join(err, printJSON(cmd.OutOrStdout(), report))
			}
			_, color := terminal(cmd.OutOrStdout())
			return errors.Join(err, say(cmd.OutOrStdout(), "%s", report.Draw(color)))
		},
	}
	source.flags(cmd)
	cmd.Flags().StringVar(&at, "at", "", "the `TIME` at which it went wrong")
	cmd.Flags().StringVar(&options.Service, "service", "", "only what the service of this `NAME` has to do with: its traces, what it calls, and who calls it")
	cmd.Flags().DurationVar(&options.Window, "window", cause.DefaultWindow, "how long before and behind that time to look, a `DURATION`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// study reads what is around a time; the report is nil when nothing could be read.
func study(cmd *cobra.Command, source *traceSource, o cause.Options) (*cause.Report, error) {
	traces, err := source.open(cmd.ErrOrStderr())
	if err != nil {
		return nil, err
	}
	s := cause.NewStudy(o)
	err = errors.Join(traces.Study(cmd.Context(), s), traces.Close())
	report, failed := s.Report()
	if err = errors.Join(err, failed); err != nil && report.Documents == (cause.Both[int64]{}) {
		return nil, err
	}
	return &report, err
}

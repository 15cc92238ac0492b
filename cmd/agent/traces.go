package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/trace"
)

// window is the range of time that a command looks at, and the one of the same length before it.
type window struct{ since string }

func (w *window) flag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.since, "since", "", "how far back to look, a `DURATION` as 1h or 30m, or an RFC 3339 time; default 1h, with --files everything")
}

// read returns the traces of the window, and as the baseline those of the window before it.
func (w *window) read(cmd *cobra.Command, source *traceSource) (now, before []*trace.Trace, length time.Duration, err error) {
	to := time.Now()
	since := w.since
	if since == "" && len(source.globs) == 0 {
		since = "1h"
	}
	var from, earliest time.Time
	if since != "" {
		if from, err = instant("--since", since, to); err == nil && !from.Before(to) {
			err = errors.New("--since lies in the future")
		}
		if err != nil {
			return nil, nil, 0, usageError{err}
		}
		earliest = from.Add(-to.Sub(from))
	} else {
		to = to.AddDate(100, 0, 0) // files may be ahead of the clock
	}
	traces, err := source.open(cmd.ErrOrStderr())
	if err != nil {
		return nil, nil, 0, err
	}
	all, complete, err := traces.All(cmd.Context(), earliest, to)
	err = errors.Join(err, traces.Close())
	if !complete {
		err = errors.Join(err, fmt.Errorf("there are more than %d lines of traces; choose a shorter --since", search.MaxSpans))
	}
	for _, t := range all {
		if t.Start < from.UnixNano() && !from.IsZero() {
			before = append(before, t)
		} else {
			now = append(now, t)
		}
	}
	return now, before, spanned(now, from, to), err
}

// spanned is how long the window is: as asked for, or as long as the traces of the files are.
func spanned(all []*trace.Trace, from, to time.Time) time.Duration {
	if !from.IsZero() {
		return to.Sub(from)
	}
	end := int64(0)
	for _, t := range all {
		end = max(end, t.Start+t.Duration)
	}
	if len(all) == 0 {
		return 0
	}
	return time.Duration(end - all[0].Start)
}

func tracesCommand() *cobra.Command {
	var source traceSource
	var w window
	var choice trace.Choice
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "traces {--config FILE | --files GLOB} [--slow | --failed] [--service NAME] [--operation NAME] [--since DURATION] [--json]",
		Short: "List traces, and how fast each operation is",
		Long: "List the operations of every service with how often they ran and failed, their p50, p95 and p99, and how far those are\n" +
			"from their baseline, the time before of the same length; then traces, the latest first, the slowest first with\n" +
			"--slow, only failed ones with --failed.",
		Example: "  tailspan traces --config tailspan.yaml --slow --since 30m\n" +
			"  tailspan traces --files '/var/log/*/*.log' --failed --service checkout",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now, before, _, err := w.read(cmd, &source)
			if now == nil && err != nil {
				return err
			}
			report := trace.NewReport(now, before, choice)
			if asJSON {
				return errors.Join(err, printJSON(cmd.OutOrStdout(), report))
			}
			width, color := terminal(cmd.OutOrStdout())
			return errors.Join(err, say(cmd.OutOrStdout(), "%s", report.Draw(trace.Drawing{Width: width, Color: color})))
		},
	}
	source.flags(cmd)
	w.flag(cmd)
	cmd.Flags().BoolVar(&choice.Slow, "slow", false, "the slowest traces first")
	cmd.Flags().BoolVar(&choice.Failed, "failed", false, "only traces in which something failed")
	cmd.Flags().StringVar(&choice.Service, "service", "", "only what the service of this `NAME` has to do with")
	cmd.Flags().StringVar(&choice.Operation, "operation", "", "only what the operation of this `NAME` has to do with, as it is called in the list")
	cmd.Flags().IntVar(&choice.Limit, "limit", 20, "at most `N` traces")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// printJSON prints a value on one line.
func printJSON(out io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return say(out, "%s\n", text)
}

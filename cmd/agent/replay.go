package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/pipeline"
)

func replayCommand() *cobra.Command {
	var path, from, to, output, name string
	cmd := &cobra.Command{
		Use:   "replay --config FILE --from TIME [--to TIME] [--output OUTPUT] [--pipeline NAME]",
		Short: "Ship a range of time again",
		Long: "Read every file that is known or matched from its beginning, and ship the lines of a range of time that the output\n" +
			"does not have. It asks the whole data stream for the ids first, so that nothing is there twice, even when the stream\n" +
			"was rolled over meanwhile. It works beside a running agent, leaves the checkpoints as they are, and leaves to the\n" +
			"agent what that has not delivered yet. The embedded store knows its ids. Jaeger is not asked: the same lines are the\n" +
			"same spans. It ends with status 1 when documents were refused or files could not be read.\n\n" +
			"TIME is RFC 3339, as 2026-03-01T12:00:00Z, or a duration ago, as 2h or 90m. --from is in the range, --to is not.",
		Example: "  tailspan replay --config tailspan.yaml --from 2h\n" +
			"  tailspan replay --config tailspan.yaml --from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z\n" +
			"  tailspan replay --config tailspan.yaml --from 2h --output jaeger",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := loadToRun(path)
			if err != nil {
				return err
			}
			output = cmp.Or(output, cfg.Output.Primary)
			if err := replayable(cfg, output); err != nil {
				return usageError{err}
			}
			if name != "" {
				index, err := pick(cfg, name)
				if err != nil {
					return usageError{err}
				}
				cfg.Pipelines = cfg.Pipelines[index : index+1]
			}
			begin, end, err := timeRange(from, to, time.Now())
			if err != nil {
				return usageError{err}
			}
			return replay(cmd.Context(), cfg, output, begin, end, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&from, "from", "", "the `TIME` at which the range begins (required)")
	cmd.Flags().StringVar(&to, "to", "", "the `TIME` at which the range ends; default now")
	cmd.Flags().StringVar(&output, "output", "", "the `OUTPUT`, elasticsearch, local or jaeger; default the primary one")
	pipelineFlag(cmd, &name, "a pipeline; only its files")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"elasticsearch", "local", "jaeger"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagRequired("from") // the flag was defined above
	return cmd
}

// replayable says why the output cannot be replayed to.
func replayable(cfg *config.Config, output string) error {
	switch {
	case output != "elasticsearch" && output != "local" && output != "jaeger":
		return fmt.Errorf("replay is only possible to elasticsearch, local and jaeger in this version, not to %q", output)
	case !slices.Contains(cfg.Output.Present(), output):
		return fmt.Errorf("replay needs output.%s", output)
	case output == "elasticsearch" && cfg.Output.Elasticsearch.Delivery == "at_least_once":
		return errors.New("replay needs delivery: exactly_once; with at_least_once documents have no ids to ask for, and all of them would be there twice")
	}
	return nil
}

// timeRange reads the times of the command line.
func timeRange(from, to string, now time.Time) (begin, end time.Time, err error) {
	begin, err = instant("--from", from, now)
	if err == nil {
		end, err = instant("--to", cmp.Or(to, "0s"), now)
	}
	if err == nil && !begin.Before(end) {
		err = fmt.Errorf("--from %s is not before --to %s", begin.Format(time.RFC3339), end.Format(time.RFC3339))
	}
	return begin, end, err
}

// instant is a time in RFC 3339, or a duration before now.
func instant(flag, text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		err = fmt.Errorf("%s: %q is neither a time like 2026-03-01T12:00:00Z nor a duration ago like 2h", flag, text)
	}
	return at, err
}

// replay ships the range and says what became of it.
func replay(ctx context.Context, cfg *config.Config, output string, from, to time.Time, out, errs io.Writer) error {
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	r, err := pipeline.NewReplay(ctx, cfg, output, from, to, log)
	if err != nil {
		return err
	}
	end := keepShowing(false, func() string {
		done := r.Done()
		return fmt.Sprintf("%d of %d files, %s", done.Files, done.AllFiles, replayed(done))
	})
	err = r.Run()
	end()
	done := r.Done()
	err = errors.Join(err, say(out, "%s\n", replayed(done)))
	if err == nil && done.Refused > 0 {
		err = fmt.Errorf("%d documents were refused", done.Refused)
	}
	return err
}

// replayed says what became of the lines.
func replayed(d pipeline.Replayed) string {
	text := fmt.Sprintf("lines looked at: %d, in range: %d, already there: %d, sent: %d, refused: %d", d.Lines, d.InRange, d.There, d.Sent, d.Refused)
	if d.WithoutTime > 0 {
		text += fmt.Sprintf(", without a time and left out: %d", d.WithoutTime)
	}
	if d.Gone > 0 {
		text += fmt.Sprintf("; known files that are gone: %d", d.Gone)
	}
	return text
}

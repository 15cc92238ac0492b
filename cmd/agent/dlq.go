package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

func dlqCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "dlq --config FILE [list|show N|replay|purge]",
		Short: "Look at the dead letters, send them again, or throw them away",
		Long: "What an output refuses for good is kept in the data directory, with the reason.\n\n" +
			"  list    every dead letter and its reason (the default)\n" +
			"  show N  one of them, whole\n" +
			"  replay  send all of them once more; those refused again stay, with the new reason\n" +
			"  purge   throw all of them away",
		Example: "  tailspan dlq --config tailspan.yaml\n" +
			"  tailspan dlq show 1 --config tailspan.yaml\n" +
			"  tailspan dlq replay --config tailspan.yaml",
		ValidArgs: []string{"list", "show", "replay", "purge"},
		Args:      cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := load(path)
			if err != nil {
				return err
			}
			return dlq(cmd.Context(), cfg, args, cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	return cmd
}

func dlq(ctx context.Context, cfg *config.Config, args []string, out io.Writer) error {
	box := ship.OpenLetterbox(cfg.DataDir)
	verb := "list"
	if len(args) > 0 {
		verb = args[0]
	}
	if (verb == "show") != (len(args) == 2) {
		return usageError{fmt.Errorf("'dlq show' takes the number of a dead letter, the others nothing; see 'tailspan dlq --help'")}
	}
	switch verb {
	case "list":
		return listLetters(box, out)
	case "show":
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return usageError{fmt.Errorf("%q is not the number of a dead letter", args[1])}
		}
		return showLetter(box, n, out)
	case "replay":
		return replayLetters(ctx, cfg, box, out)
	case "purge":
		if err := setAside(ctx, cfg, box); err != nil {
			return err
		}
		n, err := box.Purge()
		return errors.Join(err, say(out, "dead letters thrown away: %d\n", n))
	}
	return usageError{fmt.Errorf("there is no 'dlq %s'; see 'tailspan dlq --help'", verb)}
}

func say(out io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(out, format, args...)
	return err
}

// setAside gives the letters so far files that no agent writes to.
func setAside(ctx context.Context, cfg *config.Config, box ship.Letterbox) error {
	client, err := control.Dial(ctx, cfg.DataDir)
	switch {
	case err == nil:
		return client.SetAside(ctx)
	case errors.Is(err, control.ErrNoAgent):
		return box.SetAside()
	}
	return err
}

func listLetters(box ship.Letterbox, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	n := 0
	err := box.All(func(_ string, l ship.DeadLetter) bool {
		n++
		return say(w, "%d\t%s\t%s\t%d %s\t%.160q\n", n, l.Time.Format(time.RFC3339), l.Pipeline, l.Status, plain.Text(l.Type), l.Reason) == nil
	})
	return errors.Join(err, w.Flush(), say(out, "dead letters: %d\n", n))
}

func showLetter(box ship.Letterbox, number int, out io.Writer) error {
	n := 0
	var found *ship.DeadLetter
	err := box.All(func(_ string, l ship.DeadLetter) bool {
		if n++; n == number {
			found = &l
		}
		return found == nil
	})
	if err != nil {
		return err
	}
	if found == nil {
		return fmt.Errorf("there is no dead letter %d; there are %d", number, n)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(found)
}

func replayLetters(ctx context.Context, cfg *config.Config, box ship.Letterbox, out io.Writer) error {
	if cfg.Output.Elasticsearch == nil {
		return usageError{errors.New("replay needs output.elasticsearch")}
	}
	if err := setAside(ctx, cfg, box); err != nil {
		return err
	}
	kept := 0
	sent, err := box.Take(func(letters []ship.DeadLetter) ([]ship.DeadLetter, error) {
		refused, err := elastic.Resend(ctx, *cfg.Output.Elasticsearch, letters, slog.New(slog.DiscardHandler))
		kept += len(refused)
		return refused, err
	})
	if err := errors.Join(err, say(out, "dead letters taken: %d, refused again: %d\n", sent, kept)); err != nil {
		return err
	}
	if kept > 0 {
		return errors.New("some were refused again; 'tailspan dlq list' says why")
	}
	return nil
}

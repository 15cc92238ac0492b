package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/pkg/tail"
)

func filesCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "files --config FILE [list|show PATH|rewind PATH OFFSET|forget PATH|verify] [--json]",
		Short: "Look at the checkpoints, and change them",
		Long: "Look at what is known of every file, and change it: through the running agent, or on the checkpoints themselves\n" +
			"when none runs.\n\n" +
			"  list                every file, how far it is delivered, and how much is left (the default)\n" +
			"  show PATH           everything known of one file\n" +
			"  rewind PATH OFFSET  go on reading at an earlier line; what was delivered is sent again, with the same ids\n" +
			"  forget PATH         drop what is known; a file that a pattern matches is then a new one\n" +
			"  verify              compare what is known with the files themselves",
		Example: "  tailspan files --config tailspan.yaml\n" +
			"  tailspan files show /var/log/app/app.log --config tailspan.yaml\n" +
			"  tailspan files rewind /var/log/app/app.log 0 --config tailspan.yaml    # ship it from its beginning again",
		ValidArgs: []string{"list", "show", "rewind", "forget", "verify"},
		Args:      cobra.MaximumNArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := load(path)
			if err != nil {
				return err
			}
			return withAgent(cmd.Context(), cfg, func(agent fileKeeper) error {
				return files(cmd.Context(), agent, args, asJSON, cmd.OutOrStdout())
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// fileKeeper answers for the checkpoints: a running agent, or the checkpoints themselves.
type fileKeeper interface {
	Files(ctx context.Context) ([]tail.FileStatus, error)
	Verify(ctx context.Context) ([]string, error)
	Rewind(ctx context.Context, path string, offset int64) error
	Forget(ctx context.Context, path string) error
}

// offline is a fileKeeper without an agent. It holds the lock, so that none starts meanwhile.
type offline struct{ *tail.Tailer }

func (o offline) Files(context.Context) ([]tail.FileStatus, error) { return o.Tailer.Files(), nil }
func (o offline) Verify(context.Context) ([]string, error)         { return o.Tailer.Verify(), nil }

// withAgent calls f with whoever keeps the checkpoints of the data directory.
func withAgent(ctx context.Context, cfg *config.Config, f func(fileKeeper) error) error {
	client, err := control.Dial(ctx, cfg.DataDir)
	if err == nil {
		return f(client)
	}
	if !errors.Is(err, control.ErrNoAgent) {
		return err
	}
	t, err := openOffline(cfg)
	if err != nil {
		return err
	}
	return errors.Join(f(offline{t}), t.Close())
}

// openOffline opens the checkpoints of the data directory where no agent runs, and locks them.
func openOffline(cfg *config.Config) (*tail.Tailer, error) {
	return tail.Open(tail.Config{Host: cfg.Host.Name, Dir: cfg.DataDir, Inputs: pipeline.Inputs(cfg), NoWatch: true, Log: slog.New(slog.DiscardHandler)})
}

// files does what the arguments say.
func files(ctx context.Context, agent fileKeeper, args []string, asJSON bool, out io.Writer) error {
	verb, rest := "list", args
	if len(args) > 0 {
		verb, rest = args[0], args[1:]
	}
	want := map[string]int{"list": 0, "verify": 0, "show": 1, "forget": 1, "rewind": 2}
	n, known := want[verb]
	if !known || len(rest) != n {
		return usageError{fmt.Errorf("'files %s' does not take %d arguments; see 'tailspan files --help'", verb, len(rest))}
	}
	if n > 0 {
		full, err := filepath.Abs(rest[0])
		if err != nil {
			return err
		}
		rest[0] = full
	}
	switch verb {
	case "rewind":
		offset, err := strconv.ParseInt(rest[1], 10, 64)
		if err != nil {
			return usageError{fmt.Errorf("%q is not an offset in bytes", rest[1])}
		}
		return agent.Rewind(ctx, rest[0], offset)
	case "forget":
		return agent.Forget(ctx, rest[0])
	case "verify":
		return verifyFiles(ctx, agent, out)
	}
	all, err := agent.Files(ctx)
	if err != nil {
		return err
	}
	if verb == "show" {
		return showFile(all, rest[0], out)
	}
	if asJSON {
		return json.NewEncoder(out).Encode(all)
	}
	return listFiles(all, out)
}

func listFiles(all []tail.FileStatus, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, err := fmt.Fprintln(w, "PIPELINE\tDELIVERED\tSIZE\tLEFT\tOPEN\tPATH")
	for _, f := range all {
		size, left := "gone", ""
		if f.Size >= 0 {
			size = bytesText(f.Size)
		}
		if f.Size >= 0 && !f.Zipped {
			left = bytesText(max(0, f.Size-f.Committed))
		}
		_, failed := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%v\t%q\n", f.Pipeline, bytesText(f.Committed), size, left, f.Open, f.Path)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, w.Flush())
}

func showFile(all []tail.FileStatus, path string, out io.Writer) error {
	found := false
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	for _, f := range all {
		if f.Path == path {
			found = true
			if err := encoder.Encode(f); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("%s: no such file is known; 'tailspan files list' shows those that are", path)
	}
	return nil
}

func verifyFiles(ctx context.Context, agent fileKeeper, out io.Writer) error {
	problems, err := agent.Verify(ctx)
	if err != nil {
		return err
	}
	for _, p := range problems {
		if _, err := fmt.Fprintln(out, plain.Text(p)); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("files that are not as they were left: %d", len(problems))
	}
	_, err = fmt.Fprintln(out, "every known file is as it was left")
	return err
}

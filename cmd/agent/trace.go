package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/pkg/trace"
)

// traceSource is where the commands about traces read from.
type traceSource struct {
	config string
	output string
	globs  []string
}

func (s *traceSource) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.config, "config", "c", "", "configuration `FILE`; not needed with --files")
	cmd.Flags().StringArrayVar(&s.globs, "files", nil, "read the files of this `GLOB` instead of an output; may be there again")
	outputFlag(cmd, &s.output)
}

// open makes the source ready. What is wrong then is the user's to correct.
func (s *traceSource) open(errs io.Writer) (*pipeline.Traces, error) {
	var cfg *config.Config
	var err error
	switch {
	case s.config != "":
		cfg, err = config.Load(s.config)
	case len(s.globs) == 0:
		err = errors.New("traces are read from an output, which --config names, or from files, which --files names; give one of them")
	}
	for i, glob := range s.globs {
		if err == nil {
			s.globs[i], err = filepath.Abs(glob)
		}
	}
	if err != nil {
		return nil, usageError{err}
	}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	t, err := pipeline.NewTraces(cfg, s.output, s.globs, log)
	if err != nil {
		return nil, usageError{err}
	}
	return t, nil
}

func traceCommand() *cobra.Command {
	var source traceSource
	var asJSON, logs bool
	cmd := &cobra.Command{
		Use:   "trace ID {--config FILE | --files GLOB} [--logs | --json]",
		Short: "Show one trace as a waterfall",
		Long: "Read every line that names the trace, from Elasticsearch, the embedded store or straight from files, put them together\n" +
			"and draw them: a row for each span, the critical path in full blocks, self times, what each service has of it, and what failed\n" +
			"first. With --files nothing is locked or written, and no server is needed; with --config as well, files are parsed as\n" +
			"the pipelines whose paths they match say.",
		Example: "  tailspan trace 4bf92f3577b34da6a3ce929d0e0e4736 --config tailspan.yaml\n" +
			"  tailspan trace 4bf92f3577b34da6a3ce929d0e0e4736 --files '/var/log/*/*.log' --logs",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || trace.NormalID(args[0]) == "" {
				return usageError{errors.New("trace wants one id, of up to 32 hexadecimal digits")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			traces, err := source.open(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			id := trace.NormalID(args[0])
			t, err := traces.Trace(cmd.Context(), id)
			err = errors.Join(err, traces.Close())
			if t == nil {
				return errors.Join(err, fmt.Errorf("no line names trace %s", id))
			}
			out := cmd.OutOrStdout()
			text := ""
			if asJSON {
				text = string(t.AppendJSON(nil)) + "\n"
			} else {
				width, color := terminal(out)
				text = trace.Draw(t, trace.Drawing{Width: width, Color: color, Logs: logs})
			}
			return errors.Join(err, say(out, "%s", text))
		},
	}
	source.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the trace as JSON")
	cmd.Flags().BoolVar(&logs, "logs", false, "print the lines of each span below it")
	return cmd
}

// elsewhere is how wide output is that goes to no terminal.
const elsewhere = 100

// terminal tells how wide the terminal is that out goes to, and whether it has colours.
func terminal(out io.Writer) (width int, color bool) {
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		width = columns
	}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			width = columns
		}
		color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	if width == 0 {
		width = elsewhere
	}
	return width, color
}

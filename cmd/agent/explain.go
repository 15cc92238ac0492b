package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/pkg/parse"
)

func explainCommand() *cobra.Command {
	var path, name, line string
	cmd := &cobra.Command{
		Use:   "explain --config FILE {PATH | --line TEXT | < LINES} [--pipeline NAME]",
		Short: "Say why a file is read or not, or what each step makes of a line",
		Long: "With a PATH, say why the file is read, or why not: which pattern of which pipeline matches it or almost does, what stands\n" +
			"in the way, who the file is, what its checkpoint says, how much is left, and what it waits for. A running agent looks with\n" +
			"its own rights and answers for the configuration that it runs; without one this command looks itself.\n\n" +
			"Otherwise say what each step makes of a line: its format and why, where its time, level, ids and duration come from, and\n" +
			"its document. Without --line the lines come from standard input, each explained by itself.",
		Example: "  tailspan explain --config tailspan.yaml /var/log/app/app.log\n" +
			"  tailspan explain --config tailspan.yaml --line 'level=warn msg=slow took=12ms'\n" +
			"  tail -n 1 /var/log/app/app.log | tailspan explain --config tailspan.yaml",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := load(path)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				if cmd.Flags().Changed("line") || name != "" {
					return usageError{errors.New("explain takes a path, or a line and its pipeline; name one of them")}
				}
				return explainPath(cmd.Context(), cmd.OutOrStdout(), cfg, args[0])
			}
			index, err := pick(cfg, name)
			if err != nil {
				return usageError{err}
			}
			if cmd.Flags().Changed("line") {
				return explainLine(cmd.OutOrStdout(), cfg, index, []byte(line))
			}
			return explainStream(cmd.OutOrStdout(), cfg, index, cmd.InOrStdin())
		},
	}
	configFlag(cmd, &path)
	pipelineFlag(cmd, &name, "the pipeline to parse with, when there are several")
	cmd.Flags().StringVar(&line, "line", "", "the line, as `TEXT`")
	return cmd
}

// explainStream explains each line of in.
func explainStream(out io.Writer, cfg *config.Config, index int, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, cfg.Pipelines[index].Tail.MaxLine+bufio.MaxScanTokenSize)
	for lines.Scan() {
		if err := explainLine(out, cfg, index, lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// explainLine prints what a pipeline that has seen nothing else makes of the line.
func explainLine(out io.Writer, cfg *config.Config, index int, line []byte) error {
	trial, err := pipeline.NewTrial(cfg, index)
	if err != nil {
		return usageError{err}
	}
	doc, e := trial.Explain(line, time.Now())
	values := map[string]json.RawMessage{}
	if doc != nil {
		if err := json.Unmarshal(doc, &values); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	say := func(what, format string, args ...any) {
		_, _ = fmt.Fprintf(&text, "%-9s "+format+"\n", append([]any{what}, args...)...)
	}
	say("line", "%q", line)
	say("pipeline", "%s", cfg.Pipelines[index].Name)
	for i, f := range e.Formats {
		say([]string{"format", "inside"}[min(i, 1)], "%s", sayFormat(f))
	}
	if failure, ok := values["event.kind"]; ok && string(failure) == `"pipeline_error"` {
		say("error", "%s", values["error.message"])
	}
	say("time", "%s", sayOrigin(values, "@timestamp", e.Time, "none in the line; it gets that of the line before it in its file, else the time of reading"))
	say("level", "%s", sayOrigin(values, "log.level", e.Level, "none"))
	if len(e.IDs) == 0 {
		say("ids", "none")
	}
	for _, id := range e.IDs {
		say("ids", "from %s", sayPlace(id))
	}
	say("duration", "%s", sayOrigin(values, "event.duration", e.Duration, "none"))
	if doc == nil {
		say("document", "none: a processor drops the line\n")
		_, err = out.Write(text.Bytes())
		return err
	}
	if held := trial.Held(); held != "" {
		say("hold", "%s", held)
	}
	say("document", "")
	if err := json.Indent(&text, doc, "", "  "); err != nil {
		return err
	}
	text.WriteString("\n\n")
	_, err = io.WriteString(out, plain.Text(text.String()))
	return err
}

// sayFormat names a format and says how it was told.
func sayFormat(f parse.Chosen) string {
	var parts []string
	switch {
	case f.Name == "none" && f.Auto:
		parts = append(parts, "none: no format fits, so the line is text")
	case f.Auto && f.Name == "auto":
		parts = append(parts, "one of auto's own")
	case f.Auto:
		parts = append(parts, f.Name+", found by auto")
	default:
		parts = append(parts, f.Name+", as configured")
	}
	if f.Head != "" {
		parts = append(parts, "the line begins as "+f.Head)
	}
	return strings.Join(parts, "; ")
}

// sayOrigin tells a value of the document and where in the line it stood.
func sayOrigin(values map[string]json.RawMessage, name string, from parse.Origin, none string) string {
	if !from.Found {
		return none
	}
	return fmt.Sprintf("%s, from %s", values[name], sayPlace(from))
}

// sayPlace names the place in a line.
func sayPlace(from parse.Origin) string {
	place := "the text of the line"
	if from.Field != "" {
		place = "the field " + from.Field
	}
	if from.Text != "" {
		place += fmt.Sprintf(" (%q)", from.Text)
	}
	return place
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/pipeline"
)

func parseCommand() *cobra.Command {
	var path, name string
	var null bool
	cmd := &cobra.Command{
		Use:   "parse --config FILE [--pipeline NAME] [--null] < LOG",
		Short: "Parse standard input and print the documents",
		Long: "Read standard input as a log file and print one JSON document for each event on standard output, in order, through\n" +
			"the same code as run. It neither locks, listens nor writes, so it can be tried beside a running agent.",
		Example: "  tailspan parse --config tailspan.yaml < /var/log/app/app.log | head\n" +
			"  journalctl -u app -o cat | tailspan parse --config tailspan.yaml --pipeline app",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(path)
			if err != nil {
				return err
			}
			index, err := pick(cfg, name)
			if err != nil {
				return usageError{err}
			}
			trial, err := pipeline.NewTrial(cfg, index)
			if err != nil {
				return usageError{err}
			}
			if null {
				return parseEvents(trial, cmd.InOrStdin(), cmd.OutOrStdout())
			}
			return trial.Run(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	pipelineFlag(cmd, &name, "the pipeline to parse with, when there are several")
	cmd.Flags().BoolVar(&null, "null", false, "read events that end in NUL, each as it is, instead of lines")
	return cmd
}

// pick finds the pipeline by its name; without a name there must be only one.
func pick(cfg *config.Config, name string) (int, error) {
	var known []string
	for i := range cfg.Pipelines {
		if cfg.Pipelines[i].Name == name {
			return i, nil
		}
		if !cfg.Pipelines[i].Own {
			known = append(known, cfg.Pipelines[i].Name)
		}
	}
	if name == "" && len(known) == 1 {
		return 0, nil
	}
	if name == "" {
		return 0, fmt.Errorf("there are several pipelines; choose one with --pipeline: %q", known)
	}
	return 0, fmt.Errorf("there is no pipeline %q; there are %q", name, known)
}

// parseEvents prints the document of each text of in that ends in NUL.
func parseEvents(trial *pipeline.Trial, in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	writer := bufio.NewWriterSize(out, 64<<10)
	var text, doc []byte
	for offset := int64(0); ; {
		part, err := reader.ReadSlice(0)
		text = append(text, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF && len(text) == 0 {
			return writer.Flush()
		}
		doc = trial.AppendEvent(doc[:0], bytes.TrimSuffix(text, []byte{0}), offset, time.Now())
		if _, err := writer.Write(doc); err != nil {
			return err
		}
		offset += int64(len(text))
		text = text[:0]
		if reader.Buffered() == 0 { // somebody may be waiting
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}

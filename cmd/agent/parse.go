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
		Use:   "parse --config FILE",
		Short: "Parse standard input and print the documents",
		Long: "Read lines from standard input and print one JSON document for each on standard output, in order, through the\n" +
			"same code as run. It neither locks, listens nor writes, so it can be tried beside a running agent.",
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
			end := byte('\n')
			if null {
				end = 0
			}
			return parseStream(cfg, index, end, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVarP(&name, "pipeline", "p", "", "the pipeline to parse with, when there are several")
	cmd.Flags().BoolVar(&null, "null", false, "lines end in NUL instead of newline")
	return cmd
}

// pick finds the pipeline by its name; without a name there must be only one.
func pick(cfg *config.Config, name string) (int, error) {
	if name == "" && len(cfg.Pipelines) == 1 {
		return 0, nil
	}
	var known []string
	for i := range cfg.Pipelines {
		if cfg.Pipelines[i].Name == name {
			return i, nil
		}
		known = append(known, cfg.Pipelines[i].Name)
	}
	if name == "" {
		return 0, fmt.Errorf("there are several pipelines; choose one with --pipeline: %q", known)
	}
	return 0, fmt.Errorf("there is no pipeline %q; there are %q", name, known)
}

// parseStream prints the document of each line of in.
func parseStream(cfg *config.Config, index int, end byte, in io.Reader, out io.Writer) error {
	trial, err := pipeline.NewTrial(cfg, index)
	if err != nil {
		return usageError{err}
	}
	reader := bufio.NewReaderSize(in, 64<<10)
	writer := bufio.NewWriterSize(out, 64<<10)
	var line, doc []byte
	for offset := int64(0); ; {
		part, err := reader.ReadSlice(end)
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF && len(line) == 0 {
			return writer.Flush()
		}
		size := int64(len(line))
		raw := bytes.TrimSuffix(line, []byte{end})
		if end == '\n' {
			raw = bytes.TrimSuffix(raw, []byte{'\r'})
		}
		doc = append(trial.AppendDocument(doc[:0], raw, offset, time.Now()), '\n')
		if _, err := writer.Write(doc); err != nil {
			return err
		}
		offset += size
		line = line[:0]
		if reader.Buffered() == 0 { // somebody may be typing
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}

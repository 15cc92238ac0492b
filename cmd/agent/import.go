package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/internal/imports"
	"github.com/tailspan/tailspan/internal/imports/filebeat"
	"github.com/tailspan/tailspan/internal/imports/logstash"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/pkg/tail"
)

func importCommand() *cobra.Command {
	var registry, ours string
	cmd := &cobra.Command{
		Use:   "import logstash FILE... | filebeat FILE | filebeat --registry DIR --config FILE",
		Short: "Draft a configuration from one of Logstash or Filebeat",
		Long: "Print a configuration that does what one of another shipper's does. What could not be carried over is said, line by\n" +
			"line, on standard error.\n\n" +
			"  logstash FILE...         several files are one pipeline, as in Logstash's conf.d\n" +
			"  filebeat FILE            filebeat.yml\n" +
			"  filebeat --registry DIR --config FILE\n" +
			"                           take over how far Filebeat has read each file, so that nothing is shipped twice: into the\n" +
			"                           checkpoints of the configuration given, while neither runs",
		Example: "  tailspan import logstash /etc/logstash/conf.d/*.conf > tailspan.yaml\n" +
			"  tailspan import filebeat /etc/filebeat/filebeat.yml > tailspan.yaml\n" +
			"  tailspan import filebeat --registry /var/lib/filebeat/registry --config tailspan.yaml",
		ValidArgsFunction: completeImport,
		Args:              cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, files := args[0], args[1:]
			taking := registry != "" && ours != ""
			switch {
			case (registry != "") != (ours != "") || taking && (kind != "filebeat" || len(files) > 0):
				return usageError{errors.New("positions are taken over by: tailspan import filebeat --registry DIR --config FILE")}
			case taking:
				return importRegistry(cmd, registry, ours)
			case kind == "logstash" && len(files) > 0:
				return importLogstash(files, cmd.OutOrStdout(), cmd.ErrOrStderr())
			case kind == "filebeat" && len(files) == 1:
				return importFilebeat(files[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return usageError{errors.New("write tailspan import logstash FILE... or tailspan import filebeat FILE")}
		},
	}
	cmd.Flags().StringVar(&registry, "registry", "", "the folder, `DIR`, of Filebeat's registry, or its file")
	cmd.Flags().StringVarP(&ours, "config", "c", "", "the configuration `FILE` whose checkpoints take the positions over")
	return cmd
}

// completeImport offers whose configuration it may be, and then files.
func completeImport(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return []string{"logstash", "filebeat"}, cobra.ShellCompDirectiveNoFileComp
}

func importLogstash(paths []string, out, errs io.Writer) error {
	var files []logstash.File
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return usageError{err}
		}
		files = append(files, logstash.File{Name: path, Text: string(data)})
	}
	ledger := new(imports.Ledger)
	draft, err := logstash.Import(files, ledger)
	if err != nil {
		return usageError{err}
	}
	return printDraft(draft, ledger, out, errs)
}

func importFilebeat(path string, out, errs io.Writer) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return usageError{err}
	}
	ledger := new(imports.Ledger)
	draft, err := filebeat.Import(path, data, ledger)
	if err != nil {
		return usageError{err}
	}
	return printDraft(draft, ledger, out, errs)
}

// printDraft settles the draft, prints it, and says what became of the directives.
func printDraft(draft *imports.Draft, ledger *imports.Ledger, out, errs io.Writer) error {
	if err := draft.Settle(ledger, checkDraft); err != nil {
		return err
	}
	text, err := draft.Bytes()
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	return ledger.Print(errs)
}

// checkDraft is what check asks of a configuration, without its files.
func checkDraft(data []byte) error {
	cfg, err := config.Parse("draft.yaml", data)
	if err != nil {
		return err
	}
	_, err = pipeline.Parsers(cfg)
	return err
}

// importRegistry takes over Filebeat's positions.
func importRegistry(cmd *cobra.Command, registry, ours string) error {
	cfg, err := load(ours)
	if err != nil {
		return err
	}
	states, err := filebeat.ReadRegistry(filepath.Clean(registry))
	if err != nil {
		return usageError{err}
	}
	if _, err := control.Dial(cmd.Context(), cfg.DataDir); err == nil {
		return errors.New("an agent runs with this configuration; stop it, so that it does not read what is to be taken over")
	}
	t, err := openOffline(cfg)
	if err != nil {
		return err
	}
	return errors.Join(takeOver(t, states, cmd.OutOrStdout()), t.Close())
}

// takeOver takes the positions over, and says of each file where reading goes on, or why it does not.
func takeOver(t *tail.Tailer, states []filebeat.State, out io.Writer) error {
	taken := 0
	for _, s := range states {
		list, err := t.TakeOver(tail.Foreign{Path: s.Path, Inode: s.Inode, Offset: s.Offset})
		for _, one := range list {
			taken++
			if err := say(out, "%s: pipeline %s goes on at byte %d\n", one.Path, one.Pipeline, one.Offset); err != nil {
				return err
			}
		}
		if err != nil {
			if err := say(out, "%s: not taken over: %v\n", s.Path, err); err != nil {
				return err
			}
		}
	}
	return say(out, "positions in the registry: %d; taken over: %d\n", len(states), taken)
}

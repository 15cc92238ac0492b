package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/propose"
)

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init {PATH... | < LINES}",
		Short: "Look at log files and propose a configuration",
		Long: "Look at log files, folders and globs and print a configuration for them on standard output; on standard error, how\n" +
			"sure it is and why, and what would become of a line. Without a path the lines come from standard input.",
		Example: "  tailspan init /var/log/app/*.log > tailspan.yaml\n" +
			"  tailspan init '/var/log/**/*.log' /var/log/syslog\n" +
			"  head -1000 app.log | tailspan init",
		RunE: func(cmd *cobra.Command, args []string) error {
			var samples []propose.Sample
			var err error
			if len(args) > 0 {
				samples, err = propose.Samples(args, cmd.ErrOrStderr())
			} else {
				samples = make([]propose.Sample, 1)
				samples[0], err = propose.Read(cmd.InOrStdin())
			}
			if err != nil {
				return usageError{err}
			}
			pipelines, err := propose.Pipelines(samples)
			if err != nil {
				return err
			}
			for i := range pipelines {
				if _, err := io.WriteString(cmd.ErrOrStderr(), pipelines[i].Remark()); err != nil {
					return err
				}
			}
			_, err = io.WriteString(cmd.OutOrStdout(), propose.Configuration(pipelines))
			return err
		},
	}
}

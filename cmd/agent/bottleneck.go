package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/pkg/trace"
)

func bottleneckCommand() *cobra.Command {
	var source traceSource
	var w window
	var asJSON, dot, mermaid bool
	cmd := &cobra.Command{
		Use:   "bottleneck {--config FILE | --files GLOB} [--since DURATION] [--json | --dot | --mermaid]",
		Short: "Rank what traces wait for, and map who calls whom",
		Long: "Rank services' operations by the time that traces spent waiting for them and nothing else: self time on critical\n" +
			"paths. Then list who calls whom, how often, with how many errors and how fast; as a graph with --dot\n" +
			"(Graphviz) or --mermaid.",
		Example: "  tailspan bottleneck --config tailspan.yaml --since 2h\n" +
			"  tailspan bottleneck --files '/var/log/*/*.log' --dot | dot -Tsvg > calls.svg",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now, _, length, err := w.read(cmd, &source)
			if now == nil && err != nil {
				return err
			}
			var stats trace.Stats
			for _, t := range now {
				stats.Add(t)
			}
			out := cmd.OutOrStdout()
			switch {
			case asJSON:
				return errors.Join(err, printJSON(out, stats.Summary(length)))
			case dot:
				return errors.Join(err, say(out, "%s", stats.DOT(length)))
			case mermaid:
				return errors.Join(err, say(out, "%s", stats.Mermaid(length)))
			}
			width, color := terminal(out)
			return errors.Join(err, say(out, "%s", stats.Draw(trace.Drawing{Width: width, Color: color}, length)))
		},
	}
	source.flags(cmd)
	w.flag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&dot, "dot", false, "print the service map for Graphviz")
	cmd.Flags().BoolVar(&mermaid, "mermaid", false, "print the service map as a Mermaid flowchart")
	cmd.MarkFlagsMutuallyExclusive("json", "dot", "mermaid")
	return cmd
}

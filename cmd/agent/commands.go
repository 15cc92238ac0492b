package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// group is what commands have in common, for whoever reads the list of them.
type group struct {
	title    string
	commands []*cobra.Command
}

// groups is every command, in the order of the list. Help, the man page and the completion of shells are made of it.
func groups() []group {
	return []group{
		{"Shipping:", []*cobra.Command{runCommand(), replayCommand(), dlqCommand(), filesCommand()}},
		{"Trying and finding out:", []*cobra.Command{checkCommand(), parseCommand(), explainCommand(), topCommand(), bundleCommand()}},
		{"Searching and traces:", []*cobra.Command{searchCommand(), traceCommand(), tracesCommand(), bottleneckCommand(), whyCommand()}},
		{"Beginning:", []*cobra.Command{demoCommand(), initCommand(), importCommand(), setupCommand()}},
		{"Others:", []*cobra.Command{versionCommand(), manCommand()}},
	}
}

func init() { cobra.EnableCommandSorting = false } // the order of groups is the better one

// newRoot is the command line.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "tailspan",
		Short: "Ships log files to Elasticsearch, each line exactly once",
		Long: "Tails log files and ships every line to Elasticsearch exactly once, parsed, with its time, level, trace id and duration.\n" +
			"What is read and where it goes stands in one file, which 'tailspan init' proposes and 'tailspan check' examines.",
		Example: "  tailspan init /var/log/app/*.log > tailspan.yaml\n" +
			"  tailspan check --config tailspan.yaml --connect\n" +
			"  tailspan run --config tailspan.yaml",
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\nrun 'tailspan %s --help' for its flags", err, cmd.Name())}
	})
	for _, g := range groups() {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, cmd := range g.commands {
			cmd.GroupID = g.title
			cmd.DisableFlagsInUseLine = true // Use names those that matter
			root.AddCommand(cmd)
		}
	}
	root.SetHelpCommand(helpCommand())
	root.SetHelpCommandGroupID("Others:")
	root.SetCompletionCommandGroupID("Others:")
	return root
}

// helpCommand is cobra's, but for a command that there is not: that is a mistake, not help.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Say what a command does, its flags, and examples",
		Args:  cobra.MaximumNArgs(2),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range cmd.Root().Commands() {
				if len(args) == 0 && c.IsAvailableCommand() {
					names = append(names, c.Name()+"\t"+c.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usageError{fmt.Errorf("there is no command %q; 'tailspan help' lists them", strings.Join(args, " "))}
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// completePipelines offers the pipelines of the configuration that is named on the command line.
func completePipelines(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if cfg, err := load(cmd.Flag("config").Value.String()); err == nil {
		for i := range cfg.Pipelines {
			names = append(names, cfg.Pipelines[i].Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Long:    "Print the manual page, tailspan(1), for man. The packages install it.",
		Example: "  tailspan man > tailspan.1 && man ./tailspan.1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), manual(groups(), cmd.Root()))
			return err
		},
	}
}

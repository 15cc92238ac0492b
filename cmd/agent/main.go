// Command agent is tailspan: it tails log files and ships their lines, each exactly once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // named zones work on machines and in images without a zone database

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/plain"
)

// version is set by the linker.
var version = "dev"

// Exit statuses are part of the contract.
const (
	exitDone   = 0
	exitFailed = 1 // it ran, and failed
	exitUsage  = 2 // the command line or the configuration is wrong
)

// usageError marks what the user has to correct before anything can run.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run executes the command line and returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	errs = plain.NewWriter(errs)
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	started := false
	for _, cmd := range root.Commands() {
		inner := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			started = true
			return inner(cmd, args)
		}
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	_, _ = fmt.Fprintln(errs, err) // there is nowhere else to say it
	if !started || errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the version.",
		Example: "  tailspan version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return say(cmd.OutOrStdout(), "tailspan %s\n", version)
		},
	}
}

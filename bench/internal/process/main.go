package process

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Main is the end of a command's main: it does the work until that is done or the command is told to end, and says what went wrong.
func Main(name string, work func(context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := work(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

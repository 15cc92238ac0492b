package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/internal/status"
)

// topEvery is how often top looks: rates are over this time.
const topEvery = time.Second

func topCommand() *cobra.Command {
	var path string
	var once bool
	cmd := &cobra.Command{
		Use:   "top --config FILE [--once]",
		Short: "Watch the running agent",
		Long: "Watch the running agent: lines, bytes, lag and errors of every pipeline and of the busiest files, and what the outputs\n" +
			"do. The screen is drawn anew each second until q is pressed; where standard output is no terminal, and with --once, the\n" +
			"table is printed once.",
		Example: "  tailspan top --config tailspan.yaml\n" +
			"  tailspan top --config tailspan.yaml --once",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(path)
			if err != nil {
				return err
			}
			screen, ok := cmd.OutOrStdout().(*os.File)
			if once || !ok || !term.IsTerminal(int(screen.Fd())) {
				return topOnce(cmd.Context(), cfg, cmd.OutOrStdout())
			}
			return topLive(cmd.Context(), cfg, screen)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&once, "once", false, "print the table once")
	return cmd
}

// topOnce prints what happens within a second.
func topOnce(ctx context.Context, cfg *config.Config, out io.Writer) error {
	client, err := control.Dial(ctx, cfg.DataDir)
	if err != nil {
		return err
	}
	before, err := client.Status(ctx)
	if err != nil {
		return err
	}
	if !pause(ctx, topEvery) {
		return ctx.Err()
	}
	now, err := client.Status(ctx)
	if err != nil {
		return err
	}
	return drawTop(out, before, now, noLimit)
}

// noLimit is as many files as there are.
const noLimit = 1 << 30

// pause waits, and reports false when ctx was done first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

const (
	alternate = "\x1b[?1049h\x1b[?25l" // a screen of its own, without a cursor
	original  = "\x1b[?25h\x1b[?1049l"
	home      = "\x1b[H"
	restClear = "\x1b[J"
)

// topLive draws the table each second until q or Ctrl-C is pressed. An agent that is away, or started again, is waited for.
func topLive(ctx context.Context, cfg *config.Config, screen *os.File) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if undo, err := keys(os.Stdin, stop); err == nil {
		defer undo()
	}
	if _, err := io.WriteString(screen, alternate); err != nil {
		return err
	}
	defer func() { _, _ = io.WriteString(screen, original) }() // the terminal may be gone
	var before status.Status
	for {
		now, err := ask(ctx, cfg)
		if ctx.Err() != nil {
			return nil
		}
		frame := frameOf(before, now, err, height(screen))
		if _, err := screen.Write(frame); err != nil {
			return err
		}
		if before = now; !pause(ctx, topEvery) {
			return nil
		}
	}
}

// ask asks an agent for its status; one that was started again has another socket.
func ask(ctx context.Context, cfg *config.Config) (status.Status, error) {
	client, err := control.Dial(ctx, cfg.DataDir)
	if err != nil {
		return status.Status{}, err
	}
	return client.Status(ctx)
}

// frameOf is a whole screen.
func frameOf(before, now status.Status, err error, rows int) []byte {
	var text bytes.Buffer
	if err != nil {
		_, _ = fmt.Fprintln(&text, err)
	} else {
		_ = drawTop(&text, before, now, rows) // into memory
	}
	lines := bytes.Split(bytes.TrimRight(text.Bytes(), "\n"), []byte("\n"))
	frame := []byte(home)
	for i, line := range lines[:min(len(lines), max(1, rows-1))] {
		if i > 0 {
			frame = append(frame, "\r\n"...)
		}
		frame = append(append(frame, line...), "\x1b[K"...)
	}
	return append(frame, restClear...)
}

// height is how many rows the terminal has.
func height(screen *os.File) int {
	_, rows, err := term.GetSize(int(screen.Fd()))
	if err != nil || rows < 1 {
		return 24
	}
	return rows
}

// keys calls stop when q or Ctrl-C is pressed. undo gives the keyboard its ways back.
func keys(keyboard *os.File, stop func()) (undo func(), err error) {
	if !term.IsTerminal(int(keyboard.Fd())) {
		return nil, errors.New("no keyboard")
	}
	state, err := term.MakeRaw(int(keyboard.Fd()))
	if err != nil {
		return nil, err
	}
	go func() { // ends with the process
		for key := make([]byte, 1); ; {
			if _, err := keyboard.Read(key); err != nil || key[0] == 'q' || key[0] == 'Q' || key[0] == 3 {
				stop()
				return
			}
		}
	}()
	return func() { _ = term.Restore(int(keyboard.Fd()), state) }, nil
}

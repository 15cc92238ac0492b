package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/pkg/event"
)

// showProgress shows how far the agent is, and leaves the last word standing.
func showProgress(agent *pipeline.Runner) (end func()) {
	start := time.Now()
	return keepShowing(true, func() string { return progressLine(agent, time.Since(start)) })
}

// keepShowing keeps a line on the terminal up to date until the returned function is called, which leaves it there or
// takes it away. Without a terminal there is silence.
func keepShowing(leave bool, line func() string) (end func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	const clear = "\r\x1b[K"
	tick := time.NewTicker(250 * time.Millisecond)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			fmt.Fprint(os.Stderr, clear, line())
			select {
			case <-stop:
				fmt.Fprint(os.Stderr, clear)
				if leave {
					fmt.Fprintln(os.Stderr, line())
				}
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		tick.Stop()
		close(stop)
		<-done
	}
}

// progressLine says how many bytes of how many are delivered, how fast, and what is still to come.
func progressLine(agent *pipeline.Runner, elapsed time.Duration) string {
	var size, committed, lines int64
	for _, p := range agent.Status().Pipelines {
		size, committed = size+p.Size, committed+p.Committed
		lines += p.Lines[event.Read] - p.Lines.InFlight()
	}
	percent := 100.0
	if size > 0 {
		percent = 100 * float64(committed) / float64(size)
	}
	return fmt.Sprintf("%s of %s (%.0f %%), %d lines, %.0f lines/s, %s to go",
		bytesText(committed), bytesText(size), percent, lines, float64(lines)/max(elapsed.Seconds(), 0.001), bytesText(max(0, size-committed)))
}

// bytesText writes a size with a binary unit.
func bytesText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, unit := float64(n), 0
	for v >= 1024 && unit < len(units)-1 {
		v, unit = v/1024, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[unit])
}

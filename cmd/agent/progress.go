package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/pkg/event"
)

// showProgress keeps a line on the terminal up to date; the returned function ends it. Without a terminal there is
// silence.
func showProgress(agent *pipeline.Agent) (end func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	start := time.Now()
	tick := time.NewTicker(250 * time.Millisecond)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			fmt.Fprint(os.Stderr, "\r\x1b[K", progressLine(agent, time.Since(start)))
			select {
			case <-stop:
				fmt.Fprintln(os.Stderr, "\r\x1b[K"+progressLine(agent, time.Since(start)))
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
func progressLine(agent *pipeline.Agent, elapsed time.Duration) string {
	var size, committed, lines int64
	for i, p := range agent.Progress() {
		size, committed = size+p.Size, committed+p.Committed
		ledger := agent.Ledger(i)
		lines += ledger[event.Read].Load() - ledger.InFlight()
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

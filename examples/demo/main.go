// Command demo shows in a few seconds what tailspan does, without any server.
//
//	go run ./examples/demo -bin bin/tailspan
//
// Three sample services write logs into a temporary folder, each in a format of its own; tailspan tails them and turns
// every line into a document; the demo shows some of the documents as they come, then the durations by service and the
// slowest request across all three. The folder is removed at the end unless -keep says otherwise.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

func main() {
	bin := flag.String("bin", filepath.Join("bin", "tailspan"), "the tailspan binary")
	seconds := flag.Float64("seconds", 6, "how long the services write, 2 to 600")
	keep := flag.Bool("keep", false, "keep the folder with the logs and the configuration")
	flag.Parse()
	if flag.NArg() > 0 || *seconds < 2 || *seconds > 600 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &printer{out: os.Stdout, colour: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == ""}
	if err := demo(ctx, p, *bin, time.Duration(*seconds*float64(time.Second)), *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo(ctx context.Context, p *printer, bin string, length time.Duration, keep bool) (err error) {
	folder, err := os.MkdirTemp("", "tailspan-demo-")
	if err != nil {
		return err
	}
	if !keep {
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	}
	if err := os.Mkdir(filepath.Join(folder, "logs"), 0o755); err != nil {
		return err
	}
	p.printf("%s write logs for %.0f seconds; %s tails them.\n", strings.Join(services, ", "), length.Seconds(), bin)
	a, err := startAgent(bin, folder)
	if err != nil {
		return err
	}
	sum, written, err := watch(ctx, p, a, folder, length)
	if err != nil {
		return err
	}
	p.table(sum.rows(services))
	p.trace(sum.slowest())
	if err := account(p, sum, written); err != nil {
		return err
	}
	farewell(p, bin, folder, keep)
	return nil
}

// watch lets the services write, shows documents as they come, and ends tailspan when it has shipped everything.
func watch(ctx context.Context, p *printer, a *agent, folder string, length time.Duration) (*summary, int, error) {
	type outcome struct {
		lines int
		err   error
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	writing := make(chan outcome, 1)
	go func() {
		n, err := write(ctx, folder, plan(1, time.Now(), length))
		writing <- outcome{n, err}
	}()
	sum := &summary{}
	written := -1 // not known yet
	var wrong error
	var late <-chan time.Time
	for ending := false; ; {
		if !ending && written >= 0 && len(sum.documents) >= written {
			a.terminate()
			ending = true
		}
		select {
		case o := <-writing:
			written, wrong = o.lines, errors.Join(wrong, o.err)
			late = time.After(10 * time.Second)
		case <-late:
			a.terminate()
			ending = true
		case line, more := <-a.lines:
			if !more {
				stop() // when tailspan ended too early
				if written < 0 {
					written = (<-writing).lines
				}
				return sum, written, errors.Join(wrong, a.wait())
			}
			d, err := decode(line)
			if err != nil {
				wrong = err
				continue
			}
			sum.add(d)
			p.document(d, time.Now())
		}
	}
}

// account compares what was written with what came.
func account(p *printer, sum *summary, written int) error {
	p.heading("The account")
	p.printf("  %d lines written, %d documents, %d of them twice\n", written, len(sum.documents), sum.twice)
	if len(sum.documents) != written || sum.twice != 0 {
		return errors.New("every line should have become one document")
	}
	return nil
}

func farewell(p *printer, bin, folder string, keep bool) {
	p.heading("What you saw")
	p.printf(`  Three log formats became documents of one kind, with no change to the services: the time in
  @timestamp (UTC), the duration in event.duration (nanoseconds) whether the line said 12.3 ms,
  0.012 s or 12300000, and the request in trace.id, so that its lines are found across services.
`)
	if keep {
		p.heading("What was kept")
		p.printf("  %s\n  try: %s parse --config %s --pipeline edge < %s\n", folder, bin, filepath.Join(folder, "tailspan.yaml"), logPath(folder, "edge"))
	}
	p.heading("Where to go next")
	p.printf("  README.md, the section on shipping to Elasticsearch: the same pipelines, another output.\n")
}

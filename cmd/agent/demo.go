package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/demo"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/internal/shop"
	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/pkg/trace"
)

const (
	demoWait   = 15 * time.Second       // how long a slow trace may take to be there
	slowEnough = 300 * time.Millisecond // what is a slow trace
)

func demoCommand() *cobra.Command {
	var length time.Duration
	var printConfig, quiet bool
	cmd := &cobra.Command{
		Use:   "demo [--for DURATION] [--no-browser] [--print-config]",
		Short: "See it at work: sample services, their logs, and the page",
		Long: "Run a shop of four services that are instrumented with OpenTracing and write logs, each in a format of its own, and one\n" +
			"of which calls a slow dependency; ship the logs into an embedded store; and show the page, at the slowest trace. No\n" +
			"server is needed, nothing leaves the machine, and all of it is in a temporary folder that is removed at the end,\n" +
			"which Ctrl-C is.",
		Example: "  tailspan demo\n" +
			"  tailspan demo --for 15s --no-browser    # ends by itself, with an account of the lines\n" +
			"  tailspan demo --print-config > tailspan.yaml",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if printConfig {
				return say(cmd.OutOrStdout(), "%s", demo.Config)
			}
			if length < 0 {
				return usageError{errors.New("--for must not be negative")}
			}
			d := &demonstration{out: cmd.OutOrStdout(), length: length, browser: !quiet}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().DurationVar(&length, "for", 0, "end by itself after this `DURATION`; default when it is interrupted")
	cmd.Flags().BoolVar(&quiet, "no-browser", false, "only print the link; without a desktop that is so anyway")
	cmd.Flags().BoolVar(&printConfig, "print-config", false, "print the configuration that it runs with, and end")
	return cmd
}

// demonstration is one run of the demo.
type demonstration struct {
	out     io.Writer
	length  time.Duration // 0: until ctx is done
	browser bool
	agent   *pipeline.Runner
	began   time.Time
	first   time.Time // the earliest time of a line
}

// run does all of it in a folder that it removes again.
func (d *demonstration) run(ctx context.Context) (err error) {
	folder, err := os.MkdirTemp("", "tailspan-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path, err := demo.Prepare(folder)
	if err != nil {
		return err
	}
	cfg, err := config.Load(path)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(d.out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if d.agent, err = pipeline.NewRunner(cfg, false, nil, d.out, log); err != nil {
		return err
	}
	shipping, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	address, err := serve(shipping, cfg, d.agent, log)
	if err != nil {
		return errors.Join(err, d.agent.Close())
	}
	d.began = time.Now()
	d.first = d.began.Add(-demo.Past)
	shipped := make(chan error, 1)
	go func() { shipped <- d.agent.Run(shipping, nil) }()
	err = d.show(ctx, folder, "http://"+address.String())
	stop()
	return errors.Join(err, <-shipped)
}

// show lets the services write while the page is there, and at the end gives account of their lines when nobody has ended the demo.
func (d *demonstration) show(ctx context.Context, folder, url string) error {
	writing, stop := context.WithCancel(ctx)
	defer stop()
	if d.length > 0 {
		writing, stop = context.WithTimeout(ctx, d.length)
		defer stop()
	}
	type written struct {
		lines int64
		err   error
	}
	done := make(chan written, 1)
	go func() {
		_, lines, err := shop.Run(writing, demo.Shop(folder))
		done <- written{lines, err}
	}()
	if err := d.introduce(ctx, url); err != nil {
		stop()
		<-done
		return err
	}
	w := <-done
	if w.err != nil || ctx.Err() != nil || d.length == 0 {
		return w.err
	}
	return d.account(ctx, w.lines)
}

// introduce waits for a slow trace and says where it is.
func (d *demonstration) introduce(ctx context.Context, url string) error {
	slow, err := d.slowest(ctx, func(l trace.Listed) bool { return l.Duration >= int64(slowEnough) && l.Spans >= 5 })
	if err != nil || slow == nil {
		return err
	}
	link := url + "/#/trace?id=" + slow.ID
	opened := d.browser && openBrowser(link)
	verb := "Open"
	if opened {
		verb = "Opened"
	}
	end := "Ctrl-C ends the demo and removes everything."
	if d.length > 0 {
		end = fmt.Sprintf("The demo ends by itself after %v and removes everything.", d.length)
	}
	if err := say(d.out, "web, orders, payments and stock write logs; tailspan ships them into its embedded store.\n"+
		"After %.1f s the slowest trace is there: it took %s.\n\n%s  %s\n\n%s\n",
		time.Since(d.began).Seconds(), trace.FormatDuration(slow.Duration), verb, link, end); err != nil {
		return err
	}
	return d.found(ctx, url)
}

// found waits for the detectors to find what is wrong with the services, and says what that is.
func (d *demonstration) found(ctx context.Context, url string) error {
	ticks := time.NewTicker(250 * time.Millisecond)
	defer ticks.Stop()
	for late := time.After(demoWait); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-late:
			return nil // the account of the lines matters more
		case <-ticks.C:
		}
		if all := d.agent.Status().Detection.Recent; len(all) > 0 {
			said := ""
			for i := range all {
				said += "  " + plain.Text(all[i].Message) + "\n"
			}
			return say(d.out, "After %.1f s the detectors have found, with evidence at %s/#/findings :\n%s", time.Since(d.began).Seconds(), url, said)
		}
	}
}

// slowest waits for the slowest trace to be as it should; nil when ctx is done before that.
func (d *demonstration) slowest(ctx context.Context, good func(trace.Listed) bool) (*trace.Listed, error) {
	ticks := time.NewTicker(250 * time.Millisecond)
	defer ticks.Stop()
	source, err := d.agent.Source()
	if err != nil {
		return nil, err
	}
	found, slowest := 0, trace.Listed{}
	for late := time.After(demoWait); ; {
		select {
		case <-ctx.Done():
			return nil, nil
		case <-late:
			return nil, errors.Join(err, fmt.Errorf("no slow trace was there within %v: of %d traces the slowest took %s and had %d spans",
				demoWait, found, trace.FormatDuration(slowest.Duration), slowest.Spans))
		case <-ticks.C:
		}
		var all []*trace.Trace
		all, _, err = source.Traces(ctx, d.first, time.Now())
		report := trace.NewReport(all, nil, trace.Choice{Slow: true, Limit: 1})
		if len(report.List) == 0 {
			continue
		}
		if found, slowest = len(all), report.List[0]; good(slowest) {
			return &slowest, nil
		}
	}
}

// account compares what was written with what is in the store, and draws the slowest trace.
func (d *demonstration) account(ctx context.Context, lines int64) error {
	source, err := d.agent.Source()
	if err != nil {
		return err
	}
	written, err := query.Parse("not event.dataset:" + config.Findings) // findings are documents beside the lines
	if err != nil {
		return err
	}
	stored := int64(0)
	for deadline := time.Now().Add(demoWait); stored < lines && time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		bars, err := source.Histogram(ctx, search.Selection{Query: written, From: d.first.Add(-time.Hour), To: time.Now().Add(time.Hour)}, time.Hour)
		if err != nil {
			return err
		}
		stored = 0
		for _, bar := range bars {
			stored += bar.Count
		}
	}
	slow, err := d.slowest(ctx, func(trace.Listed) bool { return true })
	if err != nil || slow == nil {
		return err
	}
	t, err := source.Trace(ctx, slow.ID)
	if err != nil || t == nil {
		return err
	}
	width, color := terminal(d.out)
	if err := say(d.out, "The slowest trace:\n\n%s\n%d lines written, %d documents in the store.\n", trace.Draw(t, trace.Drawing{Width: width, Color: color}), lines, stored); err != nil {
		return err
	}
	if stored != lines {
		return errors.New("every line should have become one document")
	}
	return nil
}

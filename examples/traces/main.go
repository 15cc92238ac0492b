// Command traces shows what becomes of traces when services write nothing but logs: it runs examples/shop, a tailspan on each
// of its two hosts and a real Jaeger, and holds the traces that Jaeger then has against what the services' own tracers knew.
//
//	go run ./examples/traces -bin bin/tailspan
//
// Everything is in a temporary folder, listens on the loopback only and is gone at the end. On a terminal it stays until
// Enter, so that there is time to look. The first run builds Jaeger from its Go module, which takes minutes; that one has no
// page of its own, as its module lacks it, so with a Jaeger of yours -jaeger sends the traces there.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/tailspan/tailspan/test/jaegertest"
)

// shopSource is where the services are, from the top of the repository.
const shopSource = "examples/shop"

func main() {
	bin := flag.String("bin", filepath.Join("bin", "tailspan"), "the tailspan binary")
	seconds := flag.Float64("seconds", 8, "how long customers order, 2 to 600")
	slow := flag.String("slow", "bank", "which dependency is slow: bank, fraud, database or none")
	jaeger := flag.String("jaeger", "", "host of a Jaeger to send to, with its usual ports 4318 and 16686, in place of one of the demo's own")
	flag.Parse()
	if flag.NArg() > 0 || *seconds < 2 || *seconds > 600 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d := &demo{bin: *bin, slow: *slow, length: time.Duration(*seconds * float64(time.Second))}
	if *jaeger != "" {
		d.jaeger = &jaegertest.Jaeger{OTLP: "http://" + *jaeger + ":4318", Query: "http://" + *jaeger + ":16686"}
	}
	if err := d.run(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "traces:", err)
		os.Exit(1)
	}
}

// demo is one run.
type demo struct {
	bin, slow string
	length    time.Duration
	jaeger    *jaegertest.Jaeger // that of the user, else one that run starts
	own       bool               // the latter
	folder    string
	config    string
}

func (d *demo) run(ctx context.Context) (err error) {
	if d.bin, err = filepath.Abs(d.bin); err != nil {
		return err
	}
	if d.config, err = filepath.Abs(filepath.Join(shopSource, "tailspan.yaml")); err != nil {
		return err
	}
	if d.folder, err = os.MkdirTemp("", "tailspan-traces-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.folder)) }()
	fmt.Println("Building the shop, and Jaeger if it has not been built yet: that takes some minutes, once.")
	shop := filepath.Join(d.folder, "shop")
	if out, err := exec.CommandContext(ctx, "go", "build", "-C", shopSource, "-o", shop, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	if d.jaeger == nil {
		if d.jaeger, err = jaegertest.Start(""); err != nil {
			return err
		}
		d.own = true
		defer func() { err = errors.Join(err, d.jaeger.Close()) }()
	}
	if err := d.ship(ctx, shop); err != nil {
		return err
	}
	if err := d.show(ctx); err != nil {
		return err
	}
	wait(ctx)
	return nil
}

// ship lets customers order while the agents ship, and ends both.
func (d *demo) ship(ctx context.Context, shop string) error {
	var agents []*exec.Cmd
	for _, host := range []string{"front", "back"} {
		agent := d.command(ctx, "run")
		agent.Env = append(agent.Env, "SHOP_HOST="+host)
		if err := agent.Start(); err != nil {
			return fmt.Errorf("%w\nbuild it first: make build", err)
		}
		defer func() { _ = agent.Process.Kill() }() // it has ended, unless something went wrong
		agents = append(agents, agent)
	}
	fmt.Printf("For %.0f seconds customers order at web, which calls orders, which calls stock and payments. Slow is: %s.\n", d.length.Seconds(), d.slow)
	customers := exec.CommandContext(ctx, shop, "-dir", d.folder, "-orders", "0", "-parallel", "4", "-pause", "100ms", "-slow", d.slow)
	customers.Stdout, customers.Stderr = os.Stdout, os.Stderr
	if err := customers.Start(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(d.length):
	}
	if err := errors.Join(customers.Process.Signal(os.Interrupt), customers.Wait()); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // the agents look at files at least once in this time
	for _, agent := range agents {
		if err := errors.Join(agent.Process.Signal(os.Interrupt), agent.Wait()); err != nil {
			return fmt.Errorf("tailspan: %w", err)
		}
	}
	return nil
}

// command is tailspan with the shop's configuration.
func (d *demo) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.bin, append(args, "--config", d.config)...)
	cmd.Env = append(os.Environ(), "SHOP_DIR="+d.folder, "SHOP_JAEGER="+d.jaeger.OTLP)
	cmd.Stderr = os.Stderr
	return cmd
}

// ask prints what a command says of the shop's logs, and how to ask the same.
func (d *demo) ask(ctx context.Context, args ...string) error {
	cmd := d.command(ctx, append(args, "--files", filepath.Join(d.folder, "*", "*.log"))...)
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("tailspan %s: %w", args[0], err)
	}
	fmt.Printf("\n$ tailspan %s\n\n%s", strings.Join(args, " "), out)
	return nil
}

// wait gives time to look.
func wait(ctx context.Context) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return
	}
	fmt.Print("\nEnter ends the demo and removes everything. ")
	done := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // an end of input is an Enter
		close(done)
	}()
	select {
	case <-ctx.Done():
	case <-done:
	}
}

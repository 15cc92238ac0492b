// Command shop is the online shop of internal/shop with Jaeger's client for its tracers, as OpenTracing's users have it.
//
// The tracers export nothing unless told to; what they recorded is written to spans.jsonl, so that what is made of the logs can be held
// against the truth. One dependency is slow and the bank refuses some payments, as the flags say. With -twice every service but web
// runs on front-2 or back-2 as well, and with -incident something goes wrong after a while.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tailspan/tailspan/internal/shop"
)

func main() {
	s := shop.Settings{Seed: rand.Uint64()}
	var export, collector string
	flag.StringVar(&s.Dir, "dir", ".", "where front, back and spans.jsonl are written")
	flag.IntVar(&s.Orders, "orders", 100, "how many orders are placed; 0: until it is interrupted")
	flag.IntVar(&s.Parallel, "parallel", 8, "how many customers order at once")
	flag.DurationVar(&s.Pause, "pause", 0, "how long a customer waits between two orders")
	flag.StringVar(&s.Slow, "slow", "bank", "which dependency is slow: bank, fraud, database or none")
	flag.Float64Var(&s.Failures, "failures", 0.05, "share of payments that the bank refuses")
	flag.DurationVar(&s.Skew, "skew", 0, "how far the clock of back is ahead, and that of front behind")
	flag.Float64Var(&s.Lose, "lose", 0, "share of lines that get lost")
	flag.StringVar(&export, "export", "", "a service that exports its spans itself")
	flag.StringVar(&collector, "collector", "http://127.0.0.1:14268", "the Jaeger that it exports them to")
	flag.BoolVar(&s.Twice, "twice", false, "run every service but web on two hosts")
	flag.Uint64Var(&s.Noise, "noise", 0, "seed of changes that do no harm; 0: there are none")
	flag.DurationVar(&s.Length, "length", 0, "how long customers order at most; 0: no limit")
	flag.Func("incident", "what goes wrong: slow:bank, errors:fraud, deploy:payments@back-2, retry:stock, ...", s.Incident.Parse)
	flag.DurationVar(&s.Incident.After, "after", 10*time.Second, "when it does")
	flag.Float64Var(&s.Incident.Magnitude, "magnitude", 3, "how much: times as long, share of failures, 2 ms of a deploy, or share of calls given up")
	flag.Parse()
	if _, known := shop.Dependencies[s.Slow]; !known || flag.NArg() > 0 || s.Orders < 0 || s.Parallel < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, export, collector); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run opens the shop until all orders are placed or ctx is done.
func run(ctx context.Context, s shop.Settings, export, collector string) error {
	truth, err := newRecorder(filepath.Join(s.Dir, "spans.jsonl"))
	if err != nil {
		return err
	}
	s.Tracers = tracers(truth, export, collector)
	orders, _, err := shop.Run(ctx, s)
	if err := errors.Join(err, truth.close()); err != nil {
		return err
	}
	fmt.Printf("%d orders, slow: %s (%s)\n", orders, s.Slow, shop.Dependencies[s.Slow])
	return nil
}

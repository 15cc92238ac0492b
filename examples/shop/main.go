// Command shop is four small services that make an online shop, as programs are that nobody wrote for tailspan: they are
// instrumented with OpenTracing and Jaeger's client, and all they hand on is log files, each in its own manner.
//
//	client → web → orders ┬→ stock ── database
//	     (access log)(JSON)├→ payments ┬─ fraud score
//	                       └ mail      └─ bank
//
// web and orders run on the host front, stock and payments on the host back: their logs are in folders of these names. The
// tracers export nothing unless told to; what they recorded is written to spans.jsonl, so that what is made of the logs can be held
// against the truth. One dependency is slow and the bank refuses some payments, as the flags say. With -twice every service but web
// runs on front-2 or back-2 as well, and with -incident something goes wrong after a while (incident.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// settings are what is chosen at start.
type settings struct {
	dir      string
	orders   int
	parallel int
	pause    time.Duration // of a customer, between two orders
	slow     string        // a dependency
	failures float64       // share of payments that the bank refuses
	skew     time.Duration // the clock of back is ahead by it, that of front behind
	lose     float64       // share of lines that are never written
	export   string        // a service that sends its spans to the collector of a Jaeger as well
	jaeger   string        // URL of that collector
	twice    bool          // services run on two hosts
	noise    uint64        // seed of changes that do no harm; 0: there are none
	length   time.Duration // customers go when it is over; 0: they stay
	incident incident
}

// dependencies are what may be slow, each with the service and operation that wait for it.
var dependencies = map[string]string{"bank": "payments bank transfer", "fraud": "payments fraud score", "database": "stock SELECT stock", "none": ""}

func main() {
	s := settings{}
	flag.StringVar(&s.dir, "dir", ".", "where front, back and spans.jsonl are written")
	flag.IntVar(&s.orders, "orders", 100, "how many orders are placed; 0: until it is interrupted")
	flag.IntVar(&s.parallel, "parallel", 8, "how many customers order at once")
	flag.DurationVar(&s.pause, "pause", 0, "how long a customer waits between two orders")
	flag.StringVar(&s.slow, "slow", "bank", "which dependency is slow: bank, fraud, database or none")
	flag.Float64Var(&s.failures, "failures", 0.05, "share of payments that the bank refuses")
	flag.DurationVar(&s.skew, "skew", 0, "how far the clock of back is ahead, and that of front behind")
	flag.Float64Var(&s.lose, "lose", 0, "share of lines that get lost")
	flag.StringVar(&s.export, "export", "", "a service that exports its spans itself")
	flag.StringVar(&s.jaeger, "collector", "http://127.0.0.1:14268", "the Jaeger that it exports them to")
	flag.BoolVar(&s.twice, "twice", false, "run every service but web on two hosts")
	flag.Uint64Var(&s.noise, "noise", 0, "seed of changes that do no harm; 0: there are none")
	flag.DurationVar(&s.length, "length", 0, "how long customers order at most; 0: no limit")
	flag.Func("incident", "what goes wrong: slow:bank, errors:fraud, deploy:payments@back-2, retry:stock, ...", s.incident.parse)
	flag.DurationVar(&s.incident.after, "after", 10*time.Second, "when it does")
	flag.Float64Var(&s.incident.magnitude, "magnitude", 3, "how much: times as long, share of failures, 2 ms of a deploy, or share of calls given up")
	flag.Parse()
	if _, known := dependencies[s.slow]; !known || flag.NArg() > 0 || s.orders < 0 || s.parallel < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run opens the shop until all orders are placed or ctx is done.
func run(ctx context.Context, s settings) error {
	truth, err := newRecorder(filepath.Join(s.dir, "spans.jsonl"))
	if err != nil {
		return err
	}
	shop := newShop(s, truth)
	web, err := shop.open()
	if err != nil {
		return err
	}
	if s.length > 0 {
		var over context.CancelFunc
		ctx, over = context.WithTimeout(ctx, s.length)
		defer over()
	}
	shop.begin()
	shop.makeNoise()
	placed := shop.customers(ctx, web)
	if err := errors.Join(shop.close(), shop.incident.write(s.dir)); err != nil {
		return err
	}
	fmt.Printf("%d orders, slow: %s (%s)\n", placed, s.slow, dependencies[s.slow])
	return truth.close()
}

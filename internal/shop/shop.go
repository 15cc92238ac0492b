// Package shop is four small services that make an online shop, as programs are that nobody wrote for tailspan: they are instrumented
// with OpenTracing, and all they hand on is log files, each in its own manner.
//
//	client → web → orders ┬→ stock ── database
//	     (access log)(JSON)├→ payments ┬─ fraud score
//	                       └ mail      └─ bank
//
// web and orders run on the host front, stock and payments on the host back: their logs are in folders of these names. The services listen on
// the loopback, call each other by HTTP and wait for what is slow. What they did before they were started, Settings.Past, they work
// off in a planned time (clock). Which tracer they are given is not their business: examples/shop gives them Jaeger's client, and
// `tailspan demo` one that only hands on ids.
package shop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opentracing/opentracing-go"
)

// Settings are what is chosen at start.
type Settings struct {
	Dir      string        // where the folders of the hosts are, and incident.json
	Orders   int           // how many are placed; 0: no end
	Parallel int           // how many customers order at once, at least one
	Pause    time.Duration // of a customer, between two orders
	Past     time.Duration // how long customers have been ordering already; an incident there is slow or errors
	Slow     string        // one of Dependencies
	Failures float64       // share of payments that the bank refuses
	Skew     time.Duration // the clock of back is ahead by it, that of front behind
	Lose     float64       // share of lines that are never written
	Twice    bool          // every service but web runs on two hosts
	Noise    uint64        // seed of changes that do no harm; 0: there are none
	Seed     uint64        // of all else that is random; what is in the past is the same for the same seed
	Length   time.Duration // customers go when it is over; 0: they stay
	Incident Incident
	Tracers  Tracers // nil: spans have ids, and nobody keeps them
}

// Dependencies are what may be slow, each with the service and operation that wait for it.
var Dependencies = map[string]string{"bank": "payments bank transfer", "fraud": "payments fraud score", "database": "stock SELECT stock", "none": ""}

// shop is all services and what they have in common.
type shop struct {
	Settings
	opened   time.Time
	rng      *rand.Rand
	network  *network
	client   http.Client
	services []*service
	mails    sync.WaitGroup // that are being sent
	placed   atomic.Int64
	lines    atomic.Int64
	shut     atomic.Bool
}

// Run opens the shop until all orders are placed, its time is over or ctx is done, and finishes what is begun. It returns how many orders
// were placed and how many lines are in the logs.
func Run(ctx context.Context, settings Settings) (orders, lines int64, err error) {
	s := newShop(settings)
	web, err := s.open()
	if err != nil {
		return 0, 0, errors.Join(err, s.close())
	}
	if s.Length > 0 {
		var over context.CancelFunc
		ctx, over = context.WithTimeout(ctx, s.Length)
		defer over()
	}
	s.begin()
	s.makeNoise()
	s.customers(ctx, web, s.past(web))
	err = errors.Join(s.close(), s.Incident.write(s.Dir))
	return s.placed.Load(), s.lines.Load(), err
}

func newShop(settings Settings) *shop {
	s := &shop{Settings: settings, opened: time.Now(), rng: newRandom(settings.Seed)}
	if s.Tracers == nil {
		s.Tracers = func(_ string, log func(time.Time, string)) (opentracing.Tracer, io.Closer) {
			return &idTracer{s.rng, log}, io.NopCloser(nil)
		}
	}
	s.network = &network{Transport: http.Transport{MaxIdleConnsPerHost: s.Parallel}, handlers: map[string]http.Handler{}}
	s.client = http.Client{Transport: s.network, Timeout: 30 * time.Second}
	return s
}

// open starts all services and returns where the first of them listens.
func (s *shop) open() (url string, err error) {
	stockURLs, err := s.startAll("back", "stock", func(svc *service) http.Handler { return &stock{service: svc} })
	if err != nil {
		return "", err
	}
	paymentsURLs, err := s.startAll("back", "payments", func(svc *service) http.Handler { return &payments{svc} })
	if err != nil {
		return "", err
	}
	ordersURLs, err := s.startAll("front", "orders", func(svc *service) http.Handler { return &orders{svc, stockURLs, paymentsURLs} })
	if err != nil {
		return "", err
	}
	return s.start("front", "web", func(svc *service) http.Handler { return &web{svc, ordersURLs} })
}

// startAll starts a service on the host and, if it is to be there twice, on the second one.
func (s *shop) startAll(host, name string, handler func(*service) http.Handler) (all urls, err error) {
	hosts := []string{host}
	if s.Twice {
		hosts = append(hosts, host+"-2")
	}
	for _, host := range hosts {
		url, err := s.start(host, name, handler)
		if err != nil {
			return nil, err
		}
		all = append(all, url)
	}
	return all, nil
}

// urls are those of a service's instances.
type urls []string

// any is one of them.
func (u urls) any(rng *rand.Rand) string { return u[rng.IntN(len(u))] }

// order places the next order, unless there are no more.
func (s *shop) order(c *clock, web string) bool {
	n := s.placed.Add(1)
	if s.Orders > 0 && n > int64(s.Orders) {
		s.placed.Add(-1)
		return false
	}
	req, err := http.NewRequestWithContext(c.with(context.Background()), http.MethodPost, fmt.Sprintf("%s/orders/%d", web, n), nil)
	if err != nil {
		return false
	}
	if res, err := s.client.Do(req); err == nil {
		_ = res.Body.Close() // nothing in it
	}
	return true
}

// past lets customers order in the time before the shop is opened, and returns when each of them wants to order next.
func (s *shop) past(web string) []*clock {
	clocks := make([]*clock, s.Parallel)
	for i := range clocks {
		clocks[i] = &clock{s.opened.Add(-s.Past + s.Pause*time.Duration(i)/time.Duration(s.Parallel))}
	}
	for {
		next := slices.MinFunc(clocks, earlier)
		if !next.now().Before(s.opened) || !s.order(next, web) {
			return clocks
		}
		next.sleep(s.Pause)
	}
}

// customers place orders from a time on that is theirs, until there are no more to place.
func (s *shop) customers(ctx context.Context, web string, first []*clock) {
	var ordering sync.WaitGroup
	for _, c := range first {
		ordering.Go(func() {
			next := time.After(time.Until(c.now()))
			for ctx.Err() == nil {
				select {
				case <-ctx.Done():
				case <-next:
					if !s.order(&clock{}, web) {
						return
					}
					next = time.After(s.Pause)
				}
			}
		})
	}
	ordering.Wait()
}

// close ends all services; what they have begun they finish.
func (s *shop) close() (err error) {
	s.shut.Store(true)
	s.mails.Wait()
	for _, svc := range s.services {
		err = errors.Join(err, svc.stop())
	}
	return err
}

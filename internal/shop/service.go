package shop

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opentracing/opentracing-go"
	"github.com/opentracing/opentracing-go/ext"
)

// service is what every service has: a tracer, a log, a clock and a server.
type service struct {
	*shop
	name    string
	host    string
	version atomic.Pointer[string]
	tracer  opentracing.Tracer
	skew    time.Duration // of the clock of its host
	server  *http.Server
	closed  func() error

	mu   sync.Mutex
	file *os.File
	log  *bufio.Writer
}

// start runs a service on a host and returns its URL.
func (s *shop) start(host, name string, handler func(*service) http.Handler) (url string, err error) {
	svc := &service{shop: s, name: name, host: host, skew: s.Skew}
	version := "1.4.2"
	svc.version.Store(&version)
	if strings.HasPrefix(host, "front") {
		svc.skew = -s.Skew
	}
	path := filepath.Join(s.Dir, host, name+".log")
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", err
	}
	if svc.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return "", err
	}
	svc.log = bufio.NewWriter(svc.file)
	var log func(time.Time, string)
	if name == "stock" {
		log = func(at time.Time, message string) {
			svc.write(svc.stamp(at, microseconds) + " DEBUG jaeger " + message)
		}
	}
	var client io.Closer
	svc.tracer, client = s.Tracers(name, log)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	svc.server = &http.Server{Handler: handler(svc), ReadHeaderTimeout: 5 * time.Second}
	svc.closed = client.Close
	svc.hello(s.opened.Add(-s.Past))
	s.network.handlers[listener.Addr().String()] = svc.server.Handler
	go func() { _ = svc.server.Serve(listener) }() // ends with stop
	s.services = append(s.services, svc)
	return "http://" + listener.Addr().String(), nil
}

func (s *service) stop() error {
	err := errors.Join(s.server.Shutdown(context.Background()), s.closed())
	return errors.Join(err, s.log.Flush(), s.file.Close())
}

// write writes a line to the log, and out when nobody waits for more: an order every few milliseconds.
func (s *service) write(line string) {
	if s.Lose > 0 && s.rng.Float64() < s.Lose {
		return
	}
	s.lines.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.log.WriteString(line + "\n") // stop says when it failed
	if s.Pause > 0 {
		_ = s.log.Flush()
	}
}

// stamp is a time as the clock of the service's host shows it.
func (s *service) stamp(at time.Time, layout string) string {
	return at.Add(s.skew).UTC().Format(layout)
}

// work is a span that is under way.
type work struct {
	opentracing.Span
	*clock
	start, end time.Time
}

// ids are those of the span as the service's loggers have them.
func (w *work) ids() (trace, span, parent string) { return idsOf(w.Context()) }

// begin starts a span. Its beginning and end are read from the clock once, for the tracer and the log.
func (s *service) begin(c *clock, name string, options ...opentracing.StartSpanOption) *work {
	start := c.now()
	return &work{s.tracer.StartSpan(name, append(options, opentracing.StartTime(start))...), c, start, time.Time{}}
}

// finish ends the span and returns how long it took.
func (w *work) finish(failed bool) time.Duration {
	if failed {
		ext.Error.Set(w.Span, true)
	}
	w.end = w.now()
	w.FinishWithOptions(opentracing.FinishOptions{FinishTime: w.end})
	return w.end.Sub(w.start)
}

// serve begins the span of a request that came in.
func (s *service) serve(r *http.Request, name string) *work {
	c := clockOf(r.Context())
	caller, err := s.tracer.Extract(opentracing.HTTPHeaders, opentracing.HTTPHeadersCarrier(r.Header))
	if err != nil {
		return s.begin(c, name, ext.SpanKindRPCServer)
	}
	return s.begin(c, name, ext.RPCServerOption(caller))
}

// call asks another service within a span, and returns the status; 502 when there is no answer before ctx is done.
func (s *service) call(ctx context.Context, w *work, url string) int {
	req, err := http.NewRequestWithContext(w.with(ctx), http.MethodPost, url, nil) // #nosec G704 -- a service of the shop: who asks chooses a path
	if err != nil {
		return http.StatusBadGateway
	}
	if err := s.tracer.Inject(w.Context(), opentracing.HTTPHeaders, opentracing.HTTPHeadersCarrier(req.Header)); err != nil {
		return http.StatusBadGateway
	}
	res, err := s.client.Do(req) // #nosec G704 -- the same
	if err != nil {
		return http.StatusBadGateway
	}
	_ = res.Body.Close() // nothing in it
	return res.StatusCode
}

// depend waits for something that is not of the shop: 1 to 3 ms, and 30 to 45 ms where it is the slow one. During an incident it takes
// magnitude times as long.
func (s *shop) depend(c *clock, name string) {
	took := time.Duration(1000+s.rng.IntN(2000)) * time.Microsecond
	if s.Slow == name {
		took = time.Duration(30_000+s.rng.IntN(15_000)) * time.Microsecond
	}
	took = s.noisy(took)
	if s.Incident.on(c, "slow", name) {
		took = time.Duration(float64(took) * s.Incident.Magnitude)
	}
	c.sleep(took)
}

// compute is what a service does by itself: up to half a millisecond, and more in an instance that was badly deployed.
func (s *service) compute(c *clock) {
	took := time.Duration(s.rng.IntN(500)) * time.Microsecond
	if s.ill(c) {
		took += time.Duration(2*s.Incident.Magnitude*float64(time.Millisecond)) + took
	}
	c.sleep(s.noisy(took))
}

// Layouts of times in the logs.
const (
	milliseconds = "2006-01-02T15:04:05.000Z"
	microseconds = "2006-01-02T15:04:05.000000Z"
)

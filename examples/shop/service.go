package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
	"github.com/uber/jaeger-client-go"
	"github.com/uber/jaeger-client-go/transport"
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
	svc := &service{shop: s, name: name, host: host, skew: s.skew}
	version := "1.4.2"
	svc.version.Store(&version)
	if strings.HasPrefix(host, "front") {
		svc.skew = -s.skew
	}
	path := filepath.Join(s.dir, host, name+".log")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if svc.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return "", err
	}
	svc.log = bufio.NewWriter(svc.file)
	reporters := []jaeger.Reporter{s.truth.of(name)}
	if name == "stock" { // JAEGER_REPORTER_LOG_SPANS=true
		reporters = append(reporters, jaeger.NewLoggingReporter(jaegerLog{svc}))
	}
	if name == s.export {
		reporters = append(reporters, jaeger.NewRemoteReporter(transport.NewHTTPTransport(s.jaeger+"/api/traces?format=jaeger.thrift")))
	}
	tracer, closer := jaeger.NewTracer(name, jaeger.NewConstSampler(true), jaeger.NewCompositeReporter(reporters...), jaeger.TracerOptions.Gen128Bit(true))
	svc.tracer = tracer
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	svc.server = &http.Server{Handler: handler(svc), ReadHeaderTimeout: 5 * time.Second}
	svc.closed = closer.Close
	svc.hello()
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
	if rand.Float64() < s.lose {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.log.WriteString(line + "\n") // stop says when it failed
	if s.pause > 0 {
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
	start, end time.Time
}

// ids are those of the span as the service's loggers have them.
func (w *work) ids() (trace, span, parent string) {
	ctx := w.Context().(jaeger.SpanContext)
	if ctx.ParentID() != 0 {
		parent = ctx.ParentID().String()
	}
	return ctx.TraceID().String(), ctx.SpanID().String(), parent
}

// begin starts a span. Its beginning and end are read from the clock once, for the tracer and the log.
func (s *service) begin(name string, options ...opentracing.StartSpanOption) *work {
	start := time.Now()
	return &work{Span: s.tracer.StartSpan(name, append(options, opentracing.StartTime(start))...), start: start}
}

// finish ends the span and returns how long it took.
func (w *work) finish(failed bool) time.Duration {
	if failed {
		ext.Error.Set(w.Span, true)
	}
	w.end = time.Now()
	w.FinishWithOptions(opentracing.FinishOptions{FinishTime: w.end})
	return w.end.Sub(w.start)
}

// serve begins the span of a request that came in.
func (s *service) serve(r *http.Request, name string) *work {
	caller, err := s.tracer.Extract(opentracing.HTTPHeaders, opentracing.HTTPHeadersCarrier(r.Header))
	if err != nil {
		return s.begin(name, ext.SpanKindRPCServer)
	}
	return s.begin(name, ext.RPCServerOption(caller))
}

// call asks another service within a span, and returns the status; 502 when there is no answer before ctx is done.
func (s *service) call(ctx context.Context, w *work, url string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return http.StatusBadGateway
	}
	if err := s.tracer.Inject(w.Context(), opentracing.HTTPHeaders, opentracing.HTTPHeadersCarrier(req.Header)); err != nil {
		return http.StatusBadGateway
	}
	res, err := s.client.Do(req)
	if err != nil {
		return http.StatusBadGateway
	}
	_ = res.Body.Close() // nothing in it
	return res.StatusCode
}

// depend waits for something that is not of the shop: 1 to 3 ms, and 30 to 45 ms where it is the slow one. During an incident it takes
// magnitude times as long.
func (s *shop) depend(name string) {
	took := time.Duration(1000+rand.IntN(2000)) * time.Microsecond
	if s.slow == name {
		took = time.Duration(30_000+rand.IntN(15_000)) * time.Microsecond
	}
	took = s.noisy(took)
	if s.incident.on("slow", name) {
		took = time.Duration(float64(took) * s.incident.magnitude)
	}
	time.Sleep(took)
}

// compute is what a service does by itself: up to half a millisecond, and more in an instance that was badly deployed.
func (s *service) compute() {
	took := time.Duration(rand.IntN(500)) * time.Microsecond
	if s.ill() {
		took += time.Duration(2*s.incident.magnitude*float64(time.Millisecond)) + took
	}
	time.Sleep(s.noisy(took))
}

// jaegerLog is the logger that Jaeger's client is given.
type jaegerLog struct{ *service }

// Error writes an error of the client's.
func (l jaegerLog) Error(msg string) { l.Infof("ERROR %s", msg) }

// Infof writes what the client has to say: of each span that it hands on.
func (l jaegerLog) Infof(msg string, args ...any) {
	l.write(l.stamp(time.Now(), microseconds) + " DEBUG jaeger " + fmt.Sprintf(msg, args...))
}

// Layouts of times in the logs.
const (
	milliseconds = "2006-01-02T15:04:05.000Z"
	microseconds = "2006-01-02T15:04:05.000000Z"
)

package shop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/opentracing/opentracing-go"
	"github.com/opentracing/opentracing-go/ext"
)

// web is the front door. It writes an access log: one line for each request, with its own context as Jaeger writes it.
type web struct {
	*service
	orders urls
}

// ServeHTTP passes a request on.
func (s *web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	span := s.serve(r, "POST /orders/{id}")
	s.compute(span.clock)
	status := s.call(r.Context(), span, s.orders.any(s.rng)+r.URL.Path)
	w.WriteHeader(status)
	took := span.finish(status >= 500)
	s.write(fmt.Sprintf(`%s - - [%s] "%s %s HTTP/1.1" %d 0 "-" "customer/1.0" %.3f uber-trace-id=%s`,
		"127.0.0.1", s.stamp(span.end, "02/Jan/2006:15:04:05.000 -0700"), r.Method, r.URL.Path, status, took.Seconds(), span.Context()))
}

// orders writes JSON, as log/slog or zap do: a line for each span, and others in between.
type orders struct {
	*service
	stock, payments urls
}

// ServeHTTP places an order.
func (s *orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	span := s.serve(r, "POST /orders/{id}")
	s.line(span, span.now(), "order received", map[string]any{"items": 1 + s.rng.IntN(4)})
	status := s.ask(span, "reserve stock", "stock", s.stock.any(s.rng)+"/reserve")
	if status < 500 {
		status = s.ask(span, "charge card", "payments", s.payments.any(s.rng)+"/charge")
	}
	s.mail(span)
	s.compute(span.clock)
	if status < 500 && s.failing(span.clock, "orders") {
		status = http.StatusInternalServerError
		s.note(span.now(), "ERROR", fmt.Sprintf("cannot price order: coupon %d is not of this shop", s.rng.IntN(1000)))
	}
	w.WriteHeader(status)
	took := span.finish(status >= 500)
	s.line(span, span.end, "request", map[string]any{"method": r.Method, "path": r.URL.Path, "status": status, "duration_ms": inMilliseconds(took)})
}

// attempts is how often a call is made that was given up too early.
const attempts = 4

// ask calls another service, and once more when it gave up: in an incident it does so at once and too early.
func (s *orders) ask(parent *work, name, service, url string) (status int) {
	for left := attempts; left > 0; left-- {
		ctx, cancel := context.Background(), context.CancelFunc(func() {})
		hasty := left > 1 && s.Incident.on(parent.clock, "retry", service) && s.rng.Float64() < s.Incident.Magnitude
		if hasty {
			ctx, cancel = context.WithTimeout(ctx, time.Millisecond)
		}
		status = s.try(ctx, parent, name, service, url)
		cancel()
		if !hasty || status < 500 {
			return status
		}
		s.note(parent.now(), "WARN", fmt.Sprintf("%s took too long, trying again: %d left", name, left-1))
	}
	return status
}

// try calls another service in a span of its own.
func (s *orders) try(ctx context.Context, parent *work, name, service, url string) int {
	span := s.begin(parent.clock, name, opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient, opentracing.Tag{Key: string(ext.PeerService), Value: service})
	status := s.call(ctx, span, url)
	took := span.finish(status >= 500)
	s.line(span, span.end, name, map[string]any{"span.kind": "client", "peer.service": service, "error": status >= 500, "duration_ms": inMilliseconds(took)})
	return status
}

// mail confirms the order, which nobody waits for: by a clock of its own.
func (s *orders) mail(parent *work) {
	c := *parent.clock
	span := s.begin(&c, "send mail", opentracing.FollowsFrom(parent.Context()))
	took := time.Duration(20+s.rng.IntN(60)) * time.Millisecond
	if s.Incident.on(&c, "slow", "mail") {
		took = time.Duration(float64(took) * s.Incident.Magnitude)
	}
	s.mails.Go(func() {
		c.sleep(took)
		took = span.finish(false)
		s.line(span, span.end, "send mail", map[string]any{"duration_ms": inMilliseconds(took)})
	})
}

func (s *orders) line(span *work, at time.Time, message string, more map[string]any) {
	trace, id, parent := span.ids()
	more["time"], more["level"], more["msg"], more["service"] = s.stamp(at, microseconds), "INFO", message, s.name
	more["trace_id"], more["span_id"], more["version"] = trace, id, *s.version.Load()
	if parent != "" {
		more["parent_id"] = parent
	}
	if more["error"] == true {
		more["level"] = "ERROR"
	}
	text, _ := json.Marshal(more) // of texts, numbers and truth values
	s.write(string(text))
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// payments writes text for people.
type payments struct{ *service }

// ServeHTTP charges a card.
func (s *payments) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	span := s.serve(r, "POST /charge")
	s.compute(span.clock)
	refused := s.failing(span.clock, "fraud")
	s.step(span, "fraud score", "fraud", refused)
	if !refused {
		refused = s.rng.Float64() < s.Failures || s.failing(span.clock, "bank")
		s.step(span, "bank transfer", "bank", refused)
	}
	status, level := http.StatusOK, "INFO "
	if refused {
		status, level = http.StatusBadGateway, "ERROR"
	}
	w.WriteHeader(status)
	took := span.finish(refused)
	s.line(span, level, fmt.Sprintf(`"%s %s HTTP/1.1" %d`, r.Method, r.URL.Path, status), took)
}

// step asks a dependency.
func (s *payments) step(parent *work, name, dependency string, refused bool) {
	span := s.begin(parent.clock, name, opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient, opentracing.Tag{Key: string(ext.PeerService), Value: dependency})
	s.depend(span.clock, dependency)
	took := span.finish(refused)
	level, message := "INFO ", name
	if refused {
		level, message = "ERROR", name+` error="`+refusals[dependency]+`"`
	}
	s.line(span, level, message, took)
}

// refusals are what dependencies say when they fail.
var refusals = map[string]string{"bank": "the card was refused", "fraud": "no score: connection reset by peer"}

func (s *payments) line(span *work, level, message string, took time.Duration) {
	trace, id, parent := span.ids()
	s.write(fmt.Sprintf("%s %s %s took=%.3fms trace_id=%s span_id=%s parent_id=%s", s.stamp(span.end, milliseconds), level, message,
		float64(took.Nanoseconds())/1e6, trace, id, parent))
}

// stock never says how long something took: it logs that a request began, and Jaeger's client that its span ended. Of its
// database calls it writes OpenTracing records.
type stock struct{ *service }

// ServeHTTP reserves what was ordered.
func (s *stock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	span := s.serve(r, "reserve")
	trace, id, _ := span.ids()
	s.write(fmt.Sprintf("%s INFO reserve started trace_id=%s span_id=%s", s.stamp(span.start, microseconds), trace, id))
	s.compute(span.clock)
	failed, status := s.query(span), http.StatusOK
	if failed {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	span.finish(failed)
}

// query asks the database, and reports whether that failed.
func (s *stock) query(parent *work) (failed bool) {
	const statement = "SELECT amount FROM stock WHERE id = ?"
	span := s.begin(parent.clock, "SELECT stock", opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient,
		opentracing.Tag{Key: string(ext.DBType), Value: "sql"}, opentracing.Tag{Key: string(ext.DBStatement), Value: statement})
	s.depend(span.clock, "database")
	failed = s.failing(span.clock, "database")
	took := span.finish(failed)
	level, message := "INFO", "finish"
	if failed {
		level, message = "ERROR", "deadlock detected"
	}
	trace, id, parentID := span.ids()
	text, _ := json.Marshal(map[string]any{"time": s.stamp(span.end, microseconds), "event": message, "level": level, "operation": "SELECT stock",
		"trace_id": trace, "span_id": id, "parent_id": parentID, "duration_us": took.Microseconds(),
		"tags": map[string]any{"span.kind": "client", "error": failed, "db.type": "sql", "db.statement": statement}}) // of texts and numbers
	s.write(string(text))
	return failed
}

// hello says that the instance was started. An access log has no place for it.
func (s *service) hello(at time.Time) {
	s.note(at, "INFO", "starting "+s.name+" version "+*s.version.Load())
}

// note writes a line that is of no request, in the manner of the service.
func (s *service) note(at time.Time, level, message string) {
	switch s.name {
	case "web":
	case "orders":
		text, _ := json.Marshal(map[string]any{"time": s.stamp(at, microseconds), "level": level, "msg": message, "service": s.name}) // of texts
		s.write(string(text))
	case "payments":
		s.write(fmt.Sprintf("%s %-5s %s", s.stamp(at, milliseconds), level, message))
	default:
		s.write(fmt.Sprintf("%s %s %s", s.stamp(at, microseconds), level, message))
	}
}

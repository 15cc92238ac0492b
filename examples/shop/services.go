package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/opentracing/opentracing-go"
	"github.com/opentracing/opentracing-go/ext"
)

// web is the front door. It writes an access log: one line for each request, with its own context as Jaeger writes it.
type web struct {
	*service
	orders string
}

// ServeHTTP passes a request on.
func (s *web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	span := s.serve(r, "POST /orders/{id}")
	compute()
	status := s.call(span, s.orders+r.URL.Path)
	w.WriteHeader(status)
	took := span.finish(status >= 500)
	s.write(fmt.Sprintf(`%s - - [%s] "%s %s HTTP/1.1" %d 0 "-" "customer/1.0" %.3f uber-trace-id=%s`,
		"127.0.0.1", s.stamp(span.end, "02/Jan/2006:15:04:05.000 -0700"), r.Method, r.URL.Path, status, took.Seconds(), span.Context()))
}

// orders writes JSON, as log/slog or zap do: a line for each span, and others in between.
type orders struct {
	*service
	stock, payments string
}

// ServeHTTP places an order.
func (s *orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	span := s.serve(r, "POST /orders/{id}")
	s.line(span, time.Now(), "order received", map[string]any{"items": 1 + rand.IntN(4)})
	status := s.ask(span, "reserve stock", "stock", s.stock+"/reserve")
	if status < 500 {
		status = s.ask(span, "charge card", "payments", s.payments+"/charge")
	}
	s.mail(span)
	compute()
	w.WriteHeader(status)
	took := span.finish(status >= 500)
	s.line(span, span.end, "request", map[string]any{"method": r.Method, "path": r.URL.Path, "status": status, "duration_ms": inMilliseconds(took)})
}

// ask calls another service in a span of its own.
func (s *orders) ask(parent *work, name, service, url string) int {
	span := s.begin(name, opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient, opentracing.Tag{Key: string(ext.PeerService), Value: service})
	status := s.call(span, url)
	took := span.finish(status >= 500)
	s.line(span, span.end, name, map[string]any{"span.kind": "client", "peer.service": service, "error": status >= 500, "duration_ms": inMilliseconds(took)})
	return status
}

// mail confirms the order, which nobody waits for.
func (s *orders) mail(parent *work) {
	span := s.begin("send mail", opentracing.FollowsFrom(parent.Context()))
	s.mails.Go(func() {
		time.Sleep(time.Duration(20+rand.IntN(60)) * time.Millisecond)
		took := span.finish(false)
		s.line(span, span.end, "send mail", map[string]any{"duration_ms": inMilliseconds(took)})
	})
}

func (s *orders) line(span *work, at time.Time, message string, more map[string]any) {
	trace, id, parent := span.ids()
	more["time"], more["level"], more["msg"], more["service"] = s.stamp(at, microseconds), "INFO", message, s.name
	more["trace_id"], more["span_id"] = trace, id
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
	s.step(span, "fraud score", "fraud", false)
	refused := rand.Float64() < s.failures
	s.step(span, "bank transfer", "bank", refused)
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
	span := s.begin(name, opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient, opentracing.Tag{Key: string(ext.PeerService), Value: dependency})
	s.depend(dependency)
	took := span.finish(refused)
	level, message := "INFO ", name
	if refused {
		level, message = "ERROR", name+` error="the card was refused"`
	}
	s.line(span, level, message, took)
}

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
	s.query(span)
	w.WriteHeader(http.StatusOK)
	span.finish(false)
}

func (s *stock) query(parent *work) {
	const statement = "SELECT amount FROM stock WHERE id = ?"
	span := s.begin("SELECT stock", opentracing.ChildOf(parent.Context()), ext.SpanKindRPCClient,
		opentracing.Tag{Key: string(ext.DBType), Value: "sql"}, opentracing.Tag{Key: string(ext.DBStatement), Value: statement})
	s.depend("database")
	took := span.finish(false)
	trace, id, parentID := span.ids()
	text, _ := json.Marshal(map[string]any{"time": s.stamp(span.end, microseconds), "event": "finish", "operation": "SELECT stock",
		"trace_id": trace, "span_id": id, "parent_id": parentID, "duration_us": took.Microseconds(),
		"tags": map[string]any{"span.kind": "client", "db.type": "sql", "db.statement": statement}}) // of texts and numbers
	s.write(string(text))
}

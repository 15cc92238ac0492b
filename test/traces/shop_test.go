//go:build traces

package traces_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// want is a span that the shop's services worked on, as they would have told a tracer.
type want struct {
	trace, span, parent, service, name, kind string
	start                                    time.Time
	took                                     time.Duration
	failed                                   bool
	logs                                     int
}

// shop writes the lines of four services that each log in their own manner, and remembers the truth.
type shop struct {
	rng   *rand.Rand
	spans map[string][]want // by trace
	setup *setup
}

func newShop(s *setup) *shop {
	return &shop{rand.New(rand.NewPCG(7, 7)), map[string][]want{}, s}
}

func (s *shop) id() string { return fmt.Sprintf("%016x", s.rng.Uint64()|1<<60) }

func (s *shop) add(w want) { s.spans[w.trace] = append(s.spans[w.trace], w) }

func (s *shop) took(low, high int) time.Duration {
	return time.Duration(low+s.rng.IntN(high-low)) * time.Millisecond
}

// order writes the lines of one request at start. Times are whole milliseconds, so that no manner of writing rounds them.
func (s *shop) order(t *testing.T, start time.Time) {
	trace, gate, checkout, bank, query, worker := s.id()+s.id(), s.id(), s.id(), s.id(), s.id(), s.id()
	failed := s.rng.IntN(4) == 0
	status, level, code := 201, "INFO", "OK"
	if failed {
		status, level, code = 503, "ERROR", "Unavailable"
	}
	queryTook, bankTook, workerTook := s.took(2, 10), s.took(20, 90), s.took(3, 9)
	bankStart := start.Add(5*time.Millisecond + queryTook)
	checkoutTook := 3*time.Millisecond + queryTook + bankTook + 2*time.Millisecond
	gateTook := checkoutTook + 3*time.Millisecond
	object := func(members ...any) string {
		m := map[string]any{}
		for i := 0; i < len(members); i += 2 {
			m[members[i].(string)] = members[i+1]
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	stamp := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

	s.setup.write(t, "gate", object("time", stamp(start.Add(gateTook)), "level", level, "msg", "request", "service", "gate",
		"trace_id", trace, "span_id", gate, "method", "POST", "path", fmt.Sprintf("/orders/%d?x=1", s.rng.IntN(1e6)), "status", status, "duration_ms", gateTook.Milliseconds()))
	s.add(want{trace, gate, "", "gate", "POST /orders/{id}", "server", start, gateTook, failed, 0})

	at := start.Add(2 * time.Millisecond)
	s.setup.write(t, "checkout", // OpenTracing's tags, and lines before and behind the one with the duration
		object("@timestamp", stamp(at), "log.level", "info", "message", "reserving stock", "service.name", "checkout", "trace.id", trace, "span.id", checkout),
		object("@timestamp", stamp(at.Add(checkoutTook)), "log.level", "info", "message", "done with it", "service.name", "checkout", "trace.id", trace, "span.id", checkout,
			"parent.id", gate, "event.duration", checkoutTook.Nanoseconds(), "operation", "place-order", "span.kind", "server", "error", failed),
		object("@timestamp", stamp(at.Add(checkoutTook)), "log.level", "info", "message", "cache cleared", "service.name", "checkout", "trace.id", trace, "span.id", checkout))
	s.add(want{trace, checkout, gate, "checkout", "place-order", "server", at, checkoutTook, failed, 2})

	at = start.Add(4 * time.Millisecond)
	s.setup.write(t, "checkout", object("@timestamp", stamp(at.Add(queryTook)), "message", "query", "service.name", "checkout", "trace.id", trace, "span.id", query,
		"parent.id", checkout, "event.duration", queryTook.Nanoseconds(), "db.type", "sql", "db.statement", "SELECT * FROM stock WHERE id = 7"))
	s.add(want{trace, query, checkout, "checkout", "SELECT stock", "client", at, queryTook, false, 0})

	s.setup.write(t, "bank", // gRPC, logfmt-like text
		fmt.Sprintf(`{"ts":%q,"grpc.service":"shop.Bank","grpc.method":"Charge","grpc.code":%q,"grpc.time_ms":%d,"span.kind":"server","service":"bank","traceID":%q,"spanID":%q,"parentSpanId":%q}`,
			stamp(bankStart.Add(bankTook)), code, bankTook.Milliseconds(), trace, bank, checkout))
	s.add(want{trace, bank, checkout, "bank", "shop.Bank/Charge", "server", bankStart, bankTook, failed, 0})

	at = bankStart.Add(time.Millisecond)
	s.setup.write(t, "worker", // a beginning and an end, without a duration
		object("time", stamp(at), "msg", "audit started", "service", "worker", "trace_id", trace, "span_id", worker, "parent_id", bank),
		object("time", stamp(at.Add(workerTook)), "msg", "audit finished", "service", "worker", "trace_id", trace, "span_id", worker))
	s.add(want{trace, worker, bank, "worker", "audit", "internal", at, workerTook, false, 1})
}

// orders writes so many requests, and ends at the time end.
func (s *shop) orders(t *testing.T, n int, end time.Time) {
	for i := range n {
		s.order(t, end.Add(-time.Duration(n-i)*200*time.Millisecond).Truncate(time.Millisecond))
	}
}

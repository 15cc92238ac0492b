// Package demo is sample services that write logs, for whoever wants to see tailspan at work without services of their own. They are
// the same at every run: three services, a request that goes through all of them, each with log lines of its own kind, and a
// dependency that becomes slow.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Services are edge, a proxy, which calls checkout, which calls payments, which asks a bank and a fraud score that is
// sometimes slow. Each writes its own kind of log line when its part of a request is done.
var Services = []string{"edge", "checkout", "payments"}

// entry is one line that a service writes at a given moment.
type entry struct {
	at      time.Time
	service string
	line    string
}

// Shop plans what the services write. The same seed gives the same requests.
type Shop struct {
	rng     *rand.Rand
	slow    time.Time // from when on the dependency is slow
	next    time.Time // when the next request comes
	entries []entry   // that are not due yet, in no order
	orders  int
}

// New returns the services as they are from start on; from slow on one of their dependencies is often slow.
func New(seed uint64, start, slow time.Time) *Shop {
	return &Shop{rng: rand.New(rand.NewPCG(seed, 1)), slow: slow, next: start, orders: 1000} // #nosec G404 -- the same at every run, and nothing of it is secret
}

// due returns the lines that are written before a moment and were not returned yet, in order.
func (s *Shop) due(until time.Time) []entry {
	for s.next.Before(until) {
		s.request(s.next)
		s.next = s.next.Add(s.between(100, 400))
	}
	slices.SortStableFunc(s.entries, func(a, b entry) int { return a.at.Compare(b.at) })
	n, _ := slices.BinarySearchFunc(s.entries, until, func(e entry, t time.Time) int { return e.at.Compare(t) })
	now := slices.Clone(s.entries[:n])
	s.entries = slices.Delete(s.entries, 0, n)
	return now
}

// between draws a duration of so many milliseconds.
func (s *Shop) between(low, high int) time.Duration {
	return time.Duration(low*1000+s.rng.IntN((high-low)*1000)) * time.Microsecond
}

func (s *Shop) add(at time.Time, service, line string) {
	s.entries = append(s.entries, entry{at, service, line})
}

func (s *Shop) span() string { return fmt.Sprintf("%016x", s.rng.Uint64()|1) }

// request plans one request to the edge and what follows from it.
func (s *Shop) request(start time.Time) {
	trace, root := s.span()+s.span(), s.span()
	method, path, status, size := "GET", fmt.Sprintf("/product/%d", s.rng.IntN(90)), 200, 2000+s.rng.IntN(9000)
	took := s.between(2, 30)
	if s.rng.IntN(3) > 0 {
		var failed bool
		took, failed = s.checkout(start.Add(time.Millisecond), trace, root)
		took += 2 * time.Millisecond
		method, path, size = "POST", "/checkout", 240
		if failed {
			status, size = 502, 157
		}
	}
	end := start.Add(took)
	s.add(end, "edge", fmt.Sprintf(`10.0.%d.%d - - [%s] "%s %s HTTP/1.1" %d %d "-" "shop-app/3.2" msec=%d.%03d rt=%.3f traceparent=00-%s-%s-01`,
		s.rng.IntN(8), s.rng.IntN(250), end.UTC().Format("02/Jan/2006:15:04:05 -0700"), method, path, status, size,
		end.Unix(), end.Nanosecond()/1e6, took.Seconds(), trace, root))
}

// checkout logs in the manner of log/slog: flat JSON, with the duration in milliseconds.
func (s *Shop) checkout(start time.Time, trace, parent string) (took time.Duration, failed bool) {
	span, before := s.span(), s.between(2, 12)
	s.orders++
	order := fmt.Sprintf("o-%d", s.orders)
	paid, failed := s.payments(start.Add(before), trace, span, order)
	took = before + paid + s.between(1, 8)
	s.add(start.Add(before/2), "checkout", object("time", start.Add(before/2).UTC().Format(time.RFC3339Nano), "level", "DEBUG",
		"msg", "the cart is valid", "service", "checkout", "trace_id", trace, "span_id", span, "order", order))
	level, message := "INFO", "order placed"
	if failed {
		level, message = "ERROR", "order could not be placed"
	}
	s.add(start.Add(took), "checkout", object(
		"time", start.Add(took).UTC().Format(time.RFC3339Nano), "level", level, "msg", message, "service", "checkout",
		"trace_id", trace, "span_id", span, "parent_id", parent,
		"duration_ms", float64(took.Microseconds())/1000, "order", order, "items", 1+s.rng.IntN(5)))
	return took, failed
}

// payments logs nested ECS: the calls it makes, and then what became of the payment.
func (s *Shop) payments(start time.Time, trace, parent, order string) (took time.Duration, failed bool) {
	span := s.span()
	score, bank := s.between(8, 25), s.between(20, 70)
	level, answered := "info", "fraud-score answered"
	if often := s.rng.IntN(30); often == 0 || often < 8 && !start.Before(s.slow) {
		score, level, answered = s.between(350, 1150), "warn", "fraud-score answered late"
	}
	failed = s.rng.IntN(15) == 0
	s.ecs(start.Add(time.Millisecond), score, trace, span, s.span(), level, answered, order, "")
	reason := ""
	if failed {
		bank, reason = s.between(100, 200), "connection reset by peer"
	}
	s.ecs(start.Add(score+2*time.Millisecond), bank, trace, span, s.span(), "info", "acme-bank called", order, reason)
	took = score + bank + 4*time.Millisecond
	message := "payment authorised"
	if failed {
		message = "payment failed"
	}
	s.ecs(start, took, trace, parent, span, "info", message, order, reason)
	return took, failed
}

func (s *Shop) ecs(start time.Time, took time.Duration, trace, parent, span, level, message, order, reason string) {
	outcome := "success"
	if reason != "" {
		level, outcome = "error", "failure"
	}
	members := []any{
		"@timestamp", start.Add(took).UTC().Format("2006-01-02T15:04:05.000000Z"), "log", raw(object("level", level)),
		"message", message, "service", raw(object("name", "payments", "version", "1.8.2")), "trace", raw(object("id", trace)),
		"span", raw(object("id", span)), "parent", raw(object("id", parent)),
		"event", raw(object("duration", took.Nanoseconds(), "outcome", outcome)), "labels", raw(object("order", order)),
	}
	if reason != "" {
		members = append(members, "error", raw(object("message", reason)))
	}
	s.add(start.Add(took), "payments", object(members...))
}

type raw = json.RawMessage

// object writes names and values in turn as a JSON object that keeps their order. A RawMessage is written as it stands.
func object(members ...any) string {
	text := []byte{'{'}
	for i, member := range members {
		value, err := json.Marshal(member)
		if err != nil {
			panic(err) // only literals of this file come here
		}
		text = append(text, value...)
		if i%2 == 0 {
			text = append(text, ':')
		} else if i < len(members)-1 {
			text = append(text, ',')
		}
	}
	return string(append(text, '}'))
}

// logPath is the file of a service.
func logPath(folder, service string) string { return filepath.Join(folder, "logs", service+".log") }

// ahead is how far the lines are planned ahead of their time.
const ahead = time.Second

// Write writes each line at its time into the file of its service, below logs in a folder, until ctx is done; what is overdue at once.
// It returns how many lines it wrote.
func (s *Shop) Write(ctx context.Context, folder string) (lines int, err error) {
	files := map[string]*os.File{}
	for _, service := range Services {
		file, err := os.OpenFile(logPath(folder, service), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		files[service] = file
	}
	for {
		for _, e := range s.due(time.Now().Add(ahead)) {
			select {
			case <-ctx.Done():
				return lines, nil
			case <-time.After(time.Until(e.at)):
			}
			if _, err := files[e.service].WriteString(e.line + "\n"); err != nil {
				return lines, err
			}
			lines++
		}
		select {
		case <-ctx.Done():
			return lines, nil
		case <-time.After(ahead / 4):
		}
	}
}

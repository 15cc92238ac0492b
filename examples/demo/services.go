package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The sample services: edge, a proxy, calls checkout, which calls payments, which asks a bank and a fraud score that is
// sometimes slow. Each writes its own kind of log line when its part of a request is done.
var services = []string{"edge", "checkout", "payments"}

// entry is one line that a service writes at a given moment.
type entry struct {
	at      time.Time
	service string
	line    string
}

// shop plans what the services write. The same seed gives the same requests.
type shop struct {
	rng     *rand.Rand
	entries []entry
	orders  int
}

const (
	perSecond = 20
	longest   = 1500 * time.Millisecond // that a request takes
)

// plan returns the lines of all requests that come between start and start+length, in the order in which they are written.
func plan(seed uint64, start time.Time, length time.Duration) []entry {
	s := &shop{rng: rand.New(rand.NewPCG(seed, 1)), orders: 1000}
	for at := time.Duration(0); at <= max(0, length-longest); at += s.between(20, 80) {
		s.request(start.Add(at))
	}
	slices.SortStableFunc(s.entries, func(a, b entry) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	return s.entries
}

// between draws a duration of so many milliseconds.
func (s *shop) between(low, high int) time.Duration {
	return time.Duration(low*1000+s.rng.IntN((high-low)*1000)) * time.Microsecond
}

func (s *shop) add(at time.Time, service, line string) {
	s.entries = append(s.entries, entry{at, service, line})
}

func (s *shop) span() string { return fmt.Sprintf("%016x", s.rng.Uint64()|1) }

// request plans one request to the edge and what follows from it.
func (s *shop) request(start time.Time) {
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
func (s *shop) checkout(start time.Time, trace, parent string) (took time.Duration, failed bool) {
	span, before := s.span(), s.between(2, 12)
	s.orders++
	order := fmt.Sprintf("o-%d", s.orders)
	paid, failed := s.payments(start.Add(before), trace, span, order)
	took = before + paid + s.between(1, 8)
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
func (s *shop) payments(start time.Time, trace, parent, order string) (took time.Duration, failed bool) {
	span := s.span()
	score, bank := s.between(8, 25), s.between(20, 70)
	if s.rng.IntN(9) == 0 { // the slow dependency
		score = s.between(350, 1150)
	}
	failed = s.rng.IntN(12) == 0
	s.ecs(start.Add(time.Millisecond), score, trace, span, s.span(), "fraud-score answered", order, "")
	reason := ""
	if failed {
		bank, reason = s.between(100, 200), "connection reset by peer"
	}
	s.ecs(start.Add(score+2*time.Millisecond), bank, trace, span, s.span(), "acme-bank called", order, reason)
	took = score + bank + 4*time.Millisecond
	message := "payment authorised"
	if failed {
		message = "payment failed"
	}
	s.ecs(start, took, trace, parent, span, message, order, reason)
	return took, failed
}

func (s *shop) ecs(start time.Time, took time.Duration, trace, parent, span, message, order, reason string) {
	level, outcome := "info", "success"
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

// write writes each entry at its time, into the file of its service, and returns how many it wrote until ctx ended.
func write(ctx context.Context, folder string, entries []entry) (int, error) {
	files := map[string]*os.File{}
	for _, service := range services {
		file, err := os.OpenFile(logPath(folder, service), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		files[service] = file
	}
	for i, e := range entries {
		select {
		case <-ctx.Done():
			return i, nil
		case <-time.After(time.Until(e.at)):
		}
		if _, err := files[e.service].WriteString(e.line + "\n"); err != nil {
			return i, err
		}
	}
	return len(entries), nil
}

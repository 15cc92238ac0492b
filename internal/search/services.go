package search

import (
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/pkg/trace"
)

var failures = func() *query.Query {
	q, err := query.Parse(event.FailureQuery)
	if err != nil {
		panic(err)
	}
	return q
}()

// Failures is the query for documents that count as errors: event.FailureQuery, parsed.
func Failures() *query.Query { return failures }

// timing gathers the durations of a Point.
type timing struct {
	point     Point
	durations []int64
}

// tally gathers services.
type tally map[string]map[int64]*timing

// at is the timing of a service in the step that begins at from, nanoseconds since 1970.
func (t tally) at(service string, from int64) *timing {
	steps := t[service]
	if steps == nil {
		steps = map[int64]*timing{}
		t[service] = steps
	}
	at := steps[from]
	if at == nil {
		at = &timing{point: Point{From: time.Unix(0, from).UTC()}}
		steps[from] = at
	}
	return at
}

// services are what was gathered, in order.
func (t tally) services() []Service {
	all := []Service{}
	for name, steps := range t {
		s := Service{Name: name}
		for _, at := range steps {
			p := at.point
			if len(at.durations) > 0 {
				slices.Sort(at.durations)
				p.P50, p.P95, p.P99 = trace.Quantile(at.durations, 50), trace.Quantile(at.durations, 95), trace.Quantile(at.durations, 99)
			}
			s.Points = append(s.Points, p)
		}
		slices.SortFunc(s.Points, func(a, b Point) int { return a.From.Compare(b.From) })
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	return all
}

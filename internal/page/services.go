package page

import (
	"net/http"

	"github.com/tailspan/tailspan/internal/search"
)

// serviceJSON is a service over time, a value for each step.
type serviceJSON struct {
	Name   string  `json:"name"` // empty: of documents without one
	Count  int64   `json:"count"`
	Errors int64   `json:"errors"`
	Timed  int64   `json:"timed"`
	From   []int64 `json:"at"` // milliseconds since 1970
	Counts []int64 `json:"counts"`
	Failed []int64 `json:"failed"`
	P50    []int64 `json:"p50_ns"` // 0: nothing took time
	P95    []int64 `json:"p95_ns"`
	P99    []int64 `json:"p99_ns"`
}

// services answers /api/services: how much each service wrote, how much of it was errors, and how long what it did took, over time.
func (p *page) services(r *http.Request) (any, error) {
	s, err := p.selection(r)
	if err != nil {
		return nil, err
	}
	columns, err := number(r, "columns", 1, maxColumns, 60)
	if err != nil {
		return nil, err
	}
	width := step(s, columns)
	var found []search.Service
	err = p.ask(r.Context(), func(source search.Source) (err error) {
		found, err = source.Services(r.Context(), s, width)
		return err
	})
	if err != nil && len(found) == 0 {
		return nil, err
	}
	body := struct {
		span
		Services []serviceJSON `json:"services"`
		Failures string        `json:"failures"` // the query for what counts as an error
		Warning  string        `json:"warning,omitempty"`
	}{spanOf(s, width), []serviceJSON{}, search.Failures().String(), warning(err)}
	for _, service := range found {
		body.Services = append(body.Services, columnsOf(service))
	}
	return body, nil
}

func columnsOf(s search.Service) serviceJSON {
	n := len(s.Points)
	c := serviceJSON{Name: s.Name, From: make([]int64, n), Counts: make([]int64, n), Failed: make([]int64, n), P50: make([]int64, n), P95: make([]int64, n), P99: make([]int64, n)}
	for i, point := range s.Points {
		c.Count, c.Errors, c.Timed = c.Count+point.Count, c.Errors+point.Errors, c.Timed+point.Timed
		c.From[i], c.Counts[i], c.Failed[i] = point.From.UnixMilli(), point.Count, point.Errors
		c.P50[i], c.P95[i], c.P99[i] = point.P50, point.P95, point.P99
	}
	return c
}

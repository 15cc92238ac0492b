package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tailspan/tailspan/pkg/ship/metrics"
)

// collectOperations makes metrics of what was counted of operations; of nil none.
func collectOperations(ch chan<- prometheus.Metric, s *metrics.Snapshot) {
	if s == nil {
		return
	}
	count(ch, operationsFolded, s.Folded)
	for i := range s.Operations {
		op := &s.Operations[i]
		count(ch, operationErrors, op.Failed, op.Service, op.Operation, op.Kind)
		buckets, total := map[float64]uint64{}, uint64(0)
		for j, bound := range s.Buckets {
			total += uint64(op.Counts[j])
			buckets[bound] = total
		}
		total += uint64(op.Counts[len(s.Buckets)])
		ch <- withExemplars(prometheus.MustNewConstHistogram(operationDuration, total, op.Seconds, buckets, op.Service, op.Operation, op.Kind), op.Exemplars)
	}
}

// withExemplars shows a span of each bucket that has one.
func withExemplars(m prometheus.Metric, all []metrics.Exemplar) prometheus.Metric {
	var shown []prometheus.Exemplar
	for _, e := range all {
		if e.TraceID != "" {
			shown = append(shown, prometheus.Exemplar{Value: e.Seconds, Timestamp: e.End, Labels: prometheus.Labels{"trace_id": e.TraceID}})
		}
	}
	if len(shown) == 0 {
		return m
	}
	return prometheus.MustNewMetricWithExemplars(m, shown...)
}

package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/detect"
)

// collectDetection makes metrics of what was found unusual; of nil none.
func collectDetection(ch chan<- prometheus.Metric, d *status.Detection) {
	if d == nil {
		return
	}
	for key, n := range d.Counts {
		count(ch, findings, n, key.Rule, key.Service)
	}
	open := map[detect.Rule]int{}
	for i := range d.Recent {
		if d.Recent[i].Over.IsZero() {
			open[d.Recent[i].Rule]++
		}
	}
	for _, rule := range detect.Rules() {
		gauge(ch, findingsOpen, open[rule], rule.String())
	}
	gauge(ch, watched, d.Series)
	count(ch, lateLines, d.Late)
	count(ch, unwatchedLines, d.Unwatched)
	count(ch, webhookFindings, d.Told, "yes")
	count(ch, webhookFindings, d.Untold, "no")
}

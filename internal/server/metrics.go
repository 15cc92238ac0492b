package server

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/tail"
)

// Agent is what the endpoints ask.
type Agent interface {
	Ready() error
	Turn(context.Context) error // an error when the reading loop has not come round until the context is done
	Names() []string            // of the pipelines
	Ledger(pipeline int) *event.Ledger
	Progress() []tail.Progress // by pipeline
	Outputs() map[string]*event.Ledger
	Elastic() *elastic.Output // nil without Elasticsearch
}

// collector reads the agent's own counters when it is asked, so that nothing is counted twice and the hot path knows
// nothing of Prometheus.
type collector struct{ agent Agent }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tailspan_"+name, help, labels, nil)
}

var (
	lines     = desc("lines_total", "Lines by what became of them; read is the sum of the others and of those in flight.", "pipeline", "verdict")
	delivered = desc("output_lines_total", "Lines by output and what became of them there; dropped were given up by an output that is not the primary one.", "output", "verdict")
	inFlight  = desc("lines_in_flight", "Lines read that have no verdict yet.", "pipeline")
	bytesRead = desc("bytes_read_total", "Bytes of log files read.", "pipeline")
	lag       = desc("lag_bytes", "Bytes in the files that are not acknowledged yet.", "pipeline")
	truncated = desc("truncations_total", "Times that a file was found truncated, and read from its new beginning.", "pipeline")
	givenUp   = desc("deleted_files_given_up_total", "Deleted files that were given up before they were read to their ends, because of the limits of deleted.", "pipeline")
	lost      = desc("deleted_bytes_lost_total", "Bytes of those files that were not read.", "pipeline")
	files     = desc("files", "Files being followed.", "pipeline")

	requests     = desc("elasticsearch_requests_total", "Bulk requests sent.")
	failed       = desc("elasticsearch_requests_failed_total", "Bulk requests that had no answer, or another status than 200.")
	retried      = desc("elasticsearch_documents_retried_total", "Documents that had to be sent again.")
	mended       = desc("elasticsearch_documents_mended_total", "Documents kept by moving a field aside into tailspan.unmapped.")
	sentBytes    = desc("elasticsearch_bytes_total", "Bytes of bulk bodies before compression.")
	wireBytes    = desc("elasticsearch_wire_bytes_total", "Bytes of bulk bodies as sent.")
	requestsOpen = desc("elasticsearch_requests_in_flight", "Bulk requests under way.")
)

// Describe lists every metric.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lines, delivered, inFlight, bytesRead, lag, truncated, givenUp, lost, files, requests, failed, retried, mended, sentBytes, wireBytes, requestsOpen} {
		ch <- d
	}
}

// Collect reads the counters.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, v int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge := func(d *prometheus.Desc, v int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	progress := c.agent.Progress()
	for i, name := range c.agent.Names() {
		counts := c.agent.Ledger(i).Snapshot()
		gauge(inFlight, counts.InFlight(), name)
		for verdict, word := range event.VerdictNames {
			count(lines, counts[verdict], name, word)
		}
		count(bytesRead, progress[i].Read, name)
		gauge(lag, max(0, progress[i].Size-progress[i].Committed), name)
		count(truncated, progress[i].Truncated, name)
		count(givenUp, progress[i].GivenUp, name)
		count(lost, progress[i].Lost, name)
		gauge(files, int64(progress[i].Files), name)
	}
	for name, ledger := range c.agent.Outputs() {
		counts := ledger.Snapshot()
		for verdict, word := range event.VerdictNames {
			count(delivered, counts[verdict], name, word)
		}
	}
	if out := c.agent.Elastic(); out != nil {
		count(requests, out.Stats.Requests.Load())
		count(failed, out.Stats.Failed.Load())
		count(retried, out.Stats.Retried.Load())
		count(mended, out.Stats.Mended.Load())
		count(sentBytes, out.Stats.Bytes.Load())
		count(wireBytes, out.Stats.WireBytes.Load())
		gauge(requestsOpen, out.InFlight())
	}
}

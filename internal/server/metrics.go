package server

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Agent is what the endpoints ask.
type Agent interface {
	Ready() error
	Turn(context.Context) error // an error when the reading loop has not come round until the context is done
	Status() status.Status
}

// collector reads the agent's own counters when it is asked, so that nothing is counted twice and the hot path knows
// nothing of Prometheus.
type collector struct{ agent Agent }

// mostFiles bounds the series that have a file's name: the files that are furthest behind, and none that is not.
const mostFiles = 20

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tailspan_"+name, help, labels, nil)
}

var (
	lines       = desc("lines_total", "Lines by what became of them; read is the sum of the others and of those in flight.", "pipeline", "verdict")
	inFlight    = desc("lines_in_flight", "Lines read that have no verdict yet.", "pipeline")
	bytesRead   = desc("bytes_read_total", "Bytes of log files read.", "pipeline")
	lag         = desc("lag_bytes", "Bytes in the files that are not acknowledged yet.", "pipeline")
	lagAge      = desc("lag_seconds", "How long the oldest byte that is not acknowledged has been seen in its file.", "pipeline")
	truncated   = desc("truncations_total", "Times that a file was found truncated, and read from its new beginning.", "pipeline")
	givenUp     = desc("deleted_files_given_up_total", "Deleted files that were given up before they were read to their ends, because of the limits of deleted.", "pipeline")
	lost        = desc("deleted_bytes_lost_total", "Bytes of those files that were not read.", "pipeline")
	files       = desc("files", "Files being followed.", "pipeline")
	refused     = desc("input_refused_total", "What did not come in whole through an input that is no files: datagrams without room, lines cut for their length, malformed messages, connections turned away.", "pipeline", "reason")
	guarded     = desc("guarded_fields_total", "Fields that the mapping guard moved aside or cut, by the key that asked for it.", "pipeline", "key")
	templates   = desc("templates", "Log statements that a pipeline with templates knows.", "pipeline")
	templateMem = desc("templates_memory_bytes", "Bytes of memory that these take, about.", "pipeline")
	forgotten   = desc("templates_forgotten_total", "Log statements that had to make room for others.", "pipeline")
	heldLines   = desc("held_lines", "Lines that wait until it is known what their trace turned out to be.", "pipeline")
	heldBytes   = desc("held_bytes", "Memory that those lines take.", "pipeline")
	decided     = desc("held_decided_lines_total", "Lines of traces by what was decided: kept because the trace failed or was slow, sampled, early because memory was spent (and kept), dropped.", "pipeline", "decision")
	late        = desc("held_late_traces_total", "Traces that failed or were slow after their first lines had been dropped.", "pipeline")
	fileLag     = desc("file_lag_bytes", "Bytes that are not acknowledged yet, of the 20 files that are furthest behind.", "pipeline", "path")
	fileLagAge  = desc("file_lag_seconds", "How long the oldest of these bytes has been seen in its file.", "pipeline", "path")

	up           = desc("output_up", "Whether the output takes what it is given.", "output")
	delivered    = desc("output_lines_total", "Lines by output and what became of them there; dropped were given up by an output that is not the primary one.", "output", "verdict")
	toDeliver    = desc("output_lines_in_flight", "Lines given to the output that have no verdict yet.", "output")
	requests     = desc("output_requests_total", "Requests sent.", "output")
	failed       = desc("output_requests_failed_total", "Requests that had no answer, or one that refused the whole.", "output")
	requestsOpen = desc("output_requests_in_flight", "Requests under way.", "output")
	retried      = desc("output_lines_retried_total", "Lines that had to be sent again, each time.", "output")
	mended       = desc("output_lines_mended_total", "Lines whose document was kept by moving a field aside into tailspan.unmapped.", "output")
	sentBytes    = desc("output_bytes_total", "Bytes of request bodies before compression.", "output")
	wireBytes    = desc("output_wire_bytes_total", "Bytes of request bodies as sent.", "output")
	latency      = desc("output_request_duration_seconds", "How long requests took until they were answered.", "output")

	operationDuration = desc("operation_duration_seconds", "How long operations took, as log lines tell; with exemplars in OpenMetrics.", "service", "operation", "kind")
	operationErrors   = desc("operation_errors_total", "Operations that failed, as log lines tell.", "service", "operation", "kind")
	operationsFolded  = desc("operations_folded_total", "Operations counted as other, because there are max_operations of them already.")

	findings        = desc("findings_total", "Findings of the detectors, when they begin.", "rule", "service")
	findingsOpen    = desc("findings_open", "Findings that are not over.", "rule")
	watched         = desc("detect_series", "Services and templates that the detectors watch.")
	lateLines       = desc("detect_late_lines_total", "Lines too old to be counted by the detectors when they were read.")
	unwatchedLines  = desc("detect_unwatched_lines_total", "Lines of templates beyond what the detectors have memory for; they count for their service only.")
	webhookFindings = desc("detect_webhook_total", "Findings by whether the webhook took them.", "taken")

	reloadGood = desc("config_last_reload_successful", "Whether the configuration that was read last was taken over.")
	reloadTime = desc("config_last_reload_success_timestamp_seconds", "When a configuration was taken over last.")
)

// Describe lists every metric.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lines, inFlight, bytesRead, lag, lagAge, truncated, givenUp, lost, files, refused, guarded, templates, templateMem, forgotten, heldLines, heldBytes, decided, late, fileLag, fileLagAge, up, delivered, toDeliver,
		requests, failed, requestsOpen, retried, mended, sentBytes, wireBytes, latency, operationDuration, operationErrors, operationsFolded, findings, findingsOpen, watched, lateLines, unwatchedLines, webhookFindings, reloadGood, reloadTime} {
		ch <- d
	}
}

// Collect reads the counters.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.agent.Status()
	for _, p := range s.Pipelines {
		gauge(ch, inFlight, p.Lines.InFlight(), p.Name)
		verdicts(ch, lines, p.Lines, p.Name)
		count(ch, bytesRead, p.Bytes, p.Name)
		gauge(ch, lag, p.Lag, p.Name)
		gauge(ch, lagAge, p.Age, p.Name)
		count(ch, truncated, p.Truncated, p.Name)
		count(ch, givenUp, p.GivenUp, p.Name)
		count(ch, lost, p.Lost, p.Name)
		gauge(ch, files, p.Files, p.Name)
		for reason, n := range p.Refused {
			count(ch, refused, n, p.Name, reason)
		}
		for key, n := range p.Guarded {
			count(ch, guarded, n, p.Name, key)
		}
		if t := p.Templates; t != nil {
			gauge(ch, templates, t.Known, p.Name)
			gauge(ch, templateMem, t.Bytes, p.Name)
			count(ch, forgotten, t.Forgotten, p.Name)
		}
		if h := p.Held; h != nil {
			collectHeld(ch, h, p.Name)
		}
	}
	for _, f := range furthest(s.Files) {
		gauge(ch, fileLag, f.Lag, f.Pipeline, f.Path)
		gauge(ch, fileLagAge, f.Age, f.Pipeline, f.Path)
	}
	for _, out := range s.Outputs {
		collectOutput(ch, out)
	}
	collectOperations(ch, s.Operations)
	collectDetection(ch, s.Detection)
	gauge(ch, reloadGood, truth(s.Reload.Good))
	gauge(ch, reloadTime, float64(s.Reload.At.UnixNano())/float64(time.Second))
}

func collectHeld(ch chan<- prometheus.Metric, h *status.Held, pipeline string) {
	gauge(ch, heldLines, h.Waiting, pipeline)
	gauge(ch, heldBytes, h.Bytes, pipeline)
	count(ch, decided, h.Kept, pipeline, "kept")
	count(ch, decided, h.Sampled, pipeline, "sampled")
	count(ch, decided, h.Early, pipeline, "early")
	count(ch, decided, h.Dropped, pipeline, "dropped")
	count(ch, late, h.Late, pipeline)
}

func collectOutput(ch chan<- prometheus.Metric, out status.Output) {
	gauge(ch, up, truth(out.Up), out.Name)
	gauge(ch, toDeliver, out.Lines.InFlight(), out.Name)
	verdicts(ch, delivered, out.Lines, out.Name)
	if r := out.Requests; r != nil {
		count(ch, requests, r.Sent, out.Name)
		count(ch, failed, r.Failed, out.Name)
		gauge(ch, requestsOpen, r.InFlight, out.Name)
		count(ch, retried, r.Retried, out.Name)
		count(ch, mended, r.Mended, out.Name)
		count(ch, sentBytes, r.Bytes, out.Name)
		count(ch, wireBytes, r.WireBytes, out.Name)
		ch <- histogram(r.Latency, out.Name)
	}
}

// furthest are the files that are furthest behind, the furthest first. A name that is no UTF-8 is made so; of two files that
// then have one name, the first counts.
func furthest(all []status.File) (most []status.File) {
	all = slices.DeleteFunc(slices.Clone(all), func(f status.File) bool { return f.Lag == 0 })
	slices.SortFunc(all, func(a, b status.File) int { return cmp.Or(cmp.Compare(b.Lag, a.Lag), cmp.Compare(a.Path, b.Path)) })
	seen := map[[2]string]bool{}
	for _, f := range all {
		if f.Path = strings.ToValidUTF8(f.Path, "\uFFFD"); !seen[[2]string{f.Pipeline, f.Path}] && len(most) < mostFiles {
			seen[[2]string{f.Pipeline, f.Path}] = true
			most = append(most, f)
		}
	}
	return most
}

func histogram(l ship.Latency, output string) prometheus.Metric {
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, bound := range ship.LatencyBounds {
		sum += uint64(l.Counts[i])
		buckets[bound] = sum
	}
	return prometheus.MustNewConstHistogram(latency, uint64(l.Total()), l.Seconds, buckets, output)
}

func verdicts(ch chan<- prometheus.Metric, d *prometheus.Desc, counts event.Counts, label string) {
	for verdict, word := range event.VerdictNames {
		count(ch, d, counts[verdict], label, word)
	}
}

func count(ch chan<- prometheus.Metric, d *prometheus.Desc, v int64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func gauge[N int | int64 | float64](ch chan<- prometheus.Metric, d *prometheus.Desc, v N, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
}

func truth(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

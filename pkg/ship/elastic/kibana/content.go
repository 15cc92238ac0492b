package kibana

import (
	"slices"

	"github.com/tailspan/tailspan/pkg/event"
)

// What documents tell of the shipping itself: lines that a format did not fit, fields that the index would not take, lines that were
// too long.
const (
	unparsed = "event.kind:pipeline_error"
	unmapped = "tailspan.unmapped_reason:*"
	cut      = "log.flags:truncated"
)

// traceSession is the Discover session of one trace's lines, which links give the id.
const traceSession = "tailspan-trace"

// columns are what a line is known by.
var columns = []string{"@timestamp", "log.level", "service.name", "message", "event.duration", "trace.id"}

var sessions = []session{
	{"tailspan-lines", "Lines", "All lines, the newest first", "", columns, "@timestamp", "desc"},
	{"tailspan-errors", "Errors", "Lines that say that something went wrong", event.FailureQuery, slices.Concat(columns, []string{"error.message"}), "@timestamp", "desc"},
	{traceSession, "Lines of traces", "In the order in which they were written; a trace's id leads here", "trace.id:*", columns, "@timestamp", "asc"},
	{"tailspan-slow", "Slowest lines", "What took longest", "event.duration:*", columns, "event.duration", "desc"},
	{"tailspan-problems", "Lines that did not fit", "No format, a field without a place, or too long", unparsed + " or " + unmapped + " or " + cut,
		[]string{"@timestamp", "host.name", "log.file.path", "message", "error.message", "tailspan.unmapped_reason", "log.flags"}, "@timestamp", "desc"},
}

var visuals = []visual{
	{"tailspan-totals", "Totals", "metric", "", []aggregation{count("lines"), of("cardinality", "service.name", "services"),
		of("cardinality", "host.name", "hosts"), of("cardinality", "trace.id", "traces")}, nil},
	{"tailspan-levels", "Lines by level", "histogram", "", []aggregation{count("lines")}, []aggregation{overTime(), orNone(by("log.level", "level", 10))}},
	{"tailspan-services", "Lines by service", "histogram", "", []aggregation{count("lines")}, []aggregation{overTime(), by("service.name", "service", 10)}},
	{"tailspan-service-table", "Services", "table", "", []aggregation{count("lines"), of("max", "@timestamp", "last line"), of("cardinality", "trace.id", "traces")},
		[]aggregation{by("service.name", "service", 50)}},
	{"tailspan-statuses", "HTTP statuses", "histogram", "http.response.status_code:*", []aggregation{count("answers")},
		[]aggregation{overTime(), by("http.response.status_code", "status", 10)}},

	{"tailspan-error-totals", "Errors in all", "metric", event.FailureQuery, []aggregation{count("errors"), of("cardinality", "service.name", "services with errors"),
		of("cardinality", "trace.id", "failed traces")}, nil},
	{"tailspan-errors-over-time", "Errors by service", "histogram", event.FailureQuery, []aggregation{count("errors")}, []aggregation{overTime(), by("service.name", "service", 10)}},
	{"tailspan-error-table", "Errors by service and level", "table", event.FailureQuery, []aggregation{count("errors"), of("max", "@timestamp", "last")},
		[]aggregation{by("service.name", "service", 20), orNone(by("log.level", "level", 5))}},
	{"tailspan-error-types", "Kinds of errors", "table", "error.type:* and (" + event.FailureQuery + ")", []aggregation{count("errors"), of("max", "@timestamp", "last")},
		[]aggregation{by("error.type", "error", 20)}},
	{"tailspan-error-statements", "Errors by log statement", "table", "log.template.id:* and (" + event.FailureQuery + ")", []aggregation{count("errors"),
		of("cardinality", "host.name", "hosts"), of("max", "@timestamp", "last")}, []aggregation{by("log.template.text", "statement", 50)}},
	{"tailspan-failed-traces", "Failed traces", "table", "trace.id:* and (" + event.FailureQuery + ")", []aggregation{of("max", "@timestamp", "last"), count("errors")},
		[]aggregation{ofMany("trace.id", "trace", 50)}},

	{"tailspan-throughput", "Throughput: lines with a duration", "histogram", "event.duration:*", []aggregation{count("measured")},
		[]aggregation{overTime(), by("service.name", "service", 10)}},
	{"tailspan-percentiles", "Latency", "line", "event.duration:*", []aggregation{percentiles("latency", 50, 95, 99)}, []aggregation{overTime()}},
	{"tailspan-slow-services", "Latency by service, average", "line", "event.duration:*", []aggregation{of("avg", "event.duration", "average")},
		[]aggregation{overTime(), by("service.name", "service", 10)}},
	{"tailspan-latency-table", "Services by latency", "table", "event.duration:*", []aggregation{of("avg", "event.duration", "average"), count("measured"),
		percentiles("latency", 50, 95, 99), of("max", "event.duration", "slowest")}, []aggregation{by("service.name", "service", 50)}},
	{"tailspan-slow-paths", "Slowest paths", "table", "event.duration:* and url.path:*", []aggregation{of("max", "event.duration", "slowest"),
		of("avg", "event.duration", "average"), count("requests")}, []aggregation{ofMany("url.path", "path", 50)}},

	{"tailspan-trace-totals", "Traces", "metric", "trace.id:*", []aggregation{of("cardinality", "trace.id", "traces"), count("lines in traces"),
		of("max", "event.duration", "slowest")}, nil},
	{"tailspan-slow-traces", "Slowest traces", "table", "trace.id:* and event.duration:*", []aggregation{of("max", "event.duration", "longest part"),
		of("cardinality", "service.name", "services"), count("parts"), of("max", "@timestamp", "last")}, []aggregation{ofMany("trace.id", "trace", 50)}},
	{"tailspan-slowest-over-time", "Slowest part by service", "line", "trace.id:* and event.duration:*", []aggregation{of("max", "event.duration", "slowest")},
		[]aggregation{overTime(), by("service.name", "service", 10)}},

	{"tailspan-problem-totals", "What did not fit", "metric", "", []aggregation{count("lines")},
		[]aggregation{named("no format fits", unparsed, "a field has no place", unmapped, "too long", cut)}},
	{"tailspan-hosts", "Lines by host", "histogram", "", []aggregation{count("lines")}, []aggregation{overTime(), by("host.name", "host", 20)}},
	{"tailspan-datasets", "Lines by data set", "histogram", "", []aggregation{count("lines")}, []aggregation{overTime(), by("event.dataset", "data set", 20)}},
	{"tailspan-host-table", "Hosts: is any silent?", "table", "", []aggregation{of("max", "@timestamp", "last line"), count("lines"),
		of("cardinality", "log.file.path", "files")}, []aggregation{by("host.name", "host", 100)}},
	{"tailspan-file-table", "Files: is any silent?", "table", "", []aggregation{of("max", "@timestamp", "last line"), count("lines")},
		[]aggregation{by("log.file.path", "file", 100), by("host.name", "host", 20)}},
}

var dashboards = []dashboard{
	{"tailspan-overview", "Overview", "Who says how much", []row{
		{7, []string{"tailspan-totals"}}, {14, []string{"tailspan-levels", "tailspan-services"}}, {14, []string{"tailspan-statuses", "tailspan-service-table"}},
		{24, []string{"tailspan-lines"}}}},
	{"tailspan-failures", "Errors", "What went wrong, where, and in which traces", []row{
		{7, []string{"tailspan-error-totals"}}, {14, []string{"tailspan-errors-over-time", "tailspan-error-table"}},
		{14, []string{"tailspan-error-types", "tailspan-failed-traces"}}, {14, []string{"tailspan-error-statements"}}, {24, []string{"tailspan-errors"}}}},
	{"tailspan-latency", "Services: latency and throughput", "What services say of their durations (event.duration)", []row{
		{14, []string{"tailspan-throughput", "tailspan-errors-over-time"}}, {14, []string{"tailspan-percentiles", "tailspan-slow-services"}},
		{14, []string{"tailspan-latency-table"}}, {14, []string{"tailspan-slow-paths"}}}},
	{"tailspan-traces", "Slowest traces", "Requests across services; an id leads to its trace", []row{
		{7, []string{"tailspan-trace-totals"}}, {16, []string{"tailspan-slow-traces", "tailspan-failed-traces"}},
		{14, []string{"tailspan-slowest-over-time"}}, {24, []string{"tailspan-slow"}}}},
	{"tailspan-health", "Shipper health", "As far as documents tell: who has fallen silent, and what did not fit. Lag and back-pressure are in tailspan's /metrics", []row{
		{7, []string{"tailspan-problem-totals"}}, {14, []string{"tailspan-hosts", "tailspan-datasets"}}, {14, []string{"tailspan-host-table", "tailspan-file-table"}},
		{20, []string{"tailspan-problems"}}}},
}

package parse

// traceRole is what the name of a field says about trace context; 0 is nothing.
type traceRole uint8

const (
	notTrace traceRole = iota

	ecsTrace       // trace.id
	ecsSpan        // span.id
	ecsParent      // parent.id
	ecsTransaction // transaction.id, Elastic APM's span of the service

	plainTrace  // trace_id and its spellings
	plainSpan   // span_id
	plainParent // parent_id, parent_span_id

	w3cParent // traceparent

	b3Single  // b3
	b3Trace   // x-b3-traceid
	b3Span    // x-b3-spanid
	b3Parent  // x-b3-parentspanid
	b3Sampled // x-b3-sampled

	jaegerID // uber-trace-id

	otTrace   // ot-tracer-traceid
	otSpan    // ot-tracer-spanid
	otSampled // ot-tracer-sampled

	xrayID // x-amzn-trace-id

	ddTrace  // dd.trace_id, x-datadog-trace-id
	ddSpan   // dd.span_id, x-datadog-parent-id
	ddParent // dd.parent_id
	ddHigh   // _dd.p.tid, the upper 64 bits
	ddTags   // x-datadog-tags, which may hold _dd.p.tid

	gcpTrace  // logging.googleapis.com/trace
	gcpSpan   // logging.googleapis.com/spanId
	gcpHeader // x-cloud-trace-context

	traceRoles
)

// longestTraceKey is the length of "logging.googleapis.com/trace_sampled" without separators, rounded up.
const longestTraceKey = 40

// traceKey tells what a field's name says about trace context. Header names have no case (RFC 9110, section 5.1), and
// loggers write `_` or nothing for their `-`, so names are compared in lower case without separators; only ECS names
// need their dot. Most names are refused by their length or last byte.
func traceKey(name []byte) traceRole {
	if len(name) < 2 || len(name) > longestTraceKey || !mayEndTraceKey(name[len(name)-1]) {
		return notTrace
	}
	switch string(name) {
	case "trace.id":
		return ecsTrace
	case "span.id":
		return ecsSpan
	case "parent.id":
		return ecsParent
	case "transaction.id":
		return ecsTransaction
	}
	var folded [longestTraceKey]byte
	n := 0
	for _, c := range name {
		if isSeparator(c) {
			continue
		}
		folded[n] = lower(c)
		n++
	}
	if n > 4 && string(folded[:4]) == "http" { // nginx's $http_NAME
		return foldedTraceKey(folded[4:n])
	}
	return foldedTraceKey(folded[:n])
}

// mayEndTraceKey is whether any name in the table ends in this byte.
func mayEndTraceKey(last byte) bool {
	switch last {
	case 'd', 'D', 't', 'T', '3', 'e', 'E', 's', 'S', 'n', 'N':
		return true
	}
	return false
}

// foldedTraceKey is the table of names.
func foldedTraceKey(name []byte) traceRole {
	switch string(name) {
	case "traceid", "trace", "oteltraceid", "xraytraceid", "elasticapmtraceid":
		return plainTrace
	case "spanid", "span", "otelspanid":
		return plainSpan
	case "parentid", "parentspanid":
		return plainParent
	case "transactionid", "elasticapmtransactionid":
		return ecsTransaction
	case "traceparent":
		return w3cParent
	case "b3":
		return b3Single
	case "xb3traceid":
		return b3Trace
	case "xb3spanid":
		return b3Span
	case "xb3parentspanid":
		return b3Parent
	case "xb3sampled":
		return b3Sampled
	case "ubertraceid":
		return jaegerID
	case "ottracertraceid":
		return otTrace
	case "ottracerspanid":
		return otSpan
	case "ottracersampled":
		return otSampled
	case "xamzntraceid":
		return xrayID
	case "ddtraceid", "xdatadogtraceid":
		return ddTrace
	case "ddspanid", "xdatadogparentid":
		return ddSpan
	case "ddparentid":
		return ddParent
	case "ddptid":
		return ddHigh
	case "xdatadogtags":
		return ddTags
	case "logginggoogleapiscom/trace":
		return gcpTrace
	case "logginggoogleapiscom/spanid":
		return gcpSpan
	case "xcloudtracecontext":
		return gcpHeader
	}
	return notTrace
}

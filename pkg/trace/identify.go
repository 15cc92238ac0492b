package trace

import (
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// identify fills in the ids, from their fields or a Jaeger client's line.
func (d *document) identify(rec *Record) bool {
	s := &rec.Span
	s.TraceID, s.SpanID, s.ParentID = NormalID(d.text("trace.id")), spanID(d.text("span.id")), spanID(d.text("parent.id"))
	if s.SpanID == "" {
		s.SpanID = spanID(d.text("transaction.id"))
	}
	if reported, ok := reportedSpan(rec.message); ok && (s.TraceID == "" || s.TraceID == reported.TraceID) {
		s.TraceID, s.SpanID, s.ParentID = reported.TraceID, reported.SpanID, reported.ParentID
		rec.reported, rec.named = true, reported.Name
		return true
	}
	if s.TraceID == "" {
		s.TraceID = d.requestID()
	}
	if d.isZipkin() {
		s.SpanID = spanID(d.text("id"))
	}
	if s.ParentID == "" {
		s.ParentID = d.reference(s.TraceID)
	}
	if s.ParentID == s.SpanID {
		s.ParentID = ""
	}
	return s.TraceID != ""
}

// requestID is the trace that a proxy began by giving a request an id of its own: nginx's $request_id and Envoy's and
// HAProxy's unique ids, when they have the 128 bits of a trace id. It takes a duration as well: other lines that mention
// a request by such an id do not make a trace of it.
func (d *document) requestID() string {
	if !d.has("event.duration") && !d.isEnvoy() {
		return ""
	}
	for _, name := range []string{"request_id", "x_request_id", "x-request-id", "http.request.id", "unique_id"} {
		if text := d.text(name); len(text) == 32 || len(text) == 36 {
			if id := NormalID(text); id != "" {
				return id
			}
		}
	}
	return ""
}

// reference is the parent in a span as Jaeger writes it in JSON.
func (d *document) reference(traceID string) string {
	for _, ref := range d.fields["references"].GetArray() {
		if string(ref.GetStringBytes("refType")) == "CHILD_OF" && NormalID(string(ref.GetStringBytes("traceID"))) == traceID {
			return spanID(string(ref.GetStringBytes("spanID")))
		}
	}
	return ""
}

// reportedSpan reads what Jaeger's clients log of a span that they hand on: Go writes "Reporting span
// TRACE:SPAN:PARENT:FLAGS", Python the same and SERVICE.NAME, Java "Span reported: TRACE:SPAN:PARENT:FLAGS - NAME".
func reportedSpan(message string) (s event.Span, ok bool) {
	rest := ""
	for _, mark := range []string{"Reporting span ", "Span reported: "} {
		if _, behind, found := strings.Cut(message, mark); found {
			rest = behind
			break
		}
	}
	ids, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if name, java := strings.CutPrefix(rest, "- "); java {
		s.Name = clip([]byte(name), maxName)
	} else if _, name, python := strings.Cut(rest, "."); python && !strings.ContainsAny(rest, " \t") {
		s.Name = clip([]byte(name), maxName)
	}
	parts := strings.Split(ids, ":")
	if len(parts) != 4 || parts[3] == "" || strings.Trim(parts[3], "0123456789abcdef") != "" {
		return s, false
	}
	s.TraceID, s.SpanID = NormalID(parts[0]), spanID(parts[1])
	s.ParentID = spanID(parts[2]) // 0: none
	return s, s.TraceID != "" && s.SpanID != ""
}

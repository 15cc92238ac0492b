package trace

import (
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// callInMessage makes attributes of a request line in the message, for access logs that nobody took apart.
func (d *document) callInMessage(rec *Record) {
	s := &rec.Span
	if attributeOf(s.Attributes, "http.request.method") != "" {
		return
	}
	method, path, status := callIn(rec.message)
	if method == "" {
		return
	}
	path, _, _ = strings.Cut(path, "?")
	s.Attributes = append(s.Attributes, event.Attribute{Name: "http.request.method", Value: method}, event.Attribute{Name: "url.path", Value: path})
	if status != "" {
		s.Attributes = append(s.Attributes, event.Attribute{Name: "http.response.status_code", Value: status, Kind: event.AttributeInt})
	}
	s.Attributes = sorted(s.Attributes)
}

// kind is what the tag of OpenTracing says, else what the attributes make likely.
func (d *document) kind(attributes []event.Attribute) event.SpanKind {
	kind := d.text("span.kind", "kind", "tags.span.kind", "span_kind")
	if kind == "" {
		kind = attributeOf(attributes, "span.kind")
	}
	for _, v := range d.fields["tags"].GetArray() {
		if kind == "" && string(v.GetStringBytes("key")) == "span.kind" {
			kind = string(v.GetStringBytes("value"))
		}
	}
	switch strings.TrimPrefix(strings.ToLower(kind), "span_kind_") {
	case "server", "entry":
		return event.KindServer
	case "client", "exit":
		return event.KindClient
	case "producer":
		return event.KindProducer
	case "consumer":
		return event.KindConsumer
	case "internal":
		return event.KindInternal
	}
	switch {
	case firstAttribute(attributes, "db.query.text", "db.system.name", "db.operation.name") != "":
		return event.KindClient
	case attributeOf(attributes, "peer.service") != "":
		return event.KindClient
	case attributeOf(attributes, "http.request.method") != "":
		return event.KindServer
	}
	return event.KindUnknown
}

// failed reports whether the line says that its span failed, and why. A tag or outcome that says so counts before
// statuses, and those before the level. Server and client differ as OpenTelemetry's conventions have it: what the caller
// did wrong is no failure of the server.
func (d *document) failed(rec *Record) (bool, string) {
	all := rec.Span.Attributes
	client := rec.Span.Kind == event.KindClient
	reason := d.text("error.message", "status.message", "otel.status_description")
	said := strings.ToLower(d.text("error", "tags.error"))
	if said == "" {
		said = strings.ToLower(attributeOf(all, "error"))
	}
	if word := strings.ToLower(reason); word == "true" || word == "false" { // the tag, where ECS has an object
		said, reason = word, ""
	}
	if d.text("event.kind") == "pipeline_error" {
		reason = ""
	}
	switch said {
	case "true":
		return true, firstText(reason, d.text("error.type"), atLevel(rec))
	case "false":
		return false, ""
	case "", "null":
	default:
		reason = said
	}
	switch strings.ToLower(d.text("event.outcome", "outcome", "otel.status_code", "status.code")) {
	case "failure", "error", "status_code_error":
		return true, firstText(reason, d.text("error.type"), atLevel(rec))
	case "success", "ok", "status_code_ok":
		return false, ""
	}
	if status, err := strconv.Atoi(attributeOf(all, "http.response.status_code")); err == nil && (status >= 500 || client && status >= 400) {
		return true, firstText(reason, "HTTP "+strconv.Itoa(status))
	}
	if code, ok := codeOf(attributeOf(all, "rpc.grpc.status_code")); ok && code != 0 && (client || event.FailureCode([]byte(codes[code]))) {
		return true, firstText(reason, "gRPC "+codes[code])
	}
	if event.FailureLevel([]byte(rec.level)) {
		return true, firstText(reason, rec.message)
	}
	return rec.level == "" && reason != "", reason
}

// atLevel is the message of a line that is about a failure.
func atLevel(rec *Record) string {
	if event.FailureLevel([]byte(rec.level)) {
		return rec.message
	}
	return ""
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

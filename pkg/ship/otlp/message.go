package otlp

import (
	"encoding/hex"
	"strconv"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tailspan/tailspan/pkg/event"
)

// scopeName says to the receiver who made the spans.
const scopeName = "tailspan"

// message is the body of an export request. Its type is TracesData, which has the same fields as
// ExportTraceServiceRequest: the package of the latter brings gRPC along.
func message(spans []event.Span) *tracepb.TracesData {
	type resource struct{ service, host string }
	places := map[resource]*tracepb.ScopeSpans{}
	data := new(tracepb.TracesData)
	for i := range spans {
		s := &spans[i]
		r := resource{s.Service, s.Host}
		scope := places[r]
		if scope == nil {
			scope = &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: scopeName}}
			places[r] = scope
			data.ResourceSpans = append(data.ResourceSpans, &tracepb.ResourceSpans{Resource: resourceOf(s), ScopeSpans: []*tracepb.ScopeSpans{scope}})
		}
		scope.Spans = append(scope.Spans, spanOf(s))
	}
	return data
}

// unknownService is what OpenTelemetry calls a service without a name.
const unknownService = "unknown_service"

func resourceOf(s *event.Span) *resourcepb.Resource {
	service := s.Service
	if service == "" {
		service = unknownService
	}
	all := []*commonpb.KeyValue{text("service.name", service)}
	if s.Host != "" {
		all = append(all, text("host.name", s.Host))
	}
	return &resourcepb.Resource{Attributes: all}
}

func spanOf(s *event.Span) *tracepb.Span {
	span := &tracepb.Span{TraceId: id(s.TraceID, 16), SpanId: id(s.SpanID, 8), Name: valid(s.Name), Kind: kindOf(s.Kind),
		StartTimeUnixNano: uint64(max(s.Start, 0)), EndTimeUnixNano: uint64(max(s.End(), 0)), Attributes: attributesOf(s.Attributes)}
	if s.ParentID != "" {
		span.ParentSpanId = id(s.ParentID, 8)
	}
	for _, l := range s.Logs {
		span.Events = append(span.Events, eventOf(&l))
	}
	if s.Failed {
		span.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: valid(s.Reason)}
	}
	return span
}

// kindOf is the kind in the protocol; a span of which nobody said anything is internal, which is the protocol's default.
func kindOf(kind event.SpanKind) tracepb.Span_SpanKind {
	if kind == event.KindUnknown {
		return tracepb.Span_SPAN_KIND_INTERNAL
	}
	return tracepb.Span_SpanKind(kind)
}

// eventOf is a line written within a span. Its name is what OpenTracing calls the event of a log.
func eventOf(l *event.SpanLog) *tracepb.Span_Event {
	name := l.Message
	for _, a := range l.Attributes {
		if a.Name == "event" {
			name = a.Value
		}
	}
	if name == "" {
		name = "log"
	}
	e := &tracepb.Span_Event{TimeUnixNano: uint64(max(l.Time, 0)), Name: valid(name), Attributes: attributesOf(l.Attributes)}
	return e
}

func attributesOf(all []event.Attribute) []*commonpb.KeyValue {
	var out []*commonpb.KeyValue
	for _, a := range all {
		if a.Name != "" {
			out = append(out, &commonpb.KeyValue{Key: valid(a.Name), Value: valueOf(a)})
		}
	}
	return out
}

// valueOf is a value in the type that its kind names; text that is no such value stays text.
func valueOf(a event.Attribute) *commonpb.AnyValue {
	switch a.Kind {
	case event.AttributeInt:
		if v, err := strconv.ParseInt(a.Value, 10, 64); err == nil {
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v}}
		}
	case event.AttributeFloat:
		if v, err := strconv.ParseFloat(a.Value, 64); err == nil {
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v}}
		}
	case event.AttributeBool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: a.Value == "true"}}
	}
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: valid(a.Value)}}
}

func text(name, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: valid(value)}}}
}

// valid is text that protobuf takes: UTF-8.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// id is so many bytes from hexadecimal digits; what is none gives zeros, which the receiver rejects.
func id(digits string, size int) []byte {
	b := make([]byte, size)
	if len(digits) == 2*size {
		_, _ = hex.Decode(b, []byte(digits)) // see above
	}
	return b
}

// partialSuccess reads how many spans the receiver rejected, and what it says, from an ExportTraceServiceResponse:
// partial_success (1) with rejected_spans (1) and error_message (2).
func partialSuccess(answer []byte) (rejected int64, message string) {
	for _, part := range fieldsOf(answer, 1) {
		for _, v := range numbersOf(part, 1) {
			rejected = int64(v)
		}
		for _, text := range fieldsOf(part, 2) {
			message = valid(string(text))
		}
	}
	return rejected, message
}

// statusMessage is the text of an error: the message (2) of a google.rpc.Status, or the answer itself when it is text.
func statusMessage(answer []byte) string {
	message := answer
	for _, text := range fieldsOf(answer, 2) {
		message = text
	}
	return strings.TrimSpace(valid(string(message[:min(len(message), 300)])))
}

// fieldsOf are the length-delimited fields of a message with the number, up to where it is broken.
func fieldsOf(b []byte, number protowire.Number) (all [][]byte) {
	walk(b, func(n protowire.Number, t protowire.Type, value []byte) {
		if n == number && t == protowire.BytesType {
			if v, size := protowire.ConsumeBytes(value); size > 0 {
				all = append(all, v)
			}
		}
	})
	return all
}

// numbersOf are the varint fields with the number.
func numbersOf(b []byte, number protowire.Number) (all []uint64) {
	walk(b, func(n protowire.Number, t protowire.Type, value []byte) {
		if n == number && t == protowire.VarintType {
			if v, size := protowire.ConsumeVarint(value); size > 0 {
				all = append(all, v)
			}
		}
	})
	return all
}

func walk(b []byte, visit func(protowire.Number, protowire.Type, []byte)) {
	for len(b) > 0 {
		n, t, size := protowire.ConsumeTag(b)
		if size < 0 {
			return
		}
		value := b[size:]
		length := protowire.ConsumeFieldValue(n, t, value)
		if length < 0 {
			return
		}
		visit(n, t, value[:length])
		b = value[length:]
	}
}

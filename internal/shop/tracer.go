package shop

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/opentracing/opentracing-go"
)

// Tracers makes the tracer of a service. The contexts of its spans print as Jaeger's do, trace:span:parent:flags in hex with zeros in
// front: that is where the service's loggers have the ids from. log, unless it is nil, is to be told of each span that ends, as the logger of
// Jaeger's client is with JAEGER_REPORTER_LOG_SPANS=true.
type Tracers func(service string, log func(at time.Time, message string)) (opentracing.Tracer, io.Closer)

// idTracer gives ids to spans, hands them on as Jaeger's client does, and keeps nothing.
type idTracer struct {
	rng *rand.Rand
	log func(at time.Time, message string)
}

// idContext is the ids of a span as Jaeger's client writes them, also into headers.
type idContext string

const (
	idHeader = "uber-trace-id"
	noParent = "0000000000000000" // of the first span of a trace
)

// ForeachBaggageItem does nothing: there is none.
func (c idContext) ForeachBaggageItem(func(k, v string) bool) {}

// idsOf takes apart what a context prints; parent is empty for none.
func idsOf(c opentracing.SpanContext) (trace, span, parent string) {
	parts := strings.Split(fmt.Sprint(c), ":")
	if len(parts) != 4 {
		return "", "", ""
	}
	return parts[0], parts[1], strings.TrimPrefix(parts[2], noParent)
}

// idSpan does nothing but end.
type idSpan struct {
	opentracing.Span
	tracer *idTracer
	ids    idContext
}

// Context returns the ids.
func (s *idSpan) Context() opentracing.SpanContext { return s.ids }

// FinishWithOptions tells the log.
func (s *idSpan) FinishWithOptions(o opentracing.FinishOptions) {
	if s.tracer.log != nil {
		s.tracer.log(o.FinishTime, "Reporting span "+string(s.ids))
	}
}

// StartSpan draws the id of a span, and that of a trace unless the span is caused by another one.
func (t *idTracer) StartSpan(_ string, options ...opentracing.StartSpanOption) opentracing.Span {
	var o opentracing.StartSpanOptions
	for _, option := range options {
		option.Apply(&o)
	}
	trace, parent := t.id()+t.id(), noParent
	for _, cause := range o.References {
		trace, parent, _ = idsOf(cause.ReferencedContext)
	}
	return &idSpan{opentracing.NoopTracer{}.StartSpan(""), t, idContext(trace + ":" + t.id() + ":" + parent + ":1")}
}

func (t *idTracer) id() string { return fmt.Sprintf("%016x", t.rng.Uint64()|1) }

// Inject writes the ids into the headers of a request.
func (t *idTracer) Inject(c opentracing.SpanContext, _, carrier any) error {
	carrier.(opentracing.TextMapWriter).Set(idHeader, fmt.Sprint(c))
	return nil
}

// Extract reads them there.
func (t *idTracer) Extract(_, carrier any) (opentracing.SpanContext, error) {
	var ids idContext
	err := carrier.(opentracing.TextMapReader).ForeachKey(func(key, value string) error {
		if strings.EqualFold(key, idHeader) {
			ids = idContext(value)
		}
		return nil
	})
	if trace, _, _ := idsOf(ids); err == nil && trace == "" {
		err = opentracing.ErrSpanContextNotFound
	}
	return ids, err
}

package shop

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/opentracing/opentracing-go"
)

// TestIDs: a span hands its trace on, and what it prints is what Jaeger's client would.
func TestIDs(t *testing.T) {
	var said []string
	tracer := &idTracer{newRandom(1), func(_ time.Time, message string) { said = append(said, message) }}
	root := tracer.StartSpan("root")
	headers := http.Header{}
	carrier := opentracing.HTTPHeadersCarrier(headers)
	if _, err := tracer.Extract(opentracing.HTTPHeaders, carrier); !errors.Is(err, opentracing.ErrSpanContextNotFound) {
		t.Errorf("of nothing: %v", err)
	}
	if err := tracer.Inject(root.Context(), opentracing.HTTPHeaders, carrier); err != nil || headers.Get("uber-trace-id") != fmt.Sprint(root.Context()) {
		t.Errorf("%v, %v", headers, err)
	}
	caller, err := tracer.Extract(opentracing.HTTPHeaders, carrier)
	if err != nil {
		t.Fatal(err)
	}
	child := tracer.StartSpan("child", opentracing.ChildOf(caller))
	child.FinishWithOptions(opentracing.FinishOptions{})
	trace, span, parent := idsOf(root.Context())
	childTrace, childSpan, childParent := idsOf(child.Context())
	if len(trace) != 32 || len(span) != 16 || parent != "" || childTrace != trace || childParent != span || len(childSpan) != 16 || childSpan == span {
		t.Errorf("%v, %v", root.Context(), child.Context())
	}
	if want := fmt.Sprintf("Reporting span %s:%s:%s:1", trace, childSpan, span); len(said) != 1 || said[0] != want {
		t.Errorf("%q, want %q", said, want)
	}
	for _, wrong := range []idContext{"", "1:2:3", "x"} {
		if trace, span, parent := idsOf(wrong); trace+span+parent != "" {
			t.Errorf("%q: %q %q %q", wrong, trace, span, parent)
		}
	}
}

package trace

import (
	"fmt"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// BenchmarkSpan is the way of a document to a span: reading, joining, and leaving the joiner.
func BenchmarkSpan(b *testing.B) {
	documents := make([][]byte, 1000)
	for i := range documents {
		documents[i] = fmt.Appendf(nil, `{"@timestamp":"2026-03-01T12:00:00.%03dZ","level":"info","service.name":"checkout","seq":%d,"message":"order placed \"acme\"","trace.id":"%032x","span.id":"%016x","event.duration":%d000000,"http":{"method":"PUT","path":"/api/v1/orders/%d","status":204},"user_id":"u-%d","log.offset":%d,"log.file.path":"/var/log/checkout/app.log","event.dataset":"checkout","host.name":"web-29","ecs.version":"9.1.0"}`,
			i, i, i/5+1, i+1, i%90, i, i, i)
	}
	var r Reader
	j := NewJoiner(Limits{Settle: time.Second, Keep: time.Minute, Bytes: 8 << 20})
	spans := 0
	emit := func(event.Span) { spans++ }
	b.SetBytes(int64(len(documents[500])))
	b.ReportAllocs()
	clock := time.Unix(0, 0)
	for i := 0; b.Loop(); i++ {
		rec, ok, err := r.Read("id", documents[i%1000])
		if !ok || err != nil {
			b.Fatal(ok, err)
		}
		if j.Add(clock, rec, emit); i%1000 == 999 {
			clock = clock.Add(2 * time.Second)
			j.Expire(clock, emit)
		}
	}
}

// BenchmarkAssemble puts a trace of 500 spans together.
func BenchmarkAssemble(b *testing.B) {
	whole := make([]event.Span, 500)
	for i := range whole {
		whole[i] = span(i+1, i/3, "s", float64(i), float64(2*(len(whole)-i)))
	}
	spans := make([]event.Span, len(whole))
	b.ReportAllocs()
	for b.Loop() {
		copy(spans, whole)
		Assemble(spans, nil)
	}
}

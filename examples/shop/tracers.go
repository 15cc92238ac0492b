package main

import (
	"fmt"
	"io"
	"time"

	"github.com/opentracing/opentracing-go"
	"github.com/uber/jaeger-client-go"
	"github.com/uber/jaeger-client-go/transport"

	"github.com/tailspan/tailspan/internal/shop"
)

// tracers are Jaeger's. They tell truth of their spans and, of the service that is to export its own, a collector.
func tracers(truth *recorder, export, collector string) shop.Tracers {
	return func(service string, log func(time.Time, string)) (opentracing.Tracer, io.Closer) {
		reporters := []jaeger.Reporter{truth.of(service)}
		if log != nil {
			reporters = append(reporters, jaeger.NewLoggingReporter(logger(log)))
		}
		if service == export {
			reporters = append(reporters, jaeger.NewRemoteReporter(transport.NewHTTPTransport(collector+"/api/traces?format=jaeger.thrift")))
		}
		return jaeger.NewTracer(service, jaeger.NewConstSampler(true), jaeger.NewCompositeReporter(reporters...), jaeger.TracerOptions.Gen128Bit(true))
	}
}

// logger is where Jaeger's client writes what it has to say, of each span that it hands on.
type logger func(at time.Time, message string)

// Error writes an error of the client's.
func (l logger) Error(msg string) { l.Infof("ERROR %s", msg) }

// Infof writes anything else.
func (l logger) Infof(msg string, args ...any) { l(time.Now(), fmt.Sprintf(msg, args...)) }

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"sync"

	"github.com/uber/jaeger-client-go"
)

// recorder keeps what the tracers know of their spans, as one JSON object a line.
type recorder struct {
	mu   sync.Mutex
	file *os.File
	out  *bufio.Writer
	err  error
}

// recorded is one span as its tracer knows it.
type recorded struct {
	TraceID  string `json:"trace_id"`
	SpanID   string `json:"span_id"`
	ParentID string `json:"parent_id,omitempty"`
	Service  string `json:"service"`
	Name     string `json:"name"`
	Start    int64  `json:"start_ns"` // since 1970, by the one clock that all share
	Duration int64  `json:"duration_ns"`
	Failed   bool   `json:"failed,omitempty"`
}

func newRecorder(path string) (*recorder, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &recorder{file: file, out: bufio.NewWriter(file)}, nil
}

// of is the reporter of a service's tracer.
func (r *recorder) of(service string) jaeger.Reporter { return reporter{r, service} }

type reporter struct {
	*recorder
	service string
}

// Report writes a finished span down.
func (r reporter) Report(span *jaeger.Span) {
	ctx := span.SpanContext()
	rec := recorded{TraceID: ctx.TraceID().String(), SpanID: ctx.SpanID().String(), Service: r.service, Name: span.OperationName(),
		Start: span.StartTime().UnixNano(), Duration: span.Duration().Nanoseconds(), Failed: span.Tags()["error"] == true}
	if ctx.ParentID() != 0 {
		rec.ParentID = ctx.ParentID().String()
	}
	line, err := json.Marshal(rec)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	r.err = errors.Join(r.err, err)
}

// Close does nothing: other tracers write here, too.
func (r reporter) Close() {}

func (r *recorder) close() error { return errors.Join(r.err, r.out.Flush(), r.file.Close()) }

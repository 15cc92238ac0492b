package parse_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// vocabulary are names and values whose meetings are hard: those that tailspan writes, dotted, nested and halved.
var vocabulary = struct{ names, values []string }{
	strings.Fields(`a b a.b b.c c . "" log level log.level file path file.path log.file log.file.path offset flags message msg body fields fields.message @message
		request_time x_envoy_a trace id trace.id span span.id parent parent.id trace_id span_id traceparent transaction transaction.id
		event duration event.duration duration_ms kind original event.kind dataset labels labels.trace labels.log trace.id_
		service name service.name service_name host host.name error error.message @timestamp ts time _id ecs version rt \u0061`),
	[]string{`null`, `"x"`, `""`, `"INFO"`, `1`, `-1.50e3`, `true`, `[]`, `{}`, `["x"]`, `[{"a":1,"a":2}]`, `"` + trace + `"`, `"` + span + `"`,
		`"00-` + trace + `-` + span + `-01"`, `"2026-01-01T00:00:00Z"`, `1767225600`, `"5ms"`, `"\ud83d"`, "[\n1]"},
}

// appendRandomObject appends an object of the vocabulary.
func appendRandomObject(dst []byte, r *rand.Rand, depth int) []byte {
	dst = append(dst, '{')
	for i := range r.IntN(7) {
		if i > 0 {
			dst = append(dst, ',')
		}
		name := vocabulary.names[r.IntN(len(vocabulary.names))]
		dst = append(append(dst, '"'), strings.Trim(name, `"`)...)
		dst = append(dst, '"', ':')
		if depth > 0 && r.IntN(3) == 0 {
			dst = appendRandomObject(dst, r, depth-1)
		} else {
			dst = append(dst, vocabulary.values[r.IntN(len(vocabulary.values))]...)
		}
	}
	return append(dst, '}')
}

// TestRandomDocuments meets what FuzzDocument would need hours for.
func TestRandomDocuments(t *testing.T) {
	all := []*documents{
		newDocuments(t, parse.Config{KeepOriginal: true, Service: "s"}),
		newDocuments(t, parse.Config{Timestamp: parse.Timestamp{Mode: parse.Off}, Duration: parse.Duration{Mode: parse.Off}, Trace: parse.Trace{Mode: parse.Off}}),
		newDocuments(t, parse.Config{Timestamp: parse.Timestamp{Mode: parse.Field, Field: "ts"}, Duration: parse.Duration{Mode: parse.Field, Field: "rt"},
			Trace:  parse.Trace{Mode: parse.Field, TraceID: "a.b", SpanID: "span.id"},
			Fields: []parse.Named{{Name: "a.b", Value: 1}, {Name: "event.kind", Value: "x"}, {Name: "trace.id", Value: "y"}, {Name: "service.name", Value: "z"}}}),
	}
	r := rand.New(rand.NewPCG(1, 2))
	var line, doc []byte
	for i := range 5_000 {
		line = appendRandomObject(line[:0], r, 3)
		for j, d := range all {
			d.ev.Cut = i%5 == 0
			doc = d.append(doc[:0], line)
			if problem := strictProblem(doc); problem != "" {
				t.Fatalf("parser %d: %s\nline %s\ndoc  %s", j, problem, line, doc)
			}
			if strings.Contains(string(doc), `"pipeline_error"`) && !strings.Contains(string(doc), "holds no time") {
				t.Fatalf("parser %d does not parse %s", j, line)
			}
		}
	}
}

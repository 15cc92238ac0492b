package otlp

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tailspan/tailspan/pkg/event"
)

// receiver answers requests in the place of the network.
type receiver struct {
	answers []answer // in turn; the last one goes on
	bodies  [][]byte
	times   []time.Time
	headers http.Header
	url     string
}

type answer struct {
	status int
	after  string // Retry-After
	body   []byte
	err    error
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	a := r.answers[min(len(r.bodies), len(r.answers)-1)]
	r.bodies, r.times, r.headers, r.url = append(r.bodies, body), append(r.times, time.Now()), req.Header, req.URL.String()
	if a.err != nil {
		return nil, a.err
	}
	res := &http.Response{StatusCode: a.status, Body: io.NopCloser(bytes.NewReader(a.body)), Header: http.Header{}, Request: req}
	if a.after != "" {
		res.Header.Set("Retry-After", a.after)
	}
	return res, nil
}

func newOutput(t *testing.T, r *receiver, tries int) *Output {
	t.Helper()
	o, err := New(Config{Endpoint: "http://receiver:4318/", Authorization: "Bearer secret"}, Options{Tries: tries, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	o.client.Transport = r
	return o
}

func spans(n int) []event.Span {
	all := make([]event.Span, n)
	for i := range all {
		all[i] = event.Span{TraceID: strings.Repeat("ab", 16), SpanID: fmt.Sprintf("%016x", i+1), Name: "op", Service: "shop", Host: "h", Start: 1e18, Duration: 5, Lines: 2}
	}
	return all
}

// response is an ExportTraceServiceResponse with a partial success.
func response(rejected uint64, message string) []byte {
	inner := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), rejected)
	inner = protowire.AppendString(protowire.AppendTag(inner, 2, protowire.BytesType), message)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inner)
}

func TestVerdicts(t *testing.T) {
	refused := errors.New("connection refused")
	for _, c := range []struct {
		name     string
		answers  []answer
		tries    int
		requests int
		want     event.Counts // without Read
	}{
		{"taken", []answer{{status: 200}}, 0, 1, event.Counts{event.Indexed: 8}},
		{"taken in part", []answer{{status: 200, body: response(3, "too old")}}, 0, 1, event.Counts{event.Indexed: 5, event.Dead: 3}},
		{"answer that is none", []answer{{status: 200, body: []byte("<html>")}}, 0, 1, event.Counts{event.Indexed: 8}},
		{"busy", []answer{{status: 503}, {status: 429, after: "1"}, {status: 502}, {status: 504}, {status: 200}}, 0, 5, event.Counts{event.Indexed: 8}},
		{"away and back", []answer{{err: refused}, {err: refused}, {status: 200}}, 0, 3, event.Counts{event.Indexed: 8}},
		{"given up", []answer{{err: refused}}, 3, 3, event.Counts{event.Dropped: 8}},
		{"refused", []answer{{status: 400, body: protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), "bad span")}}, 0, 1, event.Counts{event.Dead: 8}},
		{"no such place", []answer{{status: 404}}, 0, 1, event.Counts{event.Dead: 8}},
		{"too large", []answer{{status: 413}, {status: 200}}, 0, 3, event.Counts{event.Indexed: 8}},
		{"one too large", []answer{{status: 413}}, 0, 7, event.Counts{event.Dead: 8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{answers: c.answers}
				o := newOutput(t, r, c.tries)
				o.Send(t.Context(), spans(4))
				if diff := cmp.Diff(c.want, o.Ledger.Snapshot()); diff != "" {
					t.Error(diff)
				}
				if len(r.bodies) != c.requests {
					t.Errorf("%d requests, want %d", len(r.bodies), c.requests)
				}
			})
		})
	}
}

// TestWaits: pauses grow up to a bound, and are as long as Retry-After asks for.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answers: []answer{{status: 503}, {status: 503, after: "4"}, {status: 503}, {status: 503}, {status: 503}, {status: 503}, {status: 503}, {status: 503}, {status: 200}}}
		o := newOutput(t, r, 0)
		o.Send(t.Context(), spans(1))
		for i := 1; i < len(r.times); i++ {
			pause, full := r.times[i].Sub(r.times[i-1]), min(firstWait<<(i-1), longestWait)
			low, high := full/2, full
			if i == 2 {
				low, high = 4*time.Second, 4*time.Second
			}
			if pause < low || pause > high {
				t.Errorf("pause %d is %s, want %s to %s", i, pause, low, high)
			}
		}
	})
}

func TestStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		r := &receiver{answers: []answer{{err: errors.New("away")}}}
		o := newOutput(t, r, 0)
		start := time.Now()
		o.Send(ctx, spans(2))
		if took := time.Since(start); took != 3*time.Second || o.Ledger[event.Dropped].Load() != 4 {
			t.Errorf("it took %s, %d lines given up", took, o.Ledger[event.Dropped].Load())
		}
	})
}

// TestMessage reads a request back with the protocol's own types.
func TestMessage(t *testing.T) {
	r := &receiver{answers: []answer{{status: 200}}}
	o := newOutput(t, r, 0)
	all := spans(2)
	all[0].ParentID, all[0].Kind, all[0].Failed, all[0].Reason = "00000000000000ff", event.KindServer, true, "a\xffb"
	all[0].Attributes = []event.Attribute{{Name: "b", Value: "true", Kind: event.AttributeBool}, {Name: "f", Value: "0.5", Kind: event.AttributeFloat},
		{Name: "i", Value: "7", Kind: event.AttributeInt}, {Name: "t", Value: "x\xff"}, {Name: "w", Value: "1e999", Kind: event.AttributeFloat}}
	all[0].Logs = []event.SpanLog{{Time: 5, Message: "retry"}, {Time: 6, Attributes: []event.Attribute{{Name: "event", Value: "timeout"}}}, {Time: 7}}
	all[1].Service = ""
	o.Send(t.Context(), all)
	if r.url != "http://receiver:4318/v1/traces" || r.headers.Get("Content-Type") != "application/x-protobuf" || r.headers.Get("Content-Encoding") != "gzip" || r.headers.Get("Authorization") != "Bearer secret" {
		t.Errorf("%s %v", r.url, r.headers)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(r.bodies[0]))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	var data tracepb.TracesData
	if err := proto.Unmarshal(plain, &data); err != nil {
		t.Fatal(err)
	}
	if len(data.ResourceSpans) != 2 {
		t.Fatalf("%d resources", len(data.ResourceSpans))
	}
	if got := data.ResourceSpans[1].Resource.Attributes[0].Value.GetStringValue(); got != "unknown_service" {
		t.Errorf("a service without a name is called %s", got)
	}
	s := data.ResourceSpans[0].ScopeSpans[0].Spans[0]
	var attributes, events []string
	for _, a := range s.Attributes {
		attributes = append(attributes, a.Key+"="+strings.Join(strings.Fields(a.Value.String()), " "))
	}
	for _, e := range s.Events {
		events = append(events, fmt.Sprintf("%d %s", e.TimeUnixNano, e.Name))
	}
	got := fmt.Sprintf("%s %s %s %v %d %d %v %q", hex.EncodeToString(s.TraceId), hex.EncodeToString(s.SpanId), hex.EncodeToString(s.ParentSpanId), s.Kind,
		s.StartTimeUnixNano, s.EndTimeUnixNano, s.Status.Code, s.Status.Message)
	want := `abababababababababababababababab 0000000000000001 00000000000000ff SPAN_KIND_SERVER 1000000000000000000 1000000000000000005 STATUS_CODE_ERROR "a�b"`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if diff := cmp.Diff([]string{"b=bool_value:true", "f=double_value:0.5", "i=int_value:7", `t=string_value:"x�"`, `w=string_value:"1e999"`}, attributes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"5 retry", "6 timeout", "7 log"}, events); diff != "" {
		t.Error(diff)
	}
}

func TestTarget(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://a:4318":                "http://a:4318/v1/traces",
		"https://a/otlp/":              "https://a/otlp/v1/traces",
		"http://a:4318/v1/traces":      "http://a:4318/v1/traces",
		"":                             "",
		"a:4318":                       "",
		"grpc://a:4317":                "",
		"http://user:secret@a":         "",
		"http://a?x":                   "",
		"http://":                      "",
		"http://[::1]:4318/v1/traces/": "http://[::1]:4318/v1/traces",
	} {
		got, err := Target(endpoint)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, want %q", endpoint, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("a password is told: %v", err)
		}
	}
}

// FuzzAnswer: whatever a receiver answers with, reading it ends and tells a number that fits.
func FuzzAnswer(f *testing.F) {
	f.Add(response(3, "too old"))
	f.Add([]byte("<html>"))
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, body []byte) {
		r := &receiver{answers: []answer{{status: 200, body: body}}}
		o := newOutput(t, r, 0)
		o.Send(t.Context(), spans(2))
		c := o.Ledger.Snapshot()
		if c[event.Indexed]+c[event.Dead] != 4 || c[event.Indexed] < 0 || c[event.Dead] < 0 {
			t.Fatalf("%v", c)
		}
		_ = statusMessage(body)
	})
}

// TestExporting: of a service that exports its spans itself only those are sent that its tracer cannot know.
func TestExporting(t *testing.T) {
	r := &receiver{answers: []answer{{status: http.StatusOK}}}
	o := newOutput(t, r, 1)
	o.others = []string{"bank"}
	all := spans(5)
	for i, service := range []string{"shop", "bank", "bank", "bank", "bank"} {
		all[i].Service, all[i].Origin = service, []event.Origin{event.FromLine, event.FromLine, event.FromPair, event.FromUpstream, event.FromInside}[i]
	}
	o.Send(t.Context(), all)
	if c := o.Ledger.Snapshot(); c[event.Indexed] != 6 || c[event.Duplicate] != 4 || len(r.bodies) != 1 {
		t.Errorf("%v in %d requests", c, len(r.bodies))
	}
	bank := spans(1)
	bank[0].Service = "bank"
	if o.Send(t.Context(), bank); len(r.bodies) != 1 {
		t.Error("a request without spans was sent")
	}
}

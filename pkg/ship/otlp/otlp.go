// Package otlp delivers spans to Jaeger or any other receiver of OpenTelemetry's protocol over HTTP (OTLP 1.x, protobuf).
//
// A request holds the spans of one batch, by service and host. It is answered as a whole: 200 is taken, less what a
// partial success counts as rejected; 429, 502, 503, 504 and no answer are tried again with growing pauses, as long as
// Retry-After asks for; 413 is halved; everything else is refused for good, as the protocol has it. Ids and contents of a
// span depend on its lines only, so what is sent again is the same span.
//
// The package is called otlp and not jaeger, because nothing in it is Jaeger's: it is the configuration that calls the
// output after what most users send to.
package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"google.golang.org/protobuf/proto"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Config is where spans go.
type Config struct {
	Endpoint      string   `mapstructure:"endpoint"`      // URL, required; /v1/traces is added to it
	Authorization string   `mapstructure:"authorization"` // header of that name for receivers that want one, as Elastic's APM Server: "Bearer TOKEN", "ApiKey KEY"
	Exporting     []string `mapstructure:"exporting"`     // services that send their spans to it themselves: of theirs only those are sent that their tracers cannot know, as of the servers behind a proxy
}

// Options are what an Output needs beside its Config.
type Options struct {
	Tries int // of one request without an answer that settles it, before it is given up; 0: no end
	Log   *slog.Logger
}

// Output sends spans to one receiver.
type Output struct {
	url           string
	authorization string
	others        []string // services that export their own spans
	opts          Options
	log           *slog.Logger
	client        *http.Client
	down          atomic.Bool // the last request failed, and the log says so

	Stats  ship.Stats
	Ledger event.Ledger // in log lines
}

// New checks cfg. Nothing is sent before Send.
func New(cfg Config, opts Options) (*Output, error) {
	target, err := Target(cfg.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("output.jaeger.endpoint %w", err)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, DisableCompression: true}
	return &Output{url: target, authorization: cfg.Authorization, others: cfg.Exporting, opts: opts, log: opts.Log.With("output", "jaeger"), client: &http.Client{Transport: transport}}, nil
}

// Target is the URL that spans are posted to.
func Target(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", errors.New("is not the URL of a receiver; write http://HOST:4318, without a user") // which ends up in logs
	}
	path := strings.TrimSuffix(u.Path, "/")
	if !strings.HasSuffix(path, "/v1/traces") {
		path += "/v1/traces"
	}
	u.Path = path
	return u.String(), nil
}

const (
	firstWait      = 100 * time.Millisecond
	longestWait    = 5 * time.Second
	requestTimeout = 30 * time.Second
	maxAnswer      = 64 << 10
)

// Up reports whether the last request was answered.
func (o *Output) Up() bool { return !o.down.Load() }

// Send delivers spans, which it takes over, and returns when each is taken, refused or given up. The ledger, in which the
// caller has counted their lines as read, says what became of them.
func (o *Output) Send(ctx context.Context, spans []event.Span) {
	if len(o.others) > 0 {
		spans = slices.DeleteFunc(spans, o.exported)
	}
	o.deliver(ctx, spans)
}

// exported reports a span that its service sends itself, and counts its lines as those of one that is there already.
func (o *Output) exported(s event.Span) bool {
	if s.Origin == event.FromUpstream || s.Origin == event.FromInside || !slices.Contains(o.others, s.Service) {
		return false
	}
	o.Ledger[event.Duplicate].Add(int64(s.Lines))
	return true
}

func (o *Output) deliver(ctx context.Context, spans []event.Span) {
	if len(spans) == 0 {
		return
	}
	body, err := encode(spans)
	if err != nil {
		o.refuse(spans, err)
		return
	}
	for attempt := 0; ; attempt++ {
		res := o.post(ctx, body)
		switch {
		case res.taken:
			o.take(spans, res)
			return
		case res.status == http.StatusRequestEntityTooLarge && len(spans) > 1:
			o.deliver(ctx, spans[:len(spans)/2])
			o.deliver(ctx, spans[len(spans)/2:])
			return
		case res.final:
			o.refuse(spans, res.err)
			return
		}
		o.Stats.Failed.Add(1)
		o.Stats.Retried.Add(lines(spans))
		if ctx.Err() == nil && !o.down.Swap(true) {
			o.log.Warn("the receiver of spans does not take them; trying again", "error", res.err)
		}
		if o.opts.Tries > 0 && attempt+1 >= o.opts.Tries || !wait(ctx, attempt, res.hint) {
			o.Ledger[event.Dropped].Add(lines(spans))
			return
		}
	}
}

// Ping asks whether the receiver can be reached and takes a request, by one without spans.
func Ping(ctx context.Context, cfg Config) error {
	o, err := New(cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	body, err := encode(nil)
	if err != nil {
		return err
	}
	return o.post(ctx, body).err
}

// lines is how many log lines are in spans.
func lines(spans []event.Span) (n int64) {
	for i := range spans {
		n += int64(spans[i].Lines)
	}
	return n
}

// take counts spans that the receiver has, less those that it rejected: it does not say which.
func (o *Output) take(spans []event.Span, res result) {
	all := lines(spans)
	rejected := min(max(res.rejected, 0), int64(len(spans)), all)
	o.Ledger[event.Indexed].Add(all - rejected)
	o.Ledger[event.Dead].Add(rejected)
	if rejected > 0 || res.message != "" {
		o.log.Warn("the receiver of spans says", "rejected", rejected, "message", res.message)
	}
	if o.down.Swap(false) {
		o.log.Info("the receiver of spans takes them again")
	}
}

// refuse counts spans that will not be tried again.
func (o *Output) refuse(spans []event.Span, err error) {
	o.Stats.Failed.Add(1)
	o.Ledger[event.Dead].Add(lines(spans))
	o.log.Warn("the receiver refuses spans for good; correct the cause, then replay --output jaeger", "spans", len(spans), "error", err)
}

// wait sleeps before the next attempt: twice as long each time up to a bound, with jitter, but as long as the answer
// asked for.
func wait(ctx context.Context, attempt int, hint time.Duration) bool {
	d := min(firstWait<<min(attempt, 10), longestWait)
	d = d/2 + rand.N(d/2) // #nosec G404 -- not a secret
	timer := time.NewTimer(max(d, min(hint, longestWait)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// result is what became of one request.
type result struct {
	taken    bool
	final    bool // another try does not change it
	status   int
	rejected int64 // spans
	message  string
	hint     time.Duration // how long the answer asked to wait
	err      error
}

// encode is spans as the compressed body of a request.
func encode(spans []event.Span) ([]byte, error) {
	plain, err := proto.Marshal(message(spans))
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}

// post sends one request.
func (o *Output) post(ctx context.Context, body []byte) (r result) {
	o.Stats.Requests.Add(1)
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, bytes.NewReader(body))
	if err != nil {
		return result{final: true, err: err}
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("User-Agent", "tailspan")
	if o.authorization != "" {
		req.Header.Set("Authorization", o.authorization)
	}
	o.Stats.WireBytes.Add(int64(len(body)))
	o.Stats.InFlight.Add(1)
	defer o.Stats.InFlight.Add(-1)
	start := time.Now()
	res, err := o.client.Do(req)
	if err != nil {
		return result{err: err}
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	o.Stats.Latency.Observe(time.Since(start))
	err = errors.Join(err, res.Body.Close())
	r = result{status: res.StatusCode}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent or a date: no hint
	r.hint = time.Duration(min(max(seconds, 0), 3600)) * time.Second
	switch res.StatusCode {
	case http.StatusOK:
		r.taken = true // an answer that cannot be read says only that nothing is known of rejected spans
		if err == nil {
			r.rejected, r.message = partialSuccess(answer)
		}
		return r
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		r.final = true
	}
	r.err = fmt.Errorf("HTTP %d: %s", res.StatusCode, statusMessage(answer))
	return r
}

package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// sender delivers one bulk at a time. It belongs to one goroutine.
type sender struct {
	out     *Output
	parser  *fastjson.Parser
	attempt int
	alone   bool // its documents were parked
}

// deliver tries until every document of b has its verdict, and acknowledges its lines. When ctx is done first, nothing
// is acknowledged.
func (s *sender) deliver(ctx context.Context, b *bulk) {
	s.attempt = 0
	for {
		if !s.alone {
			s.out.setAside(ctx, b)
		}
		renewals := s.out.renewals()
		hint, err := s.settle(ctx, b, 0, len(b.docs))
		err = errors.Join(err, s.bury(b))
		b.compact()
		if err == nil && len(b.docs) == 0 {
			if !s.out.opts.Secondary {
				s.out.opts.Ack(b.acks)
			}
			return
		}
		if err == nil {
			continue // what is left was mended
		}
		var blocked *blockedError
		first := !s.out.parked.any()
		if errors.As(err, &blocked) && !s.alone && blocked.others == 0 && s.out.park(ctx, b) {
			if first { // the others only add to the log
				s.out.log.Warn("an index takes no documents; those for it wait, others go on", "error", err)
			}
			return
		}
		s.report(ctx, err)
		if s.out.renewals() != renewals {
			s.attempt = 0
		}
		s.out.Stats.Retried.Add(int64(len(b.docs)))
		if !s.wait(ctx, hint) {
			return
		}
	}
}

// report logs the first failure and the end of failures, not each of them, and none that stopping has caused. That documents
// wait for their index has been said.
func (s *sender) report(ctx context.Context, err error) {
	var blocked *blockedError
	if err == nil || ctx.Err() != nil || s.alone && errors.As(err, &blocked) {
		return
	}
	if !s.out.down.Swap(true) {
		s.out.log.Warn("Elasticsearch does not take documents; trying again until it does", "error", err)
	}
}

// wait sleeps before the next attempt: twice as long each time up to a bound, with jitter, but as long as the answer
// asked for.
func (s *sender) wait(ctx context.Context, hint time.Duration) bool {
	d := min(firstWait<<min(s.attempt, 10), longestWait)
	d = d/2 + rand.N(d/2) // #nosec G404 -- not a secret
	s.attempt++
	timer := time.NewTimer(max(d, min(hint, longestWait)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// settle sends docs[i:j] in one request and marks those that are done. A request that is refused as a whole for what is
// in it is halved until the document at fault stands alone. hint is how long the answer asked to wait.
func (s *sender) settle(ctx context.Context, b *bulk, i, j int) (hint time.Duration, err error) {
	if i == j {
		return 0, nil
	}
	status, hint, err := s.post(ctx, b, i, j)
	if err != nil {
		return hint, err
	}
	switch status {
	case http.StatusOK:
		err = s.judge(b, i, j)
		if err == nil && s.out.down.Swap(false) {
			s.out.log.Info("Elasticsearch takes documents again")
		}
		return 0, err
	case http.StatusRequestEntityTooLarge, http.StatusBadRequest:
		if j-i == 1 {
			kind, reason := s.wholeError(b.answer, status)
			b.refuse(i, status, kind, reason)
			return 0, nil
		}
		middle := (i + j) / 2
		first, err := s.settle(ctx, b, i, middle)
		if err != nil {
			return first, err
		}
		return s.settle(ctx, b, middle, j)
	}
	kind, reason := s.wholeError(b.answer, status)
	return hint, fmt.Errorf("HTTP %d %s: %s", status, kind, reason)
}

// wholeError takes apart the answer to a request that failed as a whole.
func (s *sender) wholeError(answer []byte, status int) (kind, reason string) {
	if v, err := s.parser.ParseBytes(answer); err == nil {
		if e := v.Get("error"); e != nil && e.Type() == fastjson.TypeString {
			return http.StatusText(status), string(e.GetStringBytes()) // as for an API that is not there
		} else if e != nil {
			return string(e.GetStringBytes("type")), string(e.GetStringBytes("reason"))
		}
	}
	if status == http.StatusRequestEntityTooLarge {
		return "too_large", "the document is larger than http.max_content_length"
	}
	return http.StatusText(status), string(answer[:min(len(answer), 200)])
}

// bulkFields keeps the answer small: for each item what its verdict needs.
var bulkFields = []string{"errors", "items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by.reason",
	"items.*.failure_store", "error.type", "error.reason"}

// post sends docs[i:j] and reads the answer into b.answer.
func (s *sender) post(ctx context.Context, b *bulk, i, j int) (status int, hint time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	plain := b.buf[b.docs[i].start:b.docs[j-1].end]
	header := http.Header{"Content-Type": {"application/x-ndjson"}}
	sent := plain
	if s.out.cfg.Compression != "none" {
		if sent, err = s.out.compress(ctx, b, plain); err != nil {
			return 0, 0, err
		}
		header.Set("Content-Encoding", "gzip")
	}
	stats := &s.out.Stats
	stats.Requests.Add(1)
	stats.Bytes.Add(int64(len(plain)))
	stats.WireBytes.Add(int64(len(sent)))
	if !s.alone { // these are few, and might take the turns of all others
		if err := s.out.limiter.acquire(ctx); err != nil {
			return 0, 0, err
		}
	}
	start := time.Now()
	defer func() {
		took := time.Since(start)
		stats.Latency.Observe(took)
		if !s.alone {
			s.out.limiter.release(took, err != nil || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable)
		}
	}()
	body := newBody(sent)
	res, err := esapi.BulkRequest{Body: body, FilterPath: bulkFields, Header: header, Timeout: shardTimeout}.Do(ctx, s.out.transport)
	if err == nil {
		err = s.readAnswer(b, res.Body, j-i)
	}
	cancel()
	body.wait()
	if err != nil {
		stats.Failed.Add(1)
		return 0, 0, err
	}
	if res.StatusCode != http.StatusOK {
		stats.Failed.Add(1)
	}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent or a date: no hint
	return res.StatusCode, time.Duration(seconds) * time.Second, nil
}

// answerRoom bounds an answer: what one item may take with its reason.
const answerRoom = 4 << 10

func (s *sender) readAnswer(b *bulk, body io.ReadCloser, items int) error {
	limit := int64(items)*answerRoom + 1<<20
	buf := bytes.NewBuffer(b.answer[:0])
	_, err := buf.ReadFrom(io.LimitReader(body, limit))
	b.answer = buf.Bytes()
	if int64(len(b.answer)) >= limit {
		err = errors.Join(err, fmt.Errorf("the answer is longer than %d bytes", limit))
	}
	return errors.Join(err, body.Close())
}

// refusal is a document that Elasticsearch will never take, and why.
type refusal struct {
	index        int // in docs
	status       int
	kind, reason string
}

func (b *bulk) refuse(i, status int, kind, reason string) {
	b.letters = append(b.letters, refusal{i, status, kind, reason})
}

// bury writes the refused documents to disk. Only then are they done with.
func (s *sender) bury(b *bulk) error {
	if len(b.letters) == 0 {
		return nil
	}
	letters := make([]ship.DeadLetter, 0, len(b.letters))
	for _, r := range b.letters {
		d := b.docs[r.index]
		letters = append(letters, ship.DeadLetter{
			Time: time.Now().UTC(), Output: "elasticsearch", Status: r.status, Type: r.kind, Reason: r.reason,
			Pipeline: s.out.opts.Names[d.source.Pipeline],
			Source:   strconv.FormatUint(d.source.ID, 16), Generation: d.source.Generation, Offset: d.offset,
			Action: bytes.TrimSpace(b.buf[d.start:d.body]), Document: bytes.TrimSpace(b.buf[d.body:d.end]),
		})
	}
	if err := s.out.opts.Letters.Write(letters); err != nil {
		b.letters = b.letters[:0]
		return fmt.Errorf("dead letters cannot be written: %w", err)
	}
	for _, r := range b.letters {
		d := &b.docs[r.index]
		d.done = true
		s.out.count(d.source, event.Dead, 1)
		s.out.log.Warn("Elasticsearch refused a document; it is in the dead letters", "status", r.status, "type", r.kind,
			"reason", r.reason, "file", s.out.opts.Letters.Path())
	}
	b.letters = b.letters[:0]
	return nil
}

package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

const (
	idsPerSearch = 1000 // in one question; Elasticsearch takes ten times as many by default
	replayTries  = 20   // without any progress, about a minute
)

// Replay sends documents that may be there already. Before each request it asks for the ids in the whole data stream or
// index, and sends what is missing: create alone looks only into the backing index that is written now. The sources'
// ledgers say what became of the lines: Duplicate is there already, Dead is refused; a refused one goes to no dead
// letters, which belong to the agent.
type Replay struct {
	Writer *Writer // of one goroutine; after Flush, Wait
	out    *Output
	s      *sender
	// Asking finds what has been refreshed. What was sent before a question may not have been.
	stale     map[string]bool // by index
	templates bool            // were looked after
	err       error
}

// NewReplay begins to send what the Writer is given. Once that fails for good cancel is called, to end the Writer's waiting;
// ctx is what cancel ends.
func NewReplay(ctx context.Context, cancel context.CancelFunc, cfg Config, opts Options) (*Replay, error) {
	opts.Workers = 1
	out, err := New(cfg, opts)
	if err != nil {
		return nil, err
	}
	r := &Replay{Writer: out.Writer(ctx, make(chan struct{}, 1)), out: out, s: newSender(out)}
	r.refresh()
	out.senders.Go(func() {
		for b := range out.queue {
			if r.err == nil {
				if r.err = r.deliver(ctx, b); r.err != nil {
					cancel()
				}
			}
			b.reset(cfg.Bulk.MaxSize)
			out.free.Put(b)
		}
	})
	return r, nil
}

// Wait ends the sending, and returns the error that ended it before.
func (r *Replay) Wait() error {
	r.out.Close()
	return r.err
}

// refresh makes the next question see everything that was sent before it.
func (r *Replay) refresh() {
	r.stale = map[string]bool{}
	for _, t := range r.out.targets() {
		r.stale[t.Index.Pattern()] = true
	}
}

// finalError is one that another try does not change.
type finalError struct{ error }

// deliver tries until every document of b is there or refused.
func (r *Replay) deliver(ctx context.Context, b *bulk) error {
	r.s.attempt = 0
	for len(b.docs) > 0 {
		before := len(b.docs)
		hint, err := r.try(ctx, b)
		b.compact()
		if err == nil {
			continue // what is left was mended
		}
		if len(b.docs) < before {
			r.s.attempt = 0
		}
		if errors.As(err, new(finalError)) || r.s.attempt == replayTries {
			return err
		}
		r.s.report(ctx, err)
		r.refresh()
		if !r.s.wait(ctx, hint) {
			return ctx.Err()
		}
	}
	return nil
}

// try asks for the documents of b and sends those that are missing. hint is how long an answer asked to wait.
func (r *Replay) try(ctx context.Context, b *bulk) (hint time.Duration, err error) {
	for i := 0; i < len(b.docs); {
		j := i + 1
		for j < len(b.docs) && j-i < idsPerSearch && r.out.target(&b.docs[j]) == r.out.target(&b.docs[i]) {
			j++
		}
		if hint, err := r.strike(ctx, b, i, j); err != nil {
			return hint, err
		}
		i = j
	}
	if b.compact(); len(b.docs) == 0 {
		return 0, nil
	}
	if !r.templates {
		r.out.installTemplates(ctx)
		r.templates = true
	}
	hint, err = r.s.settle(ctx, b, 0, len(b.docs))
	for _, refused := range b.letters {
		d := &b.docs[refused.index]
		d.done = true
		r.out.count(d.source, event.Dead, 1)
		r.out.log.Warn("Elasticsearch refused a document", "status", refused.status, "type", refused.kind, "reason", refused.reason,
			"source", strconv.FormatUint(d.source.ID, 16), "offset", d.offset)
	}
	b.letters = b.letters[:0]
	return hint, err
}

// strike marks those of docs[i:j], which go to one target, that are there already.
func (r *Replay) strike(ctx context.Context, b *bulk, i, j int) (hint time.Duration, err error) {
	index := r.out.target(&b.docs[i]).Index.Pattern()
	if r.stale[index] {
		if hint, err := r.refreshIndex(ctx, index); err != nil {
			return hint, err
		}
		delete(r.stale, index)
	}
	there, all, hint, err := r.ask(ctx, index, b, i, j)
	if err != nil {
		return hint, err
	}
	if all && j-i > 1 { // so many documents have one of the ids that some are not in the answer
		middle := (i + j) / 2
		if hint, err := r.strike(ctx, b, i, middle); err != nil {
			return hint, err
		}
		return r.strike(ctx, b, middle, j)
	}
	for k := i; k < j; k++ {
		if d := &b.docs[k]; there[string(b.id(d))] {
			d.done = true
			r.out.count(d.source, event.Duplicate, 1)
		}
	}
	return 0, nil
}

// id is the _id in the action line of d.
func (b *bulk) id(d *doc) []byte {
	action := b.buf[d.start:d.body]
	return bytes.TrimSuffix(action[bytes.LastIndex(action, idKey)+len(idKey):], []byte("\"}}\n"))
}

var idKey = []byte(`"_id":"`)

// answerFields is what a question needs of its answer.
var answerFields = []string{"timed_out", "_shards.failed", "hits.total.value", "hits.hits._id", "error.type", "error.reason"}

// ask returns which of the ids of docs[i:j] are in the index, under all its backing indices. more says that the answer is not
// all of it. An index that does not exist has none.
func (r *Replay) ask(ctx context.Context, index string, b *bulk, i, j int) (there map[string]bool, more bool, hint time.Duration, err error) {
	ids := make([]string, 0, j-i)
	for k := i; k < j; k++ {
		ids = append(ids, string(b.id(&b.docs[k])))
	}
	question, err := json.Marshal(map[string]any{"query": map[string]any{"ids": map[string]any{"values": ids}},
		"size": len(ids), "_source": false, "track_total_hits": true})
	if err != nil {
		return nil, false, 0, err
	}
	yes, no := true, false
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := esapi.SearchRequest{Index: []string{index}, Body: bytes.NewReader(question), FilterPath: answerFields,
		IgnoreUnavailable: &yes, AllowPartialSearchResults: &no}.Do(ctx, r.out.transport)
	if err != nil {
		return nil, false, 0, err
	}
	answer, hint, err := r.read(res, "asking for ids needs the privilege to read the index")
	if err != nil || answer == nil {
		return nil, false, hint, err
	}
	if partial(answer) || !answer.Exists("hits", "total", "value") {
		return nil, false, 0, fmt.Errorf("not all of %s answered for its ids", index)
	}
	there = map[string]bool{}
	hits := answer.GetArray("hits", "hits")
	for _, hit := range hits {
		there[string(hit.GetStringBytes("_id"))] = true
	}
	return there, answer.GetInt("hits", "total", "value") > len(hits), 0, nil
}

// refreshIndex lets questions see everything that the index has taken. Without the right to do so they see what is older
// than its refresh interval, by default a second.
func (r *Replay) refreshIndex(ctx context.Context, index string) (hint time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	yes := true
	res, err := esapi.IndicesRefreshRequest{Index: []string{index}, IgnoreUnavailable: &yes, FilterPath: answerFields}.Do(ctx, r.out.transport)
	if err != nil {
		return 0, err
	}
	if res.StatusCode == http.StatusForbidden {
		r.out.log.Warn("without the privilege to refresh the index, lines sent within its last refresh interval may not be seen", "index", index)
		_, _, err = drain(res)
		return 0, err
	}
	_, hint, err = r.read(res, "")
	return hint, err
}

// read takes an answer apart; nil without an error is that of an index that does not exist.
func (r *Replay) read(res *esapi.Response, need string) (answer *fastjson.Value, hint time.Duration, err error) {
	status, text, err := drain(res)
	if err != nil {
		return nil, 0, err
	}
	switch {
	case status == http.StatusNotFound:
		return nil, 0, nil
	case status != http.StatusOK:
		kind, reason := r.s.wholeError(text, status)
		err = fmt.Errorf("HTTP %d %s: %s", status, kind, reason)
		if status == http.StatusForbidden && need != "" {
			err = fmt.Errorf("%s: %w", need, err)
		}
		if status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout {
			err = finalError{err}
		}
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent or a date: no hint
		return nil, time.Duration(seconds) * time.Second, err
	}
	answer, err = r.s.parser.ParseBytes(text)
	if err != nil {
		err = fmt.Errorf("an answer is not JSON: %w", err)
	}
	return answer, 0, err
}

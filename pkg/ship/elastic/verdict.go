package elastic

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

// judge gives docs[i:j] their verdicts from a 200 answer: 201 is indexed, 409 was there already, 429 and 5xx are tried
// again, a document with a field that does not fit is mended, and what else is refused goes to the dead letters. An answer that is not about just these documents is no
// success: then nothing is marked, and what was indexed will be a 409 the next time.
func (s *sender) judge(b *bulk, i, j int) error {
	if created, ok := allCreated(b.answer); ok && created == j-i {
		for k := i; k < j; k++ {
			b.docs[k].done = true
		}
		s.out.countIndexed(b.docs[i:j])
		return nil
	}
	items, err := itemsOf(b.answer)
	if err != nil {
		return fmt.Errorf("the answer to a bulk request is not JSON: %w", err)
	}
	if n := items.count(); n != j-i {
		return fmt.Errorf("the answer has %d items for %d documents", n, j-i)
	}
	var busy error
	var blocked *blockedError
	others := 0
	for k := i; k < j; k++ {
		item, err := s.parser.ParseBytes(items.next())
		if err == nil {
			err = s.verdict(b, k, item.Get("create"))
		}
		switch {
		case err == nil:
		case errors.As(err, &blocked):
		default:
			busy = err
			others++
		}
	}
	if blocked != nil {
		blocked.others = others
		return blocked
	}
	return busy
}

// indexRefusals are errors of an index, not of the document: it is blocked or closed, is not there (it was deleted a moment
// ago, or may not be made by itself), has no shard, or the right to write to it was taken away, and all of these may end.
var indexRefusals = map[string]bool{"cluster_block_exception": true, "index_closed_exception": true, "index_not_found_exception": true,
	"unavailable_shards_exception": true, "security_exception": true}

// blockedError says that an index takes no documents, although the cluster does.
type blockedError struct {
	reason string
	others int // documents of the same request that have to be sent again for another reason
}

func (e *blockedError) Error() string { return e.reason }

// verdict judges one item. The error says why the document has to be sent again.
func (s *sender) verdict(b *bulk, i int, item *fastjson.Value) error {
	d := &b.docs[i]
	status := item.GetInt("status")
	kind, reason := string(item.GetStringBytes("error", "type")), string(item.GetStringBytes("error", "reason"))
	if cause := item.GetStringBytes("error", "caused_by", "reason"); len(cause) > 0 {
		reason += ": " + string(cause)
	}
	switch {
	case string(item.GetStringBytes("failure_store")) == "used":
		// Elasticsearch keeps it, but not where anyone searches: a dead letter on their side.
		d.done = true
		s.out.count(d.source, event.Dead, 1)
		s.out.log.Warn("Elasticsearch put a document into its failure store", "type", kind, "reason", reason)
	case status == http.StatusCreated || status == http.StatusOK:
		d.done = true
		s.out.count(d.source, event.Indexed, 1)
	case status == http.StatusConflict:
		d.done = true
		s.out.count(d.source, event.Duplicate, 1)
	case status == http.StatusUnauthorized || indexRefusals[kind]:
		if status == http.StatusUnauthorized || kind == "security_exception" {
			s.out.renew()
		}
		return &blockedError{reason: fmt.Sprintf("item status %d %s: %s", status, kind, reason)}
	case status == http.StatusTooManyRequests || status >= 500:
		return fmt.Errorf("item status %d %s: %s", status, kind, reason)
	case status == http.StatusBadRequest && d.mends < maxMends:
		d.mends++
		mended := mend(b.buf[d.body:d.end], reason)
		if mended == nil {
			b.refuse(i, status, kind, reason)
			return nil
		}
		if b.mended == nil {
			b.mended = map[int][]byte{}
		}
		b.mended[i] = mended
		s.out.Stats.Mended.Add(1)
		s.out.log.Info("a field was moved aside so that its document is kept", "index", s.out.target(d).Index.Pattern(), "reason", reason)
	case status >= 400:
		b.refuse(i, status, kind, reason)
	default:
		return fmt.Errorf("an item without a status: %s", item)
	}
	return nil
}

var (
	answerHead = []byte(`{"errors":false,"items":[`)
	createdOne = []byte(`{"create":{"status":201}}`)
)

// allCreated counts the items of an answer that says of every document that it was created, in just the form that
// Elasticsearch gives it with bulkFields; ok is false for any other answer.
func allCreated(answer []byte) (items int, ok bool) {
	rest, ok := bytes.CutPrefix(answer, answerHead)
	if !ok {
		return 0, false
	}
	for {
		if rest, ok = bytes.CutPrefix(rest, createdOne); !ok {
			return 0, false
		}
		items++
		if len(rest) == 0 || rest[0] != ',' {
			return items, string(rest) == "]}"
		}
		rest = rest[1:]
	}
}

// countIndexed counts documents by source; neighbours mostly share theirs.
func (o *Output) countIndexed(docs []doc) {
	for len(docs) > 0 {
		n := 1
		for n < len(docs) && docs[n].source == docs[0].source {
			n++
		}
		o.count(docs[0].source, event.Indexed, n)
		docs = docs[n:]
	}
}

// count adds verdicts to the output's ledger, and to the source's when this is the output that its lines are read for.
func (o *Output) count(src *event.Source, v event.Verdict, n int) {
	o.Ledger[v].Add(int64(n))
	if !o.opts.Secondary {
		src.Count(v, n)
	}
}

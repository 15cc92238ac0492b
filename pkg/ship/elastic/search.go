package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/valyala/fastjson"
)

const (
	hitsPerPage = 500
	maxPage     = 512 << 20 // bytes: as many documents of the usual greatest length
	scrollFor   = time.Minute
)

// Search asks the indices and data streams for all documents that match the query, a clause of the query language, and shows
// each with its _id to visit, whose error ends the search. The bytes are valid until visit returns. Indices that do not
// exist have no documents; a part that does not answer is an error, for nobody would know what is missing.
func Search(ctx context.Context, cfg Config, indices []string, query map[string]any, visit func(id string, document []byte) error) error {
	transport, err := newTransport(cfg)
	if err != nil {
		return fmt.Errorf("output.elasticsearch: %w", err)
	}
	question, err := json.Marshal(map[string]any{"query": query, "size": hitsPerPage, "sort": []string{"_doc"}})
	if err != nil {
		return err
	}
	yes, no := true, false
	s := &search{ctx: ctx, transport: transport, visit: visit}
	defer s.clear()
	err = s.page(esapi.SearchRequest{Index: indices, Body: bytes.NewReader(question), Scroll: scrollFor, IgnoreUnavailable: &yes,
		AllowNoIndices: &yes, AllowPartialSearchResults: &no})
	for err == nil && s.more {
		body, failed := json.Marshal(map[string]any{"scroll": "1m", "scroll_id": s.scroll})
		if failed != nil {
			return failed
		}
		err = s.page(esapi.ScrollRequest{Body: bytes.NewReader(body)})
	}
	return err
}

// search is one question with as many answers as it takes. It scrolls, which every version of Elasticsearch and of
// OpenSearch can.
type search struct {
	ctx       context.Context
	transport esapi.Transport
	parser    fastjson.Parser
	visit     func(id string, document []byte) error
	scroll    string
	more      bool
	text      []byte
}

// request is a question or the next page of its answer.
type request interface {
	Do(context.Context, esapi.Transport) (*esapi.Response, error)
}

func (s *search) page(req request) error {
	s.more = false
	ctx, cancel := context.WithTimeout(s.ctx, requestTimeout)
	defer cancel()
	res, err := req.Do(ctx, s.transport)
	if err != nil {
		return err
	}
	status, text, err := readAll(res, maxPage)
	if err != nil {
		return err
	}
	if status == http.StatusNotFound && s.scroll == "" {
		return nil
	}
	answer, err := s.parser.ParseBytes(text)
	if status != http.StatusOK {
		reason := ""
		if err == nil {
			reason = string(answer.GetStringBytes("error", "reason"))
		}
		return fmt.Errorf("the search failed: HTTP %d %s", status, reason)
	}
	if err != nil {
		return fmt.Errorf("an answer is not JSON: %w", err)
	}
	if id := answer.GetStringBytes("_scroll_id"); id != nil {
		s.scroll = string(id)
	}
	if partial(answer) {
		return errPartial
	}
	hits := answer.GetArray("hits", "hits")
	s.more = len(hits) > 0
	for _, hit := range hits {
		source := hit.Get("_source") // nothing below was looked at, so it is written as it came
		if source == nil {
			continue
		}
		s.text = source.MarshalTo(s.text[:0])
		if err := s.visit(string(hit.GetStringBytes("_id")), s.text); err != nil {
			return err
		}
	}
	return nil
}

var errPartial = errors.New("not all shards answered the search")

// partial reports an answer in which something may be missing that is there.
func partial(answer *fastjson.Value) bool {
	return answer.GetBool("timed_out") || answer.GetInt("_shards", "failed") > 0
}

// clear lets Elasticsearch forget the search; by itself it does so after a minute.
func (s *search) clear() {
	if s.scroll == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 5*time.Second)
	defer cancel()
	if res, err := (esapi.ClearScrollRequest{ScrollID: []string{s.scroll}}).Do(ctx, s.transport); err == nil {
		_, _, _ = drain(res) // see above
	}
}

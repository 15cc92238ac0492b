package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/valyala/fastjson"
)

// Client asks indices and data streams. Any goroutine may ask.
type Client struct {
	cfg       Config
	transport esapi.Transport
	indices   []string
}

// NewClient returns a client for the indices, which may have wildcards. Nothing is sent before the first question.
func NewClient(cfg Config, indices []string) (*Client, error) {
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, fmt.Errorf("output.elasticsearch: %w", err)
	}
	return &Client{cfg, transport, indices}, nil
}

// All shows every document that matches the query to visit, as Search does.
func (c *Client) All(ctx context.Context, query map[string]any, visit func(id string, document []byte) error) error {
	return Search(ctx, c.cfg, c.indices, query, visit)
}

// Ask sends the body of one search and returns its answer. It is an error when a part did not answer; nil is the answer when there are
// no indices yet.
func (c *Client) Ask(ctx context.Context, body map[string]any) (*fastjson.Value, error) {
	question, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	yes, no := true, false
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := esapi.SearchRequest{Index: c.indices, Body: bytes.NewReader(question), IgnoreUnavailable: &yes, AllowNoIndices: &yes,
		AllowPartialSearchResults: &no}.Do(ctx, c.transport)
	if err != nil {
		return nil, err
	}
	status, text, err := readAll(res, maxPage)
	if err != nil {
		return nil, err
	}
	answer, err := fastjson.ParseBytes(text)
	switch {
	case status == http.StatusNotFound:
		return nil, nil
	case status != http.StatusOK && err == nil:
		return nil, fmt.Errorf("the search failed: HTTP %d %s", status, reasonOf(answer))
	case status != http.StatusOK:
		return nil, fmt.Errorf("the search failed: HTTP %d", status)
	case err != nil:
		return nil, fmt.Errorf("an answer is not JSON: %w", err)
	case partial(answer):
		return nil, errPartial
	}
	return answer, nil
}

// reasonOf is what an answer says of its error, the root cause first.
func reasonOf(answer *fastjson.Value) string {
	for _, cause := range answer.GetArray("error", "root_cause") {
		return string(cause.GetStringBytes("reason"))
	}
	return string(answer.GetStringBytes("error", "reason"))
}

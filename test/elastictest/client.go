package elastictest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// client's timeout bounds every question; a refresh after a large load is the slowest of them.
var client = &http.Client{Timeout: 30 * time.Second}

// StatusError is an answer that is not a success.
type StatusError struct {
	Status int
	Body   string
}

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP %d: %s", e.Status, e.Body) }

// missing reports whether the answer was that there is no such index.
func missing(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status == http.StatusNotFound
}

// Do sends one request. A body that is text goes as it is, any other as JSON; what is not nil in answer is filled from
// the JSON that comes back.
func (n *Node) Do(method, path string, body, answer any) error {
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = bytes.NewReader([]byte(b))
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, n.URL+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if n.password != "" {
		req.SetBasicAuth(administrator, n.password)
	}
	res, err := n.client.Do(req)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return &StatusError{res.StatusCode, string(data)}
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(data, answer)
}

// Refresh makes everything that was indexed visible to searches.
func (n *Node) Refresh(index string) error {
	err := n.Do("POST", "/"+index+"/_refresh", nil, nil)
	if missing(err) {
		return nil
	}
	return err
}

// Count is how many documents an index or data stream has now; one that does not exist has none.
func (n *Node) Count(index string) (int, error) {
	if err := n.Refresh(index); err != nil {
		return 0, err
	}
	var answer struct{ Count int }
	err := n.Do("GET", "/"+index+"/_count", nil, &answer)
	if missing(err) {
		return 0, nil
	}
	return answer.Count, err
}

// Hit is one document that a search found.
type Hit struct {
	ID     string           `json:"_id"`
	Source json.RawMessage  `json:"_source"`
	Fields map[string][]any `json:"fields"`
	SeqNo  int64            `json:"_seq_no"`
}

type found struct {
	ScrollID string `json:"_scroll_id"`
	Hits     struct {
		Hits []Hit `json:"hits"`
	} `json:"hits"`
}

// Search returns what a search body finds, at most as many as its size says.
func (n *Node) Search(index string, body any) ([]Hit, error) {
	if err := n.Refresh(index); err != nil {
		return nil, err
	}
	var answer found
	err := n.Do("POST", "/"+index+"/_search", body, &answer)
	return answer.Hits.Hits, err
}

// Each calls yield with every document of an index, however many there are. source names the fields that are wanted of
// them; none means all.
func (n *Node) Each(index string, source []string, yield func(Hit) error) error {
	if err := n.Refresh(index); err != nil {
		return err
	}
	body := map[string]any{"size": 5000, "sort": []string{"_doc"}, "seq_no_primary_term": true}
	if len(source) > 0 {
		body["_source"] = source
	}
	var page found
	err := n.Do("POST", "/"+index+"/_search?scroll=1m", body, &page)
	for err == nil && len(page.Hits.Hits) > 0 {
		for _, hit := range page.Hits.Hits {
			if err := yield(hit); err != nil {
				return err
			}
		}
		id := page.ScrollID
		page = found{}
		err = n.Do("POST", "/_search/scroll", map[string]any{"scroll": "1m", "scroll_id": id}, &page)
	}
	if err != nil {
		return err
	}
	return n.Do("DELETE", "/_search/scroll", map[string]any{"scroll_id": page.ScrollID}, nil)
}

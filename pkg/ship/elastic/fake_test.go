package elastic

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// cluster plays Elasticsearch's part of the bulk protocol and keeps what it accepted. It stands in the place of the
// client's transport, so that time can be injected; the real server is asked in test/elasticsearch.
type cluster struct {
	t *testing.T

	mu        sync.Mutex
	docs      map[string]string // by _id
	bodies    [][]string        // of each bulk request: the messages of its documents
	templates int
	faults    []fault // one for each bulk request, in order; then none
	shardless bool    // no shard for documents that say so: they wait for as long as the request lets them, and their request with them
	plain     bool    // the last body was not compressed
}

// fault answers a bulk request in the place of the cluster; nil items it leaves alone are indexed.
type fault func(c *cluster, items []item) *http.Response

type item struct{ id, doc string }

func (i item) message() string {
	var d struct{ Message string }
	_ = json.Unmarshal([]byte(i.doc), &d)
	return d.Message
}

func (c *cluster) Perform(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if req.URL.Path != "/_bulk" {
		if req.Method == http.MethodPut {
			c.templates++
			return answer(200, `{"acknowledged":true}`), nil
		}
		return answer(404, `{}`), nil
	}
	items := c.read(req)
	if c.shardless && slices.ContainsFunc(items, item.shardless) {
		return c.waitForShard(req, items)
	}
	var messages []string
	for _, i := range items {
		messages = append(messages, i.message())
	}
	c.bodies = append(c.bodies, messages)
	if len(c.faults) > 0 {
		f := c.faults[0]
		c.faults = c.faults[1:]
		if f != nil {
			if res := f(c, items); res != nil {
				return res, nil
			}
			return nil, io.ErrUnexpectedEOF
		}
	}
	return c.index(items, nil), nil
}

func (i item) shardless() bool { return i.message() == "shardless" }

// waitForShard is what Elasticsearch does when there is no shard for some of the items. Others meanwhile get theirs.
func (c *cluster) waitForShard(req *http.Request, items []item) (*http.Response, error) {
	patience, err := time.ParseDuration(cmp.Or(req.URL.Query().Get("timeout"), "1m"))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range items {
		if i.shardless() {
			out = append(out, `{"create":{"status":503,"error":{"type":"unavailable_shards_exception","reason":"primary shard is not active"}}}`)
			continue
		}
		c.docs[i.id] = i.doc
		out = append(out, `{"create":{"status":201}}`)
	}
	c.mu.Unlock()
	time.Sleep(patience)
	c.mu.Lock()
	return answer(200, `{"errors":true,"items":[`+strings.Join(out, ",")+`]}`), nil
}

func (c *cluster) read(req *http.Request) []item {
	body := io.Reader(req.Body)
	if c.plain = req.Header.Get("Content-Encoding") != "gzip"; !c.plain {
		zipped, err := gzip.NewReader(req.Body)
		if err != nil {
			c.t.Error(err)
			return nil
		}
		body = zipped
	}
	data, err := io.ReadAll(body)
	if err != nil {
		c.t.Error(err)
	}
	if err := req.Body.Close(); err != nil {
		c.t.Error(err)
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		c.t.Errorf("the body does not end in a newline: %q", data)
	}
	var items []item
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		var action struct {
			Create struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
			}
		}
		if err := json.Unmarshal([]byte(lines[i]), &action); err != nil || action.Create.Index != "logs-p-default" {
			c.t.Errorf("action %s: %v", lines[i], err)
		}
		if !json.Valid([]byte(lines[i+1])) {
			c.t.Errorf("document %s", lines[i+1])
		}
		items = append(items, item{action.Create.ID, lines[i+1]})
	}
	return items
}

// index takes the items, but for those that refuse gives a status.
func (c *cluster) index(items []item, refuse map[string]int) *http.Response {
	var out []string
	errors := false
	for _, i := range items {
		status := refuse[i.message()]
		switch {
		case status != 0:
			errors = true
			out = append(out, fmt.Sprintf(`{"create":{"status":%d,"error":{"type":"some_exception","reason":"because"}}}`, status))
		case c.docs[i.id] != "":
			errors = true
			out = append(out, `{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"there"}}}`)
		default:
			c.docs[i.id] = i.doc
			out = append(out, `{"create":{"status":201}}`)
		}
	}
	return answer(200, fmt.Sprintf(`{"errors":%v,"items":[%s]}`, errors, strings.Join(out, ",")))
}

// answer makes a response.
func answer(status int, body string, header ...string) *http.Response {
	res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res
}

// refusing answers 200 with some items refused.
func refusing(statuses map[string]int) fault {
	return func(c *cluster, items []item) *http.Response { return c.index(items, statuses) }
}

// always answers the same and indexes nothing.
func always(status int, body string, header ...string) fault {
	return func(*cluster, []item) *http.Response { return answer(status, body, header...) }
}

// appliedBut indexes everything and then answers something else.
func appliedBut(res func(whole string) *http.Response) fault {
	return func(c *cluster, items []item) *http.Response {
		whole, _ := io.ReadAll(c.index(items, nil).Body) // a string reader
		return res(string(whole))
	}
}

func fixedName(text string) *Name {
	n, err := ParseName(text, true)
	if err != nil {
		panic(err)
	}
	return n
}

package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// Product is what a server is, as far as that makes a difference to what is set up on it.
type Product string

// The products that differ.
const (
	Elasticsearch    Product = "elasticsearch"     // 8.14 and later, also serverless: data streams have a lifecycle of their own
	ElasticsearchILM Product = "elasticsearch-ilm" // before: only policies of index lifecycle management
	OpenSearch       Product = "opensearch"        // policies of index state management; flat_object for flattened
)

// Products are all of them.
var Products = []Product{Elasticsearch, ElasticsearchILM, OpenSearch}

// ParseProduct reads the name of a product.
func ParseProduct(text string) (Product, error) {
	if p := Product(text); slices.Contains(Products, p) {
		return p, nil
	}
	return "", fmt.Errorf("%q is no product; write elasticsearch, elasticsearch-ilm (before 8.14), opensearch or kibana", text)
}

// streamLifecycle is the first version of Elasticsearch whose data streams' own lifecycle is more than a preview.
const streamLifecycleMajor, streamLifecycleMinor = 8, 14

// askProduct asks a server what it is. One that refuses to say so is Elasticsearch when it names itself in the header that every
// version since 7.14 sends; the minimal distributions have no other answer.
func askProduct(ctx context.Context, c *caller) (Product, error) {
	status, header, answer, err := c.do(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return "", err
	}
	var info struct {
		Version struct {
			Number       string `json:"number"`
			Distribution string `json:"distribution"`
			Flavor       string `json:"build_flavor"`
		} `json:"version"`
	}
	if status == http.StatusOK && json.Unmarshal(answer, &info) == nil && info.Version.Number != "" {
		v := info.Version
		if v.Distribution == "opensearch" {
			return OpenSearch, nil
		}
		if v.Flavor != "serverless" && before(v.Number, streamLifecycleMajor, streamLifecycleMinor) {
			return ElasticsearchILM, nil
		}
		return Elasticsearch, nil
	}
	if header.Get("X-Elastic-Product") == "Elasticsearch" {
		return Elasticsearch, nil
	}
	if status == http.StatusOK {
		return "", errors.New("the server does not answer as Elasticsearch or OpenSearch does; is this its address?")
	}
	return "", c.refused(status, answer, "monitor")
}

// before reports a version that is before another.
func before(number string, major, minor int) bool {
	parts := strings.SplitN(number, ".", 3)
	if len(parts) < 2 {
		return false
	}
	gotMajor, err := strconv.Atoi(parts[0])
	gotMinor, err2 := strconv.Atoi(parts[1])
	return err == nil && err2 == nil && (gotMajor < major || gotMajor == major && gotMinor < minor)
}

// caller asks a server one thing after the other.
type caller struct {
	cfg       Config
	transport esapi.Transport
	hosts     int // how many there are to try
}

func newCaller(cfg Config) (*caller, error) {
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	return &caller{cfg: cfg, transport: transport, hosts: max(1, len(cfg.Hosts))}, nil
}

// do sends one request; of several hosts that cannot be reached, each is tried. A body goes as JSON.
func (c *caller) do(ctx context.Context, method, path string, body []byte) (status int, header http.Header, answer []byte, err error) {
	for range c.hosts {
		if status, header, answer, err = c.once(ctx, method, path, body); err == nil || ctx.Err() != nil {
			break
		}
	}
	return status, header, answer, err
}

func (c *caller) once(ctx context.Context, method, path string, body []byte) (status int, header http.Header, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, path, http.NoBody)
	if err != nil {
		return 0, nil, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Body, req.ContentLength = newBody(body), int64(len(body))
	}
	res, err := c.transport.Perform(req)
	if err != nil {
		return 0, nil, nil, unreachable(c.cfg, err)
	}
	status, answer, err = drain(&esapi.Response{StatusCode: res.StatusCode, Body: res.Body})
	return status, res.Header, answer, err
}

// answerError is an answer that is not a success.
type answerError struct {
	status int
	text   string
	answer []byte // as it came
}

func (e *answerError) Error() string { return e.text }

// refused says in the user's terms what a refusal means; privilege is what the account needs for what was asked.
func (c *caller) refused(status int, answer []byte, privilege string) error {
	err := refused(c.cfg, status, answer)
	if status == http.StatusForbidden {
		err = fmt.Errorf("the account lacks a privilege; grant it %s (%w)", privilege, err)
	}
	if cause := innermost(answer); cause != "" && !strings.Contains(err.Error(), cause) {
		err = fmt.Errorf("%w: %s", err, cause)
	}
	return &answerError{status, err.Error(), answer}
}

// innermost is the reason of the cause of all causes in an answer; empty: there is none.
func innermost(answer []byte) string {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(answer, &body) != nil {
		return ""
	}
	reason := ""
	for at := body.Error; len(at) > 0; {
		var cause struct {
			Reason string          `json:"reason"`
			By     json.RawMessage `json:"caused_by"`
		}
		if json.Unmarshal(at, &cause) != nil {
			break
		}
		reason, at = cause.Reason, cause.By
	}
	return reason
}

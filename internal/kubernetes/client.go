package kubernetes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	watchTime    = 5 * time.Minute  // after which the server ends a watch
	answerWithin = 30 * time.Second // for the head of an answer, and for a whole list
	maxAnswer    = 256 << 20        // bytes of one answer: a list of the 500 largest pods there can be
)

// errExpired says that the server does not know any more what happened after a version.
var errExpired = errors.New("the version is too old")

// refusal is an answer that is none.
type refusal struct {
	status int
	text   string
	after  time.Duration // that the server asked to wait
}

func (r *refusal) Error() string { return fmt.Sprintf("HTTP %d: %s", r.status, r.text) }

// retryAfter is how long the server asked to wait.
func retryAfter(err error) time.Duration {
	var r *refusal
	if errors.As(err, &r) {
		return r.after
	}
	return 0
}

// client asks one API server.
type client struct {
	base    string // URL
	account string // the folder of token and ca.crt
	http    *http.Client
	ca      string // that http trusts
}

// list calls yield with each pod of the node and returns the version of the list. The object is yield's.
func (c *client) list(ctx context.Context, node string, yield func(*object)) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	// Version 0 is whatever the server has at hand, so that a thousand agents that start at once do not reach its store.
	body, err := c.get(ctx, node, url.Values{"resourceVersion": {"0"}})
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }() // was only read
	version, err = decodeList(io.LimitReader(body, maxAnswer), yield)
	if err == nil && version == "" {
		err = errors.New("a list without a version")
	}
	return version, err
}

// decodeList reads a PodList, one pod in memory at a time.
func decodeList(body io.Reader, yield func(*object)) (version string, err error) {
	d := json.NewDecoder(body)
	if err := expect(d, json.Delim('{')); err != nil {
		return "", err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return "", err
		}
		switch name {
		case "metadata":
			var metadata struct {
				ResourceVersion string `json:"resourceVersion"`
			}
			err = d.Decode(&metadata)
			version = metadata.ResourceVersion
		case "items":
			err = decodeItems(d, yield)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return "", err
		}
	}
	return version, expect(d, json.Delim('}'))
}

func decodeItems(d *json.Decoder, yield func(*object)) error {
	if first, err := d.Token(); err != nil || first == nil { // null is an empty list
		return err
	} else if first != json.Delim('[') {
		return fmt.Errorf("%v where a list begins", first)
	}
	for d.More() {
		o := new(object)
		if err := d.Decode(o); err != nil {
			return err
		}
		yield(o)
	}
	return expect(d, json.Delim(']'))
}

func expect(d *json.Decoder, want json.Token) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("%v where %v is expected", got, want)
	}
	return err
}

// watch calls yield with each change after a version, in order, until the server ends the watch. A bookmark is an object of
// which only the version is set.
func (c *client) watch(ctx context.Context, node, version string, yield func(kind string, o *object)) error {
	ctx, cancel := context.WithTimeout(ctx, watchTime+answerWithin) // a connection that died says nothing
	defer cancel()
	body, err := c.get(ctx, node, url.Values{"watch": {"1"}, "allowWatchBookmarks": {"true"}, "resourceVersion": {version},
		"timeoutSeconds": {strconv.Itoa(int(watchTime / time.Second))}})
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // was only read
	for d := json.NewDecoder(io.LimitReader(body, maxAnswer)); ; {
		var change struct {
			Type   string          `json:"type"`
			Object json.RawMessage `json:"object"`
		}
		if err := d.Decode(&change); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if change.Type == "ERROR" {
			return refused(change.Object, 0)
		}
		o := new(object)
		if err := json.Unmarshal(change.Object, o); err != nil {
			return err
		}
		if o.Metadata.ResourceVersion == "" {
			return fmt.Errorf("a change %q without a version", change.Type)
		}
		yield(change.Type, o)
	}
}

// refused makes an error of a Status object.
func refused(text []byte, status int) error {
	var s struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(text, &s) != nil || s.Message == "" { // a proxy, not the API server
		s.Message = string(text[:min(len(text), 200)])
	}
	if status == 0 {
		status = s.Code
	}
	if status == http.StatusGone {
		return errExpired
	}
	return &refusal{status: status, text: s.Message}
}

// get asks for the pods of a node and returns the body of a good answer, which the caller closes.
func (c *client) get(ctx context.Context, node string, query url.Values) (io.ReadCloser, error) {
	if err := c.trust(); err != nil {
		return nil, err
	}
	query.Set("fieldSelector", "spec.nodeName="+node)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/api/v1/pods?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(filepath.Join(c.account, "token")) // each time: it is renewed every hour or so
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "tailspan")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer func() { _ = res.Body.Close() }()                 // was only read
	text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what can be read of it says why
	err = refused(text, res.StatusCode)
	var r *refusal
	if seconds, bad := strconv.Atoi(res.Header.Get("Retry-After")); errors.As(err, &r) && bad == nil {
		r.after = time.Duration(seconds) * time.Second
	}
	return nil, err
}

// trust makes the HTTP client for the authority that the account names, anew when that has changed.
func (c *client) trust() error {
	ca, err := os.ReadFile(filepath.Join(c.account, "ca.crt"))
	if err != nil || c.http != nil && c.ca == string(ca) {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return errors.New("no certificate in " + filepath.Join(c.account, "ca.crt"))
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: answerWithin,
		IdleConnTimeout:       90 * time.Second,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: answerWithin, PingTimeout: 15 * time.Second},
	}
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
	c.ca = string(ca)
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the token is for this server alone
	}}
	return nil
}

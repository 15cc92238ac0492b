// Package webhook tells a server of findings: one POST for each, whose body is the finding's document with a text beside it, as chat
// programs want it.
//
// It is not for delivery: every finding is a line of a spool and reaches the outputs from there. What waits to be told is bounded
// and in memory; when it is too much, or the agent ends, the oldest are given up and counted. Only the server in the
// configuration is talked to: redirects are not followed, nothing of its answer is used but the status and Retry-After, and no part
// of the address comes from a log line.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/tailspan/tailspan/internal/confkey"
)

// Config is where findings go. Its values are those of a trusted file.
type Config struct {
	URL   string `mapstructure:"url"`   // http or https; empty: nobody is told
	Token string `mapstructure:"token"` // sent as Authorization: Bearer TOKEN; best as ${file:/run/secrets/x}
}

// Check says what is wrong with cfg, by its keys.
func (cfg Config) Check() error {
	if cfg.URL == "" {
		if cfg.Token != "" {
			return confkey.Errorf("url", "is missing; write https://hooks.example.com/x")
		}
		return nil
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Fragment != "" { // err repeats the address, which may be a secret
		return confkey.Errorf("url", "is not an address of a web server; write https://hooks.example.com/x")
	}
	if u.User != nil {
		return confkey.Errorf("url", "has a password; write it as token")
	}
	if strings.ContainsFunc(cfg.Token, unicode.IsControl) {
		return confkey.Errorf("token", "has a line end or another control character")
	}
	if cfg.Token != "" && u.Scheme == "http" && !loopback(u.Hostname()) {
		return confkey.Errorf("url", "would send the token readable over the network; write https")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const (
	mostWaiting = 100
	timeout     = 10 * time.Second // of a request, with its answer
	firstPause  = time.Second
	mostPause   = 5 * time.Second
	mostAsked   = time.Minute // that Retry-After is obeyed
	tries       = 20
)

// Hook tells one server. Any goroutine may use it.
type Hook struct {
	cfg    Config
	log    *slog.Logger
	client *http.Client

	mu      sync.Mutex
	waiting [][]byte
	more    chan struct{} // has room for one

	Sent    atomic.Int64
	GivenUp atomic.Int64
}

// New returns a Hook; cfg must have passed Check and have a URL.
func New(cfg Config, log *slog.Logger) *Hook {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: timeout}).DialContext,
		TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: 16 << 10, MaxIdleConns: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	return &Hook{cfg: cfg, log: log, more: make(chan struct{}, 1), client: &http.Client{Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Tell takes a body over, without waiting. When too many wait, the oldest is given up.
func (h *Hook) Tell(body []byte) {
	h.mu.Lock()
	if h.waiting = append(h.waiting, body); len(h.waiting) > mostWaiting {
		h.waiting = h.waiting[1:]
		h.GivenUp.Add(1)
	}
	h.mu.Unlock()
	select {
	case h.more <- struct{}{}:
	default:
	}
}

// Run sends what is told until ctx is done.
func (h *Hook) Run(ctx context.Context) {
	defer h.client.CloseIdleConnections()
	for {
		body := h.next()
		if body == nil {
			select {
			case <-ctx.Done():
				return
			case <-h.more:
			}
			continue
		}
		if !h.deliver(ctx, body) {
			h.GivenUp.Add(1)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func (h *Hook) next() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		return nil
	}
	body := h.waiting[0]
	h.waiting = h.waiting[1:]
	return body
}

// deliver tries until the server takes the body, refuses it for good, or has had its tries.
func (h *Hook) deliver(ctx context.Context, body []byte) bool {
	pause := firstPause
	for try := 1; ; try++ {
		again, err := h.post(ctx, body)
		if err == nil {
			h.Sent.Add(1)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if again < 0 || try == tries {
			h.log.Warn("the webhook did not take a finding; the outputs have it", "error", err, "tries", try)
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(max(again, pause)):
		}
		pause = min(2*pause, mostPause)
	}
}

// post makes one request. With an error it says how long the server wants to be let alone; below 0: there is no use in another
// try.
func (h *Hook) post(ctx context.Context, body []byte) (again time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return -1, errors.New("the address is no good")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "tailspan")
	if h.cfg.Token != "" {
		req.Header.Set("Authorization", "Bearer "+h.cfg.Token)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the address, which may be a secret
		}
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300:
		return 0, nil
	case code == 408 || code == 425 || code == 429 || code >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 for anything else, such as a date
		return min(time.Duration(max(0, min(seconds, 3600)))*time.Second, mostAsked), fmt.Errorf("status %d", code)
	default:
		return -1, fmt.Errorf("status %d", code)
	}
}

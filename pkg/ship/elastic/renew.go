package elastic

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// renewEvery is how often credentials and certificates are read again while they are refused, at most: less than the longest wait between
// two attempts, so that each of those has what is valid now.
const renewEvery = 2 * time.Second

// renewable is a client that reads its credentials and certificates again when the server refuses them or theirs cannot
// be verified: keys are renewed and certificates rotated while the agent runs.
type renewable struct {
	reload func() (esapi.Transport, error)
	log    *slog.Logger
	times  atomic.Int64 // another client took the place of the one before

	mu       sync.Mutex
	current  esapi.Transport
	renewing bool      // somebody reads the configuration
	renewed  time.Time // when somebody had last read it
}

// Perform sends the request with what is valid now. What it learns from the answer counts for the next request: this
// one's body has been read.
func (r *renewable) Perform(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	current := r.current
	r.mu.Unlock()
	res, err := current.Perform(req)
	var unverified *tls.CertificateVerificationError
	if errors.As(err, &unverified) || err == nil && (res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden) {
		r.renew()
	}
	return res, err
}

// renew reads credentials again for a refusal that stands in the items of an answer.
func (o *Output) renew() {
	if r, ok := o.transport.(*renewable); ok {
		r.renew()
	}
}

// renew puts a client with what the configuration says now in the place of the one that was refused. To read a configuration
// takes a while; only the caller waits for it, others go on with the client that there is.
func (r *renewable) renew() {
	r.mu.Lock()
	soon := r.renewing || time.Since(r.renewed) < renewEvery
	r.renewing = r.renewing || !soon
	r.mu.Unlock()
	if soon {
		return
	}
	fresh, err := r.reload()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.renewing, r.renewed = false, time.Now()
	if err != nil {
		r.log.Warn("credentials and certificates cannot be read again; those from before are used", "error", err)
		return
	}
	r.current = fresh
	r.times.Add(1)
}

// renewals counts how often there was another client. What was refused before may be taken by it, so there is nothing to wait for.
func (o *Output) renewals() int64 {
	if r, ok := o.transport.(*renewable); ok {
		return r.times.Load()
	}
	return 0
}

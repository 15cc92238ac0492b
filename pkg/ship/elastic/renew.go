package elastic

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// renewEvery is how often credentials and certificates are read again while they are refused.
const renewEvery = 5 * time.Second

// renewable is a client that reads its credentials and certificates again when the server refuses them or theirs cannot
// be verified: keys are renewed and certificates rotated while the agent runs.
type renewable struct {
	reload func() (Config, error)
	log    *slog.Logger

	mu      sync.Mutex
	current esapi.Transport
	renewed time.Time
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

// renew puts a client with what the configuration says now in the place of the one that was refused.
func (r *renewable) renew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.renewed) < renewEvery {
		return
	}
	r.renewed = time.Now()
	cfg, err := r.reload()
	if err == nil {
		var fresh esapi.Transport
		if fresh, err = newTransport(cfg); err == nil {
			r.current = fresh
			return
		}
	}
	r.log.Warn("credentials and certificates cannot be read again; those from before are used", "error", err)
}

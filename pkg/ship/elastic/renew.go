package elastic

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
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
	reload  func() (Config, error)
	connect func(Config) (esapi.Transport, error)
	log     *slog.Logger
	changed atomic.Int64 // so many times the configuration said something else

	mu       sync.Mutex
	cfg      Config // of the current one
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
	var fresh esapi.Transport
	cfg, err := r.reload()
	if err == nil {
		fresh, err = r.connect(cfg)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.renewing, r.renewed = false, time.Now()
	if err != nil {
		r.log.Warn("credentials and certificates cannot be read again; those from before are used", "error", err)
		return
	}
	if r.current = fresh; !reflect.DeepEqual(cfg, r.cfg) {
		r.cfg = cfg
		r.changed.Add(1)
	}
}

// renewals counts how often there were other credentials. What was refused before may be taken with them, so there is nothing to
// wait for.
func (o *Output) renewals() int64 {
	if r, ok := o.transport.(*renewable); ok {
		return r.changed.Load()
	}
	return 0
}

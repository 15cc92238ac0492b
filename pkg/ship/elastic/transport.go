package elastic

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// newTransport makes the client. Its own retries are off: they would send a whole request again without waiting, where
// here only the documents that need it are sent again.
func newTransport(cfg Config) (esapi.Transport, error) {
	var urls []*url.URL
	hosts := cfg.Hosts
	if cfg.CloudID != "" {
		host, err := CloudHost(cfg.CloudID)
		if err != nil {
			return nil, err
		}
		hosts = []string{host}
	}
	for _, host := range hosts {
		u, err := url.Parse(host)
		if err != nil {
			return nil, fmt.Errorf("hosts: %w", err)
		}
		urls = append(urls, u)
	}
	config, err := tlsConfig(cfg.TLS)
	if err != nil {
		return nil, err
	}
	pool := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dial,
		TLSClientConfig:       config,
		MaxIdleConnsPerHost:   cfg.Bulk.InFlight*growth + 1, // one for each request that may be under way, and for what is no bulk
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       64 << 10,
		DisableCompression:    true, // answers are small
	}
	opts := []elastictransport.Option{elastictransport.WithURLs(urls...), elastictransport.WithUserAgent("tailspan"),
		elastictransport.WithDisableRetry(), elastictransport.WithTransport(discreet{lengthKnown{pool}})}
	switch {
	case cfg.APIKey != "":
		opts = append(opts, elastictransport.WithAPIKey(cfg.APIKey))
	case cfg.Bearer != "":
		opts = append(opts, elastictransport.WithServiceToken(cfg.Bearer))
	case cfg.Username != "":
		opts = append(opts, elastictransport.WithBasicAuth(cfg.Username, cfg.Password))
	}
	return elastictransport.NewClient(opts...)
}

func tlsConfig(cfg TLS) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.Fingerprint != "" {
		digest, err := ParseFingerprint(cfg.Fingerprint)
		if err != nil {
			return nil, err
		}
		pin(config, digest)
	}
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("tls.ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("tls.ca: no certificate in " + cfg.CA)
		}
	}
	if cfg.Cert != "" || cfg.Key != "" {
		pair, err := tls.LoadX509KeyPair(cfg.Cert, cfg.Key)
		if err != nil {
			return nil, fmt.Errorf("tls.cert: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// body is a request body that tells when the HTTP client has let go of it. The client may go on reading after it has
// returned an answer (golang/go#51907), so the bytes must not change before.
type body struct {
	bytes.Reader
	once   sync.Once
	closed chan struct{}
	taken  bool // the HTTP client has it, and will close it
}

func newBody(b []byte) *body {
	r := &body{closed: make(chan struct{})}
	r.Reset(b)
	return r
}

func (b *body) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

// wait returns once nobody reads the bytes any more.
func (b *body) wait() {
	if b.taken {
		<-b.closed
	}
}

// lengthKnown tells the HTTP client how long a body is, which esapi, seeing only a reader, cannot.
type lengthKnown struct{ next http.RoundTripper }

func (t lengthKnown) RoundTrip(req *http.Request) (*http.Response, error) {
	if b, ok := req.Body.(*body); ok {
		req.ContentLength = int64(b.Len())
		b.taken = true
	}
	return t.next.RoundTrip(req)
}

var _ io.ReadCloser = (*body)(nil)

// maxRefusal is as much of a refusal as is read.
const maxRefusal = 1 << 20

// discreet takes the credentials that a request had out of a refusal that repeats them, as debugging proxies do: what a server
// says goes into logs and dead letters.
type discreet struct{ next http.RoundTripper }

func (t discreet) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	if err != nil || res.StatusCode < 300 {
		return res, err
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	sent := req.Header.Get("Authorization")
	_, secret, _ := strings.Cut(sent, " ")
	secrets := []string{secret}
	if _, password, ok := req.BasicAuth(); ok {
		secrets = append(secrets, password)
	} else if key, err := base64.StdEncoding.DecodeString(secret); err == nil {
		secrets = append(secrets, string(key))
	}
	for _, s := range secrets {
		if s != "" {
			text = bytes.ReplaceAll(text, []byte(s), []byte("[secret]"))
		}
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return res, nil
}

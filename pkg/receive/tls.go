package receive

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificates are the files of TLS, read again when one of them has changed.
type certificates struct {
	names TLS

	mu    sync.Mutex
	at    [3]time.Time // when each was changed last
	ready *tls.Config  // nil: not read yet
}

// config is what the files say now. When they cannot be read, what they said before counts.
func (c *certificates) config() (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, err := c.changed()
	if err == nil && (c.ready == nil || at != c.at) {
		var fresh *tls.Config
		if fresh, err = c.read(); err == nil {
			c.ready, c.at = fresh, at
		}
	}
	if c.ready == nil {
		return nil, err
	}
	return c.ready, nil
}

func (c *certificates) changed() (at [3]time.Time, err error) {
	for i, name := range []string{c.names.Cert, c.names.Key, c.names.CA} {
		if name == "" {
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}

func (c *certificates) read() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(c.names.Cert, c.names.Key)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if c.names.CA == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(c.names.CA)
	if err != nil {
		return nil, err
	}
	cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !cfg.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate is in it", c.names.CA)
	}
	return cfg, nil
}

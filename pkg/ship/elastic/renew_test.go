package elastic

import (
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// A key without the right to an index is refused document by document, in an answer of 200: that, too, may be mended by another
// key. Other refusals have nothing to do with keys.
func TestItemsRefusedForCredentials(t *testing.T) {
	for kind, want := range map[string]bool{"security_exception": true, "cluster_block_exception": false} {
		inBed(t, nil, func(t *testing.T, b *bed) {
			synctest.Wait() // the template is there: nobody asks for it any more
			read := 0
			b.out.transport = &renewable{current: b.cluster, log: slog.New(slog.DiscardHandler), reload: func() (Config, error) {
				read++
				return Config{}, errors.New("the file is being written")
			}}
			b.cluster.faults = []fault{always(http.StatusOK, `{"errors":true,"items":[{"create":{"status":403,"error":{"type":"`+kind+`"}}}]}`)}
			b.send("a")
			b.flush()
			time.Sleep(time.Minute)
			synctest.Wait()
			if read != 0 != want {
				t.Errorf("%s: credentials were read %d times", kind, read)
			}
		})
	}
}

// TestARenewedKeyIsTriedAtOnce: waiting between attempts is for a server that needs time, not for a key that is there.
func TestARenewedKeyIsTriedAtOnce(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		synctest.Wait()
		began, allowed := time.Now(), 30*time.Second
		reload := func() (cfg Config, err error) {
			if time.Since(began) > allowed {
				cfg.APIKey = "another"
			}
			return cfg, nil
		}
		connect := func(cfg Config) (esapi.Transport, error) {
			if cfg.APIKey != "" {
				b.cluster.mu.Lock()
				defer b.cluster.mu.Unlock()
				b.cluster.faults = nil
			}
			return b.cluster, nil
		}
		b.out.transport = &renewable{current: b.cluster, log: slog.New(slog.DiscardHandler), reload: reload, connect: connect}
		b.cluster.faults = slices.Repeat([]fault{always(http.StatusUnauthorized, "")}, 1000)
		b.send("a")
		b.flush()
		time.Sleep(allowed + longestWait + firstWait)
		synctest.Wait()
		if got := b.indexed(); len(got) != 1 {
			t.Errorf("%s after the key was renewed, %d documents are there", time.Since(began)-allowed, len(got))
		}
	})
}

func TestRenewedCredentials(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "APIKey new" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	if err := os.WriteFile(ca, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Hosts: []string{server.URL}, APIKey: "old"}
	// What the configuration says at each reading: broken, then the right authority, then the right key, too.
	steps := []func() (Config, error){
		func() (Config, error) { return cfg, errors.New("the file is being written") },
		func() (Config, error) { cfg.TLS.CA = ca; return cfg, nil },
		func() (Config, error) { cfg.APIKey = "new"; return cfg, nil },
	}
	first, err := newTransport(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &renewable{current: first, log: slog.New(slog.DiscardHandler), connect: newTransport, reload: func() (Config, error) {
		step := steps[0]
		steps = steps[1:]
		return step()
	}}
	for i, want := range []int{0, 0, http.StatusUnauthorized, http.StatusOK, http.StatusOK} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		status := 0
		if res, err := r.Perform(req); err == nil {
			status = res.StatusCode
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		if status != want {
			t.Errorf("request %d: status %d, want %d (0 is a certificate that cannot be verified)", i+1, status, want)
		}
		r.renewed = r.renewed.Add(-renewEvery)
	}
	if len(steps) != 0 {
		t.Errorf("%d readings were not asked for", len(steps))
	}
}

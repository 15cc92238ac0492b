package elastic

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// TestHosts: requests go to the hosts that answer, also when another takes over from the one that did, and each document is there
// once.
func TestHosts(t *testing.T) {
	c := &cluster{t: t, docs: map[string]string{}}
	listeners := [2]net.Listener{}
	for i := range listeners {
		var err error
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	var served [2]atomic.Int64
	start := func(i int) *http.Server {
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			res, err := c.Perform(req)
			if err != nil {
				t.Error(err)
				return
			}
			served[i].Add(1)
			w.WriteHeader(res.StatusCode)
			_, _ = io.Copy(w, res.Body)
		})}
		go func() { _ = server.Serve(listeners[i]) }()
		return server
	}
	stop := func(s *http.Server) {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	first := listeners[0].Addr().String()
	if err := listeners[0].Close(); err != nil { // down from the start
		t.Fatal(err)
	}
	second := start(1)
	acked := make(chan event.Ack, 1)
	out, err := New(Config{Hosts: []string{"http://" + first, "http://" + listeners[1].Addr().String()}, Bulk: Bulk{MaxSize: 1 << 20, MaxDocs: 10, InFlight: 1}},
		Options{Targets: []Target{streamTarget("logs-p-default")}, Names: []string{"p"}, Workers: 1, Letters: ship.NewDeadLetters(t.TempDir()),
			Ack: func(a []event.Ack) { acked <- a[0] }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, writer: out.Writer(t.Context(), make(chan struct{}, 1)), src: new(event.Source)}
	out.Start(t.Context())
	send := func(count int) {
		for range count {
			b.send(fmt.Sprint("line ", b.offset))
			b.flush()
			select {
			case <-acked:
			case <-time.After(30 * time.Second):
				t.Fatal("no acknowledgement")
			}
		}
	}
	send(10)
	stop(second)
	if listeners[0], err = net.Listen("tcp", first); err != nil {
		t.Fatal(err)
	}
	other := start(0)
	send(10)
	out.Close()
	stop(other)
	if len(c.docs) != 20 || served[0].Load() < 10 || served[1].Load() < 10 {
		t.Errorf("%d documents; requests %d and %d", len(c.docs), served[0].Load(), served[1].Load())
	}
}

// TestClientCertificate: a server that wants a certificate of ours gets it.
func TestClientCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key, pool := ownCertificate(t, dir)
	server := httptest.NewUnstartedServer(guarded(200, health, 200, "create_doc", "auto_configure"))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	news, err := probe(t, Config{TLS: TLS{CA: ca, Cert: cert, Key: key}}, server.URL)
	check(t, news, err, []string{"cluster c is green"}, nil)
	news, err = probe(t, Config{TLS: TLS{CA: ca}}, server.URL)
	check(t, news, err, nil, []string{"may want a certificate; write tls.cert and tls.key"})
}

// ownCertificate writes a certificate that signs itself.
func ownCertificate(t *testing.T, dir string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "own.crt"), filepath.Join(dir, "own.key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: raw}, key: {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	return cert, key, pool
}

// throughProxy makes TestProxy the client, in a process of its own: the environment is looked at once.
const throughProxy = "TAILSPAN_TEST_THROUGH_PROXY"

// TestProxy: a host that only the proxy knows is reached through the one that the environment names.
func TestProxy(t *testing.T) {
	const host = "http://elasticsearch.invalid:9200"
	if os.Getenv(throughProxy) != "" {
		news, err := probe(t, Config{}, host)
		check(t, news, err, []string{"cluster c is green"}, nil)
		return
	}
	var asked atomic.Value
	server := httptest.NewServer(guarded(200, health, 200, "create_doc", "auto_configure"))
	defer server.Close()
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		asked.Store(r.In.URL.Host)
		r.Out.URL.Host = strings.TrimPrefix(server.URL, "http://")
	}})
	defer proxy.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run", "^TestProxy$")
	cmd.Env = append(os.Environ(), throughProxy+"=1", "HTTP_PROXY="+proxy.URL, "NO_PROXY=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	if asked.Load() != "elasticsearch.invalid:9200" {
		t.Errorf("the proxy was asked for %v", asked.Load())
	}
}

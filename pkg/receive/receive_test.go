package receive

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/receive/spool"
)

// start runs an input over a spool of its own.
func start(t *testing.T, cfg Config, opts Options) (*Receiver, string) {
	t.Helper()
	dir := t.TempDir()
	most := cfg.Spool.MaxSize
	if most == 0 {
		most = 1 << 20
	}
	kept, err := spool.Open(dir, most)
	if err != nil {
		t.Fatal(err)
	}
	opts.Spool, opts.Log = kept, slog.New(slog.NewTextHandler(io.Discard, nil))
	if opts.MaxLine == 0 {
		opts.MaxLine = 4096
	}
	opts.Memory = 1 << 20
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = 10
	}
	r, err := New(cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, dir
}

// until polls with a deadline.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain for ", what)
		}
	}
}

// inSpool are the texts of the records in the folder.
func inSpool(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return texts(t, all)
}

func send(t *testing.T, network, addr, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestSockets(t *testing.T) {
	for _, c := range []struct {
		kind string
		send []string
		want []string
	}{
		{"tcp", []string{"<1>a\n<2>b"}, []string{"<1>a", "<2>b"}},
		{"tcp", []string{"6 <1>a\nb4 <2>c"}, []string{"<1>a\nb", "<2>c"}},
		{"unix", []string{"<1>a\n<2>b\n"}, []string{"<1>a", "<2>b"}},
		{"udp", []string{"<1>a\nb\n", "<2>c\x00"}, []string{"<1>a\nb", "<2>c"}},
		{"unixgram", []string{"<1>a\n", "<2>b\nc"}, []string{"<1>a", "<2>b\nc"}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			addr := "127.0.0.1:0"
			if strings.HasPrefix(c.kind, "unix") {
				addr = filepath.Join(t.TempDir(), "s")
			}
			r, dir := start(t, Config{Type: c.kind, Listen: addr}, Options{})
			addr = r.source.(interface{ addr() net.Addr }).addr().String()
			for _, text := range c.send {
				_ = send(t, c.kind, addr, text).Close()
			}
			until(t, "the lines", func() bool { return r.Lines.Load() == int64(len(c.want)) })
			if got := inSpool(t, dir); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestConnections bounds how many there are, how long they are silent and what they may send.
func TestConnections(t *testing.T) {
	r, dir := start(t, Config{Type: "tcp", Listen: "127.0.0.1:0", MaxConnections: 1, IdleTimeout: 50 * time.Millisecond}, Options{})
	addr := r.source.(*stream).addr().String()
	first := send(t, "tcp", addr, "<1>half a line")
	until(t, "the first", func() bool { return r.Connections.Load() == 1 })
	second := send(t, "tcp", addr, "")
	if _, err := second.Read(make([]byte, 1)); err == nil || r.Refused.Load() != 1 {
		t.Errorf("a second connection was not refused: %v", err)
	}
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a silent connection ended with %v", err)
	}
	until(t, "the end", func() bool { return r.Connections.Load() == 0 })
	if got := inSpool(t, dir); !slices.Equal(got, []string{"<1>half a line"}) {
		t.Errorf("%q", got)
	}
	third := send(t, "tcp", addr, "4 <1>a nonsense")
	if _, err := third.Read(make([]byte, 1)); err == nil || r.Malformed.Load() != 1 {
		t.Errorf("a bad count was not refused: %v", err)
	}
}

// TestBackPressure fills a spool: connections wait and lose nothing, UDP drops and counts.
func TestBackPressure(t *testing.T) {
	const line, many = "0123456789012345678901234567890123456789\n", 20_000
	small := Spool{MaxSize: 256 << 10}
	r, dir := start(t, Config{Type: "tcp", Listen: "127.0.0.1:0", Spool: small}, Options{})
	conn := send(t, "tcp", r.source.(*stream).addr().String(), strings.Repeat(line, many))
	_ = conn.Close()
	delivered := map[string]bool{}
	until(t, "all lines", func() bool {
		r.Spool.Collect(func(string) int64 { return 1 << 30 }, func(path string) { delivered[path] = true }, false)
		return r.Lines.Load() == many
	})
	if r.Dropped.Load() != 0 || len(delivered) == 0 || len(inSpool(t, dir)) > 256<<10/len(line) {
		t.Errorf("dropped %d, %d segments made room", r.Dropped.Load(), len(delivered))
	}
	r, _ = start(t, Config{Type: "udp", Listen: "127.0.0.1:0", Spool: small}, Options{MaxLine: 1 << 20})
	for range 20 {
		_ = send(t, "udp", r.source.(*datagrams).addr().String(), strings.Repeat("z", 20_000)).Close()
	}
	until(t, "all datagrams", func() bool { return r.Lines.Load()+r.Dropped.Load() == 20 })
	if r.Dropped.Load() == 0 || r.Spool.Size() > small.MaxSize {
		t.Errorf("dropped %d of a spool of %d bytes", r.Dropped.Load(), r.Spool.Size())
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	a := authority{cert: &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, _ = x509.ParseCertificate(der)
	return a
}

// issue writes a certificate for 127.0.0.1 and its key, and returns their names.
func (a authority) issue(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, a.cert, priv.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	write(t, cert, "CERTIFICATE", der)
	write(t, key, "PRIVATE KEY", raw)
	return cert, key
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTLS lets in who has a certificate of the authority that is asked for, and nobody else; and takes new files without a
// restart.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	servers, clients, strangers := newAuthority(t, "servers"), newAuthority(t, "clients"), newAuthority(t, "strangers")
	cfg := Config{Type: "tcp", Listen: "127.0.0.1:0", TLS: TLS{CA: filepath.Join(dir, "clients.crt")}}
	cfg.TLS.Cert, cfg.TLS.Key = servers.issue(t, dir, "server")
	write(t, cfg.TLS.CA, "CERTIFICATE", clients.cert.Raw)
	r, kept := start(t, cfg, Options{})
	addr := r.source.(*stream).addr().String()
	try := func(a authority, trust authority) error {
		pool := x509.NewCertPool()
		pool.AddCert(trust.cert)
		client := &tls.Config{RootCAs: pool}
		if a.cert != nil {
			pair, err := tls.LoadX509KeyPair(a.issue(t, t.TempDir(), "client"))
			if err != nil {
				t.Fatal(err)
			}
			client.Certificates = []tls.Certificate{pair}
		}
		conn, err := tls.Dial("tcp", addr, client)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, "4 <1>a"); err != nil {
			return err
		}
		if err := conn.CloseWrite(); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, conn)
		return err
	}
	if err := try(clients, servers); err != nil {
		t.Error("a client was refused: ", err)
	}
	until(t, "its line", func() bool { return r.Lines.Load() == 1 })
	for name, stranger := range map[string]authority{"another authority's": strangers, "no": {}} {
		if err := try(stranger, servers); err == nil {
			t.Errorf("a client with %s certificate was let in", name)
		}
	}
	others := newAuthority(t, "others")
	others.issue(t, dir, "server")
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(cfg.TLS.Cert, later, later); err != nil {
		t.Fatal(err)
	}
	if err := try(clients, others); err != nil {
		t.Error("the new certificate is not shown: ", err)
	}
	until(t, "its line", func() bool { return r.Lines.Load() == 2 })
	conn := send(t, "tcp", addr, "<1>plain text\n")
	_, _ = io.Copy(io.Discard, conn)
	if got := inSpool(t, kept); !slices.Equal(got, []string{"<1>a", "<1>a"}) {
		t.Errorf("%q", got)
	}
}

func TestStandardInput(t *testing.T) {
	in := "one\ntwo\n" + strings.Repeat("x", 100_000) + "\n\nlast"
	r, dir := start(t, Config{Type: "stdin", Spool: Spool{MaxSize: 1 << 20}}, Options{Stdin: strings.NewReader(in), MaxLine: 1000})
	until(t, "the end", func() bool { return r.Lines.Load() == 5 })
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	data, err := os.ReadFile(names[0])
	if want := "one\ntwo\n" + strings.Repeat("x", 1001) + "\n\nlast\n"; err != nil || !bytes.Equal(data, []byte(want)) {
		t.Errorf("%d bytes, want %d; %v", len(data), len(want), err)
	}
}

// TestStaleSocket takes the place of the socket that a killed agent has left, and of nothing else.
func TestStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	_ = left.Close()
	r, _ := start(t, Config{Type: "unix", Listen: path}, Options{})
	_ = send(t, "unix", path, "<1>a\n")
	until(t, "the line", func() bool { return r.Lines.Load() == 1 })
	file := filepath.Join(t.TempDir(), "f")
	write(t, file, "X", nil)
	if _, err := New(Config{Type: "unix", Listen: file}, Options{}); err == nil {
		t.Error("a file was taken for a socket")
	}
}

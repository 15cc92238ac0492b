//go:build faults && linux

package faults_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

var tlsRows = []row{
	{45, "TLS expired, wrong host; CA and certificate rotated", certificates},
}

// authority signs certificates.
type authority struct {
	s    *scene
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func (s *scene) authority(name string) *authority {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.must(err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	s.must(err)
	cert, err := x509.ParseCertificate(der)
	s.must(err)
	return &authority{s, cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// sign makes a server's certificate for an address, valid until then.
func (a *authority) sign(address string, until time.Time) *tls.Certificate {
	a.s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.s.must(err)
	form := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: address},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, IPAddresses: []net.IP{net.ParseIP(address)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, form, a.cert, &key.PublicKey, a.key)
	a.s.must(err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// certificates changes what the server shows. Nothing may pass as long as it is not right; a new authority counts as soon
// as it stands in the file.
func certificates(s *scene) {
	first, second := s.authority("first"), s.authority("second")
	file := filepath.Join(s.dir, "ca.pem")
	s.must(os.WriteFile(file, first.pem, 0o644))
	later := time.Now().Add(time.Hour)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	var shown atomic.Pointer[tls.Certificate]
	through := newLink(s, inner.Addr().String())
	show := func(c *tls.Certificate) {
		shown.Store(c)
		through.hangUp() // who is connected has seen another
	}
	show(first.sign("127.0.0.1", later))
	s.sink.listen(s.t, tls.NewListener(inner, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return shown.Load(), nil }}))
	s.conf.hosts = []string{"https://" + through.listener.Addr().String()}
	s.conf.output = "tls: {ca: " + file + "}"
	w := s.writer("app.log")
	s.start()
	w.write(100)
	s.delivered()
	for _, wrong := range []struct {
		name string
		cert *tls.Certificate
	}{{"expired", first.sign("127.0.0.1", time.Now().Add(-time.Hour))}, {"wrong host", first.sign("10.9.8.7", later)}, {"unknown authority", second.sign("127.0.0.1", later)}} {
		s.await("nothing is in flight", patience, func() bool { // else the log speaks of the connection, and only of that
			m, err := s.agent.metrics()
			return err == nil && sumOf(m, "tailspan_lines_in_flight") == 0
		})
		show(wrong.cert)
		lasts(200 * time.Millisecond) // the agent notices that its connection is gone
		before := s.sink.tally().created
		w.write(100)
		s.await("it says so", patience, func() bool { return s.agent.says("x509", "certificate") })
		lasts(size(2*time.Second, 20*time.Second))
		if s.sink.tally().created != before {
			s.wrong("%s: documents passed", wrong.name)
		}
		show(first.sign("127.0.0.1", later))
		s.fresh()
		s.saw("%s: held, resumed", wrong.name)
	}
	if s.sink.plain {
		s.wrong("something was sent in plain text")
	}
	show(second.sign("127.0.0.1", later))
	s.must(os.WriteFile(file, second.pem, 0o644))
	w.write(1)
	start, line := time.Now(), lineKey{w.name, w.written() - 1}
	for !s.sink.has(line) && time.Since(start) < freshWithin {
		time.Sleep(20 * time.Millisecond)
	}
	if !s.sink.has(line) {
		s.wrong("a new authority in the file is not taken up without a restart")
		s.agent.stop()
		s.start()
	} else {
		s.saw("a new authority is taken up")
	}
	s.pass()
}

package elastictest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Certificates are the files of a node that speaks TLS, and of a client that it knows.
type Certificates struct {
	CA, ClientCert, ClientKey string // PEM files
	Fingerprint               string // of the server's certificate
}

// certify makes an authority of this run, the server's certificate in its configuration, and one for a client.
func (n *Node) certify() error {
	dir := filepath.Join(n.dir, "config", "certs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	n.Certificates = Certificates{CA: filepath.Join(dir, "ca.crt"), ClientCert: filepath.Join(dir, "client.crt"), ClientKey: filepath.Join(dir, "client.key")}
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tailspan test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca, err := sign(authority, authority, caKey, caKey, n.Certificates.CA, "")
	if err != nil {
		return err
	}
	for i, name := range []string{"http", "client"} {
		leaf := &x509.Certificate{SerialNumber: big.NewInt(int64(i) + 2), Subject: pkix.Name{CommonName: name}, NotBefore: authority.NotBefore,
			NotAfter: authority.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		cert, err := sign(leaf, ca, key, caKey, filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"))
		if err != nil {
			return err
		}
		if i == 0 {
			digest := sha256.Sum256(cert.Raw)
			n.Certificates.Fingerprint = hex.EncodeToString(digest[:])
		}
	}
	pair, err := tls.LoadX509KeyPair(n.Certificates.ClientCert, n.Certificates.ClientKey)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	n.client = &http.Client{Timeout: client.Timeout, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}}
	return nil
}

// sign writes a certificate for key, signed by the authority, and the key unless its path is empty.
func sign(cert, authority *x509.Certificate, key, by *ecdsa.PrivateKey, certPath, keyPath string) (*x509.Certificate, error) {
	raw, err := x509.CreateCertificate(rand.Reader, cert, authority, &key.PublicKey, by)
	if err != nil {
		return nil, err
	}
	err = os.WriteFile(certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o644)
	if keyPath != "" {
		text, failed := x509.MarshalPKCS8PrivateKey(key)
		err = errors.Join(err, failed, os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}), 0o600))
	}
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(raw)
}

// tlsSettings make the node speak TLS, and look at certificates of clients that have one.
var tlsSettings = []string{"xpack.security.http.ssl.enabled: true", "xpack.security.http.ssl.key: certs/http.key", "xpack.security.http.ssl.certificate: certs/http.crt",
	"xpack.security.http.ssl.certificate_authorities: certs/ca.crt"}

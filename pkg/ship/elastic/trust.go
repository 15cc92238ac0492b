package elastic

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// ParseFingerprint reads the SHA-256 of a certificate in hexadecimal, as Elasticsearch prints it at its first start; colons
// and case do not matter. An empty text is none.
func ParseFingerprint(text string) ([]byte, error) {
	digest, err := hex.DecodeString(strings.NewReplacer(":", "", " ", "").Replace(text))
	if err != nil || text != "" && len(digest) != sha256.Size {
		return nil, errors.New("is not the SHA-256 of a certificate; write its 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them")
	}
	return digest, nil
}

// pin makes config trust the certificate with the digest alone: as the server's own, whatever names stand in it, or as
// the authority behind the server's.
func pin(config *tls.Config, digest []byte) {
	config.InsecureSkipVerify = true // #nosec G402 -- the usual verification, which wants an authority that the system knows, is replaced
	config.VerifyConnection = func(state tls.ConnectionState) error {
		chain := state.PeerCertificates
		for i, cert := range chain {
			if sum := sha256.Sum256(cert.Raw); string(sum[:]) != string(digest) {
				continue
			}
			if i == 0 {
				return nil
			}
			opts := x509.VerifyOptions{DNSName: state.ServerName, Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
			opts.Roots.AddCert(cert)
			for _, between := range chain[1:i] {
				opts.Intermediates.AddCert(between)
			}
			if _, err := chain[0].Verify(opts); err != nil {
				return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
			}
			return nil
		}
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: errors.New("no certificate of the server has the configured fingerprint")}
	}
}

// CloudHost is the URL of Elasticsearch in a cloud id, which is NAME:base64(DOMAIN[:PORT]$ELASTICSEARCH$KIBANA).
func CloudHost(id string) (string, error) {
	bad := errors.New("is not a cloud id; copy it from the deployment's page in the console of Elastic Cloud")
	decoded, err := base64.StdEncoding.DecodeString(id[strings.LastIndexByte(id, ':')+1:])
	if err != nil {
		return "", bad
	}
	parts := strings.Split(string(decoded), "$")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" || strings.ContainsAny(parts[0]+parts[1], "/@?# ") {
		return "", bad
	}
	domain, port, _ := strings.Cut(parts[0], ":")
	if own, ownPort, ok := strings.Cut(parts[1], ":"); ok {
		parts[1], port = own, ownPort
	}
	if port == "" {
		port = "443"
	}
	return "https://" + parts[1] + "." + domain + ":" + port, nil
}

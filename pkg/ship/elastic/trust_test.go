package elastic

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFingerprint(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = w.Write([]byte(`{"status":"green"}`)) // the client says when it did not come
	}))
	defer server.Close()
	sum := sha256.Sum256(server.Certificate().Raw)
	right := hex.EncodeToString(sum[:])
	for fingerprint, want := range map[string]string{
		right: "", strings.ToUpper(right[:2]) + ":" + right[2:]: "", strings.Repeat("ab", 32): "configured fingerprint", "": "certificate",
	} {
		_, err := Probe(t.Context(), Config{Hosts: []string{server.URL}, TLS: TLS{Fingerprint: fingerprint}}, nil)
		if err == nil != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", fingerprint, err, want)
		}
	}
	for _, text := range []string{"x", "ab", right + "00"} {
		if _, err := ParseFingerprint(text); err == nil {
			t.Errorf("%q is taken for a fingerprint", text)
		}
	}
}

func TestCloudHost(t *testing.T) {
	id := func(text string) string { return "my:name:" + base64.StdEncoding.EncodeToString([]byte(text)) }
	for text, want := range map[string]string{
		id("eu-west-1.aws.found.io$abc$def"):        "https://abc.eu-west-1.aws.found.io:443",
		id("found.io:9243$abc$"):                    "https://abc.found.io:9243",
		id("found.io:9243$abc:9244$def"):            "https://abc.found.io:9244",
		strings.TrimPrefix(id("a.b$c"), "my:name:"): "https://c.a.b:443",
		id("found.io"):                              "", id("$a$b"): "", id("a/b$c"): "", id("evil.org@x$y"): "", "name:!!": "", "": "",
	} {
		got, err := CloudHost(text)
		if got != want || err == nil != (want != "") {
			t.Errorf("%s: %q %v, want %q", text, got, err, want)
		}
	}
}

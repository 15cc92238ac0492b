//go:build backends

package backends_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/test/elastictest"
)

// shipping and setting are the roles that docs/ELASTICSEARCH.md asks for, as far as this server knows their privileges.
var (
	shipping = map[string]any{"cluster": []string{"monitor", "manage_index_templates"},
		"indices": []any{map[string]any{"names": []string{"logs-*"}, "privileges": []string{"auto_configure", "create_doc"}}}}
	monitoring = map[string]any{"cluster": []string{"monitor"}}
	untemplate = map[string]any{"cluster": []string{"monitor"},
		"indices": []any{map[string]any{"names": []string{"logs-*"}, "privileges": []string{"auto_configure", "create_doc"}}}}
)

// TestSecurity speaks TLS with an Elasticsearch that asks who is there: each way to log in and to trust, right, wrong and without the
// privileges, and certificates of clients.
func TestSecurity(t *testing.T) {
	b := newBench(t, elastictest.Options{Security: true, TLS: true})
	certs := b.node.Certificates
	pinned := `tls: {fingerprint: "` + certs.Fingerprint + `"}`
	key := "api_key: " + b.key("agent", shipping)
	b.do("PUT", "/_security/role/shipping", shipping, nil)
	b.do("PUT", "/_security/user/agent", map[string]any{"password": "correct-horse", "roles": []string{"shipping"}}, nil)
	var service struct{ Token struct{ Value string } } // of a service account that may write logs; other tokens want another license
	b.do("POST", "/_security/service/elastic/fleet-server/credential/token/agent", nil, &service)
	b.write("app.log", `{"ts":"2026-03-01T12:00:00Z","msg":"one"}`+"\n")
	for _, c := range []struct {
		name   string
		status int
		says   []string
		output []string
	}{
		{"api key, fingerprint", 0, []string{"cluster tailspan-test is", "lets us create documents in " + stream}, []string{key, pinned}},
		{"basic, authority", 0, []string{"lets us create"}, []string{"username: agent", "password: correct-horse", "tls: {ca: " + certs.CA + "}"}},
		{"bearer", 0, []string{"lets us create"}, []string{"bearer: " + service.Token.Value, pinned}},
		{"nobody", 1, []string{"write api_key, username and password, or bearer"}, []string{pinned}},
		{"a wrong key", 1, []string{"api_key is wrong, expired or invalidated"}, []string{"api_key: " + base64.StdEncoding.EncodeToString([]byte("id:key")), pinned}},
		{"a wrong password", 1, []string{"username or password is wrong"}, []string{"username: agent", "password: wrong", pinned}},
		{"a wrong token", 1, []string{"bearer is wrong or expired"}, []string{"bearer: x" + service.Token.Value, pinned}},
		{"a wrong fingerprint", 1, []string{"no certificate of the server has the configured fingerprint"}, []string{key, `tls: {fingerprint: "` + strings.Repeat("ab", 32) + `"}`}},
		{"an authority that nobody knows", 1, []string{"write that authority's certificate to tls.ca"}, []string{key}},
		{"may not write", 1, []string{"the privilege create_doc on " + stream + " is missing"}, []string{"api_key: " + b.key("reader", monitoring), pinned}},
		{"may not make templates", 0, []string{"without the privilege manage_index_templates"}, []string{"api_key: " + b.key("plain", untemplate), pinned}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sub := &bench{t, b.node, b.dir}
			sub.configure(c.output...)
			sub.says(sub.tailspan(c.status, "check", "--connect"), c.says...)
			if c.status != 0 {
				return
			}
			if err := os.RemoveAll(filepath.Join(b.dir, "state")); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(c.name, "templates") && c.name != "bearer" {
				sub.says(sub.tailspan(0, "setup"), "index template tailspan-"+stream)
			}
			sub.tailspan(0, "run", "--once")
			sub.wantCount(stream, 1)
		})
	}
	b.configure("api_key: "+b.key("plainer", untemplate), pinned, "data_stream: {namespace: other}") // whose template is not there yet
	b.says(b.tailspan(1, "setup"), "grant it the cluster privilege manage_index_templates")

	if err := b.node.Restart("xpack.security.http.ssl.client_authentication: required"); err != nil {
		t.Fatal(err)
	}
	b.configure(key, pinned)
	b.says(b.tailspan(1, "check", "--connect"), "write tls.cert and tls.key")
	b.configure(key, `tls: {fingerprint: "`+certs.Fingerprint+`", cert: `+certs.ClientCert+`, key: `+certs.ClientKey+`}`)
	b.says(b.tailspan(0, "check", "--connect"), "lets us create")
	b.write("app.log", `{"ts":"2026-03-01T12:00:00Z","msg":"one"}`+"\n"+`{"ts":"2026-03-01T12:00:01Z","msg":"two"}`+"\n")
	b.tailspan(0, "run", "--once")
	b.wantCount(stream, 2)
}

// key makes an API key with these privileges.
func (b *bench) key(name string, role map[string]any) string {
	b.t.Helper()
	var answer struct{ Encoded string }
	b.do("POST", "/_security/api_key", map[string]any{"name": name, "role_descriptors": map[string]any{name: role}}, &answer)
	return answer.Encoded
}

package elastic

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const health = `{"cluster_name":"c","status":"green","number_of_nodes":3}`

// guarded answers health and privileges: those that it grants.
func guarded(status int, body string, rights int, granted ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(r.URL.Path, "_has_privileges") {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return
		}
		var question struct {
			Index []struct{ Names, Privileges []string }
		}
		_ = json.NewDecoder(r.Body).Decode(&question)
		has := map[string]bool{}
		for _, g := range granted {
			has[g] = true
		}
		index := map[string]any{}
		for _, name := range question.Index[0].Names {
			index[name] = has
		}
		w.WriteHeader(rights)
		_ = json.NewEncoder(w).Encode(map[string]any{"index": index, "cluster": has})
	}
}

func TestProbe(t *testing.T) {
	all := []string{"create_doc", "auto_configure", "manage_index_templates"}
	unauthorized := `{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`
	for _, c := range []struct {
		name      string
		handler   http.HandlerFunc
		cfg       Config
		news, err []string
	}{
		{"all is well", guarded(200, health, 200, all...), Config{}, []string{"cluster c is green, nodes: 3", "lets us create documents in logs-p-default"}, nil},
		{"no security", guarded(200, health, 405), Config{}, []string{"it may have no security"}, nil},
		{"health is not ours to see", guarded(403, `{"error":{"reason":"action [cluster:monitor/health] is unauthorized"}}`, 200, all...), Config{}, []string{"privilege monitor", "lets us create"}, nil},
		{"no credentials", guarded(401, unauthorized, 401), Config{}, nil, []string{"write api_key, username and password, or bearer", "HTTP 401 security_exception: unable to authenticate"}},
		{"a wrong key", guarded(401, unauthorized, 401), Config{APIKey: "YTpi"}, nil, []string{"api_key is wrong, expired or invalidated"}},
		{"a wrong password", guarded(401, unauthorized, 401), Config{Username: "u", Password: "p"}, nil, []string{"username or password is wrong"}},
		{"may not write", guarded(200, health, 200, "auto_configure", "manage_index_templates"), Config{}, nil, []string{"the privilege create_doc on logs-p-default is missing"}},
		{"may not make indices", guarded(200, health, 200, "create_doc", "manage_index_templates"), Config{}, []string{"without the privilege auto_configure on logs-p-default"}, nil},
		{"may not install templates", guarded(200, health, 200, "create_doc", "create_index"), Config{Template: true}, []string{"without the privilege manage_index_templates"}, nil},
		{"templates are somebody else's", guarded(200, health, 200, "create_doc", "create_index"), Config{}, []string{"lets us create"}, nil},
		{"not Elasticsearch", guarded(200, "<html>", 404), Config{}, []string{"not as Elasticsearch does"}, nil},
		{"a wrong path", guarded(404, "not found", 404), Config{}, nil, []string{"is a path missing?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			news, err := probe(t, c.cfg, server.URL)
			check(t, news, err, c.news, c.err)
		})
	}
}

func probe(t *testing.T, cfg Config, hosts ...string) (news []string, err error) {
	t.Helper()
	cfg.Hosts = hosts
	name, err := ParseName("logs-p-default", true)
	if err != nil {
		t.Fatal(err)
	}
	return Probe(t.Context(), cfg, []Target{{Index: name, Stream: true, Dataset: "p"}})
}

func check(t *testing.T, news []string, err error, wantNews, wantErr []string) {
	t.Helper()
	for _, want := range wantNews {
		if !strings.Contains(strings.Join(news, "\n"), want) {
			t.Errorf("the news lack %q: %q", want, news)
		}
	}
	if err == nil && len(wantErr) > 0 || err != nil && len(wantErr) == 0 {
		t.Errorf("error %v, want %q", err, wantErr)
	}
	for _, want := range wantErr {
		if err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

// TestProbeTLS: what goes wrong with certificates and protocols is said with the key that mends it.
func TestProbeTLS(t *testing.T) {
	secure := httptest.NewUnstartedServer(guarded(200, health, 200, "create_doc", "auto_configure"))
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(guarded(200, health, 200, "create_doc", "auto_configure"))
	defer plain.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(secure.URL, "https://"), ":")
	for _, c := range []struct {
		name, host string
		tls        TLS
		err        []string
	}{
		{"an authority that is not trusted", secure.URL, TLS{}, []string{"tls.ca", "tls.fingerprint"}},
		{"one that is", secure.URL, TLS{CA: ca}, nil},
		{"another name", fmt.Sprintf("https://localhost:%s", port), TLS{CA: ca}, []string{"is for another name"}},
		{"TLS where there is none", strings.Replace(plain.URL, "http:", "https:", 1), TLS{}, []string{"write http:// instead of https://"}},
		{"nobody there", "http://127.0.0.1:1", TLS{}, []string{"hosts[0] (http://127.0.0.1:1): cannot be reached; is it running"}},
		{"no such file", secure.URL, TLS{CA: ca + "x"}, []string{"tls.ca", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			news, err := probe(t, Config{TLS: c.tls}, c.host)
			check(t, news, err, nil, c.err)
		})
	}
	t.Run("one of two", func(t *testing.T) {
		news, err := probe(t, Config{}, plain.URL, "http://127.0.0.1:1")
		check(t, news, err, []string{"hosts[0] (" + plain.URL + "): cluster c is green"}, []string{"hosts[1] (http://127.0.0.1:1): cannot be reached"})
	})
}

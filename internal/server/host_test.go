package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestHost: only the endpoints of probes answer under any name.
func TestHost(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for _, c := range []struct {
		listen, path, host string
		want               int
	}{
		{"127.0.0.1:8687", "/", "127.0.0.1:8687", 200}, {"127.0.0.1:8687", "/", "localhost:8687", 200}, {"127.0.0.1:8687", "/", "LOCALHOST", 200},
		{"[::1]:8687", "/", "[::1]:8687", 200}, {"[::1]:8687", "/", "[::1]", 200}, {":8687", "/", "192.0.2.7:8687", 200},
		{"logs.example.com:8687", "/", "logs.example.com:8687", 200}, {"logs.example.com:8687", "/", "Logs.example.com.", 200},
		{"127.0.0.1:8687", "/", "rebound.example:8687", 421}, {"127.0.0.1:8687", "/api", "rebound.example", 421}, {"127.0.0.1:8687", "/", "", 421},
		{":8687", "/", "rebound.example:8687", 421}, {":8687", "/", ":8687", 421}, {"127.0.0.1:8687", "/", "127.0.0.1.rebound.example", 421},
		{"127.0.0.1:8687", "/", "localhost.rebound.example", 421}, {"logs.example.com:8687", "/", "other.example.com", 421},
		{"127.0.0.1:8687", "//metrics", "rebound.example", 421}, {"127.0.0.1:8687", "/metrics/", "rebound.example", 421},
		{":8687", "/healthz", "rebound.example", 200}, {":8687", "/readyz", "tailspan.tailspan.svc:8687", 200}, {":8687", "/metrics", "", 200},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+c.path, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		knownHost(page, c.listen).ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s%s asked on %s: %d, want %d", c.host, c.path, c.listen, w.Code, c.want)
		}
	}
}

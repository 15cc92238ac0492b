package webhook

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTell: a server that is busy is asked again, one that refuses is not, and one that leads elsewhere is not followed.
func TestTell(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	busy := 1
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, fmt.Sprintf("%s %s %s %s", r.Method, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body))
		switch {
		case string(body) == "away":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case string(body) == "refused":
			w.WriteHeader(http.StatusBadRequest)
		case busy > 0:
			busy--
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	h := New(Config{URL: server.URL + "/x", Token: "t"}, slog.New(slog.DiscardHandler))
	for _, body := range []string{"first", "refused", "away", "last"} {
		h.Tell([]byte(body))
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	for deadline := time.Now().Add(10 * time.Second); h.Sent.Load() < 2 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
	}
	cancel()
	<-done
	mu.Lock()
	defer mu.Unlock()
	var want []string
	for _, body := range []string{"first", "first", "refused", "away", "last"} {
		want = append(want, "POST Bearer t application/json "+body)
	}
	if !slices.Equal(seen, want) || h.Sent.Load() != 2 || h.GivenUp.Load() != 2 {
		t.Errorf("%q; sent %d, given up %d", seen, h.Sent.Load(), h.GivenUp.Load())
	}
}

// TestBounded: what waits is bounded, and the newest are kept.
func TestBounded(t *testing.T) {
	h := New(Config{URL: "http://127.0.0.1:1"}, slog.New(slog.DiscardHandler))
	for i := range 1000 {
		h.Tell(fmt.Append(nil, i))
	}
	if len(h.waiting) != mostWaiting || string(h.waiting[mostWaiting-1]) != "999" || h.GivenUp.Load() != 900 {
		t.Errorf("%d wait, %d given up", len(h.waiting), h.GivenUp.Load())
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, ""}, {Config{URL: "https://hooks.example.com/secret"}, ""}, {Config{URL: "http://127.0.0.1:8/x", Token: "t"}, ""},
		{Config{URL: "http://10.0.0.1/x"}, ""}, {Config{Token: "t"}, "missing"},
		{Config{URL: "http://10.0.0.1/x", Token: "t"}, "readable"}, {Config{URL: "ftp://x/secret"}, "not an address"}, {Config{URL: "https:///secret"}, "not an address"},
		{Config{URL: "https://a:b@x/secret"}, "password"}, {Config{URL: "https://x/secret", Token: "a\nb"}, "control"}, {Config{URL: "://secret"}, "not an address"},
	} {
		err := c.cfg.Check()
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%+v: %v", c.cfg, err)
		}
	}
}

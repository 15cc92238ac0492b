package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tailspan/tailspan/internal/status"
)

// fake is an agent that turns and ships, or says why it does not.
type fake struct{ turn, ready error }

func (f fake) Ready() error               { return f.ready }
func (f fake) Turn(context.Context) error { return f.turn }
func (f fake) Status() status.Status      { return status.Status{} }

// TestHealth: an agent whose output is away is not ready, but starting it again would not help.
func TestHealth(t *testing.T) {
	for _, c := range []struct {
		name           string
		agent          fake
		healthz, ready int
	}{
		{"ships", fake{}, 200, 200},
		{"its output is away", fake{ready: errors.New("away")}, 200, 503},
		{"its loop hangs", fake{turn: errors.New("hangs")}, 503, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			handler := Handler(c.agent, "test", http.NotFoundHandler())
			for path, want := range map[string]int{"/healthz": c.healthz, "/readyz": c.ready, "/metrics": 200} {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
				if w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
			}
		})
	}
}

package page

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/tailspan/tailspan/internal/status"
)

const (
	turnsWithin = 2 * time.Second // that the reading loop is given; /healthz is more patient
	mostFiles   = 2000
)

// status answers /api/status: what the agent says of itself.
func (p *page) status(r *http.Request) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), turnsWithin)
	defer cancel()
	body := struct {
		status.Status
		Ready string `json:"ready"` // why it is not; empty: it is
		Turns string `json:"turns"` // why the reading loop does not; empty: it does
		More  int    `json:"more_files"`
	}{Status: p.Agent.Status(), Ready: warning(p.Agent.Ready()), Turns: warning(p.Agent.Turn(ctx))}
	body.Operations = nil // /metrics has them
	slices.SortFunc(body.Files, func(a, b status.File) int {
		return cmp.Or(cmp.Compare(b.Lag, a.Lag), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Pipeline, b.Pipeline))
	})
	if body.More = max(0, len(body.Files)-mostFiles); body.More > 0 {
		body.Files = body.Files[:mostFiles]
	}
	return body, nil
}

// Package page is what people look at: documents as they come, searches, traces, services, files and health, in a browser, without any
// server but the agent. docs/PAGE.md describes the views and the interface below /api that they are made of.
//
// Log lines are hostile, and so are other pages in the same browser. The page is a few files that are compiled in: no script, style or
// picture is from anywhere else, and none stands in the HTML, so that a strict Content-Security-Policy holds. Whatever comes from
// lines is JSON for the scripts, which put it into the page as text. Everything can only be looked at: no request changes anything.
package page

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/tailspan/tailspan/internal/live"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/internal/status"
)

//go:embed assets
var embedded embed.FS

// Agent is what the page asks.
type Agent interface {
	Ready() error
	Turn(context.Context) error // an error when the reading loop has not come round until the context is done
	Status() status.Status
	Live() *live.Hub
	// Source is where documents are asked for, while the configuration is what it is now; an error says why there is none.
	Source() (search.Source, error)
}

// Config says for whom the page is.
type Config struct {
	Agent   Agent
	Version string // of the agent
	Host    string // whose logs these are
	Listen  string // host:port that the server listens on
	Token   string // what users must know; empty: nothing, and beyond loopback nobody sees the page
}

// page answers requests. Its handlers are for any goroutine.
type page struct {
	Config
	now  func() time.Time
	busy chan struct{} // bounds the questions that are asked of the source at once
}

const (
	// atOnce is how many questions are asked of the source at once; others wait.
	atOnce = 4
	// patience is how long a question may take.
	patience = 30 * time.Second
)

// Handler serves the page, and what it asks below /api.
func Handler(cfg Config) http.Handler {
	p := &page{Config: cfg, now: time.Now, busy: make(chan struct{}, atOnce)}
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*http.Request) (any, error){
		"GET /api/about":     p.about,
		"GET /api/documents": p.documents,
		"GET /api/document":  p.document,
		"GET /api/histogram": p.histogram,
		"GET /api/top":       p.top,
		"GET /api/trace":     p.trace,
		"GET /api/traces":    p.traces,
		"GET /api/map":       p.callers,
		"GET /api/services":  p.services,
		"GET /api/why":       p.why,
		"GET /api/findings":  p.findings,
		"GET /api/status":    p.status,
	} {
		mux.Handle(pattern, sameOrigin(p.answering(answer)))
	}
	mux.Handle("GET /api/live", sameOrigin(http.HandlerFunc(p.live)))
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "there is no such question; docs/PAGE.md lists them")
	})
	files, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux.Handle("/", unchanging(http.FileServerFS(files)))
	return headers(p.known(mux))
}

// about says what is looked at.
func (p *page) about(*http.Request) (any, error) {
	about := struct {
		Version string `json:"version"`
		Host    string `json:"host"`
		Source  string `json:"source"` // local or elasticsearch; empty: there is none
		Reason  string `json:"reason,omitempty"`
	}{Version: p.Version, Host: p.Host}
	if source, err := p.Agent.Source(); err != nil {
		about.Reason = err.Error()
	} else {
		about.Source = source.Name()
	}
	return about, nil
}

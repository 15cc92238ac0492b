// Package sink answers as an Elasticsearch node does and keeps nothing but counts.
//
// It speaks what a shipper needs: _bulk (plain and gzip, create and index, filter_path), index templates, cluster health.
// It can remember every _id, so that a create that comes again is answered 409, and it can decode every document and sum
// up what it says, so that a million of them are compared with what the generator wrote. Its own paths:
//
//	GET /_sink/stats                    what was counted so far (Stats)
//	GET /_sink/wait?docs=N&idle=30s     the same, once N documents were accepted or none came for that long
package sink

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says what a Server does beside counting. Both cost time: a timed run goes without.
type Config struct {
	IDs    bool // remember every _id: a create that comes again is a conflict
	Verify bool // decode every document
}

// Stats is what a Server counted.
type Stats struct {
	Docs      int64            `json:"docs"`      // accepted
	Conflicts int64            `json:"conflicts"` // answered 409
	Rejected  int64            `json:"rejected"`  // answered 400: not JSON
	Requests  int64            `json:"requests"`  // _bulk requests answered 200
	WireBytes int64            `json:"wire_bytes"`
	BodyBytes int64            `json:"body_bytes"` // uncompressed
	LastDoc   time.Time        `json:"last_doc"`   // when the last document was accepted
	Others    map[string]int64 `json:"others"`     // requests that were not _bulk
	Verify    *Verdict         `json:"verify,omitempty"`
}

// Server is the fake node. It is an http.Handler.
type Server struct {
	cfg   Config
	limit int64 // bytes of a body

	mu        sync.Mutex // guards what follows
	stats     Stats
	ids       map[string]bool // index and _id
	templates map[string]json.RawMessage
	verifier  *verifier
}

// New returns a server that has seen nothing yet.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, limit: maxBody, ids: map[string]bool{}, templates: map[string]json.RawMessage{}}
	s.stats.Others = map[string]int64{}
	if cfg.Verify {
		s.verifier = newVerifier()
	}
	return s
}

// Stats returns a copy of what was counted so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Others = maps.Clone(s.stats.Others)
	if s.verifier != nil {
		stats.Verify = s.verifier.verdict()
	}
	return stats
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	w.Header().Set("Content-Type", "application/json")
	switch path {
	case "/_sink/stats":
		reply(w, http.StatusOK, s.Stats())
		return
	case "/_sink/wait":
		reply(w, http.StatusOK, s.wait(r))
		return
	}
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	if strings.HasSuffix(path, "/_bulk") && (r.Method == http.MethodPost || r.Method == http.MethodPut) {
		s.bulk(w, r)
		return
	}
	s.mu.Lock()
	s.stats.Others[r.Method+" "+path]++
	s.mu.Unlock()
	name, isTemplate := strings.CutPrefix(path, "/_index_template/")
	switch {
	case isTemplate && r.Method == http.MethodPut:
		s.putTemplate(w, r, name)
	case isTemplate && r.Method == http.MethodGet:
		s.getTemplate(w, name)
	case strings.HasPrefix(path, "/_cluster/health"):
		reply(w, http.StatusOK, map[string]any{"cluster_name": "sink", "status": "green", "number_of_nodes": 1})
	case path == "/":
		reply(w, http.StatusOK, map[string]any{"name": "sink", "cluster_name": "sink", "tagline": "You Know, for Search",
			"version": map[string]any{"number": "8.19.0", "build_flavor": "default"}})
	default:
		refuse(w, http.StatusNotFound, "resource_not_found_exception", "the sink does not know "+r.Method+" "+path)
	}
}

func (s *Server) putTemplate(w http.ResponseWriter, r *http.Request, name string) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || !json.Valid(body) {
		refuse(w, http.StatusBadRequest, "x_content_parse_exception", "a template that is not JSON")
		return
	}
	s.mu.Lock()
	s.templates[name] = body
	s.mu.Unlock()
	reply(w, http.StatusOK, map[string]bool{"acknowledged": true})
}

func (s *Server) getTemplate(w http.ResponseWriter, name string) {
	s.mu.Lock()
	body, found := s.templates[name]
	s.mu.Unlock()
	if !found {
		refuse(w, http.StatusNotFound, "resource_not_found_exception", "index template matching ["+name+"] not found")
		return
	}
	reply(w, http.StatusOK, map[string]any{"index_templates": []any{map[string]any{"name": name, "index_template": body}}})
}

// wait answers once enough documents came, or none for too long; the caller sees from the count which it was.
func (s *Server) wait(r *http.Request) Stats {
	want, _ := strconv.ParseInt(r.URL.Query().Get("docs"), 10, 64) // absent: any number will do
	idle, err := time.ParseDuration(r.URL.Query().Get("idle"))
	if err != nil {
		idle = 30 * time.Second
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	start := time.Now()
	for {
		s.mu.Lock()
		docs, last := s.stats.Docs, s.stats.LastDoc
		s.mu.Unlock()
		if last.Before(start) {
			last = start
		}
		if docs >= want || time.Since(last) > idle || r.Context().Err() != nil {
			return s.Stats()
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
		}
	}
}

// reply writes an answer. That the other side has gone is nothing to report.
func reply(w http.ResponseWriter, status int, answer any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// refuse writes an error in Elasticsearch's form.
func refuse(w http.ResponseWriter, status int, kind, reason string) {
	reply(w, status, map[string]any{"error": map[string]string{"type": kind, "reason": reason}, "status": status})
}

//go:build faults && linux

package faults_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// sink speaks the bulk API: it keeps every document, answers 409 for an _id that its index has, and misbehaves as it is told.
type sink struct {
	url    string
	server *httptest.Server

	record
	ids   map[string]bool // of every document, behind its index
	sent  map[lineKey]int // how often each line came, kept or not
	count tally           // all of it
	whole fault           // decides about requests; nil: they are taken
	item  verdict         // decides about documents; nil: they are taken
	times []time.Time     // when requests came while whole was set
	gate  chan struct{}   // closed when a fault ends, so that requests it holds go on
	wants string          // the Authorization that counts; empty: any
	plain bool            // a request has come without encryption
}

// document is one of a request.
type document struct {
	index, id string
	raw       []byte
	line      lineKey // zero for what no writer wrote
	sent      int     // how often it has come, this time included
}

// request is one bulk request; docs is what it asks for.
type request struct {
	s    *sink
	http *http.Request
	body []byte
	docs []document
}

// fault answers a request, or answers false to let it be taken as usual.
type fault func(w http.ResponseWriter, r *request) (answered bool)

// verdict says what becomes of a document: 0 to take it as usual.
type verdict func(d *document) (status int, kind, reason string)

func newSink(t *testing.T) *sink {
	s := &sink{record: newRecord(), ids: map[string]bool{}, sent: map[lineKey]int{}, gate: make(chan struct{})}
	s.server = httptest.NewServer(s)
	s.url = s.server.URL
	t.Cleanup(func() {
		s.heal()
		s.server.CloseClientConnections()
		s.server.Close()
	})
	return s
}

// listen serves the sink on one more listener until stop is called or the test ends.
func (s *sink) listen(t *testing.T, l net.Listener) (stop func()) {
	server := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)} // handshakes fail, and are meant to
	go func() { _ = server.Serve(l) }()                                      // ends with Close
	stop = func() { _ = server.Close() }
	t.Cleanup(stop)
	return stop
}

// suffer begins a fault of whole requests, of documents, or both.
func (s *sink) suffer(whole fault, item verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole, s.item, s.times = whole, item, nil
	s.gate = make(chan struct{})
}

// heal ends every fault.
func (s *sink) heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole, s.item = nil, nil
	select {
	case <-s.gate:
	default:
		close(s.gate)
	}
}

// hold waits until the fault ends or the client goes.
func (r *request) hold() {
	r.s.mu.Lock()
	gate := r.s.gate
	r.s.mu.Unlock()
	select {
	case <-gate:
	case <-r.http.Context().Done():
	}
}

func (s *sink) tally() tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// faulty is how many requests have come since the fault began.
func (s *sink) faulty() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

// read is what the sink has kept, which is always up to date.
func (s *sink) read() *record { return &s.record }

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.note(r); !strings.HasSuffix(r.URL.Path, "/_bulk") {
		_, _ = io.Copy(io.Discard, r.Body) // whatever it asks for is granted
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "_index_template") {
			refuse(w, http.StatusNotFound, "resource_not_found_exception", "index template matching not found")
			return
		}
		answer(w, `{"acknowledged":true,"status":"green"}`)
		return
	}
	req := &request{s: s, http: r}
	if err := req.read(); err != nil {
		refuse(w, http.StatusBadRequest, "illegal_argument_exception", err.Error())
		return
	}
	s.mu.Lock()
	whole, wants := s.whole, s.wants
	if whole != nil || s.item != nil {
		s.times = append(s.times, time.Now())
	}
	for i := range req.docs {
		d := &req.docs[i]
		s.sent[d.line]++
		d.sent = s.sent[d.line]
	}
	s.mu.Unlock()
	if wants != "" && r.Header.Get("Authorization") != wants {
		refuse(w, http.StatusUnauthorized, "security_exception", "unable to authenticate with provided credentials")
		return
	}
	if whole != nil && whole(w, req) {
		return
	}
	answer(w, req.apply())
}

// note looks at the connection.
func (s *sink) note(r *http.Request) {
	if r.TLS == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.plain = true
	}
}

// answer sends 200 with a body; that the client has gone is its loss.
func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	_, _ = io.WriteString(w, body)
}

// refuse answers as Elasticsearch does when a whole request fails.
func refuse(w http.ResponseWriter, status int, kind, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":{"type":%q,"reason":%q},"status":%d}`, kind, reason, status)
}

// read takes a request apart.
func (r *request) read() error {
	var from io.Reader = r.http.Body
	if r.http.Header.Get("Content-Encoding") == "gzip" {
		zip, err := gzip.NewReader(from)
		if err != nil {
			return err
		}
		from = zip
	}
	var err error
	if r.body, err = io.ReadAll(from); err != nil {
		return err
	}
	for rest := r.body; len(rest) > 0; {
		var action, doc []byte
		action, rest, _ = bytes.Cut(rest, []byte("\n"))
		doc, rest, _ = bytes.Cut(rest, []byte("\n"))
		var parsed map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(action, &parsed); err != nil {
			return fmt.Errorf("malformed action: %w", err)
		}
		meta := parsed["create"]
		d := document{index: meta.Index, id: meta.ID, raw: doc}
		if m := tokenForm.FindSubmatch(doc); m != nil {
			d.line = keyOf(m)
		}
		r.docs = append(r.docs, d)
	}
	return nil
}

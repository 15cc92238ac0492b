package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// sink plays Elasticsearch: it takes every document, and notes how long ago its line was written.
type sink struct {
	others atomic.Int64 // documents of lines that do not say when they were written

	mu    sync.Mutex
	took  []time.Duration
	came  int64 // documents
	moved chan struct{}
}

func newSink() *sink { return &sink{moved: make(chan struct{}, 1)} }

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	now := time.Now()
	if r.URL.Path != "/_bulk" {
		_, _ = io.WriteString(w, `{"acknowledged":true}`) // the agent sees to it
		return
	}
	n, err := s.read(r, now)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, _ = fmt.Fprintf(w, `{"errors":false,"items":[%s]}`, strings.TrimSuffix(strings.Repeat(`{"create":{"status":201}},`, n), ",")) // the same
}

// read counts the documents of a request that arrived now.
func (s *sink) read(r *http.Request, now time.Time) (documents int, err error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(r.Body); err != nil {
			return 0, err
		}
	}
	var took []time.Duration
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 16<<20)
	for ; lines.Scan(); documents++ {
		if !lines.Scan() {
			return 0, io.ErrUnexpectedEOF
		}
		_, rest, found := bytes.Cut(lines.Bytes(), []byte(`"written":`))
		if !found {
			continue
		}
		written, err := strconv.ParseInt(string(rest[:bytes.IndexAny(rest, ",}")]), 10, 64)
		if err != nil {
			return 0, err
		}
		took = append(took, now.Sub(time.Unix(0, written)))
	}
	s.others.Add(int64(documents - len(took)))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came += int64(documents)
	s.took = append(s.took, took...)
	select {
	case s.moved <- struct{}{}:
	default:
	}
	return documents, lines.Err()
}

func (s *sink) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came, s.took = 0, nil
	s.others.Store(0)
}

// wait waits until so many lines that say when they were written, or any before the load, have come.
func (s *sink) wait(ctx context.Context, lines int64) error {
	for {
		s.mu.Lock()
		n := s.came
		if len(s.took) > 0 {
			n = int64(len(s.took))
		}
		s.mu.Unlock()
		if n >= lines {
			return nil
		}
		select {
		case <-s.moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Minute):
			return fmt.Errorf("%d of %d lines, and no more for a minute", n, lines)
		}
	}
}

// histogram draws how long lines took, and says what half of them, 99 of 100 and all took at most.
func (s *sink) histogram() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.took)
	at := func(share float64) time.Duration {
		return s.took[int(share*float64(len(s.took)-1))].Round(100 * time.Microsecond)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "from the write of a line to the arrival of its request: p50 %v, p90 %v, p99 %v, most %v\n", at(0.5), at(0.9), at(0.99), at(1))
	below := 0
	for _, ms := range []int{1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 1 << 30} {
		n, _ := slices.BinarySearch(s.took, time.Duration(ms)*time.Millisecond)
		share := float64(n-below) / float64(len(s.took))
		name := fmt.Sprintf("< %d ms", ms)
		if ms == 1<<30 {
			name = "more"
		}
		fmt.Fprintf(&b, "%10s %6.2f %% %s\n", name, 100*share, strings.Repeat("█", int(share*60+0.5)))
		below = n
	}
	return b.String()
}

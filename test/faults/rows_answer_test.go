//go:build faults && linux

package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

var answerRows = []row{
	{37, "429 for the whole request; 503 for long", busy},
	{38, "200 with 201/409/429/400/503 mixed", mixed},
	{39, "413 for a batch, for one document, without a body", tooLarge},
	{40, "mapping conflict", conflict},
	{41, "red or read-only index; item 403; flood stage", blocked},
	{42, "401/403 for the request; key renewed", unauthorized},
	{51, "a poison record that makes the whole bulk fail", poison},
}

// always refuses every request.
func always(status int, kind string) fault {
	return func(w http.ResponseWriter, _ *request) bool {
		refuse(w, status, kind, "it is so")
		return true
	}
}

// busy refuses everything and looks at how often, and how regularly, it is asked again: waits double up to five seconds, with
// jitter.
func busy(s *scene) {
	w := s.writer("app.log")
	s.start()
	w.write(10)
	s.delivered()
	for _, f := range []struct {
		status int
		lasts  time.Duration
	}{{http.StatusTooManyRequests, size(8*time.Second, 30*time.Second)}, {http.StatusServiceUnavailable, size(12*time.Second, 10*time.Minute)}} {
		s.sink.suffer(always(f.status, "es_rejected_execution_exception"), nil)
		w.write(10)
		lasts(f.lasts)
		s.sink.mu.Lock()
		times := s.sink.times
		s.sink.mu.Unlock()
		m, err := s.agent.metrics()
		s.must(err)
		waiting := int(sumOf(m, "tailspan_output_requests_in_flight", `"elasticsearch"`))
		s.sink.heal()
		s.fresh()
		s.wantBackoff(times, f.lasts, waiting)
	}
	s.pass()
	s.saw("ready again within 10 s each time")
}

// wantBackoff checks when requests were tried again; waiting is how many there were.
func (s *scene) wantBackoff(times []time.Time, span time.Duration, waiting int) {
	s.t.Helper()
	doubling := 0
	for i := 1; i < len(times); i++ {
		gap := times[i].Sub(times[i-1])
		if gap > 6*time.Second {
			s.wrong("asked again only after %v", gap)
		}
		if i < 6 && (gap%(100*time.Millisecond<<(i-1))) < time.Millisecond {
			doubling++
		}
	}
	most := waiting * (8 + int(span/(2500*time.Millisecond)))
	if len(times) < 3 || len(times) > most {
		s.wrong("asked %d times in %v for %d requests, from 3 to %d are expected", len(times), span, waiting, most)
	}
	if doubling > 3 {
		s.wrong("no jitter")
	}
	s.saw("%d times in %v for %d requests", len(times), span, waiting)
}

// mixed gives neighbouring documents different verdicts. Only what was refused for now may come again.
func mixed(s *scene) {
	w := s.writer("app.log")
	s.sink.suffer(nil, func(d *document) (int, string, string) {
		switch {
		case d.line.number%6 == 1:
			return http.StatusConflict, "version_conflict_engine_exception", "document already exists"
		case d.line.number%6 == 2 && d.sent < 4:
			return http.StatusTooManyRequests, "es_rejected_execution_exception", "queue full"
		case d.line.number%6 == 3:
			return http.StatusBadRequest, "illegal_argument_exception", "not wanted"
		case d.line.number%6 == 4 && d.sent < 3:
			return http.StatusServiceUnavailable, "some_exception", "later"
		}
		return 0, "", ""
	})
	s.start()
	w.write(6000)
	s.delivered()
	s.sink.mu.Lock()
	for key, n := range s.sink.sent {
		want := map[int]int{2: 4, 4: 3}[key.number%6]
		if n != max(1, want) {
			s.t.Errorf("%v came %d times", key, n)
			break
		}
	}
	s.sink.mu.Unlock()
	s.sink.heal()
	s.pass()
	if n := len(s.letters()); n != 1000 {
		s.wrong("%d dead letters, 1000 are expected", n)
	}
	s.saw("429 and 503 sent again, 201, 409 and 400 once; 1000 dead letters")
}

func tooLarge(s *scene) {
	const limit = 100 << 10
	s.conf.output = "bulk: {max_size: 1MiB}"
	w := s.writer("app.log")
	for round, whole := range []fault{
		func(rw http.ResponseWriter, r *request) bool {
			if len(r.body) > limit {
				rw.WriteHeader(http.StatusRequestEntityTooLarge) // without a body, as Elasticsearch does it
				return true
			}
			return false
		},
		func(rw http.ResponseWriter, r *request) bool {
			if len(r.body) > limit {
				http.Error(rw, "<html><h1>413 Request Entity Too Large</h1></html>", http.StatusRequestEntityTooLarge) // a proxy
				return true
			}
			return false
		},
	} {
		s.sink.suffer(whole, nil)
		if round == 0 {
			s.start()
		}
		w.write(5000)
		w.wide = 2 * limit
		w.write(2)
		w.wide = 0
		w.write(5000)
		s.delivered()
		if n := s.sink.faulty(); n > 2000 {
			s.wrong("%d requests for 10,002 lines", n)
		}
		s.saw("%d requests", s.sink.faulty())
	}
	s.sink.heal()
	s.pass()
	if n := len(s.letters()); n != 4 {
		s.wrong("%d dead letters, 4 documents are too large", n)
	}
	s.saw("4 dead letters")
}

// conflict refuses a field of some documents, in Elasticsearch's words, and everything about others.
func conflict(s *scene) {
	w := s.writer("app.log")
	s.sink.suffer(nil, func(d *document) (int, string, string) {
		switch {
		case d.line.number%10 == 2 && !strings.Contains(string(d.raw), "tailspan.unmapped"):
			return http.StatusBadRequest, "document_parsing_exception", fmt.Sprintf("[1:2] failed to parse field [n] of type [ip] in document with id '%s'. Preview of field's value: '%d'", d.id, d.line.number)
		case d.line.number%10 == 4:
			return http.StatusBadRequest, "document_parsing_exception", "[1:2] failed to parse"
		}
		return 0, "", ""
	})
	mended := 0
	s.sink.look = func(d kept) {
		if strings.Contains(d.raw, `"tailspan.unmapped":{"n":"`) && strings.Contains(d.raw, "unmapped_reason") {
			mended++
		}
	}
	s.start()
	w.write(1000)
	s.delivered()
	s.sink.heal()
	s.pass()
	letters := s.letters()
	if mended != 100 || len(letters) != 100 || letters[0].Reason == "" {
		s.wrong("%d fields moved aside and %d dead letters, 100 of each are expected", mended, len(letters))
	}
	s.saw("100 documents kept with the field aside, 100 dead letters with the reason")
}

// blocked has one index that takes nothing, for each of the reasons, and another that must not suffer by it.
func blocked(s *scene) {
	s.conf.pipelines = append(s.conf.pipelines, pipe{name: "good", paths: []string{filepath.Join(s.dir, "good.log")}})
	bad, good := s.writer("bad.log"), s.writerAt(filepath.Join(s.dir, "good.log"))
	s.start()
	for _, f := range []struct {
		status       int
		kind, reason string
	}{
		{http.StatusForbidden, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)];"},
		{http.StatusTooManyRequests, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];"},
		{http.StatusServiceUnavailable, "unavailable_shards_exception", "[x][0] primary shard is not active Timeout: [1m]"},
		{http.StatusForbidden, "security_exception", "action [indices:data/write/bulk[s]] is unauthorized for this key"},
	} {
		s.sink.suffer(nil, func(d *document) (int, string, string) {
			if strings.Contains(d.index, "-faults-") {
				return f.status, f.kind, f.reason
			}
			return 0, "", ""
		})
		before := s.sink.kept(bad.name)
		bad.flow(1000)
		s.await("it is refused", patience, func() bool { return s.sink.faulty() > 0 })
		for range 3 {
			s.freshBy(good)
		}
		bad.rest()
		if s.sink.kept(bad.name) != before {
			s.fail("the sink kept what it refused")
		}
		if n := len(s.letters()); n > 0 {
			s.wrong("%s %d: %d dead letters", f.kind, f.status, n)
		}
		s.sink.heal()
		s.freshBy(bad)
	}
	s.pass()
	s.saw("others flow; blocks and rights that were taken away are waited for")
}

// unauthorized refuses the key for a while; then it counts again; then another key counts, and stands in the file that the
// configuration names.
func unauthorized(s *scene) {
	key := filepath.Join(s.dir, "key")
	s.must(os.WriteFile(key, []byte("b2xk\n"), 0o600))
	s.conf.output = "api_key: ${file:" + key + "}"
	s.sink.wants = "APIKey b2xk"
	w := s.writer("app.log")
	s.start()
	w.write(100)
	s.delivered()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		s.sink.suffer(always(status, "security_exception"), nil)
		w.write(100)
		s.await("it says so", patience, func() bool { return s.agent.says(fmt.Sprintf("HTTP %d security_exception", status)) })
		lasts(size(3*time.Second, 30*time.Second))
		s.sink.heal()
		s.fresh()
	}
	s.saw("held and resumed with the same key")
	s.sink.mu.Lock()
	s.sink.wants = "APIKey bmV3"
	s.sink.mu.Unlock()
	w.write(100)
	lasts(2 * time.Second)
	s.must(os.WriteFile(key, []byte("bmV3\n"), 0o600))
	start, line := time.Now(), lineKey{w.name, w.written() - 1}
	for !s.sink.has(line) && time.Since(start) < freshWithin {
		time.Sleep(20 * time.Millisecond)
	}
	if !s.sink.has(line) {
		s.wrong("a new key in the file is not taken up without a restart")
		s.agent.stop()
		s.start()
	}
	s.pass()
}

// poison refuses any request with a certain document in it, as Elasticsearch does for an _id over 512 bytes: without
// taking anything, or with what stood before it taken.
func poison(s *scene) {
	w := s.writer("app.log")
	bad := func(d document) bool { return d.line.number%1000 == 123 }
	for round, partly := range []bool{false, true} {
		s.sink.suffer(func(rw http.ResponseWriter, r *request) bool {
			for i, d := range r.docs {
				if bad(d) {
					if partly {
						r.docs = r.docs[:i]
						r.apply()
					}
					refuse(rw, http.StatusBadRequest, "illegal_argument_exception", "Malformed action/metadata line [3]")
					return true
				}
			}
			return false
		}, nil)
		if round == 0 {
			s.start()
		}
		w.write(4000)
		s.delivered()
		if n := s.sink.faulty(); n > 400 {
			s.wrong("%d requests to find 4 documents", n)
		}
		s.saw("%d requests", s.sink.faulty())
	}
	s.sink.heal()
	s.pass()
	if n := len(s.letters()); n != 8 {
		s.wrong("%d dead letters, 8 are expected", n)
	}
	s.saw("8 dead letters, the rest indexed")
}

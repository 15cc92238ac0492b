package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// stream is a cluster whose data stream was rolled over: create does not look into what is there since before.
type stream struct {
	*cluster
	before    map[string]int                      // how many documents of older backing indices have the _id
	refreshed bool                                // what was sent can be found
	questions []int                               // how many ids each search asked for
	answers   []func(whole string) *http.Response // to searches, in order; then the whole one
	forbidden bool                                // to refresh
}

func (s *stream) Perform(req *http.Request) (*http.Response, error) {
	switch {
	case strings.HasSuffix(req.URL.Path, "/_refresh"):
		if s.forbidden {
			return answer(403, `{"error":{"type":"security_exception","reason":"no"}}`), nil
		}
		s.refreshed = true
		return answer(200, `{"_shards":{"failed":0}}`), nil
	case strings.HasSuffix(req.URL.Path, "/_search"):
		return s.search(req), nil
	case strings.HasSuffix(req.URL.Path, "/_bulk"):
		s.refreshed = false
	}
	return s.cluster.Perform(req)
}

func (s *stream) search(req *http.Request) *http.Response {
	var question struct {
		Query  struct{ IDs struct{ Values []string } }
		Size   int
		Source *bool `json:"_source"`
	}
	data, err := io.ReadAll(req.Body)
	if err := json.Unmarshal(data, &question); err != nil || question.Source == nil || *question.Source {
		s.t.Errorf("question %s: %v", data, err)
	}
	if err != nil || req.URL.Path != "/logs-p-default/_search" || req.URL.Query().Get("allow_partial_search_results") != "false" {
		s.t.Errorf("%s: %v", req.URL, err)
	}
	s.questions = append(s.questions, len(question.Query.IDs.Values))
	var hits []string
	total := 0
	for _, id := range question.Query.IDs.Values {
		n := s.before[id]
		if s.refreshed && s.docs[id] != "" {
			n++
		}
		for ; n > 0; n-- {
			if total++; len(hits) < question.Size {
				hits = append(hits, fmt.Sprintf(`{"_id":%q}`, id))
			}
		}
	}
	whole := fmt.Sprintf(`{"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":%d},"hits":[%s]}}`, total, strings.Join(hits, ","))
	if len(s.answers) > 0 {
		first := s.answers[0]
		s.answers = s.answers[1:]
		if first != nil {
			return first(whole)
		}
	}
	return answer(200, whole)
}

// replayed sends lines, numbered from 0, through a Replay, and returns what became of them.
func (s *stream) replayed(lines int) (event.Counts, error) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	cfg := Config{Hosts: []string{"http://none"}, Compression: "gzip", Template: true, Bulk: Bulk{MaxSize: 1 << 20, MaxDocs: 2500, InFlight: 2}}
	r, err := NewReplay(ctx, cancel, cfg, Options{Host: "h", Targets: []Target{{Dataset: "p", Index: fixedName("logs-p-default"), Stream: true}}, Names: []string{"p"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	r.out.transport = s
	src, offset := &event.Source{ID: 7}, int64(0)
	batch := &event.Batch{Source: src, Path: "/a.log"}
	r.Writer.Begin(batch)
	src.Count(event.Read, lines)
	for n := range lines {
		ev := &event.Event{Raw: fmt.Appendf(nil, "%d", n), Offset: offset, Time: event.Time{Set: true}}
		ev.Message = event.Value{Bytes: ev.Raw, Set: true}
		if err = r.Writer.Add(ev); err != nil {
			break
		}
		offset += int64(len(ev.Raw)) + 1
	}
	if err == nil {
		_ = r.Writer.End() // its error is that of Wait
		_ = r.Writer.Flush()
	}
	err = r.Wait()
	return src.Ledger.Snapshot(), err
}

func onStream(t *testing.T, test func(t *testing.T, s *stream)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, &stream{cluster: &cluster{t: t, docs: map[string]string{}}, before: map[string]int{}})
	})
}

// rolledOver makes what was sent older backing indices' matter, but for what drop says.
func (s *stream) rolledOver(drop func(message string) bool) {
	for id, doc := range s.docs {
		if !drop(item{doc: doc}.message()) {
			s.before[id]++
		}
	}
	s.docs, s.bodies, s.questions = map[string]string{}, nil, nil
}

func none(string) bool { return false }

func wantCounts(t *testing.T, got event.Counts, indexed, there, refused int64) {
	t.Helper()
	if got[event.Indexed] != indexed || got[event.Duplicate] != there || got[event.Dead] != refused {
		t.Errorf("indexed %d, there %d, refused %d; want %d, %d, %d", got[event.Indexed], got[event.Duplicate], got[event.Dead], indexed, there, refused)
	}
}

func TestReplaySendsWhatIsMissing(t *testing.T) {
	onStream(t, func(t *testing.T, s *stream) {
		const lines = 6000
		s.answers = append(s.answers, func(string) *http.Response { return answer(404, `{"error":{"type":"index_not_found_exception"}}`) })
		counts, err := s.replayed(lines)
		if err != nil || counts.InFlight() != 0 || s.templates != 1 {
			t.Errorf("%v; in flight %d, templates %d", err, counts.InFlight(), s.templates)
		}
		wantCounts(t, counts, lines, 0, 0)
		s.rolledOver(func(message string) bool { return strings.HasSuffix(message, "7") })
		counts, err = s.replayed(lines)
		if err != nil {
			t.Error(err)
		}
		wantCounts(t, counts, lines/10, lines*9/10, 0)
		for _, ids := range s.questions {
			if ids > idsPerSearch {
				t.Errorf("a question for %d ids", ids)
			}
		}
		s.rolledOver(none)
		counts, err = s.replayed(lines)
		if err != nil || len(s.bodies) != 0 {
			t.Errorf("%v; %d requests for nothing", err, len(s.bodies))
		}
		wantCounts(t, counts, 0, lines, 0)
	})
}

// TestReplaySeesEveryID asks for ids that some documents share already, so that not all fit into one answer.
func TestReplaySeesEveryID(t *testing.T) {
	onStream(t, func(t *testing.T, s *stream) {
		if _, err := s.replayed(200); err != nil {
			t.Fatal(err)
		}
		s.rolledOver(none)
		for id := range s.before {
			s.before[id] += int(id[len(id)-1]) % 3
		}
		counts, err := s.replayed(200)
		if err != nil || len(s.docs) != 0 {
			t.Errorf("%v; sent again: %d", err, len(s.docs))
		}
		wantCounts(t, counts, 0, 200, 0)
	})
}

// TestReplayFaults lets questions and requests fail; nothing may be lost or there twice.
func TestReplayFaults(t *testing.T) {
	says := func(status int, body string) func(string) *http.Response {
		return func(string) *http.Response { return answer(status, body) }
	}
	for name, c := range map[string]struct {
		answers []func(string) *http.Response
		faults  []fault
		indexed int64
		refused int64
	}{
		"busy":                    {answers: []func(string) *http.Response{says(503, `{}`), says(429, `<html>`)}, indexed: 50},
		"a shard does not answer": {answers: []func(string) *http.Response{says(200, `{"timed_out":false,"_shards":{"failed":1},"hits":{"total":{"value":0},"hits":[]}}`)}, indexed: 50},
		"the search times out":    {answers: []func(string) *http.Response{says(200, `{"timed_out":true,"hits":{"total":{"value":0},"hits":[]}}`)}, indexed: 50},
		"an answer torn off":      {answers: []func(string) *http.Response{func(whole string) *http.Response { return answer(200, whole[:len(whole)/2]) }, says(200, `{}`)}, indexed: 50},
		"no answer although it was applied, and a rollover before the next try": {faults: []fault{func(c *cluster, items []item) *http.Response {
			c.index(items, nil)
			return nil
		}}, indexed: 0},
		"busy items":    {faults: []fault{refusing(map[string]int{"1": 429, "11": 503})}, indexed: 50},
		"refused items": {faults: []fault{refusing(map[string]int{"1": 404, "11": 422})}, indexed: 48, refused: 2},
		"too large":     {faults: []fault{always(413, ``)}, indexed: 50},
	} {
		t.Run(name, func(t *testing.T) {
			onStream(t, func(t *testing.T, s *stream) {
				if _, err := s.replayed(100); err != nil {
					t.Fatal(err)
				}
				s.rolledOver(func(message string) bool { return len(message) > 0 && message[len(message)-1]%2 == 1 })
				s.answers, s.faults, s.forbidden = c.answers, c.faults, name == "busy"
				counts, err := s.replayed(100)
				if err != nil || counts.InFlight() != 0 {
					t.Errorf("%v; in flight %d", err, counts.InFlight())
				}
				wantCounts(t, counts, c.indexed, 100-c.indexed-c.refused, c.refused)
				for id := range s.docs {
					if s.before[id] > 0 {
						t.Errorf("%s is there twice", id)
					}
				}
				if got := len(s.docs) + len(s.before); got != 100-int(c.refused) {
					t.Errorf("%d documents are there", got)
				}
			})
		})
	}
}

// TestReplayGivesUp ends when nothing helps: at once when the cluster forbids to ask, else after about a minute.
func TestReplayGivesUp(t *testing.T) {
	onStream(t, func(t *testing.T, s *stream) {
		s.answers = []func(string) *http.Response{func(string) *http.Response {
			return answer(403, `{"error":{"type":"security_exception","reason":"action [indices:data/read/search] is unauthorized"}}`)
		}}
		start := time.Now()
		if counts, err := s.replayed(5000); err == nil || !strings.Contains(err.Error(), "privilege to read") || counts[event.Indexed] > 0 || time.Since(start) > 0 {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		for range 2 * replayTries {
			s.faults = append(s.faults, always(503, `{"error":{"type":"unavailable","reason":"later"}}`))
		}
		start = time.Now()
		if _, err := s.replayed(10); err == nil || !strings.Contains(err.Error(), "later") || time.Since(start) < 30*time.Second || time.Since(start) > 3*time.Minute {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

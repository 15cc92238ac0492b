//go:build faults && linux

package faults_test

import (
	"fmt"
	"strings"
	"time"
)

// realRows stand in the order in which they do the least to each other: those that need other settings of the node come last.
var realRows = []realRow{
	{"kill", "1", "SIGKILL of the agent at random under load", realKills},
	{"conflict", "40", "mapping conflict with somebody else's template", realConflict},
	{"blocked", "41", "index made read-only in each way, and without a shard", realBlocks},
	{"flood", "41", "the node's disk above its flood stage", realFlood},
	{"closed", "41", "index closed and opened under load", realClosed},
	{"deleted", "41", "index deleted under load", realDeleted},
	{"rollover", "43", "rollover under load, and between an attempt and its retry", realRollover},
	{"nodekill", "43, 46", "SIGKILL of the node under load", realNodeKills},
	{"restart", "46", "the node stopped and started under load", realRestarts},
	{"key", "42", "API key invalidated under load and renewed; rights taken away and given back", realKeys},
	{"queue", "37, 38", "a write queue of one, so that items are refused with 429", realQueue},
	{"large", "39", "requests and documents over http.max_content_length", realLarge},
}

// fullOnly skips a row in short runs.
func (s *realScene) fullOnly(why string) {
	s.t.Helper()
	if size(true, false) {
		s.skip("%s: not in -short", why)
	}
}

func realKills(s *realScene) {
	s.killMany(size(8, 500))
	s.passReal(standard{})
}

// realConflict installs a template before the agent does, under the name and with the version that make the agent leave it. A
// number that does not fit its field is moved aside; an object deeper than the template allows is a dead letter.
func realConflict(s *realScene) {
	s.ask("PUT", "/_index_template/tailspan-"+s.stream, map[string]any{
		"index_patterns": []string{s.stream}, "priority": 900, "version": 1000, "data_stream": map[string]any{},
		"template": map[string]any{"settings": map[string]any{"index.mapping.depth.limit": 5},
			"mappings": map[string]any{"properties": map[string]any{"n": map[string]any{"type": "byte"}}}}})
	const lines, fit = 2000, 128 // of the even numbers below 128, each a JSON line
	mended := map[string]bool{}  // by _id: a document may be read twice
	s.es.look = func(d kept) {
		if strings.Contains(d.raw, "unmapped_reason") {
			mended[d.id] = true
		}
	}
	w := s.writer("app.log")
	s.start()
	w.write(lines)
	const deep = 50
	for i := range deep {
		w.raw(fmt.Appendf(nil, `{"message":"# deep %d","a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}`+"\n", i))
		w.write(1)
	}
	s.delivered()
	s.passWith(standard{})
	if want := (w.written() + 1 - fit) / 2; len(mended) != want {
		s.wrong("%d documents with a field aside, %d numbers do not fit into a byte", len(mended), want)
	}
	letters := s.letters()
	if len(letters) != deep || letters[0].Reason == "" {
		s.wrong("%d dead letters, %d documents are too deep", len(letters), deep)
	}
	s.saw("%d documents kept with the field aside, %d dead letters with the reason", len(mended), len(letters))
	s.passReal(standard{})
}

// realRollover rolls the stream over while all is well, which must not show; and then between an attempt whose answer is lost
// and its retry, which is the limit that DELIVERY.md speaks of: what the attempt had indexed comes twice.
func realRollover(s *realScene) {
	link := newLink(s.scene, strings.TrimPrefix(s.node.URL, "http://"))
	s.conf.hosts = []string{link.url()}
	w := s.writer("app.log")
	s.start()
	w.flow(1000)
	s.freshBy(s.writer("other.log"))
	rollovers := size(3, 30)
	for range rollovers {
		s.ask("POST", "/"+s.stream+"/_rollover", nil)
		lasts(500 * time.Millisecond)
	}
	s.passReal(standard{})
	s.saw("%d rollovers under load: none doubled", rollovers)

	from := w.written()
	before := s.es.tally().created
	link.set(quality{oneWay: true})
	w.write(3000)
	s.await("documents are taken without an answer", patience, func() bool { return s.es.tally().created > before })
	s.ask("POST", "/"+s.stream+"/_rollover", nil)
	link.set(quality{})
	s.freshBy(w)
	to := w.written()
	twice := standard{twice: func(key lineKey) bool { return key.writer == w.name && key.number >= from && key.number < to }, deleted: true}
	s.passReal(twice)
	doubled := 0
	s.es.mu.Lock()
	for _, n := range s.es.lines {
		doubled += n - 1
	}
	s.es.mu.Unlock()
	s.saw("a rollover between an attempt without an answer and its retry: %d of %d lines doubled, none lost (the documented limit)", doubled, to-from)
}

func realNodeKills(s *realScene) {
	w := s.writer("app.log")
	s.start()
	for range size(1, 10) {
		w.flow(1000)
		s.await("lines come", patience, func() bool { return s.es.read().kept(w.name) > 0 })
		lasts(2 * time.Second)
		s.must(s.node.Kill())
		lasts(size(time.Second, 5*time.Second))
		s.must(s.node.Restart())
		s.freshBy(w)
	}
	s.passReal(standard{})
	s.saw("%d kills of the node, %d lines", size(1, 10), w.written())
}

func realRestarts(s *realScene) {
	w := s.writer("app.log")
	s.start()
	for range size(1, 10) {
		w.flow(1000)
		lasts(2 * time.Second)
		s.must(s.node.Restart(size([]string{queueOfOne, smallRequests}, nil)...)) // in short runs the rows below want that anyway
		s.freshBy(w)
	}
	s.passReal(standard{})
	s.saw("%d restarts of the node, %d lines", size(1, 10), w.written())
}

const (
	queueOfOne    = "thread_pool.write.queue_size: 1"
	smallRequests = "http.max_content_length: 1mb"
)

// limited makes sure that the node has the limits.
func (s *realScene) limited() {
	s.t.Helper()
	var found any
	if err := s.node.Do("GET", "/_nodes/settings?flat_settings=true", nil, &found); err != nil || !strings.Contains(fmt.Sprint(found), "max_content_length") {
		s.must(s.node.Restart(queueOfOne, smallRequests))
	}
}

func realQueue(s *realScene) {
	s.limited()
	s.conf.output = "bulk: {max_size: 128KiB, in_flight: 8}"
	lines := size(10_000, 200_000)
	for i := range 4 {
		s.writer(fmt.Sprintf("app%d.log", i)).write(lines)
	}
	s.start()
	s.passReal(standard{noFresh: true}) // the queue stays short: this fault does not end
	m, err := s.agent.metrics()
	s.must(err)
	again := sumOf(m, "tailspan_output_lines_retried_total", `"elasticsearch"`)
	if again == 0 {
		s.wrong("the queue was never full")
	}
	if t := s.es.tally(); t.conflicts != 0 {
		s.wrong("%d documents were sent again although they had been taken", t.conflicts)
	}
	s.saw("%d lines, %.0f documents sent again after 429", 4*lines, again)
}

func realLarge(s *realScene) {
	s.limited()
	s.conf.pipelines[0].extra = "max_line: 4MiB\n"
	s.conf.memory = "128MiB"
	letters := 0
	for _, compression := range []string{"none", "gzip"} {
		s.conf.output = "bulk: {max_size: 5MiB}\ncompression: " + compression
		w := s.writer(compression + ".log")
		w.write(20_000)
		w.wide = 2 << 20 // more than a request may have, compressed or not
		w.write(2)
		w.wide = 0
		w.write(20_000)
		s.start()
		s.passReal(standard{memory: 128<<20 + 32<<20, noFresh: true})
		letters += 2
		if n := len(s.letters()); n != letters {
			s.wrong("%d dead letters, %d documents are too large", n, letters)
		}
		m, err := s.agent.metrics()
		s.must(err)
		s.saw("%s: %.0f requests, %.0f of them refused", compression, sumOf(m, "tailspan_output_requests_total", `"elasticsearch"`), sumOf(m, "tailspan_output_requests_failed_total", `"elasticsearch"`))
		s.agent.stop()
	}
	s.saw("%d dead letters, the rest indexed", letters)
}

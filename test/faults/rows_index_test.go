//go:build faults && linux

package faults_test

import (
	"fmt"
	"strings"
	"time"
)

// block makes an index take nothing for a while, during which another flows.
func (s *realScene) block(name string, set, unset func(), bad, good *writer, stands time.Duration) {
	s.t.Helper()
	set()
	before := s.es.read().kept(bad.name)
	bad.flow(500)
	lasts(stands)
	for range 3 {
		s.freshBy(good)
	}
	bad.rest()
	if now := s.es.read().kept(bad.name); now != before {
		s.wrong("%s: %d documents came into an index that takes none", name, now-before)
	}
	if n := len(s.letters()); n > 0 {
		s.wrong("%s: %d dead letters", name, n)
	}
	unset()
	s.freshBy(bad)
	s.saw("%s: held, others flow, resumed", name)
}

// good adds a pipeline with a stream of its own.
func (s *realScene) good() *writer {
	s.t.Helper()
	path := s.dir + "/good.log"
	name := s.conf.pipelines[0].name + "_good"
	s.conf.pipelines = append(s.conf.pipelines, pipe{name: name, paths: []string{path}})
	s.es.index += ",logs-" + name + "-default"
	return s.writerAt(path)
}

func realBlocks(s *realScene) {
	bad, good := s.writer("bad.log"), s.good()
	s.start()
	bad.write(10)
	good.write(10)
	s.delivered()
	for _, name := range []string{"write", "read_only", "read_only_allow_delete"} {
		put := func(value any) func() {
			return func() {
				s.ask("PUT", "/"+s.stream+"/_settings", map[string]any{"index.blocks." + name: value})
			}
		}
		s.block("index.blocks."+name, put(true), put(nil), bad, good, size(2*time.Second, 20*time.Second))
	}
	s.passReal(standard{})
	if size(true, false) {
		return
	}
	s.withoutShard(good)
}

// withoutShard ships to an index whose only shard no node may have: Elasticsearch holds each request for a minute before
// it says so.
func (s *realScene) withoutShard(good *writer) {
	s.t.Helper()
	name := s.conf.pipelines[0].name + "_red"
	path := s.dir + "/red.log"
	s.ask("PUT", "/"+name+"?wait_for_active_shards=0&timeout=1s", map[string]any{"settings": map[string]any{"index.routing.allocation.require._name": "nobody"}})
	s.t.Cleanup(func() { _ = s.node.Do("DELETE", "/"+name, nil, nil) }) // with it, the node would not be ready for other rows
	s.agent.stop()
	s.conf.pipelines = append(s.conf.pipelines, pipe{name: "red", paths: []string{path}, extra: "index: " + name + "\n"})
	s.es.index += "," + name
	s.start()
	red := s.writerAt(path)
	red.flow(200)
	for end := time.Now().Add(150 * time.Second); time.Now().Before(end); lasts(10 * time.Second) {
		s.freshBy(good)
	}
	s.ask("PUT", "/"+name+"/_settings", map[string]any{"index.routing.allocation.require._name": nil})
	s.freshBy(red)
	s.passReal(standard{})
	s.saw("without a shard for 150 s: held, others flow, resumed")
}

// realFlood makes the node believe that its disk is full: it blocks every index by itself, and unblocks them by itself.
func realFlood(s *realScene) {
	s.fullOnly("takes half a minute")
	w := s.writer("app.log")
	s.start()
	w.write(100)
	s.delivered()
	prefix := "cluster.routing.allocation.disk."
	set := func(on any, low, high, flood any) {
		s.ask("PUT", "/_cluster/settings", map[string]any{"persistent": map[string]any{prefix + "threshold_enabled": on,
			prefix + "watermark.low": low, prefix + "watermark.high": high, prefix + "watermark.flood_stage": flood,
			prefix + "watermark.low.max_headroom": nil, "cluster.info.update.interval": "10s"}})
	}
	s.t.Cleanup(func() { set(nil, nil, nil, nil) }) // the other rows need the node
	set(true, "900000gb", "800000gb", "700000gb")   // more room than any disk has
	blocked := func() bool {
		var found map[string]any
		err := s.node.Do("GET", "/"+s.stream+"/_settings?flat_settings=true", nil, &found)
		return err == nil && strings.Contains(fmt.Sprint(found), "read_only_allow_delete:true")
	}
	s.await("the node blocks its indices", patience, blocked)
	before := s.es.read().kept(w.name)
	w.flow(500)
	lasts(size(3*time.Second, 60*time.Second))
	w.rest()
	if now := s.es.read().kept(w.name); now != before {
		s.wrong("%d documents came into a blocked index", now-before)
	}
	set(true, nil, nil, nil)
	s.await("the node takes its block away", patience, func() bool { return !blocked() })
	s.freshBy(w)
	s.passReal(standard{})
	if n := len(s.letters()); n > 0 {
		s.wrong("%d dead letters", n)
	}
	s.saw("blocked and unblocked by the node: held, resumed")
}

// plain makes the first pipeline ship to an index of that name instead of a stream.
func (s *realScene) plain() string {
	name := "plain-" + s.conf.pipelines[0].name
	s.conf.pipelines[0].extra += "index: " + name + "\n"
	s.es.index, s.stream = name, name
	return name
}

// realClosed closes an index, which a stream's write index cannot be.
func realClosed(s *realScene) {
	index := s.plain()
	bad, good := s.writer("bad.log"), s.good()
	s.start()
	bad.write(10)
	good.write(10)
	s.delivered()
	for range size(1, 5) {
		bad.flow(500)
		lasts(time.Second)
		s.ask("POST", "/"+index+"/_close", nil)
		lasts(size(3*time.Second, 20*time.Second))
		for range 3 {
			s.freshBy(good)
		}
		s.ask("POST", "/"+index+"/_open", nil)
		s.freshBy(bad)
	}
	s.passReal(standard{})
	if n := len(s.letters()); n > 0 {
		s.wrong("%d dead letters", n)
	}
	s.saw("held while closed, others flow, resumed")
}

// realDeleted deletes an index again and again. What was in it is gone, as whoever did that wanted; everything else is in the
// next one.
func realDeleted(s *realScene) {
	index := s.plain()
	w := s.writer("app.log")
	s.start()
	gone := 0 // lines below may have been deleted
	for range size(2, 20) {
		w.flow(1000)
		s.await("lines come", patience, func() bool { return s.es.read().kept(w.name) > 500 })
		s.ask("DELETE", "/"+index, nil)
		gone = w.written()
		s.freshBy(w)
	}
	s.passReal(standard{optional: func(key lineKey) bool { return key.number < gone }, deleted: true})
	if n := len(s.letters()); n > 0 {
		s.wrong("%d dead letters", n)
	}
	s.saw("deleted %d times under load: every line written later is there", size(2, 20))
}

//go:build faults && linux

package faults_test

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
)

// apiKey is what Elasticsearch says of a key that it has made.
type apiKey struct{ ID, Encoded string }

// key makes a key that may write to streams of these names, and has what an agent needs of the cluster.
func (s *realScene) key(names string) (k apiKey) {
	s.t.Helper()
	body := map[string]any{"name": "tailspan", "role_descriptors": map[string]any{"ship": map[string]any{
		"cluster": []string{"monitor", "manage_index_templates"},
		"index":   []any{map[string]any{"names": []string{names}, "privileges": []string{"create_doc", "auto_configure"}}}}}}
	if err := s.node.Do("POST", "/_security/api_key", body, &k); err != nil {
		s.fail("no key can be made: %v", err)
	}
	return k
}

// realKeys has a node of its own, which asks for keys.
func realKeys(s *realScene) {
	s.fullOnly("takes a node of its own")
	node, err := elastictest.Start(elastictest.Options{Security: true})
	if err != nil {
		s.skip("no Elasticsearch with security can be had: %v", err)
	}
	s.t.Cleanup(func() {
		s.stopAll()
		_ = node.Close() // what it leaves is in a temporary directory
	})
	s.node, s.es.node, s.conf.hosts = node, node, []string{node.URL}
	file := filepath.Join(s.dir, "key")
	put := func(k apiKey) {
		s.must(os.WriteFile(file+".new", []byte(k.Encoded+"\n"), 0o600))
		s.must(os.Rename(file+".new", file))
	}
	const all, keys = "logs-*", 5
	k := s.key(all)
	put(k)
	s.conf.output = "api_key: ${file:" + file + "}"
	w := s.writer("app.log")
	s.start()
	for range keys {
		w.flow(500)
		s.await("lines come", patience, func() bool { return s.es.read().kept(w.name) > 0 })
		lasts(2 * time.Second) // Elasticsearch may overlook that a key made just now is invalidated while requests come with it
		refusals := func() int { return strings.Count(s.agent.log(), "HTTP 401 security_exception") }
		known := refusals()
		s.ask("DELETE", "/_security/api_key", map[string]any{"ids": []string{k.ID}})
		s.await("it says so", patience, func() bool { return refusals() > known })
		lasts(time.Second) // for requests that were let in before
		before := s.es.read().kept(w.name)
		lasts(20 * time.Second)
		if now := s.es.read().kept(w.name); now != before {
			s.wrong("%d documents came with a key that was invalidated", now-before)
		}
		k = s.key(all)
		put(k)
		s.freshBy(w)
	}
	s.saw("%d keys invalidated under load, the next one in the file taken up", keys)
	put(s.key("logs-others-*"))
	s.ask("DELETE", "/_security/api_key", map[string]any{"ids": []string{k.ID}}) // so that the other one is taken up
	w.flow(500)
	lasts(30 * time.Second) // refused with 401 until it is, then document by document
	put(s.key(all))
	s.freshBy(w)
	if n := len(s.letters()); n > 0 {
		s.wrong("%d dead letters", n)
	}
	s.passReal(standard{})
	s.saw("a key with rights to other streams only held, replaced by one with those")
}

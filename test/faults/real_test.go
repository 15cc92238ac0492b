//go:build faults && linux

package faults_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
)

// realRow is a row that a real Elasticsearch produces.
type realRow struct {
	name  string
	rows  string // of the matrix
	fault string
	run   func(*realScene)
}

// realScene is a scene whose agent ships to a real node.
type realScene struct {
	*scene
	node   *elastictest.Node
	stream string // the data stream of the scene's first pipeline
	es     *realStore
}

// TestReal runs what a real Elasticsearch can produce of the matrix. The rows share a node, each with a stream of its own.
// The last ones start it again with other settings.
func TestReal(t *testing.T) {
	node, err := elastictest.Start(elastictest.Options{})
	if err != nil {
		add(result{"real", "what a real Elasticsearch produces", err.Error(), "skip", 0})
		t.Skipf("no Elasticsearch can be had: %v", err)
	}
	t.Cleanup(func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, r := range realRows {
		t.Run(r.name, func(t *testing.T) {
			start := time.Now()
			s := newRealScene(t, node, r.name)
			defer func() {
				add(result{r.name, r.fault + " (" + r.rows + ")", strings.Join(s.seen, "; "), verdictOf(t), time.Since(start)})
			}()
			r.run(s)
		})
	}
}

// newRealScene is a scene with a data stream of that name.
func newRealScene(t *testing.T, node *elastictest.Node, name string) *realScene {
	s := &realScene{scene: newScene(t), node: node}
	dataset := "faults_" + name
	s.stream = "logs-" + dataset + "-default"
	s.conf.hosts = []string{node.URL}
	s.conf.pipelines[0].name = dataset
	s.es = newRealStore(node, s.stream)
	s.store = s.es
	t.Cleanup(func() {
		if t.Failed() && os.Getenv("TAILSPAN_FAULTS_KEEP") != "" {
			t.Logf("the stream was %s", s.stream)
		}
	})
	return s
}

// ask sends a request to the node that has to succeed.
func (s *realScene) ask(method, path string, body any) {
	s.t.Helper()
	if err := s.node.Do(method, path, body, nil); err != nil {
		s.fail("%s %s: %v", method, path, err)
	}
}

// passReal is passWith between two looks at everything. To read a million documents the first time takes minutes, which are not
// the agent's when a fresh line is waited for; and what polls have read by and by is read again in the end, from the first
// document to the last.
func (s *realScene) passReal(o standard) {
	s.t.Helper()
	for _, w := range s.writers {
		w.rest()
	}
	s.complete(o)
	s.passWith(o)
	if err := s.es.again(); err != nil {
		s.fail("the store cannot be read: %v", err)
	}
	s.complete(o)
}

// realStore reads what a node has kept. Polls read on from where they were; again reads everything.
type realStore struct {
	record
	node  *elastictest.Node
	index string           // or data stream, or several with commas
	ids   map[string]bool  // of documents read, behind their index
	after map[string]int64 // the highest number of a document read, by index
}

func newRealStore(node *elastictest.Node, index string) *realStore {
	return &realStore{record: newRecord(), node: node, index: index, ids: map[string]bool{}, after: map[string]int64{}}
}

// tally asks for the documents there are, and for how often Elasticsearch has refused one, which in a scene without other faults
// is because it was there. Elasticsearch counts refusals from its start.
func (r *realStore) tally() tally {
	var stats struct {
		All struct {
			Primaries struct {
				Indexing struct {
					Failed int `json:"index_failed"`
				} `json:"indexing"`
			} `json:"primaries"`
		} `json:"_all"`
	}
	created, err := r.count()
	if err == nil {
		_ = r.ask("GET", r.index, "_stats/indexing", nil, &stats) // not there yet: none
	}
	return tally{created, stats.All.Primaries.Indexing.Failed}
}

// ask asks of what there is and is open behind a name.
func (r *realStore) ask(method, index, what string, body, answer any) error {
	return r.node.Do(method, "/"+index+"/"+what+"?ignore_unavailable=true", body, answer)
}

func (r *realStore) count() (int, error) {
	names, err := r.readable()
	if err != nil || len(names) == 0 {
		return 0, err
	}
	all := strings.Join(names, ",")
	if err := r.ask("POST", all, "_refresh", nil, nil); err != nil {
		return 0, err
	}
	var answer struct{ Count int }
	err = r.ask("GET", all, "_count", nil, &answer)
	return answer.Count, err
}

// readable are the indices behind the name that are open and have a shard: Elasticsearch waits for a minute for those without.
func (r *realStore) readable() ([]string, error) {
	var found struct {
		Shards [][]struct {
			Index string
			State string
		}
	}
	if err := r.ask("GET", r.index, "_search_shards", nil, &found); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, copies := range found.Shards {
		for _, shard := range copies {
			if shard.State == "STARTED" {
				names[shard.Index] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// read reads on. What is not there to be read is not read: the node may be away.
func (r *realStore) read() *record {
	count, err := r.count()
	if err != nil || count == len(r.ids) {
		return &r.record
	}
	if count < len(r.ids) { // documents were deleted
		_ = r.again() // and the next poll asks again
		return &r.record
	}
	if err := r.on(); err == nil && len(r.ids) < count { // documents become visible in another order than they are numbered in
		_ = r.again()
	}
	return &r.record
}

// again forgets everything and reads it anew.
func (r *realStore) again() error {
	r.mu.Lock()
	clear(r.lines)
	clear(r.ids)
	clear(r.after)
	r.others, r.foreign = nil, nil
	r.mu.Unlock()
	return r.on()
}

// on reads the documents of every index behind the name that can be read: all of it the first time, and then from the number on where
// it was.
func (r *realStore) on() error {
	names, err := r.readable()
	if err != nil {
		return err
	}
	for _, index := range names {
		read := r.onIn
		if _, known := r.after[index]; !known {
			read = r.allOf
		}
		if err := read(index); err != nil {
			return err
		}
	}
	return nil
}

// allOf reads a whole index, which is faster than to do so by numbers.
func (r *realStore) allOf(index string) error {
	r.after[index] = -1
	return r.node.Each(index, nil, func(hit elastictest.Hit) error {
		r.keep(index, hit)
		return nil
	})
}

// onIn reads what is new in an index.
func (r *realStore) onIn(index string) error {
	for {
		const page = 5000
		var found struct {
			Hits struct{ Hits []elastictest.Hit }
		}
		body := map[string]any{"size": page, "sort": []string{"_seq_no"}, "seq_no_primary_term": true,
			"query": map[string]any{"range": map[string]any{"_seq_no": map[string]any{"gt": r.after[index]}}}}
		if err := r.ask("POST", index, "_search", body, &found); err != nil {
			return err
		}
		for _, hit := range found.Hits.Hits {
			r.keep(index, hit)
		}
		if len(found.Hits.Hits) < page {
			return nil
		}
	}
}

// keep takes a document down that was not read before.
func (r *realStore) keep(index string, hit elastictest.Hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.after[index] = max(r.after[index], hit.SeqNo)
	if name := index + "\x00" + hit.ID; !r.ids[name] {
		r.ids[name] = true
		r.take(kept{index: index, id: hit.ID, raw: string(hit.Source)})
	}
}

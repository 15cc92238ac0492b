package elastic

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shelf plays the part of a server that setup speaks with: it keeps what is put on it, and wraps it as the real ones do.
type shelf struct {
	t       *testing.T
	root    string            // the answer to GET /
	kept    map[string]any    // by path
	puts    []string          // "METHOD path" of each change
	streams string            // data_streams of the answer to GET /_data_stream/*; empty: 404
	forbid  string            // begins the paths that are refused
	bodies  map[string]string // of the changes
}

const (
	modern     = `{"version":{"number":"8.19.0","build_flavor":"default"},"tagline":"You Know, for Search"}`
	older      = `{"version":{"number":"7.17.9","build_flavor":"default"}}`
	openSearch = `{"version":{"distribution":"opensearch","number":"2.19.0"}}`
)

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	reply := func(status int, format string, args ...any) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, format, args...)
	}
	switch {
	case s.forbid != "" && strings.HasPrefix(path, s.forbid):
		reply(403, `{"error":{"type":"security_exception","reason":"action [x] is unauthorized for user [u]"},"status":403}`)
	case path == "/":
		reply(200, "%s", s.root)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/_data_stream/"):
		if s.streams == "" {
			reply(404, `{}`)
			return
		}
		reply(200, `{"data_streams":[%s]}`, s.streams)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/_plugins/_ism/explain/"):
		reply(200, `{".ds-1":{"index.plugins.index_state_management.policy_id":null},"total_managed_indices":0}`)
	case r.Method == http.MethodGet:
		body, there := s.kept[path]
		if !there {
			reply(404, `{}`)
			return
		}
		text, _ := json.Marshal(body)
		name := filepath.Base(path)
		switch {
		case strings.HasPrefix(path, "/_index_template/"):
			reply(200, `{"index_templates":[{"name":%q,"index_template":%s}]}`, name, text)
		case strings.HasPrefix(path, "/_plugins/_ism/policies/"):
			reply(200, `{"_id":%q,"_seq_no":7,"_primary_term":1,%s`, name, text[1:])
		default:
			reply(200, `{%q:%s}`, name, text)
		}
	default:
		text, _ := io.ReadAll(r.Body)
		var body map[string]any
		if err := json.Unmarshal(text, &body); err != nil {
			s.t.Errorf("%s %s: %v", r.Method, path, err)
		}
		if strings.HasPrefix(path, "/_plugins/_ism/policies/") && s.kept[path] != nil && r.URL.RawQuery != "if_seq_no=7&if_primary_term=1" {
			reply(409, `{"error":{"type":"version_conflict_engine_exception","reason":"there"}}`)
			return
		}
		s.puts = append(s.puts, r.Method+" "+path)
		s.bodies[path] = string(text)
		s.kept[path] = body
		reply(200, `{"acknowledged":true}`)
	}
}

func newShelf(t *testing.T, root string) (*shelf, Config) {
	s := &shelf{t: t, root: root, kept: map[string]any{}, bodies: map[string]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, Config{Hosts: []string{server.URL}, Template: true}
}

// setUp runs Setup and returns what it tells.
func setUp(t *testing.T, cfg Config, dryRun bool, targets ...Target) (told string, err error) {
	t.Helper()
	var lines []string
	err = Setup(t.Context(), cfg, targets, dryRun, func(line string) { lines = append(lines, line) })
	return strings.Join(lines, "\n"), err
}

func streamTarget(name string) Target {
	return Target{Index: fixedName(name), Stream: true, Dataset: "p"}
}

func dayTarget(t *testing.T) Target {
	name, err := ParseName("app-%{+yyyy.MM.dd}", false)
	if err != nil {
		t.Fatal(err)
	}
	return Target{Index: name, Dataset: "p"}
}

// TestSetup: what each product is asked for, that a dry run changes nothing, that a second run finds nothing to do, and that
// another retention changes just what it has to.
func TestSetup(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for _, c := range []struct {
		name, root string
		retention  time.Duration
		first      []string // changes
		longer     []string // those when the retention is 90 days
	}{
		{"templates alone", modern, 0, []string{"PUT /_index_template/tailspan-logs-p-default", "PUT /_index_template/tailspan-app-any"}, nil},
		{"streams' own lifecycle", modern, month,
			[]string{"PUT /_ilm/policy/tailspan-30d-index", "PUT /_index_template/tailspan-logs-p-default", "PUT /_index_template/tailspan-app-any"},
			[]string{"PUT /_ilm/policy/tailspan-90d-index", "PUT /_index_template/tailspan-logs-p-default", "PUT /_index_template/tailspan-app-any"}},
		{"before that", older, month,
			[]string{"PUT /_ilm/policy/tailspan-30d", "PUT /_ilm/policy/tailspan-30d-index", "PUT /_index_template/tailspan-logs-p-default", "PUT /_index_template/tailspan-app-any"},
			[]string{"PUT /_ilm/policy/tailspan-90d", "PUT /_ilm/policy/tailspan-90d-index", "PUT /_index_template/tailspan-logs-p-default", "PUT /_index_template/tailspan-app-any"}},
		{"OpenSearch", openSearch, month,
			[]string{"PUT /_plugins/_ism/policies/tailspan-logs-p-default", "PUT /_plugins/_ism/policies/tailspan-app-any",
				"PUT /_index_template/tailspan-logs-p-default", "PUT /_index_template/tailspan-app-any"},
			[]string{"PUT /_plugins/_ism/policies/tailspan-logs-p-default", "PUT /_plugins/_ism/policies/tailspan-app-any"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, cfg := newShelf(t, c.root)
			cfg.Retention = c.retention
			targets := []Target{streamTarget("logs-p-default"), dayTarget(t), streamTarget("logs-p-default")}
			told, err := setUp(t, cfg, true, targets...)
			if err != nil || len(s.puts) > 0 || strings.Count(told, "would be created") != len(c.first) {
				t.Fatalf("a dry run changed %q, tells\n%s\n%v", s.puts, told, err)
			}
			if told, err = setUp(t, cfg, false, targets...); err != nil || !slices.Equal(s.puts, c.first) {
				t.Fatalf("changed %q, want %q; tells\n%s\n%v", s.puts, c.first, told, err)
			}
			s.puts = nil
			if told, err = setUp(t, cfg, false, targets...); err != nil || len(s.puts) > 0 || strings.Count(told, "unchanged") != len(c.first) {
				t.Fatalf("the second time changed %q; tells\n%s\n%v", s.puts, told, err)
			}
			if c.longer == nil {
				return
			}
			cfg.Retention = 3 * month
			if told, err = setUp(t, cfg, false, targets...); err != nil || !slices.Equal(s.puts, c.longer) {
				t.Fatalf("another retention changed %q, want %q; tells\n%s\n%v", s.puts, c.longer, told, err)
			}
		})
	}
}

// TestSetupBodies looks at what is said, by hand, beside what the servers' references ask for.
func TestSetupBodies(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for _, c := range []struct {
		product Product
		want    []string
	}{
		{Elasticsearch, []string{`"lifecycle":{"data_retention":"30d"}`, `"data_stream":{}`, `"type":"flattened"`,
			`{"policy":{"_meta":{"managed_by":"tailspan"},"phases":{"delete":{"actions":{"delete":{}},"min_age":"30d"}}}}`,
			`"settings":{"index":{"lifecycle":{"name":"tailspan-30d-index"}}}`}},
		{ElasticsearchILM, []string{`"phases":{"delete":{"actions":{"delete":{}},"min_age":"30d"},"hot":{"actions":{"rollover":{"max_age":"7d","max_primary_shard_size":"50gb"}}}}`,
			`"settings":{"index":{"lifecycle":{"name":"tailspan-30d"}}}`}},
		{OpenSearch, []string{`"type":"flat_object"`, `"ism_template":[{"index_patterns":["logs-p-default"],"priority":250}]`,
			`{"actions":[{"rollover":{"min_index_age":"7d","min_primary_shard_size":"50gb"}}],"name":"write","transitions":[{"conditions":{"min_rollover_age":"30d"},"state_name":"delete"}]}`,
			`{"actions":[],"name":"write","transitions":[{"conditions":{"min_index_age":"30d"},"state_name":"delete"}]}`}},
	} {
		text, err := Requests(Config{Template: true, Retention: month}, []Target{streamTarget("logs-p-default"), dayTarget(t)}, c.product)
		if err != nil {
			t.Fatal(err)
		}
		var flat strings.Builder
		for block := range strings.SplitSeq(string(text), "\n\n") {
			head, body, _ := strings.Cut(block, "\n")
			var v any
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				t.Fatalf("%s: %s: %v", c.product, head, err)
			}
			one, _ := json.Marshal(v)
			flat.WriteString(head + "\n" + string(one) + "\n")
		}
		for _, want := range c.want {
			if !strings.Contains(flat.String(), want) {
				t.Errorf("%s lacks %s:\n%s", c.product, want, flat.String())
			}
		}
		if c.product == OpenSearch && strings.Contains(flat.String(), "flattened") {
			t.Error("OpenSearch knows no flattened")
		}
	}
}

// TestSetupLeavesOthersAlone: an object of our name that does not say that it is ours stays as it is, and what a user added to one
// of ours stays in it.
func TestSetupLeavesOthersAlone(t *testing.T) {
	s, cfg := newShelf(t, modern)
	const path = "/_index_template/tailspan-logs-p-default"
	s.kept[path] = map[string]any{"index_patterns": []string{"x"}, "_meta": map[string]any{"managed_by": "the search team"}}
	_, err := setUp(t, cfg, false, streamTarget("logs-p-default"))
	if err == nil || !strings.Contains(err.Error(), "index template tailspan-logs-p-default: is there already and left alone: it is managed by the search team") || len(s.puts) > 0 {
		t.Errorf("changed %q, %v", s.puts, err)
	}
	s.kept[path] = map[string]any{"index_patterns": []string{"x"}, "version": 1, "created_date": 1770000000000, "_meta": map[string]any{"managed_by": "tailspan"},
		"composed_of": []string{"extra@custom"}, "template": map[string]any{"settings": map[string]any{"index": map[string]any{"number_of_shards": "3"}},
			"mappings": map[string]any{"properties": map[string]any{"message": map[string]any{"type": "keyword", "ignore_above": 5}}}}}
	told, err := setUp(t, cfg, false, streamTarget("logs-p-default"))
	got := s.bodies[path]
	if err != nil || !strings.Contains(told, ": changed: data_stream, index_patterns[0], priority, template.mappings.date_detection, template.mappings.dynamic_templates and ") {
		t.Errorf("tells %s, %v", told, err)
	}
	if !strings.Contains(got, `"number_of_shards":"3"`) || !strings.Contains(got, "extra@custom") || strings.Contains(got, `"ignore_above":5`) || strings.Contains(got, "created_date") ||
		!strings.Contains(got, `"index_patterns":["logs-p-default"]`) {
		t.Errorf("wrote %s", got)
	}
}

// TestSetupPrivileges: what is refused is said with the privilege to grant, and the rest is done.
func TestSetupPrivileges(t *testing.T) {
	for _, c := range []struct{ root, forbid, want string }{
		{modern, "/_index_template", "grant it the cluster privilege manage_index_templates"},
		{older, "/_ilm", "grant it the cluster privilege manage_ilm"},
		{openSearch, "/_plugins/_ism", "grant it cluster:admin/opendistro/ism/policy/get and /write"},
		{modern, "/_ingest", "grant it the cluster privilege manage_ingest_pipelines"},
		{modern, "/_data_stream", "grant it view_index_metadata on logs-p-default"},
	} {
		s, cfg := newShelf(t, c.root)
		s.forbid, cfg.Retention = c.forbid, 24*time.Hour
		cfg.IngestDir = t.TempDir()
		if err := os.WriteFile(filepath.Join(cfg.IngestDir, "p.json"), []byte(`{"processors":[]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		target := streamTarget("logs-p-default")
		target.Pipeline = "p"
		told, err := setUp(t, cfg, false, target)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "unauthorized for user [u]") {
			t.Errorf("%s: %v, want %s", c.forbid, err, c.want)
		}
		if len(s.puts) == 0 {
			t.Errorf("%s: nothing else was done: %s", c.forbid, told)
		}
	}
}

// TestSetupIngest: pipelines of the folder are installed with their owner; one that is nowhere is an error.
func TestSetupIngest(t *testing.T) {
	for root, owner := range map[string]string{modern: `"_meta":{"managed_by":"tailspan"}`, openSearch: `"description":"adds a team (managed by tailspan)"`} {
		s, cfg := newShelf(t, root)
		cfg.IngestDir = t.TempDir()
		target := streamTarget("logs-p-default")
		target.Pipeline = "team"
		if _, err := setUp(t, cfg, true, target); err == nil || !strings.Contains(err.Error(), "ingest pipeline team: is named by the configuration and is not there") {
			t.Errorf("%v", err)
		}
		file := filepath.Join(cfg.IngestDir, "team.json")
		write := func(text string) {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, bad := range []string{"{", `{"description":"x"}`} {
			write(bad)
			if _, err := setUp(t, cfg, true, target); err == nil || !strings.Contains(err.Error(), "ingest_dir: "+file) {
				t.Errorf("%s: %v", bad, err)
			}
		}
		write(`{"description":"adds a team","processors":[{"set":{"field":"labels.team","value":"x"}}],"on_failure":[]}`)
		if told, err := setUp(t, cfg, false, target); err != nil || !strings.Contains(s.bodies["/_ingest/pipeline/team"], owner) {
			t.Errorf("tells %s, put %s, %v", told, s.bodies["/_ingest/pipeline/team"], err)
		}
		s.puts = nil
		if told, err := setUp(t, cfg, false, target); err != nil || len(s.puts) > 0 {
			t.Errorf("again: tells %s, put %q, %v", told, s.puts, err)
		}
		write(`{"description":"adds a team","processors":[{"set":{"field":"labels.team","value":"x"}}]}`)
		if told, err := setUp(t, cfg, false, target); err != nil || !strings.Contains(told, "changed: on_failure") {
			t.Errorf("less: tells %s, %v", told, err)
		}
		cfg.IngestDir = ""
		if told, err := setUp(t, cfg, false, target); err != nil || !strings.Contains(told, "is there; it is not in ingest_dir and left alone") {
			t.Errorf("somebody else's: tells %s, %v", told, err)
		}
	}
}

// TestSetupStreams: data streams that were made before there was a retention get it, those of other templates do not.
func TestSetupStreams(t *testing.T) {
	for _, c := range []struct{ root, stream, change, body string }{
		{modern, `{"name":"logs-p-default","template":"tailspan-logs-p-default"}`, "PUT /_data_stream/logs-p-default/_lifecycle", `{"data_retention":"1d"}`},
		{modern, `{"name":"logs-p-default","template":"tailspan-logs-p-default","lifecycle":{"enabled":true,"data_retention":"1d"}}`, "", ""},
		{modern, `{"name":"logs-p-default","template":"logs"}`, "", ""},
		{older, `{"name":"logs-p-default","template":"tailspan-logs-p-default","ilm_policy":"tailspan-7d"}`, "PUT /logs-p-default/_settings", `{"index.lifecycle.name":"tailspan-1d"}`},
		{older, `{"name":"logs-p-default","template":"tailspan-logs-p-default","ilm_policy":"tailspan-1d"}`, "", ""},
		{openSearch, `{"name":"logs-p-default","template":"tailspan-logs-p-default"}`, "POST /_plugins/_ism/add/logs-p-default", `{"policy_id":"tailspan-logs-p-default"}`},
	} {
		s, cfg := newShelf(t, c.root)
		cfg.Retention, s.streams = 24*time.Hour, c.stream
		told, err := setUp(t, cfg, true, streamTarget("logs-p-default"))
		if err != nil || len(s.puts) > 0 {
			t.Errorf("%s: a dry run: %q, %s, %v", c.stream, s.puts, told, err)
		}
		told, err = setUp(t, cfg, false, streamTarget("logs-p-default"))
		_, path, _ := strings.Cut(c.change, " ")
		if err != nil || slices.Contains(s.puts, c.change) != (c.change != "") || s.bodies[path] != c.body {
			t.Errorf("%s: changed %q with %s, want %s; tells\n%s\n%v", c.stream, s.puts, s.bodies[path], c.change, told, err)
		}
	}
}

func TestSetupAsksAnotherHost(t *testing.T) {
	_, cfg := newShelf(t, modern)
	cfg.Hosts = []string{"http://127.0.0.1:1", cfg.Hosts[0]}
	for range 3 {
		if _, err := setUp(t, cfg, true, streamTarget("logs-p-default")); err != nil {
			t.Error(err)
		}
	}
}

func TestBefore(t *testing.T) {
	for number, want := range map[string]bool{"7.17.9": true, "8.13.4": true, "8.14.0": false, "8.19.0": false, "9.0.0": false, "8.14.0-SNAPSHOT": false, "x": false} {
		if before(number, 8, 14) != want {
			t.Error(number)
		}
	}
}

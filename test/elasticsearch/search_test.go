//go:build elasticsearch

package elasticsearch_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/query"
)

const (
	searchDocuments = 600
	searchQueries   = 1200
)

// TestSameDocuments ships generated lines to Elasticsearch and to the embedded store at once and asks both for what generated queries
// find.
func TestSameDocuments(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(10, 2026))
	var lines strings.Builder
	for i := range searchDocuments {
		lines.WriteString(randomLine(random, i) + "\n")
	}
	log := filepath.Join(dir, "a.log")
	if err := os.WriteFile(log, []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tailspan.yaml")
	text := fmt.Sprintf(`data_dir: %s
host: {name: search-test}
pipelines: [{name: searched, paths: [%s], format: json}]
output:
  elasticsearch: {hosts: [%q]}
  local: {}
`, filepath.Join(dir, "data"), log, node.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(binary, "run", "--once", "--config", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := node.Refresh("logs-searched-default"); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var sources [2]search.Source
	for i, name := range []string{"elasticsearch", "local"} {
		if sources[i], err = search.Open(cfg, name); err != nil {
			t.Fatal(err)
		}
	}
	queries := slices.Clone(fixedQueries)
	for range searchQueries {
		queries = append(queries, randomQuery(random, 0))
	}
	some, all := 0, 0
	for _, text := range queries {
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var ids [2][]string
		for i, s := range sources {
			page, err := s.Search(t.Context(), search.Request{Selection: search.Selection{Query: q}, Limit: 2 * searchDocuments})
			if err != nil {
				t.Errorf("%s: %s: %v", text, s.Name(), err)
				continue
			}
			for _, h := range page.Hits {
				ids[i] = append(ids[i], h.ID)
			}
		}
		if !slices.Equal(ids[0], ids[1]) {
			t.Errorf("%s\n(%s)\nelasticsearch %d, local %d%s", text, q, len(ids[0]), len(ids[1]), differing(t, sources[0], ids))
		}
		if n := len(ids[0]); n > 0 && n < searchDocuments {
			some++
		} else if n > 0 {
			all++
		}
	}
	t.Logf("%d queries, %d of them found some documents, %d all", len(queries), some, all)
	if some < len(queries)/3 {
		t.Errorf("only %d of %d queries found something", some, len(queries))
	}
	t.Run("counts", func(t *testing.T) { sameCounts(t, sources) })
	t.Run("pages", func(t *testing.T) { samePages(t, sources) })
}

// differing shows a document that only one of the two has found.
func differing(t *testing.T, source search.Source, ids [2][]string) string {
	for i := range ids {
		for _, id := range ids[i] {
			if !slices.Contains(ids[1-i], id) {
				hit, _, err := source.Document(t.Context(), id)
				return fmt.Sprintf("\nonly in %d: %s %v", i, hit.Document, err)
			}
		}
	}
	return "\nthe order differs"
}

// sameCounts compares histograms, top values and services.
func sameCounts(t *testing.T, sources [2]search.Source) {
	for _, text := range []string{"", "log.level:error", "refused", "not http.response.status_code >= 400"} {
		q, err := query.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		selection := search.Selection{Query: q, From: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
		var got [2]string
		for i, s := range sources {
			bars, err := s.Histogram(t.Context(), selection, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range bars {
				got[i] += fmt.Sprintln(b.From, b.Count, slices.Sorted(maps.Keys(b.Levels)), b.Levels)
			}
			for _, field := range []string{"log.level", "user.name", "retries", "ratio", "ok", "tags", "http.response.status_code", "absent"} {
				top, err := s.Top(t.Context(), selection, field, 5)
				if err != nil {
					t.Fatal(err)
				}
				got[i] += fmt.Sprintln(field, top)
			}
			services, err := s.Services(t.Context(), selection, 6*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			for _, service := range services {
				for _, p := range service.Points {
					got[i] += fmt.Sprintln(service.Name, p.From, p.Count, p.Timed, p.Errors) // not the percentiles, which Elasticsearch estimates
				}
			}
		}
		if got[0] != got[1] {
			t.Errorf("%s: elasticsearch\n%s\nlocal\n%s", text, got[0], got[1])
		}
	}
}

// samePages goes through all documents page by page.
func samePages(t *testing.T, sources [2]search.Source) {
	var got [2][]string
	for i, s := range sources {
		r := search.Request{Limit: 37}
		for {
			page, err := s.Search(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range page.Hits {
				got[i] = append(got[i], h.ID)
			}
			if r.After = page.Next; page.Next == nil {
				break
			}
		}
	}
	if len(got[0]) != searchDocuments || !slices.Equal(got[0], got[1]) {
		t.Errorf("%d and %d documents", len(got[0]), len(got[1]))
	}
}

var (
	searchWords    = []string{"connection", "refused", "Timeout", "timed", "out", "user", "Alice", "bob", "42", "10.0.0.7", "db-1", "foo_bar", "O'Neil", "naïve", "日本語", "Straße", "a:b", "3.14", "x", "ERROR"}
	searchServices = []string{"shop", "Shop", "checkout api", "payments"}
	searchLevels   = []string{"info", "warn", "error", "debug"}
	searchFields   = []string{"log.level", "service.name", "message", "http.response.status_code", "event.duration", "url.path", "user.name", "retries", "ratio", "ok", "tags", "error.message", "labels.team", "nested.deep.key", "log.offset", "status_text", "trace.id", "absent"}
)

func pick(r *rand.Rand, all []string) string { return all[r.IntN(len(all))] }

// words are some words, with punctuation between them.
func words(r *rand.Rand, most int) string {
	var b strings.Builder
	for i := range 1 + r.IntN(most) {
		if i > 0 {
			b.WriteString(pick(r, []string{" ", " ", " ", ", ", " - ", "="}))
		}
		b.WriteString(pick(r, searchWords))
	}
	return b.String()
}

func randomLine(r *rand.Rand, i int) string {
	parts := []string{fmt.Sprintf(`"@timestamp":"2026-11-%02dT%02d:%02d:%02d.%03dZ"`, 19+r.IntN(4), r.IntN(24), r.IntN(60), r.IntN(3), r.IntN(4)*250)}
	add := func(chance float64, format string, args ...any) {
		if r.Float64() < chance {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(0.9, `"log.level":%q`, pick(r, searchLevels))
	add(0.8, `"service.name":%q`, pick(r, searchServices))
	add(0.9, `"message":%q`, words(r, 8))
	add(0.5, `"http":{"response":{"status_code":%d}}`, 200+100*r.IntN(4)+r.IntN(3))
	add(0.5, `"event.duration":%d`, r.IntN(5)*1000000)
	add(0.4, `"url.path":%q`, pick(r, []string{"/api/cart", "/api/cart/42", "/", "/a b", "/api/[x]?*"}))
	add(0.5, `"user.name":%q`, pick(r, []string{"Alice", "bob", "Alice Bob", "42", "O'Neil", "bob@example.com"}))
	add(0.5, `"retries":%d`, r.IntN(5))
	add(0.4, `"ratio":%s`, pick(r, []string{"0.5", "0.1", "2.5", "1e-1", "100.25"}))
	add(0.4, `"ok":%v`, r.IntN(2) == 0)
	add(0.4, `"tags":[%q,%q]`, pick(r, searchWords), pick(r, searchWords))
	add(0.3, `"error.message":%q`, words(r, 4))
	add(0.3, `"labels":{"team":%q}`, pick(r, []string{"red", "Blue", "7"}))
	add(0.3, `"nested":{"deep":{"key":%q}}`, words(r, 2))
	add(0.2, `"status_text":%q`, strings.Repeat("long ", 1+r.IntN(2)*220)+"end")
	add(0.3, `"trace.id":"%032x"`, i%7)
	return "{" + strings.Join(parts, ",") + "}"
}

var fixedQueries = []string{
	"", "*", "not *", "refused", `"connection refused"`, "connection refused", "message:connection refused", `message:"timed out"`, "message:TIMEOUT",
	"log.level:ERROR", "log.level:error", "http.response.status_code >= 400 and http.response.status_code < 500", "http.response.status_code:5*",
	"http.response.status_code:404.0", "event.duration > 1.5e6", "ratio:0.10", "ratio > 0.1", "ratio >= .1", "ok:true", "true", "42", "message:42", "user.name:42",
	"retries:3", "retries:abc", "retries > abc", "absent:*", "http:*", "http.response:*", "tags:*", "nested:*", "url.path:\\/api\\/*", "url.path:/api/*", `url.path:"/a b"`,
	"url.path:/a\\ b", "url.path:*cart*", "url.path:/api/[x]?\\*", "user.name:Ali*", "user.name:ali*", "user.name:*Bob", "message:ali*", "message:*fuse*", "con*", "*used",
	"con* out", "user.name:Alice B*", "message:con* tim*", "message:naïve", "message:NAÏVE", "message:日本語", "message:日", "message:straße", "message:foo", "message:foo_*",
	"message:10.0.0", "message:10.0.0.7", "message:db", "message:\"db-1\"", "message:o'neil", "message:O'NEIL", "message:a\\:b", "message:\"a:b\"", `message:"a"`,
	"log.level > e", "log.level < \"error\"", "user.name >= \"B\"", "message > t", "@timestamp > 2026-11-20", "@timestamp <= \"2026-11-20\"", "@timestamp:2026-11-21",
	`@timestamp:"2026-11-21T10"`, "2026", "2026-11-21", "not log.level:*", "not message:refused", "labels.team:7", "labels.team >= B", "status_text:*", "status_text:end", "status_text:long*",
	"log.level:(error or warn)", "log.level:(error and not warn)", "not (log.level:error or service.name:shop)", "service.name:checkout api", "checkout api", `"checkout api"`,
	"ok:false and not retries > 2", "message:\"\"", `message:"-"`, "message:-", "9.1.0", "event.original:*", "ratio:2.5*", "ok:t*", "trace.id:*3", "message:x*", "message:(x or 42)",
}

// randomQuery is a query up to a few levels deep.
func randomQuery(r *rand.Rand, depth int) string {
	if depth < 3 {
		switch r.IntN(5) {
		case 0:
			return "(" + randomQuery(r, depth+1) + " and " + randomQuery(r, depth+1) + ")"
		case 1:
			return "(" + randomQuery(r, depth+1) + " or " + randomQuery(r, depth+1) + ")"
		case 2:
			return "not " + randomQuery(r, depth+1)
		}
	}
	field := pick(r, searchFields)
	switch r.IntN(8) {
	case 0:
		return value(r)
	case 1:
		return field + ":*"
	case 2:
		return field + " " + pick(r, []string{">", ">=", "<", "<="}) + " " + bound(r)
	case 3:
		return field + ":(" + value(r) + " or " + value(r) + ")"
	case 4:
		return `@timestamp ` + pick(r, []string{">", ">=", "<", "<="}) + fmt.Sprintf(` "2026-11-%02dT%02d"`, 19+r.IntN(4), r.IntN(24))
	}
	return field + ":" + value(r)
}

func bound(r *rand.Rand) string {
	return pick(r, []string{"404", "2", "0.1", "2.5", "1000000", "error", "\"Bob\"", "shop", "\"/api\"", "200.5", "a"})
}

// value is a value as it is typed, quoted, escaped or with wildcards.
func value(r *rand.Rand) string {
	raw := pick(r, slices.Concat(searchWords, searchServices, searchLevels, []string{"404", "200", "0", "3", "0.1", "2.5", "2000000", "true", "false", "/api/cart", "Alice Bob", "red", "7", "timed out"}))
	switch r.IntN(4) {
	case 0:
		return fmt.Sprintf("%q", raw)
	case 1:
		letters := []rune(raw)
		cut := r.IntN(len(letters) + 1)
		return escape(string(letters[:cut])) + "*" + escape(string(letters[min(len(letters), cut+r.IntN(3)):]))
	}
	return escape(raw)
}

func escape(text string) string {
	var b strings.Builder
	for _, c := range text {
		if strings.ContainsRune(`\():<>"*{}`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

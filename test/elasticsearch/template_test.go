//go:build elasticsearch

package elasticsearch_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/tailspan/tailspan/test/elastictest"
)

// scalars are values where ECS has objects, with where each belongs.
var scalars = []struct {
	name, value, moved string
	want               any
}{
	{"service", `"x"`, "service.name", "x"},
	{"host", `"y"`, "host.name", "y"},
	{"error", `"boom"`, "error.message", "boom"},
	{"user", `7`, "user.name", 7.0},
	{"log", `"text"`, "message", "text"},
	{"url", `"/x"`, "url.original", "/x"},
	{"event", `"login"`, "event.action", "login"},
	{"process", `"p"`, "labels.process", "p"},
}

// TestScalars ships scalars in ECS's place to a data stream that does not exist, beside lines that have the objects.
func TestScalars(t *testing.T) {
	s := newSetup(t, "*.log", "format: json", "")
	var lines, objects string
	for i, c := range scalars {
		lines += fmt.Sprintf(`{"seq":%d,"ts":"2026-03-01T12:00:00.123456789Z",%q:%s}`+"\n", i, c.name, c.value)
		objects += fmt.Sprintf(`{"seq":%d,"service":{"name":"s"},"host":{"name":"h"},"error":{"message":"m"},"user":{"name":"u"},`+
			`"log":{"logger":"l"},"url":{"original":"/o"},"event":{"action":"a"},"process":{"pid":1}}`+"\n", i+len(scalars))
	}
	writeFile(t, filepath.Join(s.logs, "app.log"), lines+objects)
	s.once(t, 0)
	s.wantNoDeadLetters(t)
	wantCount(t, s.stream, 2*len(scalars))
	docs := documents(t, s.stream)
	for i, c := range scalars {
		d := docs[i]
		if !reflect.DeepEqual(d[c.moved], c.want) {
			t.Errorf("%s: %s should be in %s: %v", c.name, c.value, c.moved, d)
		}
		if _, stayed := d[c.name]; stayed {
			t.Errorf("%s stayed in its place: %v", c.name, d)
		}
	}
}

// TestTemplate looks at what the first ship installs: times keep their nanoseconds, also in what Elasticsearch sorts by
// and answers from, and the data stream comes into being by itself.
func TestTemplate(t *testing.T) {
	s := newSetup(t, "*.log", "format: json", "")
	writeFile(t, filepath.Join(s.logs, "app.log"), `{"seq":0,"ts":"2026-03-01T12:00:00.123456789Z","duration_ms":1.5}
{"seq":1,"ts":"2026-03-01T12:00:00.123456788Z","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
`)
	s.once(t, 0)
	wantCount(t, s.stream, 2)
	want := map[string]string{"@timestamp": "date_nanos", "event.duration": "long", "trace.id": "keyword", "span.id": "keyword",
		"log.offset": "long", "log.file.path": "keyword", "message": "text"}
	if got := fieldTypes(t, s.stream, slices.Collect(maps.Keys(want))); !maps.Equal(got, want) {
		t.Errorf("the fields are %v and should be %v", got, want)
	}
	hits, err := node.Search(s.stream, map[string]any{"sort": []string{"@timestamp"},
		"fields": []any{map[string]string{"field": "@timestamp", "format": "strict_date_optional_time_nanos"}}})
	if err != nil {
		t.Fatal(err)
	}
	var times []any
	for _, hit := range hits {
		times = append(times, hit.Fields["@timestamp"]...)
	}
	if want := []any{"2026-03-01T12:00:00.123456788Z", "2026-03-01T12:00:00.123456789Z"}; !reflect.DeepEqual(times, want) {
		t.Errorf("times are %v and should be %v", times, want)
	}
	var backing map[string]any
	if err := node.Do("GET", "/"+s.stream+"/_settings?filter_path=*.settings.index.provided_name", nil, &backing); err != nil {
		t.Fatal(err)
	}
	if _, plain := backing[s.stream]; plain || len(backing) != 1 {
		t.Errorf("%s is no data stream with one index: %v", s.stream, backing)
	}
}

// TestFormats ships JSON, text and regex lines into one data stream.
func TestFormats(t *testing.T) {
	s := newSetup(t, "*.log", "", "")
	const text = "2026-03-01T12:00:01.5Z WARN checkout trace_id=4bf92f3577b34da6a3ce929d0e0e4736 card declined\n"
	writeFile(t, filepath.Join(s.logs, "a.json"), `{"seq":0,"ts":"2026-03-01T12:00:00Z","level":"INFO","message":"json"}`+"\n")
	writeFile(t, filepath.Join(s.logs, "a.txt"), text)
	writeFile(t, filepath.Join(s.logs, "a.re"), "2 1772366402 GET /x 200 0.250\n")
	var pipelines string
	for name, parse := range map[string]string{"json": "format: json", "txt": "format: auto",
		"re": "format: regex\n    pattern: '^(?P<seq>\\d+) (?P<ts>\\d+) (?P<http.request.method>\\S+) (?P<url.path>\\S+) " +
			"(?P<http.response.status_code>\\d+) (?P<request_time>\\S+)$'"} {
		pipelines += fmt.Sprintf("  - name: %s_%s\n    paths: [%q]\n    data_stream: {dataset: %s}\n    %s\n",
			s.dataset, name, filepath.Join(s.logs, "*."+name), s.dataset, parse)
	}
	s.write(t, pipelines, "")
	s.once(t, 0)
	s.wantNoDeadLetters(t)
	wantCount(t, s.stream, 3)
	docs := documents(t, s.stream)
	for seq, want := range map[int]map[string]any{
		0:  {"@timestamp": "2026-03-01T12:00:00Z", "log.level": "info", "message": "json"},
		-1: {"@timestamp": "2026-03-01T12:00:01.5Z", "log.level": "warn", "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736"}, // the text has no number
		2: {"@timestamp": "2026-03-01T12:00:02Z", "http.request.method": "GET", "url.path": "/x", "http.response.status_code": "200",
			"event.duration": 250e6},
	} {
		for name, value := range want {
			if !reflect.DeepEqual(docs[seq][name], value) {
				t.Errorf("%s is %v and should be %v in %v", name, docs[seq][name], value, docs[seq])
			}
		}
	}
}

// documents returns the documents of a data stream by their seq, -1 for the one that has none, with all names dotted.
func documents(t *testing.T, stream string) map[int]map[string]any {
	t.Helper()
	docs := map[int]map[string]any{}
	err := node.Each(stream, nil, func(hit elastictest.Hit) error {
		d, err := flat(hit.Source)
		if err != nil {
			return err
		}
		seq := -1
		if value, ok := d["seq"]; ok {
			if _, err := fmt.Sscan(fmt.Sprint(value), &seq); err != nil {
				return err
			}
		}
		docs[seq] = d
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// flat returns a document's fields under dotted names.
func flat(source []byte) (map[string]any, error) {
	var nested map[string]any
	if err := json.Unmarshal(source, &nested); err != nil {
		return nil, err
	}
	fields := map[string]any{}
	var walk func(prefix string, object map[string]any)
	walk = func(prefix string, object map[string]any) {
		for name, value := range object {
			if inner, ok := value.(map[string]any); ok {
				walk(prefix+name+".", inner)
			} else {
				fields[prefix+name] = value
			}
		}
	}
	walk("", nested)
	return fields, nil
}

// fieldTypes asks for the mapped types of fields.
func fieldTypes(t *testing.T, stream string, names []string) map[string]string {
	t.Helper()
	types := map[string]string{}
	for _, name := range names {
		var answer map[string]struct {
			Mappings map[string]struct {
				Mapping map[string]struct{ Type string }
			}
		}
		if err := node.Do("GET", "/"+stream+"/_mapping/field/"+name, nil, &answer); err != nil {
			t.Fatal(err)
		}
		for _, index := range answer {
			for _, leaf := range index.Mappings[name].Mapping {
				types[name] = leaf.Type
			}
		}
	}
	return types
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

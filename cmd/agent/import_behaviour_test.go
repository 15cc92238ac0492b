package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
)

// filters are filters of Logstash, a line, and what of its document the tests of Logstash's plugins say: fields by dotted
// name, nil for one that must not be there.
var filters = []struct {
	name, filter, line string
	want               map[string]any
}{
	{"grok: a line of syslog", `grok { match => { "message" => "%{SYSLOGLINE}" } overwrite => ["message"] ecs_compatibility => disabled }`,
		"Mar 16 00:01:25 evita postfix/smtpd[1713]: connect from camomile.cloud9.net[168.100.1.3]",
		map[string]any{"logsource": "evita", "message": "connect from camomile.cloud9.net[168.100.1.3]", "program": "postfix/smtpd", "pid": "1713"}},
	{"grok: types", `grok { match => { "message" => "%{NUMBER:foo:int} %{NUMBER:bar:float}" } }`, "400 4.5", map[string]any{"foo": 400.0, "bar": 4.5}},
	{"grok: the first pattern that matches", `grok { match => { "message" => ["treebranch%{NOTSPACE:a}", "tree%{NOTSPACE:b}"] } }`, "treehouse",
		map[string]any{"a": nil, "b": "house"}},
	{"grok: what a pattern captured", `grok { match => { "message" => "%{WORD:w} %{GREEDYDATA:rest}" } } grok { match => { "rest" => "(?<n>\d+)$" } }`,
		"hello is 25", map[string]any{"w": "hello", "rest": "is 25", "n": "25"}},
	{"grok: definitions", `grok { match => { "message" => "%{SELF:x} rest" } pattern_definitions => { "SELF" => "[a-c]+" } }`, "abc rest", map[string]any{"x": "abc"}},
	{"kv", `kv { }`, `hello=world foo=bar baz=fizz doublequoted="hello world" singlequoted='hello world' bracketsone=(hello world)`,
		map[string]any{"hello": "world", "foo": "bar", "baz": "fizz", "doublequoted": "hello world", "singlequoted": "hello world", "bracketsone": "hello world"}},
	{"kv: separators", `kv { value_split => ":" field_split => "&" }`, "hello:world&foo:bar", map[string]any{"hello": "world", "foo": "bar"}},
	{"csv", `csv { columns => ["first", "last", "address"] }`, "big,bird,sesame street", map[string]any{"first": "big", "last": "bird", "address": "sesame street"}},
	{"csv: a separator, and types", `csv { separator => ";" columns => ["a", "b"] convert => { "b" => "integer" } }`, "big;1234", map[string]any{"a": "big", "b": 1234.0}},
	{"json", `json { source => "message" }`, `{ "hello": "world", "list": [ 1, 2 ], "hash": { "k": "v" } }`, map[string]any{"hello": "world", "hash.k": "v"}},
	{"dissect", `dissect { mapping => { "message" => "%{a} %{[b][c]} [%{+a}]" } convert_datatype => { "[b][c]" => "int" } }`, "x 7 [y]",
		map[string]any{"b.c": 7.0}},
	{"date: a zone", `grok { match => { "message" => "%{GREEDYDATA:mydate}" } } date { match => [ "mydate", "yyyy-MM-dd HH:mm:ss,SSS" ] timezone => "America/Los_Angeles" }`,
		"2013-11-24 01:22:33,123", map[string]any{"@timestamp": "2013-11-24T09:22:33.123Z"}},
	{"date: an offset", `grok { match => { "message" => "%{GREEDYDATA:mydate}" } } date { match => [ "mydate", "ISO8601" ] }`,
		"2001-09-05T16:36:36-0300", map[string]any{"@timestamp": "2001-09-05T19:36:36Z"}},
	{"date: seconds", `json { source => "message" } date { match => [ "mydate", "UNIX" ] }`, `{"mydate": "1350414944.123"}`, map[string]any{"@timestamp": "2012-10-16T19:15:44.123Z"}},
	{"date: of a field made before", `grok { match => { "message" => "%{WORD:d} %{WORD:t}" } } mutate { add_field => { "ts" => "%{d}T%{t}" } } date { match => [ "ts", "yyyyMMdd'T'HHmmss" ] }`,
		"20240229 010203", map[string]any{"@timestamp": "2024-02-29T01:02:03Z"}},
	{"mutate: letters", `json { source => "message" } mutate { lowercase => ["lower"] uppercase => ["upper"] }`, `{"lower":"HeLLo","upper":"wOrLd"}`,
		map[string]any{"lower": "hello", "upper": "WORLD"}},
	{"mutate: gsub", `json { source => "message" } mutate { gsub => ["unicorns", "but extinct", "and common", "color", "(\w+) (\w+)", "\2 \1"] }`,
		`{"unicorns":"Magnificient, but extinct, animals","color":"red blue"}`, map[string]any{"unicorns": "Magnificient, and common, animals", "color": "blue red"}},
	{"mutate: the order of its parts", `json { source => "message" } mutate { lowercase => ["b"] rename => { "a" => "b" } convert => { "n" => "integer" } strip => ["s"] }`,
		`{"a":"X","n":"5","s":" y "}`, map[string]any{"a": nil, "b": "x", "n": 5.0, "s": "y"}},
	{"mutate: update only what is there", `json { source => "message" } mutate { update => { "a" => "new" "z" => "new" } replace => { "y" => "%{a}!" } }`, `{"a":"old"}`,
		map[string]any{"a": "new", "z": nil, "y": "new!"}},
	{"mutate: nested names", `json { source => "message" } mutate { rename => { "[foo][bar]" => "[baz][qux]" } add_field => { "[x][y]" => "%{[foo][k]}" } remove_field => ["[foo][k]"] }`,
		`{"foo":{"bar":"v","k":"w"}}`, map[string]any{"foo.bar": nil, "baz.qux": "v", "x.y": "w", "foo.k": nil}},
	{"conditions", `json { source => "message" } if [n] > 5 and [s] =~ /^a/ { mutate { add_field => { "r" => "big" } } } else if [s] in ["x", "y"] { mutate { add_field => { "r" => "listed" } } } else { mutate { add_field => { "r" => "else" } } }`,
		`{"n":3,"s":"y"}`, map[string]any{"r": "listed"}},
	{"conditions: failure", `grok { match => { "message" => "^\d+$" } } if "_grokparsefailure" in [tags] { mutate { add_field => { "r" => "failed" } } }`, "x", map[string]any{"r": "failed"}},
	{"tags", `json { source => "message" } if [a] { mutate { add_tag => ["one", "two"] } } if "two" in [tags] { mutate { remove_tag => ["one"] add_field => { "r" => "yes" } } }`,
		`{"a":1}`, map[string]any{"r": "yes"}},
	{"grok: a field of JSON, and what is added when it matches", `json { source => "message" } grok { match => { "req" => "^%{WORD:verb} %{NOTSPACE:path}" } add_field => { "r" => "yes" } remove_field => ["req"] }`,
		`{"req":"GET /a"}`, map[string]any{"verb": "GET", "r": "yes", "req": nil, "tags": nil}},
	{"grok: a field that does not match", `json { source => "message" } grok { match => { "req" => "^%{WORD:verb} /" } add_field => { "r" => "yes" } tag_on_failure => ["_no_req", "_b"] } if "_b" in [tags] { mutate { add_field => { "s" => "failed" } } }`,
		`{"req":"GET"}`, map[string]any{"req": "GET", "verb": nil, "r": nil, "s": "failed", "tags": `["_no_req","_b"]`}},
	{"grok: the default tag", `kv { } grok { match => { "a" => "^\d+$" } } if "_grokparsefailure" in [tags] { mutate { add_field => { "r" => "failed" } } }`, "a=x",
		map[string]any{"a": "x", "r": "failed", "tags": `["_grokparsefailure"]`}},
	{"grok: overwrite a field", `json { source => "message" } grok { match => { "detail" => "^<%{INT:n:int}> %{GREEDYDATA:detail}" } overwrite => ["detail"] }`, `{"detail":"<7> rest"}`,
		map[string]any{"detail": "rest", "n": 7.0}},
	{"grok: only where a condition holds", `json { source => "message" } if [kind] == "a" { grok { match => { "t" => "%{INT:n:int}" } } }`, `{"kind":"b","t":"7"}`, map[string]any{"n": nil, "t": "7"}},
	{"json: a target", `json { source => "message" target => "doc" }`, `{"a":{"b":1},"level":"x"}`, map[string]any{"doc.a.b": 1.0, "doc.level": "x", "a.b": nil, "message": `{"a":{"b":1},"level":"x"}`}},
	{"json: a field, into itself", `json { source => "message" } json { source => "data" target => "data" }`, `{"data":"{\"k\":\"v\"}"}`, map[string]any{"data": nil, "data.k": "v"}},
	{"json: a field that is none", `json { source => "message" } json { source => "data" target => "d" remove_field => ["data"] }`, `{"data":"{"}`, map[string]any{"data": "{", "tags": `["_jsonparsefailure"]`}},
	{"json: skip what is none", `json { source => "message" } json { source => "data" skip_on_invalid_json => true }`, `{"data":"x"}`, map[string]any{"data": "x", "tags": nil, "error.message": nil}},
	{"kv: a field", `json { source => "message" } kv { source => "q" field_split => "&?" prefix => "q_" }`, `{"q":"?a=1&b=x y"}`, map[string]any{"q": "?a=1&b=x y", "q_a": "1", "q_b": "x y"}},
	{"kv: values trimmed, into a target", `grok { match => { "message" => "^%{WORD:id}: %{GREEDYDATA:kv}$" } } kv { source => "kv" trim_value => "<>," target => "p" remove_field => ["kv"] }`,
		"4A: to=<bob@x.org>, relay=none, size=12", map[string]any{"p.to": "bob@x.org", "p.relay": "none", "p.size": "12", "kv": nil}},
	{"kv: of the message behind another format", `grok { match => { "message" => "^%{WORD:id}: " } } kv { }`, "4A: a=1 b=2", map[string]any{"id": "4A", "a": "1", "b": "2"}},
	{"csv: a field", `json { source => "message" } csv { source => "row" columns => ["a", "b"] target => "r" convert => { "b" => "integer" } }`, `{"row":"x,7"}`, map[string]any{"r.a": "x", "r.b": 7.0}},
	{"dissect: a field", `json { source => "message" } dissect { mapping => { "row" => "%{a}-%{b}" } }`, `{"row":"x-y"}`, map[string]any{"a": "x", "b": "y"}},
	{"date: several formats", `json { source => "message" } date { match => [ "t", "dd/MMM/yyyy:HH:mm:ss Z", "yyyy-MM-dd HH:mm:ss", "UNIX_MS" ] }`, `{"t":"2024-02-29 01:02:03"}`, map[string]any{"@timestamp": "2024-02-29T01:02:03Z"}},
	{"date: another target", `json { source => "message" } date { match => [ "t", "ISO8601" ] } date { match => [ "due", "dd.MM.yyyy HH:mm", "UNIX" ] target => "due" timezone => "Europe/Berlin" }`,
		`{"t":"2024-01-01T00:00:00Z","due":"01.07.2024 12:00"}`, map[string]any{"@timestamp": "2024-01-01T00:00:00Z", "due": "2024-07-01T10:00:00Z"}},
	{"date: a value that is none", `json { source => "message" } date { match => [ "due", "UNIX" ] target => "at" }`, `{"due":"soon"}`, map[string]any{"due": "soon", "at": nil}},
	{"mutate: merge", `json { source => "message" } mutate { merge => { "a" => "b" } } mutate { merge => { "c" => "a" } }`, `{"a":"x","b":["y","x"]}`, map[string]any{"a": `["x","y","x"]`, "c": `["x","y","x"]`}},
	{"mutate: merge what is not there yet", `json { source => "message" } if [b] and [b] not in [a] { mutate { merge => ["a", "b"] } } if [c] not in [a] { mutate { merge => ["a", "c"] } }`, `{"a":"xy","b":"x","c":"z"}`,
		map[string]any{"a": `["xy","z"]`}},
	{"tags of the line's own", `json { source => "message" } mutate { add_tag => ["a", "b"] } mutate { remove_tag => ["x"] }`, `{"tags":["x","b"]}`, map[string]any{"tags": `["b","a"]`}},
	{"syslog_pri", `grok { match => { "message" => "<%{POSINT:syslog_pri}>%{GREEDYDATA:m}" } } syslog_pri { }`, "<165>x",
		map[string]any{"syslog_facility_code": 20.0, "syslog_facility": "local4", "syslog_severity_code": 5.0, "syslog_severity": "notice"}},
	{"syslog_pri by ECS", `grok { match => { "message" => "<%{POSINT:[log][syslog][priority]:int}>%{GREEDYDATA:m}" } } syslog_pri { ecs_compatibility => "v8" }`, "<34>x",
		map[string]any{"log.syslog.facility.name": "security/authorization", "log.syslog.severity.name": "critical", "log.syslog.severity.code": 2.0}},
	{"translate", `json { source => "message" } translate { source => "code" target => "word" dictionary => { "200" => "OK" "500" => "broken" } fallback => "?" }`, `{"code":"500"}`,
		map[string]any{"word": "broken"}},
	{"drop", `json { source => "message" } if [level] == "DEBUG" { drop { } }`, `{"level":"DEBUG"}`, nil},
}

func TestImportedFiltersBehaveAsLogstash(t *testing.T) {
	for _, c := range filters {
		t.Run(c.name, func(t *testing.T) {
			f := newFolder(t, "")
			f.write("logstash.conf", "input { file { path => '/var/log/a.log' } }\nfilter { "+c.filter+" }\n")
			status, draft, says := command(t, "", "import", "logstash", f.file("logstash.conf"))
			if status != exitDone {
				t.Fatal(says)
			}
			f.write("ours.yaml", draft)
			status, out, says := command(t, c.line+"\n", "parse", "-c", f.file("ours.yaml"))
			if status != exitDone {
				t.Fatalf("%s\n%s", says, draft)
			}
			if c.want == nil {
				if out != "" {
					t.Errorf("the document is %s, want none\n%s", out, draft)
				}
				return
			}
			fields := map[string]any{}
			var doc map[string]any
			if err := json.Unmarshal([]byte(out), &doc); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
			flatten(fields, "", doc)
			for name, want := range c.want {
				if got := fields[name]; got != want {
					t.Errorf("%s is %#v, want %#v\n%s%s", name, got, want, draft, out)
				}
			}
		})
	}
}

// flatten puts the members of nested objects into one map by their dotted names; lists are texts of JSON.
func flatten(into map[string]any, prefix string, doc map[string]any) {
	for name, value := range doc {
		if inner, ok := value.(map[string]any); ok {
			flatten(into, prefix+name+".", inner)
			continue
		}
		if list, is := value.([]any); is {
			text, _ := json.Marshal(list) // of what was read as JSON
			value = string(text)
		}
		into[prefix+name] = value
	}
}

// TestForeignConfigurations imports configurations that were not written here, from the folder that TAILSPAN_FOREIGN names,
// with folders logstash and filebeat in it, as testdata/foreign.tsv lists them. Every draft must be accepted by check; the shares are printed.
func TestForeignConfigurations(t *testing.T) {
	root := os.Getenv("TAILSPAN_FOREIGN")
	if root == "" {
		t.Skip("TAILSPAN_FOREIGN names no folder of configurations")
	}
	t.Setenv("GEOIP_DATABASE", emptyDatabase(t))
	for _, kind := range []string{"logstash", "filebeat"} {
		files, err := filepath.Glob(filepath.Join(root, kind, "*"))
		if err != nil {
			t.Fatal(err)
		}
		var total, done float64
		imported := 0
		for _, path := range files {
			if info, err := os.Stat(path); err != nil || info.IsDir() {
				continue // patterns that a configuration names
			}
			f := newFolder(t, "")
			status, draft, says := command(t, "", "import", kind, path)
			if status != exitDone {
				t.Logf("%s is refused: %s", filepath.Base(path), strings.TrimSpace(says))
				continue
			}
			imported++
			lines := strings.Split(strings.TrimSpace(says), "\n")
			var n, carried, needless, lost int
			if _, err := fmt.Sscanf(lines[len(lines)-1], "directives: %d; carried over %d, not needed %d, not carried over %d", &n, &carried, &needless, &lost); err != nil {
				t.Fatal(err)
			}
			total, done = total+float64(n), done+float64(carried+needless)
			f.write("ours.yaml", draft)
			t.Logf("%s: %d of %d directives", filepath.Base(path), carried+needless, n)
			if status, _, errs := command(t, "", "check", "-c", f.file("ours.yaml")); status != exitDone && !strings.Contains(errs, "environment variable") {
				t.Errorf("%s: the draft is refused: %s", filepath.Base(path), errs)
			}
		}
		t.Logf("%s: %d of %d files, %.1f %% of %.0f directives", kind, imported, len(files), 100*done/max(total, 1), total)
	}
}

// emptyDatabase writes a database in MaxMind's format, which is no part of a configuration, that knows no address.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "city.mmdb")
	file, err := os.Create(path)
	if err == nil {
		_, err = tree.WriteTo(file)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

package parse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// processed is a configuration of JSON lines with one processor or more.
func processed(steps ...process.Step) parse.Config {
	return parse.Config{Format: []string{"json"}, Dataset: "shop", Host: "web-1", Process: steps}
}

// TestWhen holds conditions to what they mean, both those that are ours and those that run in the library's machine.
func TestWhen(t *testing.T) {
	const line = `{"ts":"2026-01-02T00:00:00Z","level":"WARN","msg":"a \"b\"","service":"pay","n":503,"f":1.5,"big":12345678901234567890,"t":"503","y":true,"s":"true",` +
		`"z":null,"o":{"k":1,"x-y":{"d.e":"v"}},"tags":["a","b\u0063",3],"e":"x\u0041","trace_id":"` + trace + `","duration_ms":2,"":1,"d.e.f":2}`
	for when, want := range map[string]bool{
		`log.level == "warn"`: true, `log.level != "warn"`: false, `log.level in ["error", "warn"]`: true, `log.level in ["error"]`: false, `not (log.level == "warn")`: false,
		`n == 503`: true, `n >= 500 and n < 600`: true, `n >= 500 && n < 503`: false, `n in 500..599`: true, `n in 500..502`: false, `f in 1..2`: false, `f == 1.5`: true,
		`503 == n`: true, `500 < n`: true, `500 > n`: false, `t >= 500`: true, `t == 503`: true, `t == "503"`: true, `n == "503"`: true, `t in 500..599`: true,
		`big > 1`: true, `y`: true, `y == true`: true, `s`: true, `not y`: false, `z == nil`: true, `z`: false, `gone == nil`: true, `gone != nil`: false, `n != nil`: true,
		`gone == "x"`: false, `gone != "x"`: true, `gone > 1`: false, `not (gone > 1)`: true, `gone in ["x"]`: false, `o == nil`: false,
		`message contains "\"b\""`: true, `message startsWith "a"`: true, `message endsWith "\""`: true, `message contains "c"`: false, `message matches "^a .b"`: true, `message matches "^b"`: false,
		`o.k == 1`: true, `o["x-y"]["d.e"] == "v"`: true, `field("o.x-y.d.e") == "v"`: true, `o?.k == 1`: true, `d.e.f == 2`: true,
		`"a" in tags`: true, `"bc" in tags`: true, `3 in tags`: true, `"x" in tags`: false, `"k" in o`: true, `"j" in o`: false, `"a" in gone`: false, `"p" in service.name`: false,
		`e == "xA"`: true, `e != "xA"`: false, `e contains "A"`: true, `service.name == "pay"`: true, `trace.id == "` + trace + `"`: true, `event.duration == 2000000`: true, `event.duration > 1_000_000`: true,
		`@timestamp == ""`: false, `field("@timestamp") == "2026-01-02T00:00:00Z"`: true, `host.name == "web-1"`: true, `event.dataset == "shop"`: true,
		`log.file.path endsWith ".log"`: true, `true`: true, `false or n == 1`: false, `n == -503`: false,

		// By the machine.
		`len(tags) == 3`: true, `n + 1 == 504`: true, `any(tags, # == "a")`: true, `lower(message) contains "b"`: true, `let x = n; x > 500`: true, `n == t`: true, `n == f`: false,
		`y ? n > 1 : false`: true, `y and len(message) > 2`: true, `gone + 1 > 0`: false, `len(gone) > 0`: false, `(n in 1..2) or (n % 2 == 1)`: true, `upper(service.name) in ["PAY"]`: true,
		`message contains service.name`: false, `o.k == 1 and len(tags) > 0`: true, `tags[0] == "a"`: true, `"k" in o and len(message) > 0`: true, `e == "xA" and len(tags) > 0`: true,
		`not z and len(tags) > 0`: true, `tags == ["a", "bc", 3]`: false, `o.k in [n, 1]`: true,
	} {
		cfg := processed(process.Step{Keep: &process.Keep{When: when}})
		if _, err := parse.New(cfg); err != nil {
			if when != `@timestamp == ""` {
				t.Errorf("%s: %v", when, err)
			}
			continue
		}
		d := newDocuments(t, cfg)
		for range 2 { // the second time along its shape
			if got := string(d.append(nil, []byte(line))) != "{}"; got != want {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
	}
}

func TestWhenErrors(t *testing.T) {
	for when, want := range map[string]string{
		`log.level = "x"`: `column 11: unexpected token Operator("=")`, `log.level == `: `column 13: unexpected token EOF`, `x.. == 1`: `column 5: unexpected token Operator("==")`,
		`log.level > 5`:        `column 11: log.level is a text; write what it is compared with in quotes`,
		`log.level in [1]`:     `column 15: log.level is a text; write what it is compared with in quotes`,
		`event.duration > "5"`: `column 16: event.duration is a number; write what it is compared with without quotes`,
		`foo(1)`:               `column 1: there is no such function; a field whose name is no chain of words is field("x-request-id")`,
		`message.foo()`:        `column 9: there is no such function; a field whose name is no chain of words is field("x-request-id")`,
		`message matches "("`:  "column 17: regular expression: missing closing ) at offset 0: `(`", `lower(message) matches "("`: "column 24: regular expression: missing closing ) at offset 0: `(`",
		`1 + 2`: `column 1: expected bool, but got int`, `"a"`: `column 1: expected bool, but got string`, `1 + "a" == 2`: `column 3: invalid operation: + (mismatched types int and string)`,
		`message`: `column 1: message is neither true nor false; compare it, as in message != nil`, `log.level and true`: `column 5: log.level is neither true nor false; compare it, as in log.level != nil`,
		`n > true`: `column 3: only numbers and texts have an order`, `n contains 5`: `column 3: only a text can be in, begin or end another; write it in quotes`,
		`$env == 1`: `column 1: $env has no meaning here; write the name of a field`, `len(1) > 1`: `column 1: invalid argument for len (type int)`,
		`@timestamp == ""`: `column 1: unrecognized character: U+0040 '@'; a field whose name is no chain of words is field("@timestamp")`,
	} {
		_, err := parse.New(processed(process.Step{Drop: &process.Drop{When: when}}))
		if want = "process[0].drop.when: " + want; err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", when, err, want)
		}
	}
}

func TestProcessedDocuments(t *testing.T) {
	type s = process.Step
	for _, c := range []struct {
		name  string
		steps []process.Step
		cases []documentCase
	}{
		{"drop", []s{{Drop: &process.Drop{When: `log.level == "debug"`}}}, []documentCase{
			{"the condition holds", `{"level":"DEBUG","message":"m"}`, ``},
			{"it does not", `{"level":"info","message":"m"}`, `~,"message":"m","log.level":"info"`},
		}},
		{"keep", []s{{Keep: &process.Keep{When: `n > 1`}}}, []documentCase{{"yes", `{"n":2}`, `~,"n":2`}, {"no", `{"n":1}`, ``}}},
		{"rename", []s{{Rename: &process.Rename{Field: "a", To: "b.c"}}}, []documentCase{
			{"a scalar", `{"x":1,"a":2}`, `~,"x":1,"b.c":2`},
			{"nothing", `{"x":1}`, `~,"x":1`},
			{"over another", `{"b":{"c":1,"d":2},"a":2}`, `~,"b":{"d":2},"b.c":2`},
			{"over a dotted one and what is below it", `{"b.c":1,"b.c.d":3,"a":2}`, `~,"b.c":2`},
			{"an object", `{"a":{"x":1,"y":{"z":2}},"n":1}`, `~,"n":1,"b.c":{"x":1,"y":{"z":2}}`},
			{"dotted names below it", `{"a.x":1,"a.y.z":2}`, `~,"b.c.x":1,"b.c.y.z":2`},
		}},
		{"rename out of an object", []s{{Rename: &process.Rename{Field: "a.b", To: "a"}}}, []documentCase{
			{"nested", `{"a":{"b":{"k":1},"c":2}}`, `~,"a":{"k":1}`}, {"dotted", `{"a.b":1}`, `~,"a":1`}, {"twice nested", `{"x":1,"a":{"b":1}}`, `~,"x":1,"a":1`}}},
		{"rename into itself", []s{{Rename: &process.Rename{Field: "a", To: "a.b"}}}, []documentCase{{"object", `{"a":{"b":1}}`, `~,"a.b":{"b":1}`}, {"scalar", `{"a":1}`, `~,"a.b":1`}}},
		{"rename known members", []s{{Rename: &process.Rename{Field: "message", To: "text"}}, {Rename: &process.Rename{Field: "sev", To: "log.level"}}, {Rename: &process.Rename{Field: "trace.id", To: "t"}},
			{Rename: &process.Rename{Field: "host.name", To: "from"}}}, []documentCase{
			{"all", `{"msg":"m","sev":"WARN","trace_id":"` + trace + `","host":"h"}`, `~,"text":"m","t":"` + trace + `","from":"h","log.level":"warn"`},
			{"the member in the line", `{"message":"m"}`, `~,"text":"m","from":"web-1"`},
		}},
		{"rename to host", []s{{Rename: &process.Rename{Field: "h", To: "host"}}}, []documentCase{{"with a name", `{"h":{"name":"x","os":1}}`, `~,"host":{"name":"x","os":1}`}}},
		{"copy", []s{{Copy: &process.Copy{Field: "a", To: "b"}}}, []documentCase{
			{"scalar", `{"a":1}`, `~,"a":1,"b":1`}, {"object", `{"a":{"x":[1]},"b":2}`, `~,"a":{"x":[1]},"b":{"x":[1]}`}, {"object that changed", `{"a":{"x":1,"x":2}}`, `~,"a":{"x":2},"b":{"x":2}`}}},
		{"set", []s{{Set: &process.Set{Field: "a.b", Value: "é\""}}, {Set: &process.Set{Field: "n", Value: 1.5}}, {Set: &process.Set{Field: "log.level", Value: "WARN"}}, {Set: &process.Set{Field: "t", Value: "%{n}/%{x.y}/%{gone}/%{host.name}"}}},
			[]documentCase{{"all", `{"level":"info","a":{"b":1,"c":2},"x":{"y":"\u00e9"}}`, `~,"a":{"c":2},"x":{"y":"\u00e9"},"a.b":"é\"","n":1.5,"t":"1.5/é//web-1","log.level":"warn"`}}},
		{"set known members", []s{{Set: &process.Set{Field: "@timestamp", Value: "%{at}"}}, {Set: &process.Set{Field: "trace.id", Value: "%{id}"}}, {Set: &process.Set{Field: "event.duration", Value: int64(5)}},
			{Set: &process.Set{Field: "event.dataset", Value: "d"}}, {Set: &process.Set{Field: "service.name", Value: "s"}}}, []documentCase{
			{"good", `{"at":"2026-01-01T00:00:00Z","id":"` + trace + `"}`, `"@timestamp":"2026-01-01T00:00:00Z","at":"2026-01-01T00:00:00Z","id":"` + trace + `","event.dataset":"d","service.name":"s","trace.id":"` + trace + `","event.duration":5`},
			{"what cannot stand there", `{"at":"soon","id":"x\"y"}`, `~,"at":"soon","id":"x\"y","trace.id":"x\"y","event.dataset":"d","service.name":"s","event.duration":5`},
		}},
		{"set over a failure", []s{{Set: &process.Set{Field: "event.kind", Value: "event"}}}, []documentCase{
			{"kind", `{`, `~,"error.message":"json: expected a name in quotes at byte 1","event.kind":"event","message":"{"`}}},
		{"remove", []s{{Remove: &process.Remove{Fields: []string{"a", "message", "log.level", "o.x", "event.dataset"}}}}, []documentCase{
			{"all spellings", `{"a":1,"a.b":2,"msg":"m","level":"info","o":{"x":{"y":1}},"o.x.z":2,"keep":1,"event.dataset":"mine"}`, `~,"keep":1`},
			{"some", `{"o":{"x":1,"y":2}}`, `~,"o":{"y":2}`}}},
		{"remove by glob", []s{{Remove: &process.Remove{Fields: []string{"*.secret", "x*", "message"}}}}, []documentCase{
			{"all", `{"a":{"secret":1,"b":2},"secret":3,"xyz":1,"x":{"y":1},"k":"v","l":"w","message":"m"}`, `~,"a":{"b":2},"secret":3,"k":"v","l":"w"`}}},
		{"convert", []s{{Convert: &process.Convert{Fields: []string{"n"}, Type: "long"}}, {Convert: &process.Convert{Fields: []string{"d"}, Type: "double"}}, {Convert: &process.Convert{Fields: []string{"b"}, Type: "boolean"}}, {Convert: &process.Convert{Fields: []string{"o.s"}, Type: "string"}}}, []documentCase{
			{"texts", `{"n":" 007","d":"1.50","b":"TRUE","o":{"s":1.0,"t":1}}`, `~,"n":7,"d":1.50,"b":true,"o":{"s":"1.0","t":1}`},
			{"numbers", `{"n":5.0,"d":1,"b":false,"o":{"s":true}}`, `~,"n":5,"d":1,"b":false,"o":{"s":"true"}`},
			{"what cannot be converted", `{"n":"1.5","d":"1,5","b":"yes","o":{"s":[1]}}`, `~,"n":"1.5","d":"1,5","b":"yes","o":{"s":[1]}`},
			{"edges", `{"n":"9223372036854775807","d":"1e400"}`, `~,"n":9223372036854775807,"d":"1e400"`},
			{"beyond", `{"n":9223372036854775808,"d":"-"}`, `~,"n":9223372036854775808,"d":"-"`},
		}},
		{"case", []s{{Lowercase: &process.Lowercase{Fields: []string{"a", "message"}}}, {Uppercase: &process.Uppercase{Fields: []string{"b.c"}}}}, []documentCase{
			{"texts", `{"a":"ÀB\u00c9","b":{"c":"ß\"x"},"message":"Hi"}`, `~,"a":"àbé","b":{"c":"ß\"X"},"message":"hi"`}, {"others", `{"a":1,"b":{"c":null}}`, `~,"a":1,"b":{"c":null}`}}},
		{"replace", []s{{Replace: &process.Replace{Fields: []string{"message"}, Pattern: `(\d+)-(?P<x>\w)`, With: "${x}:$1"}}, {Replace: &process.Replace{Fields: []string{"a"}, Pattern: `\bx*`, With: "_"}}}, []documentCase{
			{"all matches", `{"message":"1-a \"22-b\" 3","a":"xx y"}`, `~,"message":"a:1 \"b:22\" 3","a":"_ _y_"`}, {"none", `{"message":"é"}`, `~,"message":"é"`}}},
		{"split", []s{{Split: &process.Split{Fields: []string{"a"}, Separator: ","}}}, []documentCase{
			{"text", `{"a":"x, \"y\",,é"}`, `~,"a":["x","\"y\"","","é"]`}, {"one", `{"a":""}`, `~,"a":[""]`}, {"no text", `{"a":[1]}`, `~,"a":[1]`}}},
		{"append", []s{{Append: &process.Append{Field: "l", Values: []string{"x\"", "%{a}", "%{n}!"}}}}, []documentCase{
			{"to nothing", `{"n":1}`, `~,"n":1,"l":["x\"","1!"]`}, {"to a text", `{"l":"o\u0041","a":"y"}`, `~,"l":["o\u0041","x\"","y","!"],"a":"y"`},
			{"to a list, items of a list", `{"l":[1, {"k":[2]}],"a":["y",null],"n":2}`, `~,"l":[1,{"k":[2]},"x\"","y",null,"2!"],"a":["y",null],"n":2`},
			{"to an object", `{"l":{"k":1}}`, `~,"l":{"k":1}`}, {"to null", `{"l":null}`, `~,"l":["x\"","!"]`}}},
		{"append nothing", []s{{Append: &process.Append{Field: "l", Values: []string{"%{a}"}}}}, []documentCase{{"absent", `{"l":"x"}`, `~,"l":"x"`}, {"nested", `{"o":1,"a":2}`, `~,"o":1,"a":2,"l":[2]`}}},
		{"remove values", []s{{Remove: &process.Remove{Fields: []string{"l", "a.b"}, Values: []string{"x", "1"}}}}, []documentCase{
			{"of lists", `{"l":["x","y",1,"\u0078"],"a":{"b":["x"],"c":1}}`, `~,"l":["y"],"a":{"c":1}`}, {"alone", `{"l":1,"a.b":"z"}`, `~,"a.b":"z"`}, {"none", `{"l":["y", "z"]}`, `~,"l":["y", "z"]`}}},
		{"parse", []s{{Parse: &process.Parse{Field: "t", Format: "kv", TagOnFailure: []string{"_kv"}}}}, []documentCase{
			{"a text", `{"t":"a=1 b=\"x y\" message=m","a":{"z":1},"n":2}`, `~,"t":"a=1 b=\"x y\" message=m","n":2,"a":"1","b":"x y","message":"m"`},
			{"escapes", `{"t":"a=\u0022\n"}`, `~,"t":"a=\u0022\n","a":"\"\n"`},
			{"names that are refused", `{"t":"_id=1 _x=2"}`, `~,"t":"_id=1 _x=2","_x":"2"`},
			{"no such text", `{"t":"abc","tags":"one"}`, `~,"t":"abc","tags":["one","_kv"],"error.message":"parse t: kv: no key with a value"`},
			{"no text", `{"t":[1]}`, `~,"t":[1]`}, {"nothing", `{"n":1}`, `~,"n":1`}}},
		{"parse the message", []s{{Parse: &process.Parse{Format: "grok", Pattern: []string{`^%{INT:n:int} %{GREEDYDATA:message}`}}}}, []documentCase{
			{"and capture it", `{"msg":"7 rest"}`, `~,"n":7,"message":"rest"`}, {"no match", `{"msg":"x"}`, `~,"error.message":"parse message: grok: no pattern matches","message":"x"`}}},
		{"parse JSON", []s{{Parse: &process.Parse{Field: "d", Format: "json", Prefix: "d."}}, {Rename: &process.Rename{Field: "d.a.b", To: "x"}}}, []documentCase{
			{"below itself", `{"d":"{\"a\":{\"b\":[1,{\"c\":1,\"c\":2}],\"e\":\"f\"},\"a\":{\"b\":1.0,\n\"_id\":null}}"}`, `~,"d.a._id":null,"x":1.0`},
			{"no object", `{"d":"[1]"}`, `~,"d":"[1]","error.message":"parse d: json: not a JSON object at byte 0"`}}},
		{"parse into known members", []s{{Parse: &process.Parse{Field: "d", Format: "json"}}}, []documentCase{
			{"all", `{"d":"{\"log.level\":\"WARN\",\"log\":{\"logger\":\"l\"},\"@timestamp\":\"2026-01-01T00:00:00Z\",\"host\":{\"name\":\"h\"},\"trace.id\":\"x\"}"}`,
				`"@timestamp":"2026-01-01T00:00:00Z","d":"{\"log.level\":\"WARN\",\"log\":{\"logger\":\"l\"},\"@timestamp\":\"2026-01-01T00:00:00Z\",\"host\":{\"name\":\"h\"},\"trace.id\":\"x\"}","log.logger":"l","host.name":"h","trace.id":"x","log.level":"warn"`}}},
		{"parse a priority", []s{{Parse: &process.Parse{Field: "p", Format: "syslog_priority"}}}, []documentCase{ // RFC 3164, 4.1.1: 165 is local use 4, notice
			{"local4.notice", `{"p":165}`, `~,"p":165,"log.syslog.facility.code":20,"log.syslog.facility.name":"local4","log.syslog.severity.code":5,"log.syslog.severity.name":"notice"`},
			{"too much", `{"p":"192"}`, `~,"p":"192","error.message":"parse p: syslog_priority: not a number from 0 to 191"`}}},
		{"parse CSV, of a name nested in the line", []s{{Parse: &process.Parse{Field: "o.c", Format: "csv", Columns: []string{"a", "b.c"}, Delimiter: ";", Prefix: "o.", When: `o.c contains ";"`}}}, []documentCase{
			{"yes", `{"o":{"c":"1;2","a":0}}`, `~,"o":{"c":"1;2"},"o.a":"1","o.b.c":"2"`}, {"the condition does not hold", `{"o":{"c":"1"}}`, `~,"o":{"c":"1"}`}}},
		{"date", []s{{Date: &process.Date{Field: "d", Layouts: []string{"%d.%m.%Y %H:%M", "unix_ms"}, Timezone: "Europe/Berlin"}}, {Date: &process.Date{Field: "e.f", To: "e.f"}}}, []documentCase{
			{"by layouts", `{"d":"01.07.2026 12:00","e":{"f":"2026-01-02 03:04:05.5+01:00"}}`, `"@timestamp":"2026-07-01T10:00:00Z","d":"01.07.2026 12:00","e":{"f":"2026-01-02T02:04:05.5Z"}`},
			{"by another", `{"d":1767225600123}`, `"@timestamp":"2026-01-01T00:00:00.123Z","d":1767225600123`}, {"no times", `{"d":"soon","e":{"f":"x"}}`, `~,"d":"soon","e":{"f":"x"}`}}},
		{"redact a field", []s{{Redact: &process.Redact{Fields: []string{"message", "user"}, Kinds: []string{"email", "card"}}}}, []documentCase{
			{"only there", `{"message":"bob@example.com paid with 4111 1111 1111 1111.","user":{"mail":"a@b.co","n":4111111111111111,"l":[{"a@b.co":["a\u0040b.co"]}],"c@d.ef":1},"other":"a@b.co"}`,
				`~,"message":"[email] paid with [card].","user":{"mail":"[email]","n":"[card]","l":[{"[email]":["[email]"]}]},"other":"a@b.co","user.[email]":1`}}},
		{"redact everything", []s{{Redact: &process.Redact{}}}, []documentCase{
			{"everywhere", `{"a":{"b":"from 10.0.0.1 to fe80::1"},"password":"hunter2","msg":"Bearer abc123def login token=xyz","t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"}`,
				`~,"a":{"b":"from [ip] to [ip]"},"password":"[key]","t":"[jwt]","message":"Bearer [bearer] login token=[key]"`}}},
		{"route", []s{{Route: &process.Route{DataStream: process.RouteStream{Dataset: "a"}}}, {Route: &process.Route{DataStream: process.RouteStream{Dataset: "b"}, When: `n == 1`}}, {Route: &process.Route{Index: "i", When: `n == 2`}}}, []documentCase{
			{"the last one", `{"n":1}`, `~,"n":1,"event.dataset":"b"`}, {"the data set stays", `{"n":2}`, `~,"n":2,"event.dataset":"a"`}, {"the line's own wins", `{"n":1,"event":{"dataset":"x"}}`, `~,"n":1,"event":{"dataset":"x"}`}}},
		{"fingerprint", []s{{Fingerprint: &process.Fingerprint{Fields: []string{"a", "b"}}}}, []documentCase{
			// printf '\\x02x\\x00' | sha256sum
			{"absent", `{"a":"x"}`, `~,"a":"x","event.hash":"3d252800f5f122cc0aa93adeaad96614acdd223fff70d26b7d3bd8f23ba33d62"`}}},
		{"fingerprint with a key", []s{{Fingerprint: &process.Fingerprint{Fields: []string{"a"}, Key: "k"}}}, []documentCase{
			// printf '\\x02x' | openssl dgst -sha256 -hmac k
			{"text", `{"a":"x"}`, `~,"a":"x","event.hash":"2f9b2f9aacb1cc957542c7a6672d879e89cb8a34dd739ffd5e579cf66d595fd2"`}}},
		{"user agent", []s{{UserAgent: &process.UserAgent{}}}, []documentCase{
			{"a browser", `{"user_agent":{"original":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}}`,
				`~,"user_agent":{"original":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},"user_agent.name":"Firefox","user_agent.version":"128.0","user_agent.os.name":"Linux","user_agent.os.version":"x86_64"`},
			{"what the line says itself stays", `{"user_agent":{"original":"curl/8.1","name":"mine"}}`, `~,"user_agent":{"original":"curl/8.1","name":"mine"},"user_agent.version":"8.1"`},
			{"none", `{"a":1}`, `~,"a":1`}}},
		{"lookup in CSV", []s{{Lookup: &process.Lookup{Field: "code", File: table(t, "t.csv", "\ufeffcode,team,labels.tier\n7,\"a \"\"b\"\"\",1\n8,,2\n")}}}, []documentCase{
			{"there", `{"code":7,"team":"x"}`, `~,"code":7,"labels.tier":"1","team":"a \"b\""`}, {"empty", `{"code":"8"}`, `~,"code":"8","labels.tier":"2"`}, {"not there", `{"code":9}`, `~,"code":9`}}},
		{"lookup in JSON", []s{{Lookup: &process.Lookup{Field: "code", To: "x", File: table(t, "t.json", `{"7": {"n": 1, "l": ["a", {"b":1,"b":2}]}}`)}}}, []documentCase{
			{"there", `{"code":"7"}`, `~,"code":"7","x.l":["a",{"b":2}],"x.n":1`}}},
	} {
		t.Run(c.name, func(t *testing.T) { checkDocuments(t, processed(c.steps...), c.cases) })
	}
}

// TestParseManyFields sees that the fields of a long text replace those of the document, too, and in time that grows with the
// text: of a hundred thousand, each looked for among all others, this would not end.
func TestParseManyFields(t *testing.T) {
	d := newDocuments(t, parse.Config{Format: []string{"regex"}, Pattern: []string{`(?P<k7>\d+) (?P<t>.*)`}, Timestamp: parse.Timestamp{Mode: parse.Off},
		Process: []process.Step{{Parse: &process.Parse{Field: "t", Format: "kv"}}, {Remove: &process.Remove{Fields: []string{"t"}}}}})
	var line strings.Builder
	line.WriteString("1 ")
	for i := range 100_000 {
		fmt.Fprintf(&line, "k%d=%d ", i, i)
	}
	doc := string(d.append(nil, []byte(line.String())))
	if problem := strictProblem([]byte(doc)); problem != "" {
		t.Error(problem)
	}
	if !strings.Contains(doc, `,"k7":"7",`) || strings.Contains(doc, `"k7":"1"`) || !strings.Contains(doc, `"k99999":"99999"`) {
		t.Errorf("%.200s", doc)
	}
}

func TestMappingGuard(t *testing.T) {
	cfg := processed()
	cfg.Guard = process.Guard{MaxFields: 3, MaxDepth: 3, MaxLength: 5, FoldIDs: true}
	checkDocuments(t, cfg, []documentCase{
		{"the first names", `{"a":1,"b":{"c":2}}`, `~,"a":1,"b":{"c":2}`},
		{"ids", `{"a":{"17":1,"550e8400-e29b-41d4-a716-446655440000":{"x":true}},"a.4bf92f3577b34da6":[1]}`,
			`~,"tailspan.unmapped":{"a.17":"1","a.550e8400-e29b-41d4-a716-446655440000.x":"true","a.4bf92f3577b34da6":"[1]"},"tailspan.unmapped_reason":"mapping guard: a.17: a part of its name is an id, see mapping_guard.fold_ids; and 2 more"`},
		{"depth", `{"a":1,"x":{"y":{"z":{"w":"\u00e9\""}}}}`, `~,"a":1,"tailspan.unmapped":{"x.y.z.w":"é\""},"tailspan.unmapped_reason":"mapping guard: x.y.z.w: it is deeper than mapping_guard.max_depth allows"`},
		{"length", `{"a":"12345","b":{"c":"1234\u00e9"},"msg":"123456"}`, `~,"a":"12345","b":{"c":"1234"},"message":"12345"`},
		{"too many", `{"a":1,"md5":2,"e.f":3}`, `~,"a":1,"md5":2,"tailspan.unmapped":{"e.f":"3"},"tailspan.unmapped_reason":"mapping guard: e.f: there are more names than mapping_guard.max_fields allows"`},
		{"the known ones stay", `{"a":1,"md5":2,"b.c":3}`, `~,"a":1,"md5":2,"b.c":3`},
	})
}

// table writes the file of a lookup table.
func table(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestThinning holds what drops lines by number to lines at given times.
func TestThinning(t *testing.T) {
	for _, c := range []struct {
		name  string
		step  process.Step
		lines string // the second, and a letter for the rest of the line
		want  string // y for those that stay
	}{
		{"throttle", process.Step{Throttle: &process.Throttle{Limit: 2, Per: 10 * time.Second}}, "0a 1a 2a 9b 10a 11a 12a", "yynnyyn"},
		{"throttle by key", process.Step{Throttle: &process.Throttle{Limit: 1, Per: 10 * time.Second, By: []string{"k"}}}, "0a 1b 2a 3c 11a", "yynyy"},
		{"throttle, a late line", process.Step{Throttle: &process.Throttle{Limit: 1, Per: 10 * time.Second}}, "30a 25a 5a", "yny"},
		{"dedupe", process.Step{Dedupe: &process.Dedupe{Within: 5 * time.Second}}, "0a 1b 2a 4b 5a 6b 6a", "yynnyyn"},
		{"dedupe by another", process.Step{Dedupe: &process.Dedupe{By: []string{"gone"}}}, "0a 1b 9c 10d", "ynny"},
	} {
		d := newDocuments(t, processed(c.step))
		var got strings.Builder
		for _, line := range strings.Fields(c.lines) {
			second, letter := line[:len(line)-1], line[len(line)-1:]
			doc := d.append(nil, fmt.Appendf(nil, `{"ts":"2026-01-01T00:00:%02sZ","msg":"%s","k":"%s"}`, second, letter, letter))
			if string(doc) == "{}" {
				got.WriteByte('n')
			} else {
				got.WriteByte('y')
			}
		}
		if got.String() != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.String(), c.want)
		}
	}
}

// TestChainsShareCounts sees that two workers of one pipeline count together.
func TestChainsShareCounts(t *testing.T) {
	cfg := processed(process.Step{Throttle: &process.Throttle{Limit: 1, Per: time.Hour}})
	cfg.Shared = process.NewShared()
	a, b := newDocuments(t, cfg), newDocuments(t, cfg)
	if first, second := string(a.append(nil, []byte(`{}`))), string(b.append(nil, []byte(`{}`))); first == "{}" || second != "{}" {
		t.Errorf("%s %s", first, second)
	}
}

// TestSampleAgrees sees that the lines of a trace share their fate, whoever has them, and that the share is right.
func TestSampleAgrees(t *testing.T) {
	cfg := processed(process.Step{Sample: &process.Sample{Rate: 0.25}})
	a := newDocuments(t, cfg)
	cfg.Process = append([]process.Step{{Lowercase: &process.Lowercase{Fields: []string{"x"}}}}, cfg.Process...)
	b := newDocuments(t, cfg)
	kept := 0
	for i := range 4000 {
		id := fmt.Sprintf("%032x", i+1)
		one := string(a.append(nil, []byte(`{"n":1,"trace_id":"`+id+`"}`))) != "{}"
		if another := string(b.append(nil, []byte(`{"trace.id":"`+id+`","x":"Y"}`))) != "{}"; one != another {
			t.Fatalf("%s: kept %v and %v", id, one, another)
		}
		if one {
			kept++
		}
	}
	if kept < 900 || kept > 1100 {
		t.Errorf("%d of 4000 traces kept, want about 1000", kept)
	}
}

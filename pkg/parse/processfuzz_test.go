package parse_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// FuzzProcess is the promise of FuzzDocument with processors: whatever the line and whatever is moved where, the document
// is strict JSON. The target of what is moved is tried with names that tailspan gives its own members.
func FuzzProcess(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":{"c":2}}`, `{"a":{"b":{"c":1},"b.c":2},"log":{"level":"info"},"host":{"name":"x"},"msg":"m"}`, `{"a":{"name":"h","id":"x","level":["y"],"file":{"path":1}},"log.level":{}}`,
		`a=1 b=x,y message=z`, `x`, "\xff", `{`, `{"a":[{"b":1}],"message":{"x":"a@b.co"},"error":{"message":"e"},"event":{"kind":"k","original":"o"}}`, `{"a.b":{"c":"4111111111111111"},"a":{"b.c.d":1},"c.":1,".":2}`,
		`{"a":{"@timestamp":"2026-01-01T00:00:00Z"},"b":"\ud83d\ude00 \u0040","trace":{"id":"x"}}`, `{"user":{"a@b.co":1,"c@d.ef":{"g":2},"[email]#2":3}}`,
		`{"a":"{\"a\":1,\"log\":{\"level\":{},\"file.path\":[]},\"_id\":1,\"b\":{}}","tags":{"b":1}}`, `{"a":"message=1 a.b=2 a=3 log=4 log.level=WARN @timestamp=0 event=","b":["x"]}`} {
		f.Add([]byte(seed))
	}
	var all []*documents
	type s = process.Step
	for _, to := range []string{"a.b", "log", "host.name", "host", "message", "log.level", "trace.id", "event.duration", "event", "@timestamp", "error.message", "event.original", "service", "log.file.path", "labels"} {
		steps := []s{{Rename: &process.Rename{Field: "a", To: to}}, {Copy: &process.Copy{Field: "b", To: "x.y"}}}
		if to == "a.b" {
			steps[1].Copy.To = "a"
		}
		steps = append(steps, s{Set: &process.Set{Field: "event.kind", Value: "%{message}", When: `b != nil`}}, s{Remove: &process.Remove{Fields: []string{"error", "*c"}}},
			s{Convert: &process.Convert{Fields: []string{"message", "n"}, Type: "string"}}, s{Uppercase: &process.Uppercase{Fields: []string{"b.c"}}}, s{Split: &process.Split{Fields: []string{"b.c"}, Separator: ","}})
		for _, format := range []string{"json", "auto"} {
			all = append(all, newDocuments(f, parse.Config{Format: []string{format}, Process: steps, KeepOriginal: true}))
		}
	}
	for _, with := range []string{"mask", "remove", "hash"} {
		salt := ""
		if with == "hash" {
			salt = "s"
		}
		all = append(all, newDocuments(f, parse.Config{Process: []s{{Redact: &process.Redact{With: with, Salt: salt}}}}),
			newDocuments(f, parse.Config{Process: []s{{Redact: &process.Redact{Fields: []string{"user", "a"}, Patterns: []string{`\b\w`, "x*"}, With: with, Salt: salt}}}}))
	}
	for _, format := range []string{"json", "kv", "logfmt", "csv", "syslog_priority"} {
		for _, prefix := range []string{"", "a.", "log."} {
			parsed := []s{{Parse: &process.Parse{Field: "a", Format: format, Prefix: prefix, TagOnFailure: []string{"%{b}"}}}, {Parse: &process.Parse{Format: format, Prefix: prefix}},
				{Append: &process.Append{Field: "b", Values: []string{"x", "%{a}", "%{tags}"}}}, {Remove: &process.Remove{Fields: []string{"tags", "b"}, Values: []string{"x", "y"}}},
				{Date: &process.Date{Field: "a", To: "b"}}}
			all = append(all, newDocuments(f, parse.Config{Format: []string{"json"}, Process: parsed}), newDocuments(f, parse.Config{Process: parsed}))
		}
	}
	var doc, again []byte
	f.Fuzz(func(t *testing.T, line []byte) {
		before := string(line)
		for i, d := range all {
			doc = d.append(doc[:0], line)
			if again = d.append(again[:0], line); !bytes.Equal(again, doc) {
				t.Errorf("parser %d: %s\nbecame %s", i, doc, again)
			}
			if problem := strictProblem(doc); problem != "" {
				t.Errorf("parser %d: %s\n%s", i, problem, doc)
			}
		}
		if string(line) != before {
			t.Error("the line was changed")
		}
	})
}

// secrets are what FuzzRedact hides in lines.
var secrets = []string{"bob.o'neil+x@mail.example.com", "4111111111111111", "5500 0000 0000 0004", "3782-822463-10005", "203.0.113.77", "2001:db8::8a2e:370:7334",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}

// FuzzRedact hides secrets in the texts, lists, objects and names of lines, between any other text, and looks for them in
// the whole document.
func FuzzRedact(f *testing.F) {
	f.Add("before ", " behind", uint8(0))
	f.Add(`"`, "\\", uint8(1))
	f.Add("x=", ",y", uint8(2))
	f.Add("é", "\n", uint8(3))
	f.Add("1.", ":", uint8(4))
	var all []*documents
	for _, step := range []process.Redact{{}, {With: "remove"}, {With: "hash", Salt: "s"}} {
		all = append(all, newDocuments(f, parse.Config{KeepOriginal: true, Process: []process.Step{{Redact: &step}}}),
			newDocuments(f, parse.Config{Format: []string{"none"}, Process: []process.Step{{Redact: &step}}}))
	}
	var doc []byte
	f.Fuzz(func(t *testing.T, before, behind string, which uint8) {
		secret := secrets[int(which)%len(secrets)]
		text := strings.ToValidUTF8(before, "") + " " + secret + " " + strings.ToValidUTF8(behind, "")
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		escaped := strings.ReplaceAll(string(quoted), "@", `\u0040`)
		for _, line := range []string{text, `{"message":` + escaped + `}`, `{"a":{"b":[1,{"c":` + string(quoted) + `}]},"n":1}`, `{"a":{` + string(quoted) + `:1}}`, `{` + escaped + `:{"x":true}}`} {
			for i, d := range all {
				if doc = d.append(doc[:0], []byte(line)); holds(doc, secret) {
					t.Errorf("parser %d, line %s\n%s", i, line, doc)
				}
				if problem := strictProblem(doc); problem != "" {
					t.Errorf("parser %d: %s\n%s", i, problem, doc)
				}
			}
		}
	})
}

// holds reports whether the secret is anywhere in the document, also behind escapes.
func holds(doc []byte, secret string) bool {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return bytes.Contains(doc, []byte(secret))
		}
		if text, ok := token.(string); ok && (strings.Contains(text, secret) || strings.HasPrefix(text, "{") && json.Valid([]byte(text)) && holds([]byte(text), secret)) {
			return true
		}
	}
}

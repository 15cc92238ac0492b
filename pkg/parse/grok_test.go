package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func grokConfig(patterns ...string) parse.Config {
	return parse.Config{Format: []string{"grok"}, Pattern: patterns, Duration: parse.Duration{Mode: parse.Off},
		Timestamp: parse.Timestamp{Mode: parse.Off}, Trace: parse.Trace{Mode: parse.Off}, PatternDefinitions: map[string]string{"ANY": `\S*`}}
}

func TestGrokDocuments(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		cases         []documentCase
	}{
		{"named captures only", `%{WORD} %{WORD:a} (\w+) (?<b>\w+)`, []documentCase{
			{"anywhere in the line", `- w x y z -`, `~,"a":"x","b":"z","message":"- w x y z -"`},
			{"no match", `w x`, `~,"message":"w x","event.kind":"pipeline_error","error.message":"grok: no pattern matches"`},
			{"nothing", ``, `~,"message":"","event.kind":"pipeline_error","error.message":"grok: no pattern matches"`},
		}},
		{"empty captures are dropped", `a=%{ANY:a} b=%{ANY:[b][c]}(?: c=%{ANY:d})?`, []documentCase{
			{"all", `a=1 b=2 c=3`, `~,"a":"1","b.c":"2","d":"3","message":"a=1 b=2 c=3"`},
			{"none", `a= b=`, `~,"message":"a= b="`},
		}},
		{"types as Ruby reads them", `%{ANY:i:int} %{ANY:f:float} %{ANY:b:boolean} %{ANY:s:string}`, []documentCase{
			{"plain", `12 1.5 true 7`, `~,"i":12,"f":1.5,"b":true,"s":"7","message":"12 1.5 true 7"`},
			{"normalized", `-007 -.50 F 7`, `~,"i":-7,"f":-0.50,"b":false,"s":"7","message":"-007 -.50 F 7"`},
			{"a float is no integer", `+1_000 1e3x t 7`, `~,"i":1000,"f":1.0e3,"b":true,"s":"7","message":"+1_000 1e3x t 7"`},
			{"no numbers", `x - maybe 7`, `~,"i":0,"f":0.0,"b":"maybe","s":"7","message":"x - maybe 7"`},
			{"beyond 64 bits", `99999999999999999999 1e999 0 7`, `~,"i":99999999999999999999,"f":1.0,"b":false,"s":"7","message":"99999999999999999999 1e999 0 7"`},
		}},
		{"a field captured again is a list", `%{WORD:a}(?: %{WORD:a})?(?: %{INT:a:int})?`, []documentCase{
			{"once", `x`, `~,"a":"x","message":"x"`},
			{"twice", `x y`, `~,"a":["x","y"],"message":"x y"`},
			{"with a number", `x y 3`, `~,"a":["x","y",3],"message":"x y 3"`},
		}},
		{"a number is not made a list", `%{INT:a:int} %{INT:a:int}`, []documentCase{
			{"the first stays", `1 2`, `~,"a":1,"message":"1 2"`},
		}},
		{"one of two ways", `(?:a=%{INT:x:int}|b=%{INT:x:int})`, []documentCase{
			{"first", `a=1`, `~,"x":1,"message":"a=1"`},
			{"second", `b=2`, `~,"x":2,"message":"b=2"`},
		}},
		{"message", `%{WORD:first} %{ANY:message}`, []documentCase{
			{"captured", `a b`, `~,"first":"a","message":"b"`},
			{"captured empty", `a `, `~,"first":"a","message":"a "`},
		}},
		{"@metadata leaves no trace", `%{WORD:[@metadata][a]} %{WORD:b}`, []documentCase{
			{"as in Logstash", `x y`, `~,"b":"y","message":"x y"`},
		}},
		{"what was captured keeps its name", `%{LOGLEVEL:loglevel} %{LOGLEVEL:log.level} %{WORD:service} %{WORD:msg}`, []documentCase{
			{"a level, too", `WARN Info shop m`, `~,"loglevel":"WARN","service":"shop","msg":"m","message":"WARN Info shop m","log.level":"info"`},
		}},
		{"not UTF-8 and control characters", `%{ANY:a}.%{ANY:b}`, []documentCase{
			{"escaped", "x\x01y \"\xff", "~,\"a\":\"x\\u0001y\",\"b\":\"\\\"\ufffd\",\"message\":\"x\\u0001y \\\"\ufffd\",\"event.original\":\"eAF5ICL/\""},
		}},
	} {
		t.Run(c.name, func(t *testing.T) { checkDocuments(t, grokConfig(c.pattern), c.cases) })
	}
}

func TestGrokPatternsInOrder(t *testing.T) {
	checkDocuments(t, grokConfig(`^a %{WORD:first}`, `^%{WORD} %{WORD:second}`, ``), []documentCase{
		{"first", `a x`, `~,"first":"x","message":"a x"`},
		{"second", `b x`, `~,"second":"x","message":"b x"`},
		{"the empty pattern matches all", `?`, `~,"message":"?"`},
	})
}

// Time, duration and ids are taken from captured fields, those below @metadata among them when the configuration names
// them.
func TestGrokResolves(t *testing.T) {
	cfg := grokConfig(`%{TIMESTAMP_ISO8601:[@metadata][ts]} %{NUMBER:took:float} %{WORD:trace_id} %{LOGLEVEL:level}`)
	cfg.Timestamp = parse.Timestamp{Mode: parse.Field, Field: "@metadata.ts"}
	cfg.Duration = parse.Duration{Mode: parse.Field, Field: "took", Unit: "s"}
	cfg.Trace = parse.Trace{}
	line := `2026-01-01T00:00:00Z 0.25 ` + trace + ` ERROR`
	checkDocuments(t, cfg, []documentCase{{"named", line,
		`"@timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":"` + line + `","log.level":"error","trace.id":"` + trace + `","event.duration":250000000`}})
}

func TestGrokErrors(t *testing.T) {
	for _, c := range []struct {
		cfg  parse.Config
		want string
	}{
		{parse.Config{}, "pattern: is missing; format grok needs a pattern, or a list of them"},
		{parse.Config{Pattern: []string{"%{NOG}"}}, "pattern: there is no definition NOG at offset 0"},
		{parse.Config{Pattern: []string{"x", `\1`}}, "pattern[1]: backreferences are not supported at offset 0"},
		{parse.Config{Pattern: []string{"x"}, Patterns: "ecs"}, `patterns: "ecs" is not a library; write ecs-v1 or legacy`},
		{parse.Config{Pattern: []string{"x"}, PatternDirs: []string{"/nowhere"}}, "pattern_dirs[0]: open /nowhere: no such file or directory"},
	} {
		c.cfg.Format = []string{"grok"}
		if _, err := parse.New(c.cfg); err == nil || err.Error() != c.want {
			t.Errorf("%v, not %s", err, c.want)
		}
	}
}

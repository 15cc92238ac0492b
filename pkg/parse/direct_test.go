package parse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// On a known path some members are read without becoming fields. A line whose values are not what their names promise must
// come out as if no line had been before it.
func TestOddValuesOnAKnownPath(t *testing.T) {
	values := map[string][]string{
		"ts":          {`"2026-01-02T03:04:05Z"`, `1767323045`, `1767323045.25`, `"yesterday"`, `""`, `null`, `{}`, `[1767323045]`, `"2026-01-02T03:04\u003a05Z"`, `true`},
		"level":       {`"info"`, `"WARN"`, `"odd"`, `30`, `99`, `""`, `null`, `["error"]`, `"inf\u006f"`, `{"name":"x"}`},
		"trace_id":    {`"` + trace + `"`, `"` + strings.ToUpper(trace) + `"`, `"a3ce929d0e0e4736"`, `"00000000000000000000000000000000"`, `"x"`, `""`, `null`, `7`, `"4bf92f3577b34da6a3ce929d0e0e473\u0036"`},
		"span_id":     {`"` + span + `"`, `"nothing"`, `""`, `null`, `{"id":"` + span2 + `"}`},
		"duration_ms": {`1.5`, `"2.25"`, `"3ms"`, `-1`, `"n/a"`, `null`, `1e400`, `[]`, `0`, `123456789012345678`},
	}
	line := func(odd, value string) string {
		v := map[string]string{}
		for name, list := range values {
			v[name] = list[0]
		}
		if odd != "" {
			v[odd] = value
		}
		return fmt.Sprintf(`{"a":1,"ts":%s,"b":"x","level":%s,"c":{"d":2},"trace_id":%s,"span_id":%s,"e":[3],"duration_ms":%s,"f":"y"}`,
			v["ts"], v["level"], v["trace_id"], v["span_id"], v["duration_ms"])
	}
	for name, cfg := range map[string]parse.Config{
		"plain":     {},
		"no time":   {Timestamp: parse.Timestamp{Mode: parse.Off}},
		"no ids":    {Trace: parse.Trace{Mode: parse.Off}},
		"unit":      {Duration: parse.Duration{Unit: "s"}},
		"field":     {Duration: parse.Duration{Mode: parse.Field, Field: "duration_ms", Unit: "us"}},
		"processed": {Process: []process.Step{{Remove: &process.Remove{Fields: []string{"trace_id", "b"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Format = []string{"json"}
			warm := newDocuments(t, cfg)
			for range 3 {
				warm.append(nil, []byte(line("", "")))
			}
			for odd, list := range values {
				for _, value := range list {
					text := []byte(line(odd, value))
					want := string(newDocuments(t, cfg).append(nil, text))
					for range 2 {
						if got := string(warm.append(nil, text)); got != want {
							t.Errorf("%s\n got %s\nwant %s", text, got, want)
						}
					}
				}
			}
		})
	}
}

// Members that compete are weighed as ever, also after lines in which they did not.
func TestCompetingMembers(t *testing.T) {
	lines := []string{
		`{"ts":"2026-01-02T03:04:05Z","x":1}`,
		`{"ts":"2026-01-02T03:04:05Z","x":1,"@timestamp":"2026-01-02T03:04:06Z"}`,
		`{"ts":"2026-01-02T03:04:05Z","x":1,"level":"info","log":{"level":"error"}}`,
		`{"ts":"2026-01-02T03:04:05Z","x":1,"level":"info"}`,
		`{"trace_id":"` + trace + `","span_id":"` + span + `","x":2}`,
		`{"trace_id":"` + trace + `","span_id":"` + span + `","x":2,"traceparent":"00-` + trace + `-` + span2 + `-01"}`,
		`{"trace_id":"` + trace + `","x":3,"span":{"id":"` + span2 + `"}}`,
		`{"trace_id":"` + trace + `","x":3,"trace":{"id":"` + strings.Repeat("ab", 16) + `"}}`,
		`{"duration_ms":3,"y":1}`,
		`{"duration_ms":3,"y":1,"event":{"duration":5}}`,
		`{"duration_ms":3,"y":1,"elapsed_us":5}`,
		`{"request_time":0.5,"y":1,"trace_id":"` + trace + `"}`,
	}
	cfg := parse.Config{Format: []string{"json"}}
	warm := newDocuments(t, cfg)
	for range 3 {
		for _, line := range lines {
			want := string(newDocuments(t, cfg).append(nil, []byte(line)))
			if got := string(warm.append(nil, []byte(line))); got != want {
				t.Errorf("%s\n got %s\nwant %s", line, got, want)
			}
		}
	}
}

// Groups of a pattern are read on the way, too, unless something asks for them: the documents are the same.
func TestOddGroups(t *testing.T) {
	names := []string{"time", "ts", "@timestamp", "level", "trace_id", "span_id", "trace.id", "rt", "duration_ms", "message", "service", "traceparent", "request_time", "n"}
	values := map[string][]string{
		"time":        {"2026-01-02T03:04:05Z", "10/Oct/2000:13:55:36 -0700", "yesterday", ""},
		"level":       {"info", "WARN", "odd", ""},
		"trace_id":    {trace, strings.ToUpper(trace), "a3ce929d0e0e4736", strings.Repeat("0", 32), "-", ""},
		"span_id":     {span, "x", ""},
		"rt":          {"0.25", "3ms", "-", "", "1e400"},
		"traceparent": {"00-" + trace + "-" + span2 + "-01", "-"},
	}
	for name, like := range map[string]string{"ts": "time", "@timestamp": "time", "trace.id": "trace_id", "duration_ms": "rt", "request_time": "rt"} {
		values[name] = values[like]
	}
	configs := []parse.Config{
		{},
		{Timestamp: parse.Timestamp{Mode: parse.Field, Field: "time"}},
		{Timestamp: parse.Timestamp{Mode: parse.Off}, Duration: parse.Duration{Mode: parse.Off}},
		{Trace: parse.Trace{Mode: parse.Off}},
		{Trace: parse.Trace{Mode: parse.Field, TraceID: "n", SpanID: "span_id"}},
		{Duration: parse.Duration{Mode: parse.Field, Field: "rt", Unit: "s"}},
		{Duration: parse.Duration{Unit: "us"}},
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		groups := slices.Clone(names)
		r.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
		groups = groups[:1+r.IntN(6)]
		pattern := "^"
		for _, name := range groups {
			pattern += "(?P<" + name + ">[^|]*)[|]"
		}
		cfg := configs[r.IntN(len(configs))]
		cfg.Format, cfg.Pattern = []string{"regex"}, []string{pattern}
		direct := newDocuments(t, cfg)
		cfg.Asked = names
		asked := newDocuments(t, cfg)
		for range 8 {
			line := ""
			for _, name := range groups {
				value := "plain"
				if list := values[name]; list != nil {
					value = list[r.IntN(len(list))]
				}
				line += value + "|"
			}
			if got, want := string(direct.append(nil, []byte(line))), string(asked.append(nil, []byte(line))); got != want {
				t.Errorf("%s\n%s\n got %s\nwant %s", pattern, line, got, want)
			}
		}
	}
}

// Lines may go on differently behind the same text, and the same object may hold something that means more in one of them only.
func TestObjectsThatMeanMoreInSomeLines(t *testing.T) {
	lines := []string{`{"n":1,"event":{"x":1,"kind":"k"}}`, `{"n":1,"event":{"x":1,"y":2}}`, `{"n":1,"event":{"x":1,"y":2},"z":1}`,
		`{"a":1,"log":{"x":{"y":1},"level":"info"},"b":2}`, `{"a":1,"log":{"x":{"y":1},"lovel":"info"},"b":2}`, `{"a":1,"log":{"x":{"y":1}},"b":2}`,
		`{"n":1,"host":{"region":"r","node":"n"},"z":1}`, `{"n":1,"host":{"region":"r","name":"web"},"z":1}`, `{"n":1,"host":{"region":"r","node":"n"}}`,
		`{"n":1,"host":{},"z":1}`, `{"n":1,"host":"web","z":1}`, `{"n":1,"host":{"region":{},"node":"n"},"z":1}`, `{"n":1,"host":{"region":{"name":1},"node":"n"},"z":1}`,
		`{"n":1,"host":{"log":{"level":"info"}},"service":{"y":1}}`, `{"n":1,"host":{"log":{"level":"info"}},"service":{"name":"y"}}`}
	cfg := parse.Config{Format: []string{"json"}}
	want := make([]string, len(lines))
	for i, line := range lines {
		want[i] = string(newDocuments(t, cfg).append(nil, []byte(line)))
	}
	check := func(warm *documents, i int) {
		if got := string(warm.append(nil, []byte(lines[i]))); got != want[i] {
			t.Errorf("%s\n got %s\nwant %s", lines[i], got, want[i])
		}
	}
	for i := range lines {
		for j := range lines {
			warm := newDocuments(t, cfg)
			for _, k := range []int{i, j, j, i, i, j} {
				check(warm, k)
			}
		}
	}
	warm, turn := newDocuments(t, cfg), rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		check(warm, turn.IntN(len(lines)))
	}
}

package config

import (
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/parse/process"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
)

func TestProcess(t *testing.T) {
	c := mustLoad(t, `
pipelines:
- name: a
  mapping_guard: {max_fields: 1000, max_depth: 10, max_length: 5, fold_ids: true}
  process:
  - drop: {when: 'log.level == "debug"'}
  - convert: {fields: [status, bytes], type: long}
  - set: {field: A.b, value: 1}
  - sample: {rate: 0.25}
  - throttle: {limit: 5, per: 1m, by: service.name}
  - route: {data_stream: {dataset: other}, ingest_pipeline: p}
  - route: {index: 'x-%{team}'}
  - route: {ingest_pipeline: q}
  tests:
  - {input: x, expect: [{name: message, value: x}, {name: n, value: 1}, {name: gone, value: }]}
  - {input: y, dropped: true}
output: {elasticsearch: {hosts: http://x}}
`)
	pipe := c.Pipelines[0]
	equal(t, pipe.Parse.Process[:5], []process.Step{
		{Drop: &process.Drop{When: `log.level == "debug"`}}, {Convert: &process.Convert{Fields: []string{"status", "bytes"}, Type: "long"}},
		{Set: &process.Set{Field: "A.b", Value: int64(1)}}, {Sample: &process.Sample{Rate: 0.25}},
		{Throttle: &process.Throttle{Limit: 5, Per: time.Minute, By: []string{"service.name"}}},
	})
	equal(t, pipe.Parse.Guard, process.Guard{MaxFields: 1000, MaxDepth: 10, MaxLength: 5, FoldIDs: true})
	equal(t, pipe.Parse.Asked[:1], []string{"team"})
	equal(t, pipe.Tests, []Test{{Input: "x", Expect: []parse.Named{{Name: "message", Value: "x"}, {Name: "n", Value: int64(1)}, {Name: "gone"}}}, {Input: "y", Dropped: true}})
	target, err := c.Target(&pipe)
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]string
	for _, to := range append([]elastic.Target{target}, target.Routes...) {
		got = append(got, [2]string{to.Index.Pattern(), to.Pipeline})
	}
	equal(t, got, [][2]string{{"logs-a-default", ""}, {"logs-other-default", "p"}, {"x-*", ""}, {"logs-a-default", "q"}})
}

func TestProcessErrors(t *testing.T) {
	_, err := load("f.yaml", []byte(`
pipelines:
- name: a
  process:
  - drop: {}
  - {}
  - {drop: {when: 'true'}, keep: {when: 'true'}}
  - dorp: {when: x}
  - convert: {fields: [a..b], type: lung}
  - rename:
      field: '@timestamp'
      to: _id
  - redact:
      kinds: [mail]
      patterns: ['(']
      with: hash
  - set: {field: x}
  - sample: {rate: 2}
  - throttle: {}
  - route:
      index: '%{a}'
  - route: {}
  - lookup: {field: a, file: /not/there}
  - geoip: {}
  - split: {fields: [message]}
  - remove:
      fields: ['@timestamp']
      when: log.level = "x"
  tests:
  - {input: x}
  - {input: x, dropped: true, expect: [{name: a, value: 1}]}
`))
	if err == nil {
		t.Fatal("no error")
	}
	equal(t, strings.Split(err.Error(), "\n"), []string{
		`f.yaml:5: pipelines[0].process[0].drop.when: is missing, so every line would be dropped; write an expression, as in 'log.level == "debug"'`,
		`f.yaml:6: pipelines[0].process[1]: names no processor; write one, as in - drop: {when: 'log.level == "debug"'}`,
		`f.yaml:7: pipelines[0].process[2]: has drop and keep; write each as an item of its own`,
		`f.yaml:8: pipelines[0].process[3].dorp: unknown key; allowed are drop, keep, rename, copy, set, remove, convert, lowercase, uppercase, replace, split, redact, sample, throttle, dedupe, route, lookup, geoip, user_agent, fingerprint, parse, date, append`,
		`f.yaml:8: pipelines[0].process[3]: names no processor; write one, as in - drop: {when: 'log.level == "debug"'}`,
		`f.yaml:9: pipelines[0].process[4].convert.fields[0]: "a..b" has a dot that nothing stands beside; write a name as in http.request.method`,
		`f.yaml:9: pipelines[0].process[4].convert.type: "lung" is not allowed here; write long, double, boolean or string`,
		`f.yaml:11: pipelines[0].process[5].rename.field: every document has an @timestamp; it can be set, but not be taken away; copy it`,
		`f.yaml:12: pipelines[0].process[5].rename.to: "_id" is a name of Elasticsearch's own, which it refuses in documents`,
		`f.yaml:13: pipelines[0].process[6].redact.salt: is missing; without one a hash is as good as the secret, as there are few card numbers. Write ${file:/run/secrets/salt}`,
		`f.yaml:14: pipelines[0].process[6].redact.kinds[0]: "mail" is not allowed here; write email, card, ip, jwt, bearer or key`,
		"f.yaml:15: pipelines[0].process[6].redact.patterns[0]: regular expression: missing closing ) at offset 0: `(`",
		`f.yaml:17: pipelines[0].process[7].set.value: is missing; write a text, a number, true or false`,
		`f.yaml:18: pipelines[0].process[8].sample.rate: 2 is not allowed here; write a share above 0 and below 1, as in 0.1`,
		`f.yaml:19: pipelines[0].process[9].throttle.limit: 0 lets nothing through; write at least 1`,
		`f.yaml:21: pipelines[0].process[10].route.index: begins with what a line says, which could then choose any index; begin with a text, as in logs-%{service.name}`,
		`f.yaml:22: pipelines[0].process[11].route: leads nowhere; write index, data_stream or ingest_pipeline`,
		`f.yaml:23: pipelines[0].process[12].lookup.file: cannot be read: stat /not/there: no such file or directory`,
		`f.yaml:24: pipelines[0].process[13].geoip.database: is missing; write the path of a file in MaxMind's format, as in GeoLite2-City.mmdb`,
		`f.yaml:25: pipelines[0].process[14].split.separator: is missing; write the text between the items, as in ','`,
		`f.yaml:25: pipelines[0].process[14].split.fields: message cannot be a list; copy it first`,
		`f.yaml:27: pipelines[0].process[15].remove.fields[0]: every document has an @timestamp; it can be set, but not be taken away`,
		`f.yaml:28: pipelines[0].process[15].remove.when: column 11: unexpected token Operator("=")`,
		`f.yaml:30: pipelines[0].tests[0].expect: is missing; write [{name: log.level, value: info}], or dropped: true`,
		`f.yaml:31: pipelines[0].tests[1].dropped: a line that is dropped has no fields; leave out expect`,
	})
}

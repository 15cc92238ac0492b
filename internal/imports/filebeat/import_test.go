package filebeat

import (
	"testing"

	"github.com/tailspan/tailspan/internal/imports"
	"github.com/tailspan/tailspan/internal/imports/importtest"
)

// imported holds configurations, what they become, and what is said of them.
var imported = []struct{ name, text, want, says string }{
	{"a filestream with everything", `
filebeat.inputs:
- type: filestream
  id: my-app
  paths: ["/var/log/app/*.log", "${DIR:/tmp}/x.log"]
  prospector.scanner.exclude_files: ['\.gz$', '\.bak$']
  ignore_older: 48h
  encoding: windows-1252
  message_max_bytes: 2MiB
  fields: {team: pay, a.b: c}
  fields_under_root: true
  tags: [one]
  parsers:
  - multiline: {type: pattern, pattern: '^\[', negate: true, match: after, max_lines: 50}
  - ndjson: {target: "", message_key: msg}
  close.on_state_change.inactive: 5m
  exclude_lines: ['^DBG']
name: web-1
logging.level: debug
output.elasticsearch:
  hosts: [es, "https://b:443"]
  protocol: https
  api_key: "id:key"
  index: "app-%{[agent.version]}-%{+yyyy.MM.dd}"
  ssl.certificate_authorities: [/ca.pem]
  bulk_max_size: 50
`, `
pipelines:
- name: my_app
  paths: [/var/log/app/*.log, "${DIR:-/tmp}/x.log"]
  exclude: ['*.gz', '*.bak']
  ignore_older: 48h
  encoding: windows-1252
  max_line: 2MiB
  multiline: {start: '^\[', max_lines: 50}
  fields: [{name: team, value: pay}, {name: a.b, value: c}]
  keep_original: true
  format: json
  index: app-%{+yyyy.MM.dd}
  process:
  - drop: {when: 'event.original matches "^DBG"'}
  - set: {field: tags, value: one}
  - split: {fields: [tags], separator: ','}
host: {name: web-1}
output:
  elasticsearch:
    hosts: ["https://es:9200", "https://b:443"]
    api_key: aWQ6a2V5
    bulk: {max_docs: 50}
    tls: {ca: /ca.pem}
`, "carried over: the version of the agent is no part of the name"},
	{"processors and their conditions", `
filebeat:
  inputs:
  - {type: log, enabled: false, paths: [/off.log]}
  - {type: log, paths: [/a.log], symlinks: true, tail_files: true}
processors:
- add_host_metadata: ~
- drop_event.when.and: [{equals.level: debug}, {not.contains.message: keep}]
- if.regexp.message: '^x'
  then: [{add_tags: {tags: [x]}}]
  else:
  - add_fields: {target: "", fields: {a.b: 1}}
- rename: {fields: [{from: a, to: b}], ignore_missing: true}
- drop_fields: {fields: [agent, c], when.has_fields: [d]}
- dissect: {tokenizer: "%{k} %{n|integer} %{+k}", target_prefix: ""}
- timestamp: {field: t, layouts: ['2006-01-02T15:04:05.999Z07:00', UNIX], timezone: Europe/Berlin}
- script: {lang: javascript}
output.console.pretty: true
`, `
pipelines:
- name: a
  paths: [/a.log]
  start_at: end
  format: dissect
  pattern: ['%{k} %{n} %{+k}']
  timestamp: {field: t, layouts: ['%Y-%m-%dT%H:%M:%S.%f%z', unix], timezone: Europe/Berlin}
  process:
  - drop: {when: '(level == "debug" and not (message contains "keep"))'}
  - set: {field: tags, value: '%{tags},x', when: 'message matches "^x" and tags != nil'}
  - set: {field: tags, value: x, when: 'message matches "^x" and tags == nil'}
  - set: {field: a.b, value: 1, when: 'not (message matches "^x")'}
  - rename: {field: a, to: b}
  - remove: {fields: [c], when: d != nil}
  - convert: {fields: [n], type: long}
  - split: {fields: [tags], separator: ','}
output: {console: {}}
`, "f:17: processors.script.lang: not carried over: there is no such processor"},
	{"modules, containers and another output", `
filebeat.modules:
- module: nginx
  access: {enabled: true, var.paths: ["/srv/*/access.log"]}
  error.enabled: false
- {module: okta}
filebeat.inputs:
- type: container
  paths: ["/var/log/containers/*.log"]
  stream: stdout
- {type: journald, units: [nginx.service], syslog_identifiers: [cron], include_matches.match: ["_TRANSPORT=kernel"], seek: tail}
output.logstash.hosts: ["ls:5044"]
`, `
pipelines:
- name: containers
  paths: [/var/log/containers/*.log]
  framing: cri
  format: auto
  process: [{drop: {when: 'stream != "stdout"'}}]
- {name: journald, input: {type: journald, journal: {units: [nginx.service], matches: [SYSLOG_IDENTIFIER=cron, _TRANSPORT=kernel]}}, start_at: end, format: auto}
- {name: nginx.access, paths: [/srv/*/access.log], format: nginx}
output: {elasticsearch: {hosts: ['http://127.0.0.1:9200']}}
`, "f:12: output.logstash.hosts: not carried over: there is no output logstash"},
}

func TestImport(t *testing.T) {
	for _, c := range imported {
		t.Run(c.name, func(t *testing.T) {
			l := new(imports.Ledger)
			draft, err := Import("f", []byte(c.text), l)
			if err != nil {
				t.Fatal(err)
			}
			importtest.Check(t, draft, l, c.want, c.says)
		})
	}
}

func TestWhatIsNoConfiguration(t *testing.T) {
	for _, text := range []string{"", "- a", "a: [", "output.console: {}", "a: &a [*a]", "filebeat.inputs: []"} {
		if draft, err := Import("f", []byte(text), new(imports.Ledger)); err == nil {
			t.Errorf("%q: became %v", text, draft)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, c := range imported {
		f.Add(c.text)
	}
	f.Add("filebeat.inputs: [{type: log, paths: [a], processors: [{if: {}, then: ~}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		draft, err := Import("f", []byte(text), new(imports.Ledger))
		if err != nil {
			return
		}
		if _, err := draft.Bytes(); err != nil {
			t.Error(err)
		}
	})
}

package logstash

import (
	"testing"

	"github.com/tailspan/tailspan/internal/imports"
	"github.com/tailspan/tailspan/internal/imports/importtest"
)

// imported holds configurations, what of a pipeline they become, and what is said of them.
var imported = []struct{ name, text, want, says string }{
	{"a pattern, a time and an index", `
input { file { path => "/var/log/apache2/access.log" start_position => "end" exclude => "*.bak" type => "web" } }
filter {
  grok { match => { "message" => "%{COMBINEDAPACHELOG}" } }
  date { match => ["timestamp", "dd/MMM/yyyy:HH:mm:ss Z"] remove_field => ["timestamp"] }
  mutate { convert => { "bytes" => "integer" } gsub => ["request", "(\d+)", "<\1>"] remove_field => "@version" }
}
output { elasticsearch { hosts => ["es:9200"] index => "web-%{+YYYY.MM.dd}" user => "u" password => "${PW:x}" } }`,
		`
pipelines:
- name: web
  paths: [/var/log/apache2/access.log]
  start_at: end
  exclude: ['*.gz', '*.bak']
  fields: [{name: type, value: web}]
  timestamp: {field: timestamp, layouts: ['%d/%b/%Y:%H:%M:%S %z']}
  format: grok
  pattern: ['%{COMBINEDAPACHELOG}']
  patterns: legacy
  process:
  - remove: {fields: [timestamp]}
  - convert: {fields: [bytes], type: long}
  - replace: {fields: [request], pattern: (\d+), with: '<${1}>'}
  index: web-%{+yyyy.MM.dd}
output: {elasticsearch: {hosts: ['http://es:9200'], username: u, password: '${PW:-x}'}}`, ""},
	{"inputs of several types go through their own filters", `
input { file { path => "/a.log" type => "a" } file { path => "/b.log" type => "b" tags => ["x", "y"] } }
filter {
  if [type] == "a" { json { source => "message" } } else if "x" in [tags] { kv { field_split => "&" } }
  if [type] != "a" and [level] == "debug" { drop { } }
}`, `
pipelines:
- {name: a, paths: [/a.log], fields: [{name: type, value: a}], format: json}
- name: b
  paths: [/b.log]
  fields: [{name: type, value: b}]
  kv: {field_split: '&'}
  format: kv
  process:
  - drop: {when: log.level == "debug"}
  - append: {field: tags, values: [x, y]}
output: {console: {}}`, ""},
	{"what names no file is there once for each kind of log", `
input { beats { port => 5044 } }
filter { if [fields][kind] == "app" { grok { match => ["message", "^%{WORD:w}"] } } else if [fields][kind] == "db" { mutate { rename => ["w", "x"] } } }`, `
pipelines:
- {name: app, paths: [/var/log/app/*.log], fields: [{name: fields.kind, value: app}], format: grok, pattern: ['^%{WORD:w}']}
- {name: db, paths: [/var/log/db/*.log], fields: [{name: fields.kind, value: db}], format: none, process: [{rename: {field: w, to: x}}]}
output: {console: {}}`, "f:2: beats: carried over: files are read where they are"},
	{"tags that conditions decide about", `
input { file { path => "/a.log" tags => "t" } }
filter {
  if [message] =~ /ERR/ { mutate { add_tag => ["bad"] } }
  if "bad" in [tags] and "t" in [tags] { mutate { add_field => { "[a][b]" => "%{host} %{[c][d]}" } } }
}`, `
pipelines:
- name: t
  paths: [/a.log]
  format: none
  process:
  - append: {field: tags, values: [t]}
  - append: {field: tags, values: [bad], when: message matches "ERR" and not ("bad" in tags)}
  - set: {field: a.b, value: '%{host.name} %{c.d}', when: '"bad" in tags'}
output: {console: {}}`, ""},
	{"a pattern for what a pattern captured", `
input { file { path => "/a.log" } }
filter {
  grok { match => { "message" => "%{SYSLOGBASE} %{GREEDYDATA:rest}" } }
  grok { match => { "rest" => ["user %{WORD:user}", "^took %{INT:ms}$"] } }
}`, `
pipelines:
- name: a
  paths: [/a.log]
  format: grok
  pattern: ['%{SYSLOGBASE} %{INNER1:rest}', '%{SYSLOGBASE} %{INNER2:rest}', '%{SYSLOGBASE} %{GREEDYDATA:rest}']
  pattern_definitions: {INNER1: '.*?(?:user %{WORD:user}).*', INNER2: '(?:took %{INT:ms})'}
output: {console: {}}`, ""},
	{"lines that belong together", `
input { file { path => "/a.log" codec => multiline { pattern => "^%{YEAR}-" negate => true what => "previous" max_lines => 9 } } }`, `
pipelines: [{name: a, paths: [/a.log], multiline: {start: '^(?:(\d\d){1,2})-', max_lines: 9}, format: none}]
output: {console: {}}`, ""},
	{"ports and standard input", `
input {
  tcp { port => 5000 host => "127.0.0.1" codec => json_lines ssl_enable => true ssl_cert => "/c.pem" ssl_key => "/k.pem" ssl_cacert => "/ca.pem" }
  syslog { port => 5514 type => "net" }
  stdin { }
}`, `
pipelines:
- {name: tcp, input: {type: tcp, listen: '127.0.0.1:5000', tls: {cert: /c.pem, key: /k.pem, ca: /ca.pem}}, format: json}
- {name: net, input: {type: tcp, listen: ':5514'}, fields: [{name: type, value: net}], format: syslog}
- {name: net-udp, input: {type: udp, listen: ':5514'}, fields: [{name: type, value: net}], format: syslog}
- {name: stdin, input: {type: stdin}, format: none}
output: {console: {}}`, "f:3: tcp: carried over: the address of the sender is log.source.address"},
	{"what is lost is said", `
input { file { path => "/a.log" } }
filter {
  ruby { code => "event.cancel" }
  if [a] =~ /(?<!x)y/ { drop { } }
  mutate { capitalize => ["x"] id => "one" }
}`, `
pipelines: [{name: a, paths: [/a.log], format: none}]
output: {console: {}}`, `f:4: ruby: not carried over: there is no such step; Elasticsearch's ingest pipelines (ingest_pipeline) may do it
f:4: ruby.code: not carried over: there is no such step; Elasticsearch's ingest pipelines (ingest_pipeline) may do it
f:5: if: not carried over: the expression is not one of RE2: error parsing regexp: invalid named capture: ` + "`(?<!x)y`" + `
f:5: drop: not carried over: its condition was not carried over
f:6: mutate.capitalize: not carried over: has no counterpart
f:6: mutate.id: not needed: says nothing of lines
directives: 9; carried over 3, not needed 1, not carried over 5 (44.4 % done)`},
}

func TestImport(t *testing.T) {
	for _, c := range imported {
		t.Run(c.name, func(t *testing.T) {
			l := new(imports.Ledger)
			draft, err := Import([]File{{"f", c.text}}, l)
			if err != nil {
				t.Fatal(err)
			}
			importtest.Check(t, draft, l, c.want, c.says)
		})
	}
}

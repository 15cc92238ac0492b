package config

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// minimal is a configuration that lacks nothing; the tables put their mistakes before or behind it.
const minimal = "pipelines: [{name: a, paths: [/a]}]\n"

// bad holds files with one mistake or more, and every line that Load says about them.
var bad = []struct {
	name, file string
	want       []string
}{
	// Files that cannot be read at all.
	{"empty", "", []string{`f.yaml: is empty; write at least pipelines: [{name: app, paths: [/var/log/app/*.log]}]`}},
	{"comments only", "# nothing\n", []string{`f.yaml: is empty; write at least pipelines: [{name: app, paths: [/var/log/app/*.log]}]`}},
	{"not YAML", "pipelines:\n- name: [a\n", []string{`f.yaml:2: is not YAML: did not find expected ',' or ']'`}},
	{"short token", "http: {listen: ':1', token: 0123456789abcde}\n" + minimal, []string{`f.yaml:1: http.token: is too short to be a secret; write 16 characters at least`}},
	{"first line", "{a: 1,,}", []string{`f.yaml:1: is not YAML: did not find expected node content`}},
	{"tab", "pipelines:\n\t- name: a\n", []string{`f.yaml:2: is indented with a tab; YAML wants spaces`}},
	{"tab deeper", "pipelines:\n- name: a\n\tpaths: [b]\n", []string{`f.yaml:3: is indented with a tab; YAML wants spaces`}},
	{"Latin-1", "# x\ndata_dir: /\xe4\n", []string{`f.yaml:2: is not a text in UTF-8`}},
	{"control character", "\n\ndata_dir: /\x01\n", []string{`f.yaml:3: has a control character; in double quotes it is written \x1f`}},
	{"two documents", minimal + "---\na: b\n", []string{`f.yaml:2: a second YAML document begins here; write one only`}},
	{"alias", "data_dir: /\nhost: *x\n", []string{`f.yaml:2: *x is not defined above by &x`}},
	{"a text", "hello world\n", []string{`f.yaml:1: "hello world" does not fit here; write a map; its keys are data_dir, host, http, kubernetes, memory, pipelines, detect, output, shutdown_timeout`}},
	{"a list", "- a\n", []string{`f.yaml:1: a list does not fit here; write a map; its keys are data_dir, host, http, kubernetes, memory, pipelines, detect, output, shutdown_timeout`}},

	// Keys.
	{"unknown, near", "pipelines:\n- name: a\n  path: [/a]\n", []string{`f.yaml:3: pipelines[0].path: unknown key; did you mean "paths"?`}},
	{"unknown, case", minimal + "Data_Dir: /x\n", []string{`f.yaml:2: Data_Dir: unknown key; did you mean "data_dir"?`}},
	{"unknown, dash", minimal + "shutdown-timeout: 1s\n", []string{`f.yaml:2: shutdown-timeout: unknown key; did you mean "shutdown_timeout"?`}},
	{"unknown, far", minimal + "host: {colour: red}\n", []string{`f.yaml:2: host.colour: unknown key; allowed are name`}},
	{"unknown, none allowed", minimal + "output:\n  console:\n    pretty: true\n", []string{`f.yaml:4: output.console.pretty: unknown key; none is allowed here`}},
	{"of a later version", minimal + "output: {kafka: {topic: x}}\n", []string{`f.yaml:2: output.kafka: unknown key; allowed are primary, elasticsearch, jaeger, metrics, local, console`}},
	{"no receiver of spans", minimal + "output: {console: {}, jaeger: {endpoint: \"localhost:4318\"}}\n", []string{`f.yaml:2: output.jaeger.endpoint: is not the URL of a receiver; write http://HOST:4318, without a user`}},
	{"metrics gate nothing", minimal + "output: {primary: metrics, metrics: {}}\n", []string{`f.yaml:2: output.primary: "metrics" is not allowed here; write elasticsearch, local or console`}},
	{"buckets out of order", minimal + "output: {console: {}, metrics: {buckets: [1, 0.5]}}\n", []string{`f.yaml:2: output.metrics.buckets: 0.5 is out of order; write growing numbers of seconds above 0, as [0.01, 0.1, 1]`}},
	{"a bucket that is no number", minimal + "output: {console: {}, metrics: {buckets: [fast]}}\n", []string{`f.yaml:2: output.metrics.buckets[0]: "fast" is not a number; write a number`}},
	{"no operation", minimal + "output: {console: {}, metrics: {max_operations: 0}}\n", []string{`f.yaml:2: output.metrics.max_operations: 0 is not possible; write 1 to 10000`}},
	{"no header", minimal + "output: {console: {}, jaeger: {endpoint: \"http://a:4318\", authorization: \"Bearer a\\nb\"}}\n", []string{`f.yaml:2: output.jaeger.authorization: has a line end or another control character; write it as the header has it, "Bearer TOKEN"`}},
	{"no service that exports", minimal + "output: {console: {}, jaeger: {endpoint: \"http://a:4318\", exporting: [a, \"\"]}}\n", []string{`f.yaml:2: output.jaeger.exporting[1]: is empty; write the name of a service`}},
	{"spans gate nothing", minimal + "output: {primary: jaeger, jaeger: {endpoint: \"http://a:4318\"}}\n", []string{`f.yaml:2: output.primary: "jaeger" is not allowed here; write elasticsearch, local or console`}},
	{"mode is no key", "pipelines: [{name: a, timestamp: {mode: off}}]", []string{`f.yaml:1: pipelines[0].timestamp.mode: unknown key; allowed are field, layouts, timezone, now`}},
	{"twice", minimal + "memory: 64MiB\nmemory: 32MiB\n", []string{`f.yaml:3: memory: the key is there twice, first in line 2; write it once`}},
	{"twice, below", "pipelines:\n- name: a\n  format: json\n  name: b\n", []string{`f.yaml:4: pipelines[0].name: the key is there twice, first in line 2; write it once`}},
	{"key that is a list", minimal + "[a]: b\n", []string{`f.yaml:2: a list cannot be a key; write a name`}},
	{"detect", minimal + "detect: maybe\n", []string{`f.yaml:2: detect: "maybe" is not allowed here; write auto, off or a map of learning and webhook`}},
	{"detect, too short", minimal + "detect: {learning: 1s, webhook: {url: 'x'}}\n", []string{`f.yaml:2: detect.learning: 1s is not possible; write 1m to 30d`,
		`f.yaml:2: detect.webhook.url: is not an address of a web server; write https://hooks.example.com/x`}},
	{"odd key", minimal + "\"a\\nb\": 1\n", []string{`f.yaml:2: "a\nb": unknown key; allowed are data_dir, host, http, kubernetes, memory, pipelines, detect, output, shutdown_timeout`}},
	{"merge of no map", "pipelines: [{<<: x, name: a}]", []string{`f.yaml:1: pipelines[0]: << merges maps only; write an alias of one, or a list of such aliases`}},
	{"merge of itself", "pipelines:\n- &a\n  name: a\n  <<: *a\n", []string{`f.yaml:2: pipelines[0]: << merges more than 20 maps; write fewer`}},
	{"tag", minimal + "memory: !secret x\n", []string{`f.yaml:2: memory: the tag "!secret" has no meaning here; leave it out`}},

	// Lines that are held.
	{"hold keeps nothing", "pipelines: [{name: a, hold: {keep: {errors: off}}}]", []string{`f.yaml:1: pipelines[0].hold.keep: keeps no trace at all; write errors: true, slower_than: 500ms or sample: 5%`}},
	{"hold, no share", "pipelines: [{name: a, hold: {keep: {sample: 101%}}}]", []string{`f.yaml:1: pipelines[0].hold.keep.sample: 1.01 is no share; write 0% to 100%, or 0 to 1`}},
	{"hold, no number", "pipelines: [{name: a, hold: {keep: {sample: most}}}]", []string{`f.yaml:1: pipelines[0].hold.keep.sample: "most" is not a number; write a number`}},
	{"hold, too long", "pipelines: [{name: a, hold: {for: 1h}}]", []string{`f.yaml:1: pipelines[0].hold.for: 1h0m0s is not possible; write 100ms to 5m0s`}},
	{"hold, too little", "pipelines: [{name: a, hold: {memory: 1KiB}}]", []string{`f.yaml:1: pipelines[0].hold.memory: 1024 bytes are too little; write at least 1MiB`}},
	{"hold, too much", "memory: 64MiB\npipelines:\n- {name: a, hold: {memory: 20MiB}}\n- {name: b, hold: {memory: 20MiB}}\n", []string{`f.yaml:4: pipelines[1].hold.memory: all that is held would be 40MiB, more than half of memory, 64MiB; write less, or more memory`}},
	{"hold without traces", "pipelines: [{name: a, trace: off, hold: {}}]", []string{`f.yaml:1: pipelines[0].hold: holds lines of traces, and trace: off finds none; leave one of them out`}},

	// Inputs that are no files.
	{"input, no such", "pipelines: [{name: a, input: kafka}]", []string{`f.yaml:1: pipelines[0].input.type: "kafka" is not allowed here; write tcp, udp, unix, unixgram, stdin or journald`}},
	{"input, no type", "pipelines: [{name: a, input: {listen: x}}]", []string{`f.yaml:1: pipelines[0].input.type: "" is not allowed here; write tcp, udp, unix, unixgram, stdin or journald`}},
	{"input beside paths", "pipelines: [{name: a, paths: [/a], input: stdin}]", []string{`f.yaml:1: pipelines[0].input: stands instead of paths; write one of the two, and another pipeline for the other`}},
	{"input, no address", "pipelines: [{name: a, input: {type: udp, listen: 514}}]", []string{`f.yaml:1: pipelines[0].input.listen: "514" is not an address; write 127.0.0.1:514, or :514 for every address of the machine`}},
	{"input, address for nothing", "pipelines: [{name: a, input: {type: stdin, listen: ':514'}}]", []string{`f.yaml:1: pipelines[0].input.listen: stdin does not listen; leave it out`}},
	{"input, half of TLS", "pipelines: [{name: a, input: {type: tcp, listen: ':1', tls: {cert: x}}}]", []string{`f.yaml:1: pipelines[0].input.tls.key: is missing; write the path of a PEM file`}},
	{"input, TLS over UDP", "pipelines: [{name: a, input: {type: udp, listen: ':1', tls: {cert: x, key: y}}}]", []string{`f.yaml:1: pipelines[0].input.tls: only tcp has it; leave it out`}},
	{"input, small spool", "pipelines: [{name: a, input: {type: udp, listen: ':1', spool: {max_size: 1MiB}}}]", []string{`f.yaml:1: pipelines[0].input.spool.max_size: it must hold some lines of max_line, written as JSON, and 8MiB; write at least 50333696`}},
	{"input, match of a long name", "pipelines: [{name: a, input: {type: journald, journal: {matches: [" + strings.Repeat("A", 65) + "=/]}}}]", []string{"f.yaml:1: pipelines[0].input.journal.matches: \"" + strings.Repeat("A", 65) + "=/\" is not FIELD=value, as in _TRANSPORT=kernel"}},
	{"input, match", "pipelines: [{name: a, input: {type: journald, journal: {matches: [--root=/]}}}]", []string{`f.yaml:1: pipelines[0].input.journal.matches: "--root=/" is not FIELD=value, as in _TRANSPORT=kernel`}},
	{"input, framing and more", "pipelines: [{name: a, input: {type: tcp, listen: ':1'}, framing: cri, multiline: auto, encoding: latin1}]", []string{
		`f.yaml:1: pipelines[0].framing: an input has its own; leave it out`,
		`f.yaml:1: pipelines[0].multiline: lines of several senders come in any order; leave it out`,
		`f.yaml:1: pipelines[0].encoding: an input is read as utf-8; leave it out`}},

	// Kinds of values.
	{"size", "pipelines:\n- name: a\n  max_line: abc\n", []string{`f.yaml:3: pipelines[0].max_line: "abc" is not a size; write 1MiB, 512KiB or a number of bytes`}},
	{"size, unit", minimal + "memory: 64M\n", []string{`f.yaml:2: memory: "64M" is not a size; write 1MiB, 512KiB or a number of bytes`}},
	{"size, huge", minimal + "memory: 99999999TiB\n", []string{`f.yaml:2: memory: "99999999TiB" is not a size; write 1MiB, 512KiB or a number of bytes`}},
	{"duration without unit", minimal + "shutdown_timeout: 10\n", []string{`f.yaml:2: shutdown_timeout: "10" is not a duration; write a duration: 200ms, 10s, 5m, 168h, 30d or 0`}},
	{"negative duration", minimal + "shutdown_timeout: -1s\n", []string{`f.yaml:2: shutdown_timeout: "-1s" is not a duration; write a duration: 200ms, 10s, 5m, 168h, 30d or 0`}},
	{"boolean", "pipelines: [{name: a, keep_original: maybe}]", []string{`f.yaml:1: pipelines[0].keep_original: "maybe" is not true or false; write true or false`}},
	{"number", minimal + "output: {elasticsearch: {hosts: http://x, bulk: {in_flight: 1.5}}}", []string{`f.yaml:2: output.elasticsearch.bulk.in_flight: "1.5" is not a whole number; write a whole number`}},
	{"union", "pipelines: [{name: a, timestamp: later}]", []string{`f.yaml:1: pipelines[0].timestamp: "later" is not allowed here; write auto, off or a map of field, layouts, timezone and now`}},
	{"union, list", "pipelines: [{name: a, trace: [x]}]", []string{`f.yaml:1: pipelines[0].trace: a list does not fit here; write auto, off or a map of trace_id, span_id and parent_id`}},
	{"map for text", "pipelines: [{name: {a: b}}]", []string{`f.yaml:1: pipelines[0].name: a map does not fit here; write one value`}},
	{"map for list", "pipelines: {name: a}", []string{`f.yaml:1: pipelines: a map does not fit here; write a list of maps`}},
	{"map for texts", "pipelines: [{name: a, paths: {a: b}}]", []string{`f.yaml:1: pipelines[0].paths: a map does not fit here; write one text or a list of them`}},
	{"text for map", minimal + "output: {console: on}\n", []string{`f.yaml:2: output.console: "on" does not fit here; write {}`}},
	{"empty item", "pipelines:\n- name: a\n  paths:\n  -\n", []string{`f.yaml:4: pipelines[0].paths[0]: the item is empty; write one value`}},
	{"list in list", "pipelines:\n- name: a\n  paths:\n  - [/a]\n", []string{`f.yaml:4: pipelines[0].paths[0]: a list does not fit here; write one value`}},
	{"infinite value", "pipelines: [{name: a, fields: [{name: x, value: .inf}]}]", []string{`f.yaml:1: pipelines[0].fields[0].value: ".inf" is a number that JSON does not have; put it in quotes if it is a text`}},
	{"value of no number", "pipelines: [{name: a, fields: [{name: x, value: !!int y}]}]", []string{`f.yaml:1: pipelines[0].fields[0].value: "y" is not a number or truth value; put it in quotes if it is a text`}},
	{"framing", "pipelines:\n- name: a\n  framing: csv\n  encoding: utf-77\n", []string{
		`f.yaml:3: pipelines[0].framing: "csv" is not allowed here; write line, cri or docker`,
		`f.yaml:4: pipelines[0].encoding: "utf-77" is not known; write utf-8, utf-16le, utf-16be, windows-1252, shift_jis, gb18030, ibm850 or another name of IANA's`}},
	{"EBCDIC", "pipelines: [{name: a, encoding: ibm037}]", []string{`f.yaml:1: pipelines[0].encoding: "ibm037" cannot be read by lines: it does not have ASCII's line end; write an encoding that extends ASCII, or UTF-16`}},
	{"multiline, two", "pipelines:\n- name: a\n  multiline: {start: x, end: y}", []string{`f.yaml:3: pipelines[0].multiline: needs exactly one of start, continue and end, and has 2: start, end`}},
	{"multiline, regex", "pipelines:\n- name: a\n  multiline:\n    start: '^ab(c'", []string{`f.yaml:4: pipelines[0].multiline.start: "^ab(c": missing closing ); write a regular expression of RE2`}},
	{"multiline, class", "pipelines:\n- name: a\n  multiline: {continue: '^ä[z-a]'}", []string{`f.yaml:3: pipelines[0].multiline.continue: "z-a" at character 4: invalid character class range; write a regular expression of RE2`}},
	{"multiline, lines", "pipelines: [{name: a, multiline: {max_lines: -1}}]", []string{`f.yaml:1: pipelines[0].multiline.max_lines: an event has at least one line; write 1 or more, better 1000`}},
	{"multiline, word", "pipelines: [{name: a, multiline: java}]", []string{`f.yaml:1: pipelines[0].multiline: "java" is not allowed here; write auto, off or a map of start, continue, end, timeout and max_lines`}},

	// Expansion.
	{"variable not set", minimal + "data_dir: /x/${TAILSPAN_NOT_SET}\n", []string{`f.yaml:2: data_dir: the environment variable TAILSPAN_NOT_SET is not set; set it or write ${TAILSPAN_NOT_SET:-default}`}},
	{"file not there", minimal + "data_dir: ${file:/not/there}\n", []string{`f.yaml:2: data_dir: ${file:/not/there} cannot be read: no such file or directory`}},
	{"file is none", minimal + "data_dir: ${file:/dev/zero}\n", []string{`f.yaml:2: data_dir: ${file:/dev/zero} cannot be read: it is not a regular file`}},
	{"nested default", minimal + "data_dir: ${TAILSPAN_NOT_SET:-${HOME}}\n", []string{`f.yaml:2: data_dir: the default of ${TAILSPAN_NOT_SET:-...} holds another ${; write a plain text`}},
}

// wrong holds files whose values can be read and are wrong.
var wrong = []struct {
	name, file string
	want       []string
}{
	{"no pipeline", "memory: 64MiB\n", []string{`f.yaml:1: pipelines: there is none; write at least one: [{name: app, paths: [/var/log/app/*.log]}]`}},
	{"no name", "\npipelines:\n- paths: [/a]\n", []string{`f.yaml:3: pipelines[0].name: every pipeline needs one; write a name of its own`}},
	{"name taken", "pipelines:\n- name: a\n- name: a\n", []string{`f.yaml:3: pipelines[1].name: "a" is the name of pipelines[0] already; write another`}},
	{"data_dir", minimal + "data_dir: ''\n", []string{`f.yaml:2: data_dir: is empty; write a folder`}},
	{"memory in bytes", minimal + "memory: 1000\n", []string{`f.yaml:2: memory: 1000 is too little; write at least 16MiB`}},
	{"memory", minimal + "memory: 1MiB\n", []string{`f.yaml:2: memory: 1MiB is too little; write at least 16MiB`}},
	{"listen", minimal + "http: {listen: localhost}\n", []string{`f.yaml:2: http.listen: "localhost" is not an address; write 127.0.0.1:8687, or "" for none`}},
	{"max_line beside memory", "memory: 32MiB\npipelines:\n- name: a\n  max_line: 4MiB\n", []string{`f.yaml:4: pipelines[0].max_line: 4MiB is too much for memory 32MiB, which must hold 16 lines of this length; write at most 2MiB, or at least 64MiB of memory`}},
	{"max_line beyond counting", "pipelines: [{name: a, max_line: 1000000TiB}]", []string{`f.yaml:1: pipelines[0].max_line: 1000000TiB is too much for memory 64MiB, which must hold 16 lines of this length; write at most 4MiB, or at least 16 times as much of memory`}},
	{"max_line none", "pipelines: [{name: a, max_line: 0}]", []string{`f.yaml:1: pipelines[0].max_line: a line needs room; write at least 1, better 1MiB`}},
	{"globs", "pipelines:\n- name: a\n  paths:\n  - '/a/[b'\n  - ''\n  - ~/x.log\n  exclude: ['{a']\n  allowed_roots: ['']\n", []string{
		`f.yaml:4: pipelines[0].paths[0]: "/a/[b" is not a glob; close every [ and {, and do not end in \`,
		`f.yaml:5: pipelines[0].paths[1]: is empty; write a glob such as /var/log/app/*.log`,
		`f.yaml:6: pipelines[0].paths[2]: "~/x.log" begins with a tilde, which means nothing here; write ${HOME}`,
		`f.yaml:7: pipelines[0].exclude[0]: "{a" is not a glob; close every [ and {, and do not end in \`,
		`f.yaml:8: pipelines[0].allowed_roots[0]: is empty; write a folder`}},
	{"start_at", "pipelines: [{name: a, start_at: begin}]", []string{`f.yaml:1: pipelines[0].start_at: "begin" is not allowed here; write beginning or end`}},
	{"format", "pipelines: [{name: a, format: gork, pattern: x}]", []string{`f.yaml:1: pipelines[0].format: "gork" is not a format; write ` + strings.Join(parse.FormatNames(), ", ")}},
	{"regex without pattern", "pipelines: [{name: a, format: regex}]", []string{`f.yaml:1: pipelines[0].pattern: is missing; format regex needs an expression, or a list of them`}},
	{"pattern without regex", "pipelines: [{name: a, pattern: x}]", []string{`f.yaml:1: pipelines[0].pattern: format auto has no use for it; write a format that has, such as regex, or leave it out`}},
	{"empty pattern", "pipelines: [{name: a, format: regex, pattern: ['']}]", []string{`f.yaml:1: pipelines[0].pattern: has no named group, so it would keep nothing; write (?P<name>...)`}},
	{"unit alone", "pipelines: [{name: a, duration: {unit: s}}]", []string{`f.yaml:1: pipelines[0].duration.field: the unit of which field; write {field: NAME, unit: s}`}},
	{"fields", "pipelines:\n- name: a\n  fields:\n  - name: x\n  - value: y\n", []string{
		`f.yaml:4: pipelines[0].fields[0].value: is missing; write a text, a number, true or false`,
		`f.yaml:5: pipelines[0].fields[1].name: is missing; write {name: labels.team, value: payments}`}},
	{"primary word", minimal + "output: {primary: elastic, console: {}}\n", []string{`f.yaml:2: output.primary: "elastic" is not allowed here; write elasticsearch, local or console`}},
	{"primary not there", minimal + "output: {primary: elasticsearch, console: {}}\n", []string{`f.yaml:2: output.primary: there is no output elasticsearch; write output.elasticsearch, or leave the key out`}},
	{"no hosts", minimal + "output:\n  elasticsearch: {}\n", []string{`f.yaml:3: output.elasticsearch.hosts: at least one is needed; write [http://127.0.0.1:9200]`}},
	{"hosts", minimal + "output:\n  elasticsearch:\n    hosts:\n    - localhost:9200\n    - ftp://x\n    - http://me:secret@x\n    - me:secret@x\n    - http://x?y\n", []string{
		`f.yaml:5: output.elasticsearch.hosts[0]: "localhost:9200" is not the URL of a server; write http://HOST:9200 or https://HOST:9200`,
		`f.yaml:6: output.elasticsearch.hosts[1]: "ftp://x" is not the URL of a server; write http://HOST:9200 or https://HOST:9200`,
		`f.yaml:7: output.elasticsearch.hosts[2]: a user in the URL ends up in logs; write username and password as keys of their own`,
		`f.yaml:8: output.elasticsearch.hosts[3]: "…@x" is not the URL of a server; write http://HOST:9200 or https://HOST:9200`,
		`f.yaml:9: output.elasticsearch.hosts[4]: "http://x?y" has more than a server and a path; leave out what begins with ? or #`}},
	{"two ways to log in", elasticFile("api_key: secret", "username: u", "password: p"), []string{`f.yaml:5: output.elasticsearch.username: there is another way to log in; write one of api_key, username with password, bearer`}},
	{"three ways to log in", elasticFile("api_key: secret", "username: u", "password: p", "bearer: b"), []string{`f.yaml:5: output.elasticsearch.username: there is another way to log in; write one of api_key, username with password, bearer`}},
	{"password alone", elasticFile("password: secret"), []string{`f.yaml:3: output.elasticsearch.username: is missing beside password; write both or neither`}},
	{"username alone", elasticFile("username: u"), []string{`f.yaml:3: output.elasticsearch.password: is missing beside username; write both or neither`}},
	{"delivery", elasticFile("delivery: once", "compression: zstd"), []string{
		`f.yaml:4: output.elasticsearch.delivery: "once" is not allowed here; write exactly_once or at_least_once`,
		`f.yaml:5: output.elasticsearch.compression: "zstd" is not allowed here; write gzip or none`}},
	{"TLS", elasticFile("tls: {cert: x}"), []string{`f.yaml:4: output.elasticsearch.tls.key: is missing beside cert; write both or neither`}},
	{"TLS key", elasticFile("tls: {key: x}"), []string{`f.yaml:4: output.elasticsearch.tls.cert: is missing beside key; write both or neither`}},
	{"bulk", elasticFile("bulk: {max_docs: 0}"), []string{`f.yaml:4: output.elasticsearch.bulk.max_docs: 0 lets nothing through; write at least 1`}},
	{"data stream", elasticFile("data_stream: {type: .logs, namespace: a-b}"), []string{
		`f.yaml:4: output.elasticsearch.data_stream.namespace: "a-b" cannot be in a data stream's name; write ` + streamRule,
		`f.yaml:4: output.elasticsearch.data_stream.type: ".logs" begins with a sign that Elasticsearch refuses; write logs`}},
	{"index of the line's choice", elasticFile("index: '%{service.name}'"), []string{`f.yaml:4: output.elasticsearch.index: "%{service.name}": begins with what a line says, which could then choose any index; begin with a text, as in logs-%{service.name}`}},
	{"bad placeholder", "pipelines: [{name: a, data_stream: {dataset: 'x%{'}}]\noutput: {elasticsearch: {hosts: ['http://x']}}", []string{`f.yaml:1: pipelines[0].data_stream: "logs-x%{-default": a %{ is not closed; write %{service.name} or %{+yyyy.MM.dd}`}},
	{"cloud id beside hosts", elasticFile("cloud_id: 'a:b'"), []string{`f.yaml:4: output.elasticsearch.cloud_id: stands beside hosts; write one of them`}},
	{"Kibana without a host", elasticFile("kibana: {}"), []string{`f.yaml:4: output.elasticsearch.kibana.host: is missing; write http://127.0.0.1:5601`}},
	{"Kibana elsewhere", elasticFile("kibana: {host: 'kibana:5601', trace_url: 'javascript:%{trace.id}'}"), []string{
		`f.yaml:4: output.elasticsearch.kibana.host: "kibana:5601" is not the URL of a server; write http://HOST:5601 or https://HOST:5601`,
		`f.yaml:4: output.elasticsearch.kibana.trace_url: "javascript:%{trace.id}" is not the URL of a trace; write one with %{trace.id} for its id, as http://127.0.0.1:16686/trace/%{trace.id}`}},
	{"a link to one trace alone", elasticFile("kibana: {host: 'http://k:5601', trace_url: 'http://j/trace'}"), []string{
		`f.yaml:4: output.elasticsearch.kibana.trace_url: "http://j/trace" is not the URL of a trace; write one with %{trace.id} for its id, as http://127.0.0.1:16686/trace/%{trace.id}`}},
	{"bad fingerprint", elasticFile("tls: {fingerprint: abc}"), []string{`f.yaml:4: output.elasticsearch.tls.fingerprint: is not the SHA-256 of a certificate; write its 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them`}},
	{"index beside data stream", elasticFile("index: x", "data_stream: {}"), []string{`f.yaml:4: output.elasticsearch.index: stands beside data_stream; write one of them`}},
	{"name for a data stream", "pipelines: [{name: My-App}]\noutput: {elasticsearch: {hosts: http://x}}", []string{
		`f.yaml:1: pipelines[0].name: "My-App" cannot be in a data stream's name; write lower case, at most 100 bytes, without blanks and any of \ / * ? " < > | , # : -, or give data_stream.dataset`}},
	{"dataset", "pipelines: [{name: a, data_stream: {dataset: A}}]", []string{
		`f.yaml:1: pipelines[0].data_stream.dataset: "A" cannot be in a data stream's name; write ` + streamRule}},
	{"long data stream", "pipelines: [{name: a, data_stream: {type: " + long + ", dataset: " + long + ", namespace: " + long + "}}]\noutput: {elasticsearch: {hosts: http://x}}", []string{
		`f.yaml:1: pipelines[0].data_stream: type, dataset and namespace have more than 253 bytes together; write shorter ones`}},
}

var long = strings.Repeat("x", 100)

// elasticFile is a whole configuration with these lines in the output, from line 4 on.
func elasticFile(lines ...string) string {
	return minimal + "output:\n  elasticsearch: \n    " + strings.Join(append(lines, "hosts: http://x"), "\n    ") + "\n"
}

func TestBadFiles(t *testing.T) {
	for _, test := range append(bad, wrong...) {
		t.Run(test.name, func(t *testing.T) {
			c, err := load("f.yaml", []byte(test.file))
			if err == nil {
				t.Fatalf("accepted: %+v", c)
			}
			if got, want := err.Error(), strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A few lines of aliases can stand for any number of values; reading ends at a bound.
func TestAliasesThatExplode(t *testing.T) {
	item := "- &p {name: a, fields: [" + strings.Repeat("{name: x, value: y}, ", 1000) + "]}\n"
	_, err := load("f.yaml", []byte("pipelines:\n"+item+strings.Repeat("- *p\n", 40)))
	want := "more than 100000 values, aliases followed; write fewer"
	if err == nil || strings.Count(err.Error(), want) != 1 {
		t.Errorf("not said once: %s", want)
	}
}

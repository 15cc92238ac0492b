package parse_test

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestCEFDocuments(t *testing.T) {
	failure := func(line, reason string) string {
		return `~,"message":` + quote(line) + `,"event.kind":"pipeline_error","error.message":` + quote("cef: "+reason)
	}
	const header = `"cef.version":"0","cef.device.vendor":"v","cef.device.product":"p","cef.device.version":"1.0","cef.device.event_class_id":"100","cef.name":"n","cef.severity":"10"`
	checkDocuments(t, parse.Config{Format: []string{"cef"}}, []documentCase{
		{"header alone", `CEF:0|v|p|1.0|100|n|10|`, `~,` + header + `,"message":"n"`},
		{"no bar behind the severity", `CEF:0|v|p|1.0|100|n|10`, `~,` + header + `,"message":"n"`},
		{"extensions", `CEF:0|v|p|1.0|100|n|10|src=10.0.0.1 spt=1232  dst=2.1.2.2 cs1Label=a b`,
			`~,` + header + `,"cef.extensions.src":"10.0.0.1","cef.extensions.spt":"1232","cef.extensions.dst":"2.1.2.2","cef.extensions.cs1Label":"a b","message":"n"`},
		{"blanks around", `CEF:0| v|p |1.0|100| n |10| a=1 `, `~,` + header + `,"cef.extensions.a":"1","message":"n"`},
		{"msg", `CEF:0|v|p|1.0|100|n|10|act=blocked msg=it is \= a\\b\r\nc\|d\x a=1`,
			`~,` + header + `,"cef.extensions.act":"blocked","cef.extensions.msg":"it is = a\\b\n\nc|d\\x","cef.extensions.a":"1","message":"it is = a\\b\n\nc|d\\x"`},
		{"escapes in the header", `CEF:0|v\|w|p\\|\n|1\=||3|`,
			`~,"cef.version":"0","cef.device.vendor":"v|w","cef.device.product":"p\\","cef.device.version":"\\n","cef.device.event_class_id":"1\\=","cef.severity":"3"`},
		{"= in values", `CEF:0|v|p|1.0|100|n|10|request=http://x/?a=b&c=d e==f g=h= i\=j=k`,
			`~,` + header + `,"cef.extensions.request":"http://x/?a=b&c=d","cef.extensions.e":"=f","cef.extensions.g":"h= i=j=k","message":"n"`},
		{"empty values", `CEF:0|v|p|1.0|100|n|10|a= b=  c=1`, `~,` + header + `,"cef.extensions.c":"1","message":"n"`},
		{"a key twice", `CEF:0|v|p|1.0|100|n|10|a=1 a=2`, `~,` + header + `,"cef.extensions.a":["1","2"],"message":"n"`},
		{"odd keys", `CEF:0|v|p|1.0|100|n|10|ad.x-y_z[0]=1 .=2`, `~,` + header + `,"cef.extensions.ad.x-y_z[0]":"1","cef.extensions.unnamed":"2","message":"n"`},
		{"time", `CEF:1|v|p|1.0|100|n|10|rt=1767225600123`,
			`"@timestamp":"2026-01-01T00:00:00.123Z","cef.version":"1","cef.device.vendor":"v","cef.device.product":"p","cef.device.version":"1.0","cef.device.event_class_id":"100","cef.name":"n","cef.severity":"10","message":"n"`},
		{"behind syslog", `<134>1 2026-01-02T03:04:05Z host app - - - CEF:0|v|p|1.0|100|n|10|a=CEF:0|`,
			`"@timestamp":"2026-01-02T03:04:05Z","log.syslog.priority":134,"log.syslog.facility.code":16,"log.syslog.severity.code":6,"log.syslog.version":"1","log.syslog.hostname":"host","log.syslog.appname":"app",` +
				header + `,"cef.extensions.a":"CEF:0|","message":"n","log.level":"info"`},
		{"behind something else", `[2026-01-02T03:04:05Z] WARN CEF:0|v|p|1.0|100|n|10|a=1`, `"@timestamp":"2026-01-02T03:04:05Z",` + header + `,"cef.extensions.a":"1","message":"n","log.level":"warn"`},
		{"broken behind syslog", `<134>1 2026-01-02T03:04:05Z h - - - - CEF:0|v|p`, `~,"message":"<134>1 2026-01-02T03:04:05Z h - - - - CEF:0|v|p","event.kind":"pipeline_error","error.message":"cef: the line ends within the header at byte 47"`},
		{"ids", `CEF:0|v|p|1.0|100|n|10|msg=x trace_id\=` + trace,
			`~,` + header + `,"cef.extensions.msg":"x trace_id=` + trace + `","message":"x trace_id=` + trace + `","trace.id":"` + trace + `"`},

		{"another format", `{"a":1}`, failure(`{"a":1}`, `no CEF:VERSION|`)},
		{"no version", `CEF:|v|p|1.0|100|n|10|`, failure(`CEF:|v|p|1.0|100|n|10|`, `no CEF:VERSION|`)},
		{"within a word", `xCEF:0|v|p|1.0|100|n|10|`, failure(`xCEF:0|v|p|1.0|100|n|10|`, `no CEF:VERSION|`)},
		{"no severity", `CEF:0|v|p|1.0|100|n|`, failure(`CEF:0|v|p|1.0|100|n|`, `the line ends within the header at byte 20`)},
		{"short", `CEF:0|v|p`, failure(`CEF:0|v|p`, `the line ends within the header at byte 9`)},
		{"a bar behind a backslash", `CEF:0|v|p|1.0|100|n\|10|`, failure(`CEF:0|v|p|1.0|100|n\|10|`, `the line ends within the header at byte 24`)},
		{"text", `CEF:0|v|p|1.0|100|n|10|only text`, failure(`CEF:0|v|p|1.0|100|n|10|only text`, `an extension without a key at byte 23`)},
		{"text before the first key", `CEF:0|v|p|1.0|100|n|10|x a=1`, failure(`CEF:0|v|p|1.0|100|n|10|x a=1`, `an extension without a key at byte 23`)},
	})
	const behind = `"@timestamp":"2026-01-02T03:04:05Z","log.syslog.hostname":"h",` + header + `,"cef.extensions.a":"1","message":"n"`
	const priority = `"log.syslog.priority":134,"log.syslog.facility.code":16,"log.syslog.severity.code":6,`
	now := parse.Timestamp{Mode: parse.Field, Now: "2026-02-01T00:00:00Z"}
	for _, names := range [][]string{{"auto"}, {"cef"}, {"syslog", "cef"}} {
		checkDocuments(t, parse.Config{Format: names, Timestamp: now}, []documentCase{
			{names[0] + " behind a host", `Jan  2 03:04:05 h CEF:0|v|p|1.0|100|n|10|a=1`, behind},
			{names[0] + " behind a tag", `Jan  2 03:04:05 h fw: CEF:0|v|p|1.0|100|n|10|a=1`, strings.Replace(behind, `"h",`, `"h","log.syslog.appname":"fw",`, 1)},
			{names[0] + " behind a priority", `<134>Jan  2 03:04:05 h CEF:0|v|p|1.0|100|n|10|a=1`, strings.Replace(behind, `"log.`, priority+`"log.`, 1) + `,"log.level":"info"`},
			{names[0] + " with a colon", `Jan  2 03:04:05 h CEF:0|v|p:| 1.0|100|n|10|a=1`, strings.Replace(behind, `"p"`, `"p:"`, 1)},
		})
	}
	checkDocuments(t, parse.Config{}, []documentCase{
		{"auto", `CEF:0|v|p|1.0|100|n|10|a=1`, `~,` + header + `,"cef.extensions.a":"1","message":"n"`},
		{"auto, broken", `CEF:0|v`, `~,"message":"CEF:0|v"`},
		{"auto, mentioned", `it wrote CEF:0|v|p|1.0|100|n|10|a=1`, `~,"message":"it wrote CEF:0|v|p|1.0|100|n|10|a=1"`},
	})
}

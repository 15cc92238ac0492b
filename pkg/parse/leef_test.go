package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestLEEFDocuments(t *testing.T) {
	failure := func(line, reason string) string {
		return `~,"message":` + quote(line) + `,"event.kind":"pipeline_error","error.message":` + quote("leef: "+reason)
	}
	const header = `,"leef.device.vendor":"v","leef.device.product":"p","leef.device.version":"1.0","leef.event_id":"e"`
	const one, two = `~,"leef.version":"1.0"` + header, `~,"leef.version":"2.0"` + header
	checkDocuments(t, parse.Config{Format: []string{"leef"}}, []documentCase{
		{"header alone", `LEEF:1.0|v|p|1.0|e|`, one},
		{"no last bar", `LEEF:1.0|v|p|1.0|e`, one},
		{"tabs", "LEEF:1.0|v|p|1.0|e|src=1.2.3.4\tmsg=a = b\tempty=\t", one + `,"leef.extensions.src":"1.2.3.4","leef.extensions.msg":"a = b","message":"a = b"`},
		{"version 1 declares nothing", "LEEF:1.0|v|p|1.0|e|^|a=1^b=2", one + `,"leef.extensions.^|a":"1^b=2"`},
		{"a character", `LEEF:2.0|v|p|1.0|e|^|a=1^b=x y`, two + `,"leef.extensions.a":"1","leef.extensions.b":"x y"`},
		{"another character", `LEEF:2.0|v|p|1.0|e|¦|a=1¦b=2`, two + `,"leef.extensions.a":"1","leef.extensions.b":"2"`},
		{"a number", `LEEF:2.0|v|p|1.0|e|0x5E|a=1^b=2`, two + `,"leef.extensions.a":"1","leef.extensions.b":"2"`},
		{"a number without 0", `LEEF:2.0|v|p|1.0|e|xa6|a=1¦b=2`, two + `,"leef.extensions.a":"1","leef.extensions.b":"2"`},
		{"a number with a backslash", "LEEF:2.0|v|p|1.0|e|\\x09|a=1\tb=2", two + `,"leef.extensions.a":"1","leef.extensions.b":"2"`},
		{"an empty declaration", "LEEF:2.0|v|p|1.0|e||a=1\tb=2", two + `,"leef.extensions.a":"1","leef.extensions.b":"2"`},
		{"no declaration", "LEEF:2.0|v|p|1.0|e|a=1\tb=2|3", two + `,"leef.extensions.a":"1","leef.extensions.b":"2|3"`},
		{"the delimiter in a value", `LEEF:2.0|v|p|1.0|e|^|a=1^2^b=3`, two + `,"leef.extensions.a":"1^2","leef.extensions.b":"3"`},
		{"a key twice", `LEEF:2.0|v|p|1.0|e|^|a=1^a=2`, two + `,"leef.extensions.a":["1","2"]`},
		{"time", "Jan  1 00:00:00 host LEEF:1.0|v|p|1.0|e|devTime=1767225600000\ta=1", `"@timestamp":"2026-01-01T00:00:00.000Z","log.syslog.hostname":"host"` + one[1:] + `,"leef.extensions.a":"1"`},
		{"short", `LEEF:1.0|v|p`, failure(`LEEF:1.0|v|p`, `the line ends within the header at byte 12`)},
		{"no version", `LEEF:|v|p|1.0|e|`, failure(`LEEF:|v|p|1.0|e|`, `no LEEF:VERSION|`)},
		{"text", `LEEF:1.0|v|p|1.0|e|text`, failure(`LEEF:1.0|v|p|1.0|e|text`, `an extension without a key at byte 19`)},
	})
	checkDocuments(t, parse.Config{}, []documentCase{{"auto", "LEEF:1.0|v|p|1.0|e|a=1", one + `,"leef.extensions.a":"1"`}})
}

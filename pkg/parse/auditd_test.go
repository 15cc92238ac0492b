package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

const auditSyscall = `type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e success=no exit=-13 comm="cat" exe="/bin/cat"`

func TestAuditdDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"auditd"}}, []documentCase{
		{"names and values", auditSyscall,
			`"@timestamp":"2013-03-28T14:36:03.243Z","auditd.log.record_type":"SYSCALL","event.sequence":24287,"message":"arch=c000003e success=no exit=-13 comm=\"cat\" exe=\"/bin/cat\""`},
		{"text", `type=AVC msg=audit(1364481363.243:7): avc:  denied  { search } for  pid=3538`,
			`"@timestamp":"2013-03-28T14:36:03.243Z","auditd.log.record_type":"AVC","event.sequence":7,"message":"avc:  denied  { search } for  pid=3538"`},
		{"a node", `node=web-1 type=EOE msg=audit(1364481363.243:7): `,
			`"@timestamp":"2013-03-28T14:36:03.243Z","host.hostname":"web-1","auditd.log.record_type":"EOE","event.sequence":7,"message":""`},
		{"no type", `node=x a=b`, `~,"message":"node=x a=b","event.kind":"pipeline_error","error.message":"auditd: expected type= at byte 0"`},
		{"no time", `type=X msg=audit(x:1): a`, `~,"message":"type=X msg=audit(x:1): a","event.kind":"pipeline_error","error.message":"auditd: expected msg=audit(seconds:number): at byte 6"`},
		{"empty", ``, `~,"message":"","event.kind":"pipeline_error","error.message":"auditd: expected type= at byte 0"`},
	})
	for _, format := range [][]string{{"auto"}, {"auditd", "kv"}} {
		checkDocuments(t, parse.Config{Format: format, Trace: parse.Trace{Mode: parse.Off}}, []documentCase{
			{"what is inside", auditSyscall, map[bool]string{
				true:  `"@timestamp":"2013-03-28T14:36:03.243Z","auditd.log.record_type":"SYSCALL","event.sequence":24287,"arch":"c000003e","success":"no","exit":"-13","comm":"cat","exe":"/bin/cat","message":"arch=c000003e success=no exit=-13 comm=\"cat\" exe=\"/bin/cat\""`,
				false: `"@timestamp":"2013-03-28T14:36:03.243Z","auditd.log.record_type":"SYSCALL","event.sequence":24287,"arch":"c000003e","success":"no","exit":"-13","comm":"cat","exe":"/bin/cat"`,
			}[format[0] == "auto"]},
		})
	}
	checkDocuments(t, parse.Config{}, []documentCase{
		{"no record of it", `type=X a=b`, `~,"type":"X","a":"b","message":"type=X a=b"`},
	})
}

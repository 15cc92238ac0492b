package parse_test

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestLogfmtDocuments(t *testing.T) {
	failure := func(line, reason string) string {
		return `~,"message":` + quote(line) + `,"event.kind":"pipeline_error","error.message":` + quote("logfmt: "+reason)
	}
	checkDocuments(t, parse.Config{Format: []string{"logfmt"}}, []documentCase{
		{"nothing", ``, `~`},
		{"blanks", " \t\x00\x1e", `~`},
		{"pairs", `a=1 b=x  c.d=true`, `~,"a":"1","b":"x","c.d":"true"`},
		{"text is exact", `n=1.10 big=12345678901234567890 t=null`, `~,"n":"1.10","big":"12345678901234567890","t":"null"`},
		{"without a value", `a b= c="" d`, `~,"a":true,"b":"","c":"","d":true`},
		{"quoted", `a="x y" b="\"\\\/\b\f\n\r\t" c="é=\u00e9\ud83d\ude00\ud83d\'"`, `~,"a":"x y","b":"\"\\\/\b\f\n\r\t","c":"é=é` + "\U0001F600\ufffd" + `'"`},
		{"control characters in quotes", "a=\"x\ty\n\"", `~,"a":"x\ty\n"`},
		{"line ends are blanks", "a=1\nb=2\r\n", `~,"a":"1","b":"2"`},
		{"right behind a quote", `a="1"b=2`, `~,"a":"1","b":"2"`},
		{"odd names", `\é=1 ..=2 a:b=3 %{x}=4`, `~,"\\é":"1","unnamed":"2","a:b":"3","%{x}":"4"`},
		{"a backslash in a value", `a=\n`, `~,"a":"\\n"`},

		{"go-kit", `ts=2026-01-02T03:04:05.6Z caller=main.go:7 level=INFO msg="it \"works\"" duration_ms=1.5 traceID=` + trace,
			`"@timestamp":"2026-01-02T03:04:05.6Z","caller":"main.go:7","message":"it \"works\"","log.level":"info","trace.id":"` + trace + `","event.duration":1500000`},
		{"Heroku", `at=info method=GET path="/" host=x.example service=18ms`, `~,"at":"info","method":"GET","path":"/","host.name":"x.example","labels.service":"18ms"`},
		{"no room", `user=a user.name=b service=c service.name=d`, `~,"labels.user":"a","user.name":"b","labels.service":"c","service.name":"d"`},

		{"a name twice", `a=1 b=2 a=3 a="x\"y"`, `~,"a":["1","3","x\"y"],"b":"2"`},
		{"a name twice, once with a value", `a a= a=1 a=""`, `~,"a":"1"`},
		{"a name twice, never with a value", `a b a=`, `~,"a":true,"b":true`},
		{"a time twice", `ts=2026-01-02T03:04:05Z level=info ts=2026-01-02T03:04:06Z level=warn msg=a msg=b`, `"@timestamp":"2026-01-02T03:04:06Z","message":"b","log.level":"warn"`},
		{"names alike", `ab=1 ba=2 aab=3 abb=4 ab=5`, `~,"ab":["1","5"],"ba":"2","aab":"3","abb":"4"`},
		{"traceparent twice", `traceparent=00-` + trace + `-` + span + `-01 traceparent=00-` + trace + `-` + span + `-01`,
			`~,"traceparent":["00-` + trace + `-` + span + `-01","00-` + trace + `-` + span + `-01"]`},

		{"= without a name", `a=1 =2`, failure(`a=1 =2`, `unexpected = at byte 4`)},
		{"= twice", `a==1`, failure(`a==1`, `unexpected = at byte 2`)},
		{"= in a value", `a=b=c`, failure(`a=b=c`, `unexpected = at byte 3`)},
		{"quoted name", `"a"=1`, failure(`"a"=1`, `unexpected " at byte 0`)},
		{"quote in a name", `a"b=1`, failure(`a"b=1`, `unexpected " at byte 1`)},
		{"quote in a value", `a=b"c`, failure(`a=b"c`, `unexpected " at byte 3`)},
		{"no end", `a="1`, failure(`a="1`, `a quoted value that does not end at byte 2`)},
		{"no end behind an escape", `a="1\`, failure(`a="1\`, `a quoted value that does not end at byte 2`)},
		{"unknown escape", `a="\x"`, failure(`a="\x"`, `an unknown escape at byte 3`)},
		{"short escape", `a="\u12"`, failure(`a="\u12"`, `\u without four hexadecimal digits at byte 3`)},
		{"escape and control character", "a=\"\\n\t\"", failure("a=\"\\n\t\"", `a control character in a value with escapes at byte 2`)},
		{"name that is no UTF-8", "\xff=1", "~,\"message\":\"\ufffd=1\",\"event.kind\":\"pipeline_error\",\"error.message\":\"logfmt: a name that is not valid UTF-8 at byte 0\",\"event.original\":\"/z0x\""},
	})
}

// TestLogfmtManyNames holds lines with more names than are compared one by one.
func TestLogfmtManyNames(t *testing.T) {
	line, want := strings.Builder{}, "~"
	for _, word := range strings.Fields(strings.Repeat("a b c d e f g h ", 2)) {
		for i := range 10 {
			name := word + string(rune('0'+i))
			line.WriteString(name + "=1 ")
			if item := `,"` + name + `":["1","1"]`; !strings.Contains(want, item) {
				want += item
			}
		}
	}
	checkDocuments(t, parse.Config{Format: []string{"logfmt"}}, []documentCase{{"each twice", line.String(), want}})
}

func TestAutoLogfmt(t *testing.T) {
	text := func(line string) string { return `~,"message":` + quote(line) }
	checkDocuments(t, parse.Config{}, []documentCase{
		{"pairs", `level=warn msg="a b" n=1`, `~,"n":"1","message":"a b","log.level":"warn"`},
		{"no message", `level=warn a=1`, `~,"a":"1","message":"level=warn a=1","log.level":"warn"`},
		{"no message but ids", `a=1 x=trace_id:` + trace, `~,"a":"1","x":"trace_id:` + trace + `","message":"a=1 x=trace_id:` + trace + `","trace.id":"` + trace + `"`},
		{"one pair", `a=1`, text(`a=1`)},
		{"a word", `a=1 b=2 and more`, text(`a=1 b=2 and more`)},
		{"a word first", `so a=1 b=2`, text(`so a=1 b=2`)},
		{"query", `a=1&b=2 c=3`, text(`a=1&b=2 c=3`)},
		{"odd names", `a=1 (b=2)`, text(`a=1 (b=2)`)},
		{"formula", `a = 1`, text(`a = 1`)},
	})
}

package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestCRIDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"cri"}}, []documentCase{
		{"whole", `2016-10-06T00:17:09.669794202Z stdout F The content of the log entry 1`,
			`"@timestamp":"2016-10-06T00:17:09.669794202Z","stream":"stdout","message":"The content of the log entry 1"`},
		{"partial, with an offset", `2019-05-07T18:57:50.904275087+02:00 stderr P 1b. some `,
			`"@timestamp":"2019-05-07T16:57:50.904275087Z","stream":"stderr","message":"1b. some "`},
		{"further tags", `2016-10-06T00:17:10Z stdout F:x=y:z WARN: low`, `"@timestamp":"2016-10-06T00:17:10Z","stream":"stdout","message":"WARN: low","log.level":"warn"`},
		{"empty", `2016-10-06T00:17:10Z stdout F `, `"@timestamp":"2016-10-06T00:17:10Z","stream":"stdout","message":""`},
		{"a tag and nothing else", `2016-10-06T00:17:10Z stdout F:x`, `"@timestamp":"2016-10-06T00:17:10Z","stream":"stdout","message":""`},
		{"ids in the text", `2016-10-06T00:17:10Z stdout F trace_id=` + trace, `"@timestamp":"2016-10-06T00:17:10Z","stream":"stdout","message":"trace_id=` + trace + `","trace.id":"` + trace + `"`},
		{"no tag", `2016-10-06T00:17:10Z stdout text`,
			`"@timestamp":"2016-10-06T00:17:10Z","message":"2016-10-06T00:17:10Z stdout text","event.kind":"pipeline_error","error.message":"cri: expected the tag F or P at byte 28"`},
		{"no stream", `2016-10-06T00:17:10Z stdin F text`,
			`"@timestamp":"2016-10-06T00:17:10Z","message":"2016-10-06T00:17:10Z stdin F text","event.kind":"pipeline_error","error.message":"cri: expected stdout or stderr at byte 21"`},
		{"empty line", ``, `~,"message":"","event.kind":"pipeline_error","error.message":"cri: expected a time and a blank at byte 0"`},
	})
	checkDocuments(t, parse.Config{Format: []string{"cri"}, Timestamp: parse.Timestamp{Mode: parse.Off}}, []documentCase{
		{"without the time", `2016-10-06T00:17:10Z stdout F x`, `~,"timestamp":"2016-10-06T00:17:10Z","stream":"stdout","message":"x"`},
	})
}

func TestDockerDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"docker"}}, []documentCase{
		{"whole", `{"log":"text\n","stream":"stdout","time":"2021-02-01T16:45:03.01231Z"}`,
			`"@timestamp":"2021-02-01T16:45:03.01231Z","message":"text","stream":"stdout"`},
		{"only one line end is Docker's", `{"log":" a\t\"b\" \n\n","stream":"stderr","time":"2021-02-01T16:45:03Z"}`,
			`"@timestamp":"2021-02-01T16:45:03Z","message":" a\t\"b\" \n","stream":"stderr"`},
		{"a terminal's line end", `{"log":"x\r\n","time":"2021-02-01T16:45:03Z"}`, `"@timestamp":"2021-02-01T16:45:03Z","message":"x"`},
		{"half a line", `{"log":"x\r","time":"2021-02-01T16:45:03Z"}`, `"@timestamp":"2021-02-01T16:45:03Z","message":"x\r"`},
		{"attributes", `{"log":"x","stream":"stdout","attrs":{"tag":"web"},"time":"2021-02-01T16:45:03Z"}`,
			`"@timestamp":"2021-02-01T16:45:03Z","message":"x","stream":"stdout","attrs":{"tag":"web"}`},
		{"a message of its own", `{"log":"x","message":"y","time":"2021-02-01T16:45:03Z"}`, `"@timestamp":"2021-02-01T16:45:03Z","message":"x","labels.message":"y"`},
		{"the level is in the text", `{"log":"ERROR: bad\n","time":"2021-02-01T16:45:03Z"}`, `"@timestamp":"2021-02-01T16:45:03Z","message":"ERROR: bad","log.level":"error"`},
		{"no text", `{"log":1}`, `~,"message":"{\"log\":1}","event.kind":"pipeline_error","error.message":"docker: the object has no text log at byte 0"`},
		{"no log", `{"o":{"log":"x"}}`, `~,"message":"{\"o\":{\"log\":\"x\"}}","event.kind":"pipeline_error","error.message":"docker: the object has no text log at byte 0"`},
		{"no JSON", `{"log":`, `~,"message":"{\"log\":","event.kind":"pipeline_error","error.message":"json: the line ends where a value should be at byte 7"`},
	})
}

// TestEnvelopes sees what is inside an envelope taken apart in turn, alike when the formats are named and when they are not.
func TestEnvelopes(t *testing.T) {
	for _, format := range [][]string{{"cri", "json"}, {"auto"}, {"cri", "auto"}} {
		checkDocuments(t, parse.Config{Format: format}, []documentCase{
			{"JSON in CRI", `2016-10-06T00:17:09.6Z stdout F {"level":"warn","msg":"m","ts":"2016-10-06T00:17:08Z","n":1}`,
				`"@timestamp":"2016-10-06T00:17:08Z","stream":"stdout","n":1,"message":"m","log.level":"warn"`},
			{"and line ends in it", "2016-10-06T00:17:09.6Z stdout F {\n\"msg\":\"m\",\n\"n\":\"\xff\"}",
				"\"@timestamp\":\"2016-10-06T00:17:09.6Z\",\"stream\":\"stdout\",\"n\":\"\ufffd\",\"message\":\"m\",\"event.original\":\"MjAxNi0xMC0wNlQwMDoxNzowOS42WiBzdGRvdXQgRiB7CiJtc2ciOiJtIiwKIm4iOiL/In0=\""},
		})
	}
	for _, format := range [][]string{{"docker", "json"}, {"auto"}} {
		checkDocuments(t, parse.Config{Format: format}, []documentCase{
			{"JSON", `{"level":"info"}`, map[bool]string{true: `~,"log.level":"info"`, false: `~,"message":"{\"level\":\"info\"}","log.level":"info","event.kind":"pipeline_error","error.message":"docker: the object has no text log at byte 0"`}[format[0] == "auto"]},
			{"JSON in Docker", `{"log":"{\"level\":\"warn\",\"msg\":\"m\",\"stream\":\"s\"}\n","stream":"stdout","time":"2021-02-01T16:45:03Z"}`,
				`"@timestamp":"2021-02-01T16:45:03Z","stream":"s","message":"m","log.level":"warn"`},
		})
	}
	checkDocuments(t, parse.Config{}, []documentCase{
		{"text in CRI", `2016-10-06T00:17:09.6Z stderr F ERROR m`, `"@timestamp":"2016-10-06T00:17:09.6Z","stream":"stderr","message":"ERROR m","log.level":"error"`},
		{"a program that says log", `{"log":"x","level":"info","time":"2021-02-01T16:45:03Z"}`, `"@timestamp":"2021-02-01T16:45:03Z","message":"x","log.level":"info"`},
	})
}

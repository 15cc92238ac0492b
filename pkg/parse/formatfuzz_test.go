package parse_test

import (
	"bytes"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// fuzzFormat checks for one format that whatever the line, its document is strict JSON, that the line is not changed, and
// that auto never fails. The seeds are also cut short everywhere, so that each place where a scanner looks beyond the end is
// visited without luck.
func fuzzFormat(f *testing.F, format string, seeds ...string) {
	off := parse.Config{Format: []string{format}, Timestamp: parse.Timestamp{Mode: parse.Off}, Duration: parse.Duration{Mode: parse.Off}, Trace: parse.Trace{Mode: parse.Off}}
	all := []*documents{newDocuments(f, parse.Config{Format: []string{format}}), newDocuments(f, off),
		newDocuments(f, parse.Config{Format: []string{format, "auto"}}), newDocuments(f, parse.Config{})}
	var doc []byte
	check := func(tb testing.TB, line []byte) {
		before := bytes.Clone(line)
		for i, d := range all {
			doc = d.append(doc[:0], line)
			if problem := strictProblem(doc); problem != "" {
				tb.Errorf("parser %d: %s\nline %q\n%s", i, problem, line, doc)
			}
			failed := bytes.Contains(doc, []byte(`"event.kind":"pipeline_error"`))
			if i == len(all)-1 && failed && !bytes.Contains(line, []byte("event.kind")) {
				tb.Errorf("auto fails: %s", doc)
			}
		}
		if !bytes.Equal(line, before) {
			tb.Error("the line was changed")
		}
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
		for n := range len(seed) {
			check(f, []byte(seed[:n]))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) { check(t, line) })
}

func FuzzCRI(f *testing.F) {
	fuzzFormat(f, "cri", `2016-10-06T00:17:09.669794202Z stdout F {"level":"warn","msg":"m"}`, `2019-05-07T18:57:50.904275087+02:00 stderr P:a=b:c x`,
		"2016-10-06T00:17:10Z stdout F {\n\"a\":\n\"\xff\"}", `2016-10-06T00:17:10Z stdout F {"log":"a","stream":"stdout","time":"2016-10-06T00:17:10Z"}`)
}

func FuzzDocker(f *testing.F) {
	fuzzFormat(f, "docker", `{"log":"a \"b\"\n","stream":"stderr","attrs":{"tag":"x"},"time":"2021-02-01T16:45:03.01231Z"}`,
		`{"log":"{\"message\":\"\\ud83d\",\"log\":1}","message":"x","stream":"stdout","time":"2021-02-01T16:45:03.01231Z"}`,
		`{"log":"2016-10-06T00:17:10Z stdout F x","log.x":1,"stream":"stdout","time":"2021-02-01T16:45:03.01231Z"}`)
}

func FuzzSyslog(f *testing.F) {
	fuzzFormat(f, "syslog", `<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed`, `Jun 13 16:33:35 haproxy[73411]: x`, `<189>000029: router1: *Mar  1 2013 18:46:11.123 UTC: %SYS-5-CONFIG_I: x`,
		`2018-08-14T14:30:02.203151+02:00 h user.warn Google Chrome[12]: {"level":"warn"}`, `<13>Jan  1 00:00:00 2001 fe80::1%eth0 syslogd 1.4.1: x`,
		`<165>1 2003-10-11T22:14:15.003-23:59 h a p m [a@1 x="1" x="\]\"\\\n"][b.c d\="2"][b c.d=""] `+"\ufeff"+`{"a":1}`, `<1>1 - - - - - [trace id="x"][b][c trace_id="`+trace+`"] a`)
}

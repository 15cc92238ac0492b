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

func FuzzNginx(f *testing.F) {
	fuzzFormat(f, "nginx", `"10.0.0.2, 85.181.35.98" - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://a/\"b\"" "M" "1.2.3.4, 5.6.7.8" rt=0.1 host=x a.b="c d"`,
		`a.b:80 ::1 - - [26/Dec/2016:16:16:48 +0200] "-" 408 - 12 "-" "-" trace_id=`+trace+` message=a timestamp=b http=1 log.level=x log=y`,
		`0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] "GET /p HTTP/2.0" 200 12312 "-" "M" 462 0.050 [up-9000] [] 10.0.50.80:9000 19437 0.049 200 752178adb17130b291aefd8c386279e7`,
		`1.2.3.4 - - [26/Dec/2016:16:16:48 +0200] "GET /" 200 1 "-" "-" "00-`+trace+`-`+span+`-01" user=a user.name=b url=c source=d a=1 a.b=2`,
		`2025/01/03 16:41:26 [error] 31#32: *3 open() "/a" failed, client: ::1, server: , request: "GET / HTTP/1.1", upstream: "x", host: "y", referrer: "z"`)
}

func FuzzApache(f *testing.F) {
	fuzzFormat(f, "apache", `[Wed Oct 20 19:20:59.121211 2021] [rewrite:trace3] [pid 121591:tid 140413273032448] mod_rewrite.c(470): [client 10.121.192.8:38350] x`,
		`[Mon Dec 26 16:22:08 2016] [error] [client [::1]:80] AH00094: x, referer: http://x/`, `[10/Aug/2018:09:45:56 +0200] ::1 TLSv1.2 C "GET /a HTTP/1.1" 1375 a=b message=c`,
		`a.b:80 127.0.0.1 bob frank jr [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326`)
}

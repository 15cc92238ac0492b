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

func FuzzHAProxy(f *testing.F) {
	fuzzFormat(f, "haproxy", `<142>Feb 26 00:29:44 h haproxy[7]: ::1:50210 [26/Feb/2019:00:29:44.326] in~ in/<NOSRV> -1/-1/-1/-1/+0 400 +187 a=b - PR-- 3/2/0/0/+0 0/0 {a|00-`+trace+`-`+span+`-01} {c} "GET /a HTTP/1.1"`,
		`10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0`, `[::1]:1 [26/Feb/2019:23:08:47.266] in/1: SSL handshake failure`, `Feb 26 10:07:24 h haproxy[1]: x`)
}

func FuzzEnvoy(f *testing.F) {
	fuzzFormat(f, "envoy", `[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 3 226 100 "10.0.35.28, 1.2.3.4" "n" "c" "[::1]:80" "tcp://10.0.2.1:80" a=b source=c message=d`,
		`[2020-11-25T21:26:18.409Z] "GET /a HTTP/1.1" 418 UF via_upstream - "-" 0 135 4 3 "-" "c" "8" "h:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 o default "00-`+trace+`-`+span+`-01"`)
}

func FuzzELB(f *testing.F) {
	fuzzFormat(f, "elb", `https 2018-07-02T22:23:00.186641Z app/a 1.2.3.4:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET / HTTP/1.1" "c" C TLSv1.2 arn "Root=1-58337281-1d84f3d73c47ec4e58577259;Parent=53995c3f42cd8ad8;Sampled=1" "a" "b" 1 2018-07-02T22:22:48.364000Z "d" "e" "f" "g" "h" "i" "j"`,
		`2015-05-13T23:39:43.945958Z l 192.168.131.39:2817 - -1 9999999999 1e9 503 0 0 0 "- - -" "-" - -`, `tls 2.0 2018-12-20T02:59:40 net/a g 1.2.3.4:51341 1.2.3.5:443 5 2 98 246 - arn - E tlsv12 - n - - - 2018-12-20T02:59:30`)
}

func FuzzAuditd(f *testing.F) {
	fuzzFormat(f, "auditd", `type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e comm="cat"`, `node=a type=B msg=audit(1364481363.243:01): `, `type=A msg=audit(1.2.3:4):x`)
}

func FuzzW3C(f *testing.F) {
	fuzzFormat(f, "w3c", `#Fields: time date c-ip cs(User-Agent) cs-uri-stem cs-uri-query sc-status time-taken x"y cs(traceparent) cs-version s.dot cs-uri c-ip cs(trace.id)`,
		`03:04:05 2020-01-02 1.2.3.4 "a b" /x y 200 0.25 y 00-`+trace+`-`+span+`-01 HTTP/1.1 z u v w`, "03:04:05\t2020-01-02\t1.2.3.4\ta b\t/x",
		`2020-01-02 03:04:05 10.0.0.1 GET /a.aspx q=1 443 DOMAIN\bob 1.2.3.4 Mozilla/5.0+(Windows+NT+10.0) https://x/ 200 0 0 15`)
}

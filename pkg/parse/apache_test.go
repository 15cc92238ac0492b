package parse_test

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestApacheDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"apache"}}, []documentCase{
		{"vhost_combined", `www.example.com:80 1.2.3.4 - - [02/Feb/2019:05:38:45 +0100] "GET / HTTP/1.1" 200 152 "-" "M"`,
			`"@timestamp":"2019-02-02T04:38:45Z","destination.domain":"www.example.com","destination.port":80,"source.address":"1.2.3.4","http.request.method":"GET","url.original":"/","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":152,"user_agent.original":"M","message":"www.example.com:80 1.2.3.4 - - [02/Feb/2019:05:38:45 +0100] \"GET / HTTP/1.1\" 200 152 \"-\" \"M\""`},
		{"a timeout", `::1 - - [26/Dec/2016:16:16:48 +0200] "-" 408 -`,
			`"@timestamp":"2016-12-26T14:16:48Z","source.address":"::1","http.response.status_code":408,"message":"::1 - - [26/Dec/2016:16:16:48 +0200] \"-\" 408 -"`},
		{"forwarded for under its name", `1.2.3.4 - - [26/Dec/2016:16:16:48 +0200] "GET / HTTP/1.1" 200 1 "-" "M" X-Forwarded-For="10.0.0.2,10.0.0.1"`,
			`"@timestamp":"2016-12-26T14:16:48Z","source.address":"1.2.3.4","http.request.method":"GET","url.original":"/","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":1,"user_agent.original":"M","message":"1.2.3.4 - - [26/Dec/2016:16:16:48 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"M\" X-Forwarded-For=\"10.0.0.2,10.0.0.1\"","X-Forwarded-For":"10.0.0.2,10.0.0.1"`},
		{"mod_ssl's requests", `[10/Aug/2018:09:45:56 +0200] 172.30.0.119 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 "GET /a?b=c HTTP/1.1" 1375`,
			`"@timestamp":"2018-08-10T07:45:56Z","source.address":"172.30.0.119","tls.version":"1.2","tls.version_protocol":"tls","tls.cipher":"ECDHE-RSA-AES128-GCM-SHA256","http.request.method":"GET","url.original":"/a?b=c","http.version":"1.1","http.response.body.bytes":1375,"message":"[10/Aug/2018:09:45:56 +0200] 172.30.0.119 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 \"GET /a?b=c HTTP/1.1\" 1375"`},
		{"2.2", `[Mon Dec 26 16:22:08 2016] [error] [client 192.168.33.1] File does not exist: /var/www/favicon.ico, referer: http://x/`,
			`"@timestamp":"2016-12-26T16:22:08Z","source.address":"192.168.33.1","http.request.referrer":"http://x/","message":"File does not exist: /var/www/favicon.ico, referer: http://x/","log.level":"error"`},
		{"2.2 without a client", `[Mon Dec 26 16:17:53 2016] [notice] Apache/2.2.23 (Unix) configured -- resuming normal operations`,
			`"@timestamp":"2016-12-26T16:17:53Z","message":"Apache/2.2.23 (Unix) configured -- resuming normal operations","log.level":"notice"`},
		{"2.4", `[Mon Dec 26 16:15:55.103786 2016] [core:notice] [pid 11379] AH00094: Command line: '/usr/sbin/httpd'`,
			`"@timestamp":"2016-12-26T16:15:55.103786Z","apache.error.module":"core","process.pid":11379,"error.code":"AH00094","message":"AH00094: Command line: '/usr/sbin/httpd'","log.level":"notice"`},
		{"2.4 with a thread and a client", `[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187:24259] AH00128: File does not exist: /a`,
			`"@timestamp":"2011-09-09T10:42:29.902022Z","apache.error.module":"core","process.pid":35708,"process.thread.id":4328636416,"source.address":"72.15.99.187","source.port":24259,"error.code":"AH00128","message":"AH00128: File does not exist: /a","log.level":"error"`},
		{"a client without a port", `[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187] File does not exist: /a`,
			`"@timestamp":"2011-09-09T10:42:29.902022Z","apache.error.module":"core","process.pid":35708,"process.thread.id":4328636416,"source.address":"72.15.99.187","message":"File does not exist: /a","log.level":"error"`},
		{"IPv6 with a port", `[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 1] [client ::1:59312] x`,
			`"@timestamp":"2011-09-09T10:42:29.902022Z","apache.error.module":"core","process.pid":1,"source.address":"::1","source.port":59312,"message":"x","log.level":"error"`},
		{"IPv6 without a port", `[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 1] [client 2001:db8::1] x`,
			`"@timestamp":"2011-09-09T10:42:29.902022Z","apache.error.module":"core","process.pid":1,"source.address":"2001:db8::1","message":"x","log.level":"error"`},
		{"IPv6 in brackets", `[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 1] [client [2001:db8::1]:80] x`,
			`"@timestamp":"2011-09-09T10:42:29.902022Z","apache.error.module":"core","process.pid":1,"source.address":"2001:db8::1","source.port":80,"message":"x","log.level":"error"`},
		{"the system's error before the client", `[Fri Sep 09 10:42:29.902022 2011] [proxy:error] [pid 7] (111)Connection refused: [client 10.0.0.1:80] AH00957: HTTP: attempt failed`,
			`"@timestamp":"2011-09-09T10:42:29.902022Z","apache.error.module":"proxy","process.pid":7,"source.address":"10.0.0.1","source.port":80,"error.code":"AH00957","message":"(111)Connection refused: [client 10.0.0.1:80] AH00957: HTTP: attempt failed","log.level":"error"`},
		{"the system's error alone", `[01/Mar/2021:12:00:19 +0000] [proxy:error] [pid 23964] (113)No route to host: AH00957: HTTP: attempt to connect to 10.1.0.244:9000 (h) failed`,
			`"@timestamp":"2021-03-01T12:00:19Z","apache.error.module":"proxy","process.pid":23964,"error.code":"AH00957","message":"(113)No route to host: AH00957: HTTP: attempt to connect to 10.1.0.244:9000 (h) failed","log.level":"error"`},
		{"a trace", `[Wed Oct 20 19:20:59.121211 2021] [rewrite:trace3] [pid 121591:tid 140413273032448] mod_rewrite.c(470): [client 10.121.192.8:38350] 10.121.192.8 - - init`,
			`"@timestamp":"2021-10-20T19:20:59.121211Z","apache.error.module":"rewrite","process.pid":121591,"process.thread.id":140413273032448,"source.address":"10.121.192.8","source.port":38350,"message":"mod_rewrite.c(470): [client 10.121.192.8:38350] 10.121.192.8 - - init","log.level":"trace3"`},
		{"no module", `[Wed Oct 20 19:20:59.121211 2021] [-:error] [pid 1:tid 2] x`,
			`"@timestamp":"2021-10-20T19:20:59.121211Z","process.pid":1,"process.thread.id":2,"message":"x","log.level":"error"`},
		{"ids in the text", `[Wed Oct 20 19:20:59.121211 2021] [:error] [pid 1:tid 2] x trace_id=` + trace + ``,
			`"@timestamp":"2021-10-20T19:20:59.121211Z","process.pid":1,"process.thread.id":2,"message":"x trace_id=` + trace + `","log.level":"error","trace.id":"` + trace + `"`},
		{"no level", `[Wed Oct 20 19:20:59.121211 2021] [core] x`,
			`"@timestamp":"2021-10-20T19:20:59.121211Z","message":"[Wed Oct 20 19:20:59.121211 2021] [core] x","event.kind":"pipeline_error","error.message":"apache: expected a level at byte 35"`},
		{"no brackets", `Wed Oct 20 19:20:59.121211 2021 core x`,
			`"@timestamp":"2021-10-20T19:20:59.121211Z","message":"Wed Oct 20 19:20:59.121211 2021 core x","event.kind":"pipeline_error","error.message":"apache: expected a client and a time in brackets at byte 0"`},
		{"no time", `[x] [error] y`,
			`~,"message":"[x] [error] y","log.level":"error","event.kind":"pipeline_error","error.message":"apache: expected a time in brackets at byte 0"`},
	})
}

// TestWebLogsInAuto sees which lines auto takes for a web server's.
func TestWebLogsInAuto(t *testing.T) {
	d := newDocuments(t, parse.Config{})
	for _, c := range []struct{ line, field string }{
		{`1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET / HTTP/1.1" 200 1 "-" "-"`, `"http.response.status_code":200`},
		{`172.18.0.1 - - [29/Aug/2023 22:02:58] "GET / HTTP/1.1" 200 -`, `"http.response.status_code":200`},
		{`[Mon Dec 26 16:17:53 2016] [notice] text`, `"log.level":"notice"`},
		{`[Mon Dec 26 16:17:53.123456 2016] [core:notice] [pid 7] text`, `"process.pid":7`},
		{`2021/06/17 19:25:59 [notice] 5#6: text`, `"process.thread.id":6`},
		{`Oct 11 22:14:15 web nginx[1]: 1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET / HTTP/1.1" 200 1 "-" "-"`, `"http.response.status_code":200`},
		{`10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0`, `"event.duration":5007000000`},
		{`Oct 11 22:14:15 h haproxy[1]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0`, `"event.duration":5007000000`},
		{`[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 3 226 100 "10.0.35.28" "n" "c" "h:80" "tcp://10.0.2.1:80"`, `"event.duration":226000000`},
		{`http 2016-08-10T22:08:42.945958Z app/my/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET / HTTP/1.1" "c" - -`, `"event.duration":1000000`},
		{`tls 2.0 2018-12-20T02:59:40 net/a/b g 1.2.3.4:51341 1.2.3.5:443 5 2 98 246 - arn - E tlsv12 - n - - - 2018-12-20T02:59:30`, `"event.duration":5000000`},
		{`2020-01-02 03:04:05 10.0.0.1 GET /a q=1 443 - 1.2.3.4 M - 200 0 0 15`, `"url.original":"/a?q=1"`},
		{`#Fields: date time`, ``},
		{`# a comment`, ``},
		{`2020-01-02 03:04:05 10.0.0.1 GET me out of here, please`, ``},
		{`10.0.1.2:33313 [06/Feb/2009:12:12:51] fnt`, ``},
		{`[2016-04-15T20:17:00.310Z] "quoted" text`, ``},
		{`http 2016-08-10T22:08:42.945958Z is not a load balancer's line at all, is it?`, ``},
		{`2016-08-10T22:08:42.945958Z name 192.168.131.39 another and more of it`, ``},
		{`2021/06/17 19:25:59 [notice] text`, `"message":"text"`}, // of any program
		{`[Mon Dec 26 16:17:53 2016] [main] text`, ``},
		{`1.2.3.4 said [12/Apr/2018:09:48:40 +0200] nothing`, ``},
		{`[12/Apr/2018:09:48:40 +0200] nothing`, ``},
	} {
		doc := string(d.append(nil, []byte(c.line)))
		text := strings.Contains(doc, `"message":"`+strings.ReplaceAll(c.line, `"`, `\"`)+`"`)
		if c.field == "" && !text || !strings.Contains(doc, c.field) {
			t.Errorf("%s\n%s", c.line, doc)
		}
	}
}

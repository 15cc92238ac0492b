package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestW3CDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"w3c"}}, []documentCase{
		{"IIS by default", `2020-01-02 03:04:05 10.0.0.1 GET /a.aspx q=1 443 DOMAIN\bob 1.2.3.4 Mozilla/5.0+(Windows+NT+10.0) https://x/ 200 0 0 15`,
			`"@timestamp":"2020-01-02T03:04:05Z","destination.address":"10.0.0.1","http.request.method":"GET","destination.port":443,"user.name":"DOMAIN\\bob","source.address":"1.2.3.4","user_agent.original":"Mozilla/5.0 (Windows NT 10.0)","http.request.referrer":"https://x/","http.response.status_code":200,"iis.access.sub_status":0,"iis.access.win32_status":0,"url.original":"/a.aspx?q=1","message":"2020-01-02 03:04:05 10.0.0.1 GET /a.aspx q=1 443 DOMAIN\\bob 1.2.3.4 Mozilla/5.0+(Windows+NT+10.0) https://x/ 200 0 0 15","event.duration":15000000`},
		{"IIS 7 by default", `2020-01-02 03:04:05 ::1 GET / - 80 - ::1 M 404 2 64 0`,
			`"@timestamp":"2020-01-02T03:04:05Z","destination.address":"::1","http.request.method":"GET","destination.port":80,"source.address":"::1","user_agent.original":"M","http.response.status_code":404,"iis.access.sub_status":2,"iis.access.win32_status":64,"url.original":"/","message":"2020-01-02 03:04:05 ::1 GET / - 80 - ::1 M 404 2 64 0","event.duration":0`},
		{"a directive", `#Software: Microsoft Internet Information Services 10.0`,
			`~,"message":"#Software: Microsoft Internet Information Services 10.0"`},
		{"the columns", `#Fields: time date c-ip cs(User-Agent) cs-uri-stem sc-status time-taken x-custom cs(traceparent) cs-version s.dot`,
			`~,"message":"#Fields: time date c-ip cs(User-Agent) cs-uri-stem sc-status time-taken x-custom cs(traceparent) cs-version s.dot"`},
		{"as they are named", `03:04:05 2020-01-02 1.2.3.4 "a b" /x 200 0.25 y 00-` + trace + `-` + span + `-01 HTTP/1.1 z`,
			`"@timestamp":"2020-01-02T03:04:05Z","source.address":"1.2.3.4","user_agent.original":"a b","http.response.status_code":200,"w3c.x-custom":"y","http.version":"1.1","w3c.s_dot":"z","url.original":"/x","message":"03:04:05 2020-01-02 1.2.3.4 \"a b\" /x 200 0.25 y 00-` + trace + `-` + span + `-01 HTTP/1.1 z","trace.id":"` + trace + `","span.id":"e863f0964a2681b7","parent.id":"` + span + `","event.duration":250000000`},
		{"tabs", `03:04:05	2020-01-02	1.2.3.4	a%20b	/x	200	0.25	y z	-	-	-`,
			`"@timestamp":"2020-01-02T03:04:05Z","source.address":"1.2.3.4","user_agent.original":"a%20b","http.response.status_code":200,"w3c.x-custom":"y z","url.original":"/x","message":"03:04:05\t2020-01-02\t1.2.3.4\ta%20b\t/x\t200\t0.25\ty z\t-\t-\t-","event.duration":250000000`},
		{"IIS again", `2020-01-02 03:04:06 10.0.0.1 GET /a - 443 - 1.2.3.4 M - 200 0 0 15`,
			`"@timestamp":"2020-01-02T03:04:06Z","destination.address":"10.0.0.1","http.request.method":"GET","destination.port":443,"source.address":"1.2.3.4","user_agent.original":"M","http.response.status_code":200,"iis.access.sub_status":0,"iis.access.win32_status":0,"url.original":"/a","message":"2020-01-02 03:04:06 10.0.0.1 GET /a - 443 - 1.2.3.4 M - 200 0 0 15","event.duration":15000000`},
		{"too few columns", `2020-01-02 03:04:06 10.0.0.1`,
			`"@timestamp":"2020-01-02T03:04:06Z","message":"2020-01-02 03:04:06 10.0.0.1","event.kind":"pipeline_error","error.message":"w3c: the line has not the columns that #Fields: names, nor those of IIS at byte 0"`},
		{"no number", `03:04:05 2020-01-02 1.2.3.4 a /x OK 0.25 y - - -`,
			`~,"message":"03:04:05 2020-01-02 1.2.3.4 a /x OK 0.25 y - - -","event.kind":"pipeline_error","error.message":"w3c: the line has not the columns that #Fields: names, nor those of IIS at byte 0"`},
	})
}

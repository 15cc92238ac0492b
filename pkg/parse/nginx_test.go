package parse_test

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestNginxDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"nginx"}}, []documentCase{
		{"combined", `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`,
			`"@timestamp":"2000-10-10T20:55:36Z","source.address":"127.0.0.1","user.name":"frank","http.request.method":"GET","url.original":"/apache_pb.gif","http.version":"1.0","http.response.status_code":200,"http.response.body.bytes":2326,"http.request.referrer":"http://www.example.com/start.html","user_agent.original":"Mozilla/4.08 [en] (Win98; I ;Nav)","message":"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326 \"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\""`},
		{"common", `::1 - - [26/Dec/2016:16:16:29 +0200] "GET /favicon.ico HTTP/1.1" 404 209`,
			`"@timestamp":"2016-12-26T14:16:29Z","source.address":"::1","http.request.method":"GET","url.original":"/favicon.ico","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":209,"message":"::1 - - [26/Dec/2016:16:16:29 +0200] \"GET /favicon.ico HTTP/1.1\" 404 209"`},
		{"absent bytes", `192.168.74.9 - - [04/Apr/2018:10:28:24 +0000] "GET /p HTTP/1.1" 304 - 3551 "-" "Mozilla/5.0"`,
			`"@timestamp":"2018-04-04T10:28:24Z","source.address":"192.168.74.9","http.request.method":"GET","url.original":"/p","http.version":"1.1","http.response.status_code":304,"user_agent.original":"Mozilla/5.0","message":"192.168.74.9 - - [04/Apr/2018:10:28:24 +0000] \"GET /p HTTP/1.1\" 304 - 3551 \"-\" \"Mozilla/5.0\""`},
		{"forwarded for", `10.0.0.2, 10.0.0.1, 85.181.35.98 - - [07/Dec/2016:11:05:07 +0100] "GET /o HTTP/1.1" 200 571 "-" "M"`,
			`"@timestamp":"2016-12-07T10:05:07Z","source.address":"85.181.35.98","http.request.method":"GET","url.original":"/o","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":571,"user_agent.original":"M","message":"10.0.0.2, 10.0.0.1, 85.181.35.98 - - [07/Dec/2016:11:05:07 +0100] \"GET /o HTTP/1.1\" 200 571 \"-\" \"M\""`},
		{"only private addresses", `10.0.0.2, 127.0.0.1 - - [07/Dec/2016:11:05:07 +0100] "GET /o HTTP/1.1" 200 571 "-" "M"`,
			`"@timestamp":"2016-12-07T10:05:07Z","source.address":"10.0.0.2","http.request.method":"GET","url.original":"/o","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":571,"user_agent.original":"M","message":"10.0.0.2, 127.0.0.1 - - [07/Dec/2016:11:05:07 +0100] \"GET /o HTTP/1.1\" 200 571 \"-\" \"M\""`},
		{"addresses in quotes", `"10.5.102.222, 199.96.1.1, 204.246.1.1" - bob [07/Dec/2016:11:05:07 +0100] "GET /o HTTP/1.1" 200 571 "-" "M"`,
			`"@timestamp":"2016-12-07T10:05:07Z","source.address":"199.96.1.1","user.name":"bob","http.request.method":"GET","url.original":"/o","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":571,"user_agent.original":"M","message":"\"10.5.102.222, 199.96.1.1, 204.246.1.1\" - bob [07/Dec/2016:11:05:07 +0100] \"GET /o HTTP/1.1\" 200 571 \"-\" \"M\""`},
		{"a list without its last comma", `2a03:0:10ff:f00f::8000, 10.225.192.17 10.2.2.121 - - [30/Dec/2016:06:47:09 +0000] "GET /t HTTP/1.1" 404 8571 "-" "F"`,
			`"@timestamp":"2016-12-30T06:47:09Z","source.address":"2a03:0:10ff:f00f::8000","http.request.method":"GET","url.original":"/t","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":8571,"user_agent.original":"F","message":"2a03:0:10ff:f00f::8000, 10.225.192.17 10.2.2.121 - - [30/Dec/2016:06:47:09 +0000] \"GET /t HTTP/1.1\" 404 8571 \"-\" \"F\""`},
		{"a host before the client", `example.com 67.43.156.13 - - [30/Dec/2016:06:47:09 +0000] "GET /t HTTP/1.1" 404 8571 "-" "F"`,
			`"@timestamp":"2016-12-30T06:47:09Z","destination.domain":"example.com","source.address":"67.43.156.13","http.request.method":"GET","url.original":"/t","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":8571,"user_agent.original":"F","message":"example.com 67.43.156.13 - - [30/Dec/2016:06:47:09 +0000] \"GET /t HTTP/1.1\" 404 8571 \"-\" \"F\""`},
		{"a host of one word", `localhost localhost - - [30/Dec/2016:06:47:09 +0000] "GET /t HTTP/1.1" 404 8571 "-" "F"`,
			`"@timestamp":"2016-12-30T06:47:09Z","destination.domain":"localhost","source.address":"localhost","http.request.method":"GET","url.original":"/t","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":8571,"user_agent.original":"F","message":"localhost localhost - - [30/Dec/2016:06:47:09 +0000] \"GET /t HTTP/1.1\" 404 8571 \"-\" \"F\""`},
		{"a virtual host with its port", `localhost:443 178.20.184.42 1j0vhgd jsmith [26/Jul/2023:00:01:26 -0700] "GET /t HTTP/2.0" 200 17163 "-" "M" 116075`,
			`"@timestamp":"2023-07-26T07:01:26Z","destination.domain":"localhost","destination.port":443,"source.address":"178.20.184.42","apache.access.user.identity":"1j0vhgd","user.name":"jsmith","http.request.method":"GET","url.original":"/t","http.version":"2.0","http.response.status_code":200,"http.response.body.bytes":17163,"user_agent.original":"M","message":"localhost:443 178.20.184.42 1j0vhgd jsmith [26/Jul/2023:00:01:26 -0700] \"GET /t HTTP/2.0\" 200 17163 \"-\" \"M\" 116075"`},
		{"a user of two words", `1.2.3.4 - jane doe [26/Jul/2023:00:01:26 -0700] "GET /t HTTP/2.0" 200 5 "-" "M"`,
			`"@timestamp":"2023-07-26T07:01:26Z","source.address":"1.2.3.4","user.name":"jane doe","http.request.method":"GET","url.original":"/t","http.version":"2.0","http.response.status_code":200,"http.response.body.bytes":5,"user_agent.original":"M","message":"1.2.3.4 - jane doe [26/Jul/2023:00:01:26 -0700] \"GET /t HTTP/2.0\" 200 5 \"-\" \"M\""`},
		{"an identity", `127.0.0.1 bob frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326`,
			`"@timestamp":"2000-10-10T20:55:36Z","source.address":"127.0.0.1","apache.access.user.identity":"bob","user.name":"frank","http.request.method":"GET","url.original":"/a","http.version":"1.0","http.response.status_code":200,"http.response.body.bytes":2326,"message":"127.0.0.1 bob frank [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.0\" 200 2326"`},
		{"a socket", `unix: - - [26/Feb/2019:15:39:42 +0100] "hello" 400 173 "-" "-"`,
			`"@timestamp":"2019-02-26T14:39:42Z","source.address":"unix:","http.response.status_code":400,"http.response.body.bytes":173,"message":"unix: - - [26/Feb/2019:15:39:42 +0100] \"hello\" 400 173 \"-\" \"-\""`},
		{"no request", `10.112.81.15 - - [15/Feb/2013:06:00:31 +0000] "-" 400 0 "-" "-"`,
			`"@timestamp":"2013-02-15T06:00:31Z","source.address":"10.112.81.15","http.response.status_code":400,"http.response.body.bytes":0,"message":"10.112.81.15 - - [15/Feb/2013:06:00:31 +0000] \"-\" 400 0 \"-\" \"-\""`},
		{"an empty request", `127.0.0.1 - - [12/Apr/2018:09:48:40 +0200] "" 400 0 "" ""`,
			`"@timestamp":"2018-04-12T07:48:40Z","source.address":"127.0.0.1","http.response.status_code":400,"http.response.body.bytes":0,"message":"127.0.0.1 - - [12/Apr/2018:09:48:40 +0200] \"\" 400 0 \"\" \"\""`},
		{"binary", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "\x16\x03\x01\x02 x\xFC" 400 157 "-" "-"`,
			`"@timestamp":"2018-04-12T07:48:40Z","source.address":"1.2.3.4","http.response.status_code":400,"http.response.body.bytes":157,"message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"\\x16\\x03\\x01\\x02 x\\xFC\" 400 157 \"-\" \"-\""`},
		{"no protocol", `202.32.92.47 - - [01/Jun/1995:00:00:59 -0600] "GET /~scottp/publish.html" 200 271`,
			`"@timestamp":"1995-06-01T06:00:59Z","source.address":"202.32.92.47","http.request.method":"GET","url.original":"/~scottp/publish.html","http.response.status_code":200,"http.response.body.bytes":271,"message":"202.32.92.47 - - [01/Jun/1995:00:00:59 -0600] \"GET /~scottp/publish.html\" 200 271"`},
		{"escaped quotes", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET /a\"b HTTP/1.1" 200 157 "http://x/\"q\"" "a \"b\" c"`,
			`"@timestamp":"2018-04-12T07:48:40Z","source.address":"1.2.3.4","http.request.method":"GET","url.original":"/a\\\"b","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":157,"http.request.referrer":"http://x/\\\"q\\\"","user_agent.original":"a \\\"b\\\" c","message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"GET /a\\\"b HTTP/1.1\" 200 157 \"http://x/\\\"q\\\"\" \"a \\\"b\\\" c\""`},
		{"quotes as they are", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET /a"b HTTP/1.1" 200 157 "-" "say "hi" now"`,
			`"@timestamp":"2018-04-12T07:48:40Z","source.address":"1.2.3.4","http.request.method":"GET","url.original":"/a\"b","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":157,"user_agent.original":"say \"hi","message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"GET /a\"b HTTP/1.1\" 200 157 \"-\" \"say \"hi\" now\""`},
		{"blanks in the address", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET /a b HTTP/1.1" 200 157 "-" "-"`,
			`"@timestamp":"2018-04-12T07:48:40Z","source.address":"1.2.3.4","http.request.method":"GET","url.original":"/a b","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":157,"message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"GET /a b HTTP/1.1\" 200 157 \"-\" \"-\""`},
		{"a status of 000", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET /a HTTP/1.1" 000 0 "-" "-"`,
			`"@timestamp":"2018-04-12T07:48:40Z","source.address":"1.2.3.4","http.request.method":"GET","url.original":"/a","http.version":"1.1","http.response.body.bytes":0,"message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"GET /a HTTP/1.1\" 000 0 \"-\" \"-\""`},
		{"forwarded for behind", `172.24.0.2 - alice [03/Jan/2025:16:42:58 +0000] "GET / HTTP/1.1" 200 615 "-" "curl" "1.2.3.4, 10.10.1.1"`,
			`"@timestamp":"2025-01-03T16:42:58Z","source.address":"172.24.0.2","user.name":"alice","http.request.method":"GET","url.original":"/","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":615,"user_agent.original":"curl","message":"172.24.0.2 - alice [03/Jan/2025:16:42:58 +0000] \"GET / HTTP/1.1\" 200 615 \"-\" \"curl\" \"1.2.3.4, 10.10.1.1\"","network.forwarded_ip":"1.2.3.4"`},
		{"a ratio behind", `172.17.0.1 - - [01/Apr/2021:12:02:31 +0000] "POST /n HTTP/1.1" 404 153 "-" "M" "2.75"`,
			`"@timestamp":"2021-04-01T12:02:31Z","source.address":"172.17.0.1","http.request.method":"POST","url.original":"/n","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":153,"user_agent.original":"M","message":"172.17.0.1 - - [01/Apr/2021:12:02:31 +0000] \"POST /n HTTP/1.1\" 404 153 \"-\" \"M\" \"2.75\""`},
		{"a duration under its name", `1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] "POST /n HTTP/1.1" 404 153 "-" "M" "-" request_time=0.012 uct="0.000" urt="-" host=a.b`,
			`"@timestamp":"2021-04-01T12:02:31Z","source.address":"1.2.3.4","http.request.method":"POST","url.original":"/n","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":153,"user_agent.original":"M","message":"1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] \"POST /n HTTP/1.1\" 404 153 \"-\" \"M\" \"-\" request_time=0.012 uct=\"0.000\" urt=\"-\" host=a.b","uct":"0.000","url.domain":"a.b","event.duration":12000000`},
		{"a bare number is no duration", `1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] "POST /n HTTP/1.1" 404 153 "-" "M" 0.012 0.010`,
			`"@timestamp":"2021-04-01T12:02:31Z","source.address":"1.2.3.4","http.request.method":"POST","url.original":"/n","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":153,"user_agent.original":"M","message":"1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] \"POST /n HTTP/1.1\" 404 153 \"-\" \"M\" 0.012 0.010"`},
		{"ids under their names", `1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] "POST /n HTTP/1.1" 404 153 "-" "M" trace_id=` + trace + ` span_id="` + span + `" request_id=r-1`,
			`"@timestamp":"2021-04-01T12:02:31Z","source.address":"1.2.3.4","http.request.method":"POST","url.original":"/n","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":153,"user_agent.original":"M","message":"1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] \"POST /n HTTP/1.1\" 404 153 \"-\" \"M\" trace_id=` + trace + ` span_id=\"` + span + `\" request_id=r-1","request_id":"r-1","trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"names that are taken", `1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] "POST /n HTTP/1.1" 404 153 "-" "M" message=x url=/y user.name=z level=warn a=1 a=2`,
			`"@timestamp":"2021-04-01T12:02:31Z","source.address":"1.2.3.4","http.request.method":"POST","url.original":"/n","http.version":"1.1","http.response.status_code":404,"http.response.body.bytes":153,"user_agent.original":"M","message":"1.2.3.4 - - [01/Apr/2021:12:02:31 +0000] \"POST /n HTTP/1.1\" 404 153 \"-\" \"M\" message=x url=/y user.name=z level=warn a=1 a=2","labels.url":"/y","user.name":"z","a":"1","log.level":"warn"`},
		{"ingress-nginx", `0.0.0.0 - bob [18/Mar/2023:15:00:00 +0000] "GET /p HTTP/2.0" 200 12312 "-" "M" 462 0.050 [up-9000] [] 10.0.50.80:9000 19437 0.049 200 752178adb17130b291aefd8c386279e7`,
			`"@timestamp":"2023-03-18T15:00:00Z","source.address":"0.0.0.0","user.name":"bob","http.request.method":"GET","url.original":"/p","http.version":"2.0","http.response.status_code":200,"http.response.body.bytes":12312,"user_agent.original":"M","message":"0.0.0.0 - bob [18/Mar/2023:15:00:00 +0000] \"GET /p HTTP/2.0\" 200 12312 \"-\" \"M\" 462 0.050 [up-9000] [] 10.0.50.80:9000 19437 0.049 200 752178adb17130b291aefd8c386279e7","http.request.bytes":462,"nginx.ingress_controller.upstream.name":"up-9000","nginx.ingress_controller.upstream.address":"10.0.50.80:9000","nginx.ingress_controller.upstream.response.bytes":19437,"upstream_response_time":"0.049","nginx.ingress_controller.upstream.response.status_code":200,"http.request.id":"752178adb17130b291aefd8c386279e7","event.duration":50000000`},
		{"ingress-nginx that asked three", `0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] "GET /p HTTP/2.0" 200 12312 "-" "M" 462 0.050 [up-9000] [] 10.0.50.80:9000, 10.0.50.81:9000 : 10.0.50.82:9000 0, 0 : 19437 0.010, 0.009 : 0.030 502, 502 : 200 752178adb17130b291aefd8c386279e7`,
			`"@timestamp":"2023-03-18T15:00:00Z","source.address":"0.0.0.0","http.request.method":"GET","url.original":"/p","http.version":"2.0","http.response.status_code":200,"http.response.body.bytes":12312,"user_agent.original":"M","message":"0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] \"GET /p HTTP/2.0\" 200 12312 \"-\" \"M\" 462 0.050 [up-9000] [] 10.0.50.80:9000, 10.0.50.81:9000 : 10.0.50.82:9000 0, 0 : 19437 0.010, 0.009 : 0.030 502, 502 : 200 752178adb17130b291aefd8c386279e7","http.request.bytes":462,"nginx.ingress_controller.upstream.name":"up-9000","nginx.ingress_controller.upstream.address":"10.0.50.80:9000, 10.0.50.81:9000 : 10.0.50.82:9000","nginx.ingress_controller.upstream.response.bytes":19437,"upstream_response_time":"0.010, 0.009 : 0.030","nginx.ingress_controller.upstream.response.status_code":200,"http.request.id":"752178adb17130b291aefd8c386279e7","event.duration":50000000`},
		{"ingress-nginx with a comma at its end", `0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] "GET /p HTTP/2.0" 200 12312 "-" "M" 462 0.050 [up-9000] [] a:1 1 0.049 200 7521, `,
			`"@timestamp":"2023-03-18T15:00:00Z","source.address":"0.0.0.0","http.request.method":"GET","url.original":"/p","http.version":"2.0","http.response.status_code":200,"http.response.body.bytes":12312,"user_agent.original":"M","message":"0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] \"GET /p HTTP/2.0\" 200 12312 \"-\" \"M\" 462 0.050 [up-9000] [] a:1 1 0.049 200 7521, ","http.request.bytes":462,"nginx.ingress_controller.upstream.name":"up-9000","nginx.ingress_controller.upstream.address":"a:1","nginx.ingress_controller.upstream.response.bytes":1,"upstream_response_time":"0.049","nginx.ingress_controller.upstream.response.status_code":200,"http.request.id":"7521,","event.duration":50000000`},
		{"ingress-nginx without an upstream", `0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] "GET /p HTTP/2.0" 200 12312 "-" "M" 462 0.050 [up-9000] [alt] - - - - 752178adb17130b291aefd8c386279e7`,
			`"@timestamp":"2023-03-18T15:00:00Z","source.address":"0.0.0.0","http.request.method":"GET","url.original":"/p","http.version":"2.0","http.response.status_code":200,"http.response.body.bytes":12312,"user_agent.original":"M","message":"0.0.0.0 - - [18/Mar/2023:15:00:00 +0000] \"GET /p HTTP/2.0\" 200 12312 \"-\" \"M\" 462 0.050 [up-9000] [alt] - - - - 752178adb17130b291aefd8c386279e7","http.request.bytes":462,"nginx.ingress_controller.upstream.name":"up-9000","nginx.ingress_controller.upstream.alternative_name":"alt","http.request.id":"752178adb17130b291aefd8c386279e7","event.duration":50000000`},
		{"an error of FastCGI that names a client", `2025/01/03 16:41:26 [error] 31#32: *3 FastCGI sent in stderr: "PHP message: x, client: y" while reading, client: unix:, server: a`,
			`"@timestamp":"2025-01-03T16:41:26Z","process.pid":31,"process.thread.id":32,"nginx.error.connection_id":3,"message":"FastCGI sent in stderr: \"PHP message: x, client: y\" while reading, client: unix:, server: a","source.address":"unix:","nginx.error.server":"a","log.level":"error"`},
		{"a time of ISO 8601", `10.0.0.1 - - [2000-10-10T13:55:36+02:00] "GET / HTTP/1.1" 200 5`,
			`"@timestamp":"2000-10-10T11:55:36Z","source.address":"10.0.0.1","http.request.method":"GET","url.original":"/","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":5,"message":"10.0.0.1 - - [2000-10-10T13:55:36+02:00] \"GET / HTTP/1.1\" 200 5"`},
		{"the controller before 0.21", `10.0.0.1 - [10.0.0.1, 192.168.0.1] - bob [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5`,
			`"@timestamp":"2000-10-10T13:55:36Z","source.address":"10.0.0.1","user.name":"bob","http.request.method":"GET","url.original":"/","http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":5,"message":"10.0.0.1 - [10.0.0.1, 192.168.0.1] - bob [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5"`},
		{"an error", `2025/01/03 16:41:26 [error] 31#32: *3 open() "/a" failed (2: No such file or directory), client: 172.24.0.2, server: localhost, request: "GET /favicon.ico HTTP/1.1", upstream: "fastcgi://unix:/run/x.sock:", host: "localhost:4080", referrer: "http://localhost:4080/"`,
			`"@timestamp":"2025-01-03T16:41:26Z","process.pid":31,"process.thread.id":32,"nginx.error.connection_id":3,"message":"open() \"/a\" failed (2: No such file or directory), client: 172.24.0.2, server: localhost, request: \"GET /favicon.ico HTTP/1.1\", upstream: \"fastcgi://unix:/run/x.sock:\", host: \"localhost:4080\", referrer: \"http://localhost:4080/\"","source.address":"172.24.0.2","nginx.error.server":"localhost","http.request.method":"GET","url.original":"/favicon.ico","http.version":"1.1","nginx.error.upstream":"fastcgi://unix:/run/x.sock:","nginx.error.host":"localhost:4080","http.request.referrer":"http://localhost:4080/","log.level":"error"`},
		{"an error without a client", `2021/06/17 19:25:59 [notice] 133309#133309: signal process started`,
			`"@timestamp":"2021-06-17T19:25:59Z","process.pid":133309,"process.thread.id":133309,"message":"signal process started","log.level":"notice"`},
		{"an error without a server's name", `2021/06/17 19:25:59 [crit] 1#0: *2 x, client: ::1, server: , request: "GET /a, b HTTP/1.1"`,
			`"@timestamp":"2021-06-17T19:25:59Z","process.pid":1,"process.thread.id":0,"nginx.error.connection_id":2,"message":"x, client: ::1, server: , request: \"GET /a, b HTTP/1.1\"","source.address":"::1","http.request.method":"GET","url.original":"/a, b","http.version":"1.1","log.level":"crit"`},
		{"an error without a thread", `2021/06/17 19:25:59 [notice] 133309: signal process started`,
			`"@timestamp":"2021-06-17T19:25:59Z","message":"2021/06/17 19:25:59 [notice] 133309: signal process started","log.level":"notice","event.kind":"pipeline_error","error.message":"nginx: expected a process id and # at byte 29"`},
		{"no time", `- - - [1234] - - -`,
			`~,"message":"- - - [1234] - - -","event.kind":"pipeline_error","error.message":"nginx: expected a client and a time in brackets at byte 0"`},
		{"no status", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET /a HTTP/1.1" OK 12`,
			`"@timestamp":"2018-04-12T07:48:40Z","message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"GET /a HTTP/1.1\" OK 12","event.kind":"pipeline_error","error.message":"nginx: expected a request in quotes and a status at byte 41"`},
		{"a long status", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET /a HTTP/1.1" 20000 12`,
			`"@timestamp":"2018-04-12T07:48:40Z","message":"1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] \"GET /a HTTP/1.1\" 20000 12","event.kind":"pipeline_error","error.message":"nginx: expected a status of three digits or - at byte 58"`},
		{"plain text", `plain text`,
			`~,"message":"plain text","event.kind":"pipeline_error","error.message":"nginx: expected a client and a time in brackets at byte 0"`},
	})
}

// TestNginxTraceparent sees the caller's span made the parent, named or not.
func TestNginxTraceparent(t *testing.T) {
	d := newDocuments(t, parse.Config{Format: []string{"nginx"}})
	for _, tail := range []string{`"00-` + trace + `-` + span + `-01"`, `00-` + trace + `-` + span + `-01`, `traceparent="00-` + trace + `-` + span + `-01" rt=1`} {
		line := `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET / HTTP/1.1" 200 1 "-" "-" ` + tail
		want := `"trace.id":"` + trace + `","span.id":"` + derivedSpan(span, line) + `","parent.id":"` + span + `"`
		if doc := string(d.append(nil, []byte(line))); !strings.Contains(doc, want) {
			t.Errorf("%s\nlacks %s", doc, want)
		}
	}
}

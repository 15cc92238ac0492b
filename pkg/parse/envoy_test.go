package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestEnvoyDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"envoy"}}, []documentCase{
		{"Envoy's own", `[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 3 226 100 "10.0.35.28, 1.2.3.4" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations:8080" "tcp://10.0.2.1:80"`,
			`"@timestamp":"2016-04-15T20:17:00.310Z","http.request.method":"POST","url.original":"/api/v1/locations","http.version":"2","http.response.status_code":204,"http.request.body.bytes":154,"http.response.body.bytes":3,"envoyproxy.upstream_service_time":100,"message":"[2016-04-15T20:17:00.310Z] \"POST /api/v1/locations HTTP/2\" 204 - 154 3 226 100 \"10.0.35.28, 1.2.3.4\" \"nsq2http\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"locations:8080\" \"tcp://10.0.2.1:80\"","source.address":"10.0.35.28","user_agent.original":"nsq2http","http.request.id":"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2","url.domain":"locations","url.port":8080,"destination.address":"10.0.2.1","destination.port":80,"event.duration":226000000`},
		{"Istio's", `[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 4 3 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default`,
			`"@timestamp":"2020-11-25T21:26:18.409Z","http.request.method":"GET","url.original":"/status/418","http.version":"1.1","http.response.status_code":418,"envoyproxy.response_code_details":"via_upstream","http.request.body.bytes":0,"http.response.body.bytes":135,"envoyproxy.upstream_service_time":3,"message":"[2020-11-25T21:26:18.409Z] \"GET /status/418 HTTP/1.1\" 418 - via_upstream - \"-\" 0 135 4 3 \"-\" \"curl/7.73.0-DEV\" \"84961386-6d84-929d-98bd-c5aee93b5c88\" \"httpbin:8000\" \"127.0.0.1:80\" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default","user_agent.original":"curl/7.73.0-DEV","http.request.id":"84961386-6d84-929d-98bd-c5aee93b5c88","url.domain":"httpbin","url.port":8000,"destination.address":"127.0.0.1","destination.port":80,"envoyproxy.upstream_cluster":"inbound|8000||","source.address":"10.44.1.23","source.port":37652,"envoyproxy.route_name":"default","event.duration":4000000`},
		{"no response", `[2016-04-15T20:17:00.310Z] "- - -" 0 UF,URX 0 0 12 - "-" "-" "-" "-" "10.0.2.1:80"`,
			`"@timestamp":"2016-04-15T20:17:00.310Z","envoyproxy.response_flags":"UF,URX","http.request.body.bytes":0,"http.response.body.bytes":0,"message":"[2016-04-15T20:17:00.310Z] \"- - -\" 0 UF,URX 0 0 12 - \"-\" \"-\" \"-\" \"-\" \"10.0.2.1:80\"","destination.address":"10.0.2.1","destination.port":80,"event.duration":12000000`},
		{"Istio's of a connection", `[2020-11-25T21:26:18.409Z] "- - -" 0 - - - "-" 300 500 20 - "-" "-" "-" "-" "10.0.0.1:3306" outbound|3306||db 10.0.0.2:1 10.0.0.1:3306 10.0.0.3:2 - -`,
			`"@timestamp":"2020-11-25T21:26:18.409Z","http.request.body.bytes":300,"http.response.body.bytes":500,"message":"[2020-11-25T21:26:18.409Z] \"- - -\" 0 - - - \"-\" 300 500 20 - \"-\" \"-\" \"-\" \"-\" \"10.0.0.1:3306\" outbound|3306||db 10.0.0.2:1 10.0.0.1:3306 10.0.0.3:2 - -","destination.address":"10.0.0.1","destination.port":3306,"envoyproxy.upstream_cluster":"outbound|3306||db","source.address":"10.0.0.3","source.port":2,"event.duration":20000000`},
		{"a traceparent behind", `[2016-04-15T20:17:00Z] "GET / HTTP/1.1" 200 - 0 1 2 1 "-" "-" "-" "x" "-" trace_id=` + trace + ``,
			`"@timestamp":"2016-04-15T20:17:00Z","http.request.method":"GET","url.original":"/","http.version":"1.1","http.response.status_code":200,"http.request.body.bytes":0,"http.response.body.bytes":1,"envoyproxy.upstream_service_time":1,"message":"[2016-04-15T20:17:00Z] \"GET / HTTP/1.1\" 200 - 0 1 2 1 \"-\" \"-\" \"-\" \"x\" \"-\" trace_id=` + trace + `","url.domain":"x","trace.id":"` + trace + `","event.duration":2000000`},
		{"no code", `[2016-04-15T20:17:00Z] "GET / HTTP/1.1" OK`,
			`"@timestamp":"2016-04-15T20:17:00Z","message":"[2016-04-15T20:17:00Z] \"GET / HTTP/1.1\" OK","event.kind":"pipeline_error","error.message":"envoy: expected a response code at byte 39"`},
		{"no request", `[2016-04-15T20:17:00Z] GET / HTTP/1.1 200`,
			`"@timestamp":"2016-04-15T20:17:00Z","message":"[2016-04-15T20:17:00Z] GET / HTTP/1.1 200","event.kind":"pipeline_error","error.message":"envoy: expected a time in brackets and a request in quotes at byte 0"`},
		{"plain text", `plain text`,
			`~,"message":"plain text","event.kind":"pipeline_error","error.message":"envoy: expected a time in brackets and a request in quotes at byte 0"`},
	})
}

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var envoyKinds = []kind{
	{name: "envoy", make: func(*Config) (format, error) { return envoyFormat{}, nil }, fits: fitsEnvoy, begins: "["},
}

// envoyFormat reads Envoy's default access log, and Istio's, which has three more words before the bytes:
//
//	[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "agent" "request-id" "authority" "tcp://10.0.2.1:80"
//	[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - via_upstream - "-" 154 0 226 100 "10.0.35.28" …
type envoyFormat struct{}

var (
	nameFlags        = []byte("envoyproxy.response_flags")
	nameDetails      = []byte("envoyproxy.response_code_details")
	nameFailure      = []byte("envoyproxy.upstream_transport_failure_reason")
	nameServiceTime  = []byte("envoyproxy.upstream_service_time")
	nameCluster      = []byte("envoyproxy.upstream_cluster")
	nameRoute        = []byte("envoyproxy.route_name")
	nameRequestBody  = []byte("http.request.body.bytes")
	nameDurationMS   = []byte("duration_ms")
	nameURLPort      = []byte("url.port")
	nameDestination  = []byte("destination.address")
	nameProtocolHTTP = []byte("HTTP/")
)

func fitsEnvoy(line []byte) bool { return envoyTime(line) > 0 }

// envoyTime is the index of the bracket behind the time that begins a line with a request; 0 without one.
func envoyTime(line []byte) int {
	if len(line) < 28 || line[0] != '[' || !isDigit(line[1]) || line[11] != 'T' || line[5] != '-' || line[14] != ':' {
		return 0
	}
	end := bytes.IndexByte(line[:min(len(line), 40)], ']')
	if end < 20 || len(line) < end+4 || line[end+1] != ' ' || line[end+2] != '"' {
		return 0
	}
	return end
}

func (envoyFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	end := envoyTime(line)
	if end == 0 {
		return p.failAt("envoy", "expected a time in brackets and a request in quotes", 0)
	}
	w := words{line, end + 1}
	request, ok := w.quoted()
	if !ok {
		return p.failAt("envoy", "expected a request in quotes", end+2)
	}
	at := w.i
	code := w.next()
	if len(code) == 0 || !allDigits(code) {
		return p.failAt("envoy", "expected a response code", at)
	}
	ev.Add(nameTimestamp, line[1:end], event.Text)
	addEnvoyRequest(ev, request)
	if len(code) == 3 { // 0 is no response
		addNumber(ev, nameStatus, code)
	}
	addText(ev, nameFlags, w.next())
	istio := w
	details := istio.next()
	istio.next()
	reason, isIstio := istio.quoted()
	if isIstio = isIstio && (len(details) == 0 || !allDigits(details)); isIstio {
		addText(ev, nameDetails, details)
		addText(ev, nameFailure, reason)
		w = istio
	}
	addNumber(ev, nameRequestBody, w.next())
	addNumber(ev, nameBytes, w.next())
	addNumber(ev, nameDurationMS, w.next())
	addNumber(ev, nameServiceTime, w.next())
	ev.Add(nameMessage, line, event.Text)
	found.proxy = true
	addEnvoyHeaders(ev, &w)
	if isIstio {
		addText(ev, nameCluster, w.text())
		w.next() // the addresses of the connections on both sides
		w.next()
		addEnvoyClient(ev, w.next())
		w.next() // the name asked for in TLS
		addText(ev, nameRoute, w.next())
	}
	found.dots = ^uint64(0)
	addTail(ev, w.i)
	return true
}

// addEnvoyRequest adds a request, whose version is there even when its path is not.
func addEnvoyRequest(ev *event.Event, request []byte) {
	method, rest, _ := bytes.Cut(request, []byte(" "))
	i := bytes.LastIndexByte(rest, ' ')
	if i < 0 {
		return
	}
	addText(ev, nameMethod, unlessNone(method))
	addText(ev, nameURL, unlessNone(rest[:i]))
	if version, ok := bytes.CutPrefix(rest[i+1:], nameProtocolHTTP); ok {
		addText(ev, nameVersion, version)
	}
}

// addEnvoyHeaders adds the five texts in quotes behind the times.
func addEnvoyHeaders(ev *event.Event, w *words) {
	forwarded, _ := w.quoted()
	first, _, _ := bytes.Cut(forwarded, []byte(","))
	addText(ev, nameSource, trimBlanks(first))
	agent, _ := w.quoted()
	addText(ev, nameAgent, agent)
	id, _ := w.quoted()
	addText(ev, nameRequestID, id)
	authority, _ := w.quoted()
	addAddress(ev, nameDomain, nameURLPort, authority)
	upstream, _ := w.quoted()
	addAddress(ev, nameDestination, nameVhostPort, bytes.TrimPrefix(upstream, []byte("tcp://")))
}

// addEnvoyClient adds the address of the connection that came in where no header named the client.
func addEnvoyClient(ev *event.Event, address []byte) {
	if event.Lookup(ev.Fields, nameSource) < 0 {
		addAddress(ev, nameSource, namePort, address)
	}
}

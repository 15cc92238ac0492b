package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var haproxyKinds = []kind{
	{name: "haproxy", make: func(*Config) (format, error) { return haproxyFormat{}, nil },
		fits: func(line []byte) bool { return haproxyTime(line) > 0 }, unleveled: true},
}

// haproxyFormat reads HAProxy's log formats httplog, httpslog and tcplog, and what it says of connections that failed, with the
// header of RFC 3164 in front or without:
//
//	10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {a|b} {c} "GET /x HTTP/1.1"
//	10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0
//	10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt/1: Connection closed during SSL handshake
type haproxyFormat struct{}

var (
	nameFrontend      = []byte("haproxy.frontend_name")
	nameBackend       = []byte("haproxy.backend_name")
	nameHAServer      = []byte("haproxy.server_name")
	nameTotalTime     = []byte("haproxy.total_time_ms") // with a unit in its name, it becomes event.duration
	nameRequestWait   = []byte("haproxy.http.request.time_wait_ms")
	nameQueueWait     = []byte("haproxy.total_waiting_time_ms")
	nameConnectWait   = []byte("haproxy.connection_wait_time_ms")
	nameResponseWait  = []byte("haproxy.http.request.time_wait_without_data_ms")
	nameResponseBytes = []byte("http.response.bytes")
	nameSentBytes     = []byte("destination.bytes")
	nameCookie        = []byte("haproxy.http.request.captured_cookie")
	nameSetCookie     = []byte("haproxy.http.response.captured_cookie")
	nameTermination   = []byte("haproxy.termination_state")
	nameHeaders       = []byte("haproxy.http.request.captured_headers")
	nameReplyHeaders  = []byte("haproxy.http.response.captured_headers")

	namesConnections = [][]byte{[]byte("haproxy.connections.active"), []byte("haproxy.connections.frontend"),
		[]byte("haproxy.connections.backend"), []byte("haproxy.connections.server"), []byte("haproxy.connections.retries")}
	namesQueues    = [][]byte{[]byte("haproxy.server_queue"), []byte("haproxy.backend_queue")}
	namesHTTPTimes = [][]byte{nameRequestWait, nameQueueWait, nameConnectWait, nameResponseWait, nameTotalTime}
	namesTCPTimes  = [][]byte{nameQueueWait, nameConnectWait, nameTotalTime}
)

func (haproxyFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	start := 0
	if haproxyTime(line) == 0 {
		if len(line) > 0 && line[0] == '<' {
			_, start = syslogPriority(line)
		}
		var h bsdHeader
		if !h.scan(line, start) {
			return p.failAt("haproxy", "expected a client and a time in brackets", start)
		}
		start = h.message
		h.addNames(ev)
		if haproxyTime(line[start:]) == 0 { // what it says of itself
			ev.Add(nameTimestamp, h.time.of(line), event.Text)
			ev.Add(nameMessage, line[start:], event.Text)
			found.free = line[start:]
			return true
		}
	}
	text := line[start:]
	open := haproxyTime(text)
	end := open + len("[06/Feb/2009:12:14:14.655")
	ev.Add(nameTimestamp, text[open+1:end], event.Text)
	addAddress(ev, nameSource, namePort, text[:open-1])
	ev.Add(nameMessage, text, event.Text)
	found.proxy = true
	w := words{text, end + 1}
	if reason := addSession(ev, &w); reason != "" {
		return p.failAt("haproxy", reason, start+w.i)
	}
	return true
}

// addSession adds what stands behind the time, and returns what it expected there if it did not find it.
func addSession(ev *event.Event, w *words) (reason string) {
	frontend := w.next()
	if n := len(frontend); n > 0 && frontend[n-1] == ':' { // a connection that failed, and why
		name, _, _ := bytes.Cut(frontend[:n-1], []byte("/"))
		addText(ev, nameFrontend, bytes.TrimSuffix(name, []byte("~")))
		return ""
	}
	addText(ev, nameFrontend, bytes.TrimSuffix(frontend, []byte("~"))) // which marks TLS
	backend, server, ok := bytes.Cut(w.next(), []byte("/"))
	if !ok {
		return "expected a backend and a server"
	}
	addText(ev, nameBackend, backend)
	if string(server) != "<NOSRV>" {
		addText(ev, nameHAServer, server)
	}
	switch times := w.next(); bytes.Count(times, []byte("/")) {
	case len(namesHTTPTimes) - 1:
		addParts(ev, namesHTTPTimes, times)
		addHAProxyHTTP(ev, w)
	case len(namesTCPTimes) - 1:
		addParts(ev, namesTCPTimes, times)
		addNumber(ev, nameSentBytes, bytes.TrimPrefix(w.next(), []byte("+")))
		addHAProxyState(ev, w)
	default:
		return "expected three or five times"
	}
	return ""
}

// addHAProxyHTTP adds what httplog has behind the times.
func addHAProxyHTTP(ev *event.Event, w *words) {
	addNumber(ev, nameStatus, w.next())
	addNumber(ev, nameResponseBytes, bytes.TrimPrefix(w.next(), []byte("+")))
	addText(ev, nameCookie, w.next())
	addText(ev, nameSetCookie, w.next())
	addHAProxyState(ev, w)
	request, reply := w.braces(), w.braces()
	addText(ev, nameHeaders, request)
	addText(ev, nameReplyHeaders, reply)
	for rest := request; len(rest) > 0; { // headers have no names here; a traceparent needs none
		var header []byte
		header, rest, _ = bytes.Cut(rest, []byte("|"))
		addWord(ev, header)
	}
	if text := w.line[skipBlanks(w.line, w.i):]; len(text) > 1 && text[0] == '"' {
		text = text[1:]
		if end := bytes.LastIndexByte(text, '"'); end >= 0 { // a long request may have lost its end
			text = text[:end]
		}
		addRequest(ev, text)
	}
}

// addHAProxyState adds how the session ended, and how many there were.
func addHAProxyState(ev *event.Event, w *words) {
	addText(ev, nameTermination, w.next())
	addParts(ev, namesConnections, w.next())
	addParts(ev, namesQueues, w.next())
}

// addParts adds the numbers between slashes. A part that was never reached is -1, and one that was still going on has a +.
func addParts(ev *event.Event, names [][]byte, text []byte) {
	for _, name := range names {
		var part []byte
		part, text, _ = bytes.Cut(text, []byte("/"))
		addNumber(ev, name, bytes.TrimPrefix(part, []byte("+")))
	}
}

// braces is the next text in braces; nothing when something else comes next.
func (w *words) braces() []byte {
	i := skipBlanks(w.line, w.i)
	if i == len(w.line) || w.line[i] != '{' {
		return nil
	}
	end := bytes.IndexByte(w.line[i:], '}')
	if end < 0 {
		return nil
	}
	w.i = i + end + 1
	return w.line[i+1 : i+end]
}

// haproxyTime is the index of the bracket before the time, behind a client with its port; 0 without one.
func haproxyTime(line []byte) int {
	if len(line) < 32 || !isHex(line[0]|0x20) && line[0] != ':' && line[0] != '[' && line[0] != 'u' {
		return 0
	}
	i := bytes.IndexByte(line[:min(len(line), 128)], ' ') + 1
	if i < 3 || len(line) < i+len("[06/Feb/2009:12:14:14.655]") || !isDigit(line[i-2]) {
		return 0
	}
	t := line[i:]
	if t[0] != '[' || t[3] != '/' || t[7] != '/' || t[12] != ':' || t[21] != '.' || t[25] != ']' {
		return 0
	}
	return i
}

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var nginxKinds = []kind{
	{name: "nginx", make: func(*Config) (format, error) { return new(nginxFormat), nil },
		fits: func(line []byte) bool { return fitsAccess(line) || isNginxError(line) }, undated: true},
}

// nginxFormat reads nginx's access log, as the format combined has it with anything before and behind, that of its
// controller for Kubernetes, and its error log.
type nginxFormat struct{ access accessLine }

func (f *nginxFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	if isNginxError(ev.Line) {
		return takeNginxError(p, ev, found)
	}
	a := &f.access
	if !a.scan(ev.Line) {
		return p.failAt("nginx", a.reason, a.at)
	}
	a.add(ev, found)
	addIngress(ev, a.tail)
	return true
}

// nginxTime is the length of the time in nginx's error log.
const nginxTime = len("2006/01/02 15:04:05")

// isNginxError reports `2006/01/02 15:04:05 [level] `.
func isNginxError(line []byte) bool {
	return len(line) > nginxTime+2 && isDigit(line[0]) && line[4] == '/' && line[7] == '/' && line[10] == ' ' && line[13] == ':' &&
		line[nginxTime] == ' ' && line[nginxTime+1] == '[' && isLetter(line[nginxTime+2])
}

var (
	nameConnection = []byte("nginx.error.connection_id")
	nameServer     = []byte("nginx.error.server")
	nameUpstream   = []byte("nginx.error.upstream")
	nameHost       = []byte("nginx.error.host")
)

// takeNginxError reads `2006/01/02 15:04:05 [error] 12#34: *56 text, client: 1.2.3.4, server: x, request: "GET / HTTP/1.1"`.
func takeNginxError(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	i := nginxTime + 2
	end := i
	for end < len(line) && isLetter(line[end]) {
		end++
	}
	level := line[i:end]
	if levelOf(level) == nil || !bytes.HasPrefix(line[end:], []byte("] ")) {
		return p.failAt("nginx", "expected a level in brackets", i)
	}
	i = end + 2
	pid := digitsAt(line, i)
	if pid == i || pid == len(line) || line[pid] != '#' {
		return p.failAt("nginx", "expected a process id and #", i)
	}
	thread := digitsAt(line, pid+1)
	if thread == pid+1 || !bytes.HasPrefix(line[thread:], []byte(":")) {
		return p.failAt("nginx", "expected a thread id and :", pid+1)
	}
	ev.Add(nameTimestamp, line[:nginxTime], event.Text)
	ev.Add(nameLevel, level, event.Text)
	addNumber(ev, namePID, line[i:pid])
	addNumber(ev, nameThread, line[pid+1:thread])
	i = skipBlanks(line, thread+1)
	if i < len(line) && line[i] == '*' {
		if n := digitsAt(line, i+1); n > i+1 && n < len(line) && line[n] == ' ' {
			addNumber(ev, nameConnection, line[i+1:n])
			i = n + 1
		}
	}
	ev.Add(nameMessage, line[i:], event.Text)
	addNginxContext(ev, line[i:])
	found.free = line[i:]
	return true
}

// digitsAt is the index behind the digits at i.
func digitsAt(line []byte, i int) int {
	for i < len(line) && isDigit(line[i]) {
		i++
	}
	return i
}

// addNginxContext adds what nginx appends to what it says about a request: `, client: …, server: …, request: "…"`.
func addNginxContext(ev *event.Event, text []byte) {
	i := nginxContext(text)
	if i < 0 {
		return
	}
	for rest := text[i:]; ; {
		colon := bytes.Index(rest, []byte(": "))
		if colon < 0 || colon > 16 {
			return
		}
		name := rest[:colon]
		var value []byte
		if value, rest = nginxValue(rest[colon+2:]); len(value) > 0 {
			addNginxValue(ev, name, value)
		}
		if len(rest) < 2 || rest[0] != ',' {
			return
		}
		rest = rest[2:]
	}
}

// nginxContext is where the context begins, at the first client that is an address; what FastCGI said may name others. -1 for none.
func nginxContext(text []byte) int {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(", client: "))
		if i < 0 {
			return -1
		}
		at += i + len(", ")
		client := text[at+len("client: "):]
		if end := bytes.IndexByte(client, ','); end >= 0 {
			client = client[:end]
		}
		if looksLikeAddress(client) || bytes.HasPrefix(client, []byte("unix:")) {
			return at
		}
	}
}

// nginxValue splits a value, in quotes or not, off what follows.
func nginxValue(text []byte) (value, rest []byte) {
	if len(text) > 0 && text[0] == '"' {
		if end := bytes.Index(text[1:], []byte(`", `)); end >= 0 {
			return text[1 : 1+end], text[end+2:]
		}
		if end := bytes.LastIndexByte(text, '"'); end > 0 {
			return text[1:end], text[end+1:]
		}
	}
	if end := bytes.IndexByte(text, ','); end >= 0 {
		return text[:end], text[end:]
	}
	return text, nil
}

func addNginxValue(ev *event.Event, name, value []byte) {
	switch string(name) {
	case "client":
		addUnlessThere(ev, nameSource, value)
	case "server":
		addUnlessThere(ev, nameServer, value)
	case "upstream":
		addUnlessThere(ev, nameUpstream, value)
	case "host":
		addUnlessThere(ev, nameHost, value)
	case "referrer":
		addUnlessThere(ev, nameReferrer, value)
	case "request":
		if event.Lookup(ev.Fields, nameMethod) < 0 {
			addRequest(ev, value)
		}
	}
}

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var apacheKinds = []kind{
	{name: "apache", make: func(*Config) (format, error) { return new(apacheFormat), nil },
		fits: func(line []byte) bool { return isApacheError(line) || fitsAccess(line) }, undated: true},
}

// apacheFormat reads the access logs of Apache's httpd in the formats common, combined and vhost_combined, mod_ssl's request
// log, and the error log of versions 2.2 and 2.4.
type apacheFormat struct {
	access accessLine
	error  apacheError
}

func (f *apacheFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	if len(ev.Line) > 0 && ev.Line[0] == '[' {
		if addTLSRequest(ev, found) {
			return true
		}
		e := &f.error
		if !e.scan(ev.Line) {
			return p.failAt("apache", e.reason, e.at)
		}
		e.add(ev)
		found.free = ev.Line[e.message:]
		return true
	}
	a := &f.access
	if !a.scan(ev.Line) {
		return p.failAt("apache", a.reason, a.at)
	}
	a.add(ev, found)
	return true
}

var (
	nameTLSVersion  = []byte("tls.version")
	nameTLSProtocol = []byte("tls.version_protocol")
	nameTLSCipher   = []byte("tls.cipher")
	tlsProtocol     = []byte("tls")
)

// addTLSRequest reads mod_ssl's `[10/Oct/2000:13:55:36 -0700] 1.2.3.4 TLSv1.2 CIPHER "GET /a HTTP/1.1" 1375`.
func addTLSRequest(ev *event.Event, found *resolution) bool {
	line := ev.Line
	end := bytes.IndexByte(line[:min(len(line), 40)], ']')
	if end < 20 || line[3] != '/' || line[7] != '/' {
		return false
	}
	var words [3]span
	i := end + 1
	for k := range words {
		i = skipBlanks(line, i)
		from := i
		for i < len(line) && !isBlank(line[i]) {
			i++
		}
		words[k] = span{from, i}
	}
	i = skipBlanks(line, i)
	if i == len(line) || line[i] != '"' {
		return false
	}
	n := requestEnd(line, i+1)
	if n < 0 {
		return false
	}
	next, size := numberAt(line, n+1)
	if next < 0 {
		return false
	}
	ev.Add(nameTimestamp, line[1:end], event.Text)
	addText(ev, nameSource, unlessNone(words[0].of(line)))
	addTLS(ev, unlessNone(words[1].of(line)), unlessNone(words[2].of(line)))
	addRequest(ev, line[i+1:n])
	addNumber(ev, nameBytes, size.of(line))
	ev.Add(nameMessage, line, event.Text)
	found.proxy, found.dots = true, ^uint64(0)
	addTail(ev, next)
	return true
}

// addTLS adds a protocol, as in TLSv1.2, and a cipher.
func addTLS(ev *event.Event, protocol, cipher []byte) {
	if version, ok := bytes.CutPrefix(protocol, []byte("TLSv")); ok && len(version) > 0 {
		ev.Add(nameTLSVersion, version, event.Text)
		ev.Add(nameTLSProtocol, tlsProtocol, event.Text)
	}
	addText(ev, nameTLSCipher, cipher)
}

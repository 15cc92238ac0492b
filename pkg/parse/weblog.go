package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// Names of what web servers, proxies and load balancers log, as the ecs-v1 grok patterns have them.
var (
	nameSource    = []byte("source.address")
	namePort      = []byte("source.port")
	nameUser      = []byte("user.name")
	nameIdentity  = []byte("apache.access.user.identity")
	nameVhost     = []byte("destination.domain")
	nameVhostPort = []byte("destination.port")
	nameMethod    = []byte("http.request.method")
	nameURL       = []byte("url.original")
	nameVersion   = []byte("http.version")
	nameStatus    = []byte("http.response.status_code")
	nameBytes     = []byte("http.response.body.bytes")
	nameReferrer  = []byte("http.request.referrer")
	nameAgent     = []byte("user_agent.original")
	nameForwarded = []byte("network.forwarded_ip")
	namePID       = []byte("process.pid")
	nameThread    = []byte("process.thread.id")
)

// accessLine is where the parts of a line of the common log format stand, with what servers put before and behind: the
// combined format, virtual hosts, lists of addresses.
//
//	1.2.3.4 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "referrer" "agent" …
type accessLine struct {
	line []byte
	head accessHead

	time, request, status, bytes, referrer, agent span
	tail                                          int // where what the formats do not know begins

	reason string
	at     int
}

func (a *accessLine) fail(at int, reason string) bool {
	a.reason, a.at = reason, at
	return false
}

// scan finds the parts. When it fails, reason and at say why.
func (a *accessLine) scan(line []byte) bool {
	*a = accessLine{line: line}
	open := accessTime(line)
	if open < 0 {
		return a.fail(0, "expected a client and a time in brackets")
	}
	end := bytes.IndexByte(line[open:min(len(line), open+64)], ']')
	if end < 0 {
		return a.fail(open, "expected ] behind the time")
	}
	a.time = span{open + 1, open + end}
	a.head.scan(line[:open])
	i := skipBlanks(line, open+end+1)
	if i == len(line) || line[i] != '"' {
		return a.fail(i, "expected a request in quotes")
	}
	n := requestEnd(line, i+1)
	if n < 0 {
		return a.fail(i, "expected a request in quotes and a status")
	}
	a.request = span{i + 1, n}
	if i, a.status = numberAt(line, n+1); i < 0 || a.status.is() && a.status.to-a.status.from != 3 {
		return a.fail(n+1, "expected a status of three digits or -")
	}
	if n, a.bytes = numberAt(line, i); n < 0 {
		return a.fail(i, "expected a number of bytes or -")
	}
	a.quoted(n)
	return true
}

// quoted reads the referrer and the agent, behind the one number that some put before them.
func (a *accessLine) quoted(i int) {
	a.tail = i
	if n, _ := numberAt(a.line, i); n > 0 && bytes.HasPrefix(a.line[skipBlanks(a.line, n):], []byte(`"`)) {
		i = n
	}
	var referrer, agent span
	n, ok := quotedAt(a.line, i, &referrer)
	if !ok {
		return
	}
	if n, ok = quotedAt(a.line, n, &agent); !ok {
		return
	}
	a.referrer, a.agent, a.tail = referrer, agent, n
}

// accessTime is the index of the bracket before the time, the common log format's or ISO 8601's; -1 without one.
func accessTime(line []byte) int {
	for i := 0; i < len(line); i++ {
		n := bytes.IndexByte(line[i:min(len(line), 512+i)], '[')
		if i += n; n < 0 || i > 512 {
			break
		}
		if t := line[i+1:]; i > 0 && isBlank(line[i-1]) && len(t) > 20 && (t[2] == '/' && t[6] == '/' && (t[11] == ':' || t[11] == ' ') ||
			t[4] == '-' && t[7] == '-' && t[10] == 'T' && t[13] == ':') {
			return i
		}
	}
	return -1
}

// fitsAccess reports a line that begins with a client or a virtual host and has the time of an access log. Applications put
// access logs behind a date or a level of their own.
func fitsAccess(line []byte) bool {
	if accessTime(line) <= 0 {
		return false
	}
	word, _, _ := bytes.Cut(line[:min(len(line), 256)], []byte(" "))
	if word = bytes.TrimSuffix(word, []byte(",")); hasDate(word) || levelOf(word) != nil {
		return false
	}
	i := bytes.IndexByte(word, ':')
	return i <= 0 || levelOf(word[:i]) == nil
}

// requestEnd is the index of the quote behind a request, -1 without one. A quote in the request is escaped; where a server
// does not, the one before a status ends it.
func requestEnd(line []byte, i int) int {
	for ; ; i++ {
		n := bytes.IndexByte(line[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		if rest := line[i+1:]; len(rest) > 1 && rest[0] == ' ' && (rest[1] == '-' || isDigit(rest[1])) && !escaped(line, i) {
			return i
		}
	}
}

// escaped reports whether the byte at i has a backslash of its own before it.
func escaped(line []byte, i int) bool {
	n := i
	for n > 0 && line[n-1] == '\\' {
		n--
	}
	return (i-n)&1 == 1
}

// numberAt reads a number or `-` behind blanks; the span is empty for `-`. next is -1 when there is neither.
func numberAt(line []byte, i int) (next int, number span) {
	i = skipBlanks(line, i)
	n := i
	for n < len(line) && isDigit(line[n]) {
		n++
	}
	if n == i && n < len(line) && line[n] == '-' {
		i++
		n++
	}
	if n < len(line) && !isBlank(line[n]) || n == i && (n == 0 || line[n-1] != '-') {
		return -1, span{}
	}
	return n, span{i, n}
}

// quotedAt reads a text in quotes behind blanks, empty for `-`.
func quotedAt(line []byte, i int, text *span) (next int, ok bool) {
	i = skipBlanks(line, i)
	if i == len(line) || line[i] != '"' {
		return i, false
	}
	for n := i + 1; n < len(line); n++ {
		q := bytes.IndexByte(line[n:], '"')
		if q < 0 {
			break
		}
		n += q
		if (n+1 == len(line) || isBlank(line[n+1])) && !escaped(line, n) {
			if *text = (span{i + 1, n}); string(text.of(line)) == "-" {
				*text = span{}
			}
			return n + 1, true
		}
	}
	return i, false
}

// add adds the fields.
func (a *accessLine) add(ev *event.Event, found *resolution) {
	line := a.line
	ev.Add(nameTimestamp, a.time.of(line), event.Text)
	a.head.add(ev)
	addRequest(ev, a.request.of(line))
	addNumber(ev, nameStatus, a.status.of(line))
	addNumber(ev, nameBytes, a.bytes.of(line))
	addText(ev, nameReferrer, a.referrer.of(line))
	addText(ev, nameAgent, a.agent.of(line))
	ev.Add(nameMessage, line, event.Text)
	found.proxy = true
	found.dots = ^uint64(0) // names of the line's own come behind these
	addTail(ev, a.tail)
}

// addRequest adds the parts of `GET /a HTTP/1.1`, of which the version may be missing. What is no request adds nothing.
func addRequest(ev *event.Event, request []byte) {
	n := bytes.IndexByte(request, ' ')
	if n <= 0 || n > 32 || !isMethod(request[:n]) {
		return
	}
	url := request[n+1:]
	if i := bytes.LastIndex(url, []byte(" HTTP/")); i > 0 {
		ev.Add(nameMethod, request[:n], event.Text)
		ev.Add(nameURL, url[:i], event.Text)
		addText(ev, nameVersion, url[i+len(" HTTP/"):])
	} else if len(url) > 0 && bytes.IndexByte(url, ' ') < 0 {
		ev.Add(nameMethod, request[:n], event.Text)
		ev.Add(nameURL, url, event.Text)
	}
}

// isMethod reports what HTTP calls a token, as far as methods go.
func isMethod(word []byte) bool {
	for _, c := range word {
		if !isLetter(c) && c != '-' && c != '_' {
			return false
		}
	}
	return isLetter(word[0])
}

// addNumber adds a number, if JSON can have it as one.
func addNumber(ev *event.Event, name, digits []byte) {
	if len(digits) == 0 || len(digits) > 18 || digits[0] == '0' && len(digits) > 1 || !allDigits(digits) {
		return
	}
	ev.Add(name, digits, event.JSON)
}

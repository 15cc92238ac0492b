package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// apacheError is where the parts of a line of httpd's error log stand:
//
//	[Mon Dec 26 16:22:08 2016] [error] [client 192.168.33.1] File does not exist: /var/www/favicon.ico
//	[Mon Dec 26 16:15:55.103786 2016] [core:notice] [pid 11379:tid 7] (2)No such file: [client 1.2.3.4:80] AH00094: text
type apacheError struct {
	line                                           []byte
	time, module, level, pid, thread, client, port span
	message                                        int

	reason string
	at     int
}

var (
	nameModule     = []byte("apache.error.module")
	nameErrorCode  = []byte("error.code")
	clientBrackets = []byte("[client ")
)

// isApacheError reports a weekday and a level in brackets, as no other program puts them.
func isApacheError(line []byte) bool {
	if len(line) < 30 || line[0] != '[' || line[4] != ' ' || !isWeekday(line[1:4]) {
		return false
	}
	var e apacheError
	return e.head(line)
}

// scan finds the parts. When it fails, reason and at say why.
func (e *apacheError) scan(line []byte) bool {
	if !e.head(line) {
		return false
	}
	i := e.message
	if text, ok := bytes.CutPrefix(line[i:], []byte("[pid ")); ok {
		i = e.process(len(line) - len(text))
	}
	i = skipBlanks(line, i)
	e.message = i
	if bytes.HasPrefix(line[i:], clientBrackets) {
		e.message = skipBlanks(line, e.clientAt(i))
	} else if n := bytes.Index(line[i:min(len(line), i+256)], []byte(": [client ")); n > 0 && mayComeFirst(line[i:i+n]) {
		e.clientAt(i + n + 2)
	}
	return true
}

// head reads the time, the module and the level.
func (e *apacheError) head(line []byte) bool {
	*e = apacheError{line: line}
	end := bytes.IndexByte(line[:min(len(line), 64)], ']')
	if end < 8 || line[0] != '[' || !isDigit(line[1]) && !isWeekday(line[1:4]) {
		e.reason, e.at = "expected a time in brackets", 0
		return false
	}
	e.time = span{1, end}
	i := skipBlanks(line, end+1)
	n := bytes.IndexByte(line[i:min(len(line), i+64)], ']')
	if n < 2 || line[i] != '[' {
		e.reason, e.at = "expected a level in brackets", i
		return false
	}
	word := line[i+1 : i+n]
	colon := bytes.IndexByte(word, ':')
	if colon > 0 && string(word[:colon]) != "-" {
		e.module = span{i + 1, i + 1 + colon}
	}
	e.level = span{i + 2 + colon, i + n}
	if level := e.level.of(line); levelOf(level) == nil && levelOf(bytes.TrimRight(level, "12345678")) == nil {
		e.reason, e.at = "expected a level", e.level.from
		return false
	}
	e.message = skipBlanks(line, i+n+1)
	return true
}

// process reads `11379:tid 7] ` and returns the index behind it.
func (e *apacheError) process(i int) int {
	n := digitsAt(e.line, i)
	e.pid = span{i, n}
	if text, ok := bytes.CutPrefix(e.line[n:], []byte(":tid ")); ok {
		from := len(e.line) - len(text)
		n = digitsAt(e.line, from)
		e.thread = span{from, n}
	}
	if end := bytes.IndexByte(e.line[n:], ']'); end >= 0 {
		n += end + 1
	}
	return n
}

// mayComeFirst reports what stands before the client: the system's error in front of its text, or a file and its line.
func mayComeFirst(text []byte) bool {
	return text[0] == '(' || bytes.HasSuffix(text, []byte(")")) && bytes.IndexByte(text, ' ') < 0
}

// clientAt reads `[client 1.2.3.4:80]` at i and returns the index behind it.
func (e *apacheError) clientAt(i int) int {
	i += len(clientBrackets)
	text := e.line[i:]
	end := bytes.IndexByte(text, ']')
	if end < 0 {
		return i
	}
	if text[0] == '[' { // an IPv6 address in brackets of its own
		if behind := bytes.IndexByte(text[end+1:], ']'); behind >= 0 {
			e.client = span{i + 1, i + end}
			if text[end+1] == ':' {
				e.port = span{i + end + 2, i + end + 1 + behind}
			}
			return i + end + 1 + behind + 1
		}
	}
	e.client = span{i, i + end}
	colon := bytes.LastIndexByte(text[:end], ':')
	if colon > 0 && e.pid.is() && allDigits(text[colon+1:end]) && (text[colon-1] != ':' || colon > 1 && text[colon-2] == ':') {
		e.client.to, e.port = i+colon, span{i + colon + 1, i + end}
	}
	return i + end + 1
}

func (e *apacheError) add(ev *event.Event) {
	line := e.line
	ev.Add(nameTimestamp, e.time.of(line), event.Text)
	addText(ev, nameModule, e.module.of(line))
	ev.Add(nameLevel, e.level.of(line), event.Text)
	addNumber(ev, namePID, e.pid.of(line))
	addNumber(ev, nameThread, e.thread.of(line))
	addText(ev, nameSource, e.client.of(line))
	addNumber(ev, namePort, e.port.of(line))
	message := line[e.message:]
	addText(ev, nameErrorCode, apacheCode(message))
	if i := bytes.LastIndex(message, []byte(", referer: ")); i >= 0 && e.client.is() {
		addText(ev, nameReferrer, message[i+len(", referer: "):])
	}
	ev.Add(nameMessage, message, event.Text)
}

// apacheCode is the number that httpd gives to each of its messages, as in `AH00094: `, first or behind the system's error.
func apacheCode(message []byte) []byte {
	const length = len("AH00094")
	if !bytes.HasPrefix(message, []byte("AH")) {
		i := bytes.Index(message[:min(len(message), 256)], []byte(" AH"))
		if i < 1 || message[i-1] != ':' && message[i-1] != ']' {
			return nil
		}
		message = message[i+1:]
	}
	if len(message) <= length || message[length] != ':' || !allDigits(message[2:length]) {
		return nil
	}
	return message[:length]
}

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// bsdHeader is where what RFC 3164 calls header and tag stands in a line, with what daemons and routers leave out or add:
// no host, no tag, no colon behind the tag, a year, a fraction, RFC 3339's time, a facility and severity in words, Cisco's
// sequence number.
type bsdHeader struct {
	line                               []byte
	sequence, time, host, tag, process span
	facility, severity                 int // in words behind the host; -1 for none
	message                            int // where it begins

	reason string
	at     int
}

// scan reads the header that begins at i, behind the priority if there is one. When it fails, reason and at say why.
func (h *bsdHeader) scan(line []byte, i int) bool {
	*h = bsdHeader{line: line, facility: -1, severity: -1}
	i = skipBlanks(line, i)
	if i > 0 { // routers send their lines with a priority
		i = h.cisco(i)
	}
	n := syslogTime(line[i:])
	if n == 0 {
		h.reason, h.at = "expected a time", i
		return false
	}
	h.time = span{i, i + n}
	i += n
	if i < len(line) && line[i] == ':' { // a router's, which has its name before the time if at all
		i = skipBlanks(line, i+1)
	} else if i = skipBlanks(line, i); !h.host.is() {
		i = h.hostAt(i)
	}
	i = h.wordsAt(i)
	h.message = h.tagAt(i)
	return true
}

// cisco reads the sequence number and the name of a router before its time: `29: `, `2462: router1: 002505: *`.
func (h *bsdHeader) cisco(start int) int {
	i := start
	if i < len(h.line) && h.line[i] == ':' { // the number is switched off; ASA's EMBLEM has no blank behind
		i = skipBlanks(h.line, i+1)
	}
	for range 3 {
		n := bytes.IndexByte(h.line[i:min(len(h.line), i+256)], ' ')
		if n < 2 || h.line[i+n-1] != ':' {
			break
		}
		word := span{i, i + n - 1}
		if allDigits(word.of(h.line)) {
			h.sequence = word
		} else if h.host.is() || !isHost(word.of(h.line)) {
			break
		} else {
			h.host = word
		}
		i += n + 1
	}
	if i < len(h.line) && (h.line[i] == '*' || h.line[i] == '.') { // its clock is not set, or not in step
		i++
	}
	if syslogTime(h.line[min(i, len(h.line)):]) == 0 {
		h.sequence, h.host = span{}, span{}
		return start
	}
	return i
}

// hostAt reads the host at i, if it is one and no tag, and returns where the line goes on.
func (h *bsdHeader) hostAt(i int) int {
	n := bytes.IndexByte(h.line[i:min(len(h.line), i+256)], ' ')
	if n <= 0 || !isHost(h.line[i:i+n]) {
		return i
	}
	h.host = span{i, i + n}
	i = skipBlanks(h.line, i+n)
	if i+1 < len(h.line) && h.line[i] == ':' && h.line[i+1] == ' ' { // ASA's `host : %ASA-6-305011: `
		i = skipBlanks(h.line, i+1)
	}
	return i
}

// isHost reports a name or an address, or several of them with slashes between.
func isHost(word []byte) bool {
	colons := 0
	for _, c := range word {
		switch {
		case isLetter(c), isDigit(c), c == '.', c == '-', c == '_', c == '/', c == '%', c == '@', c >= 0x80:
		case c == ':':
			colons++
		default:
			return false
		}
	}
	switch c := word[0]; {
	case colons > 0:
		return colons > 1 && isAddress6(word)
	case !isLetter(c) && !isDigit(c) && c < 0x80:
		return false
	}
	return true
}

// isAddress6 reports an IPv6 address by its letters; a zone may follow.
func isAddress6(word []byte) bool {
	for _, c := range word {
		switch {
		case c == '%':
			return true
		case !isDigit(c) && c != ':' && c != '.' && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	return true
}

// wordsAt reads a facility and a severity, as in `user.warn`, which rsyslog's templates and FreeBSD (in <>) put behind the host.
func (h *bsdHeader) wordsAt(i int) int {
	n := bytes.IndexByte(h.line[i:min(len(h.line), i+24)], ' ')
	if n < 0 {
		return i
	}
	word := bytes.TrimSuffix(bytes.TrimPrefix(h.line[i:i+n], []byte("<")), []byte(">"))
	dot := bytes.IndexByte(word, '.')
	if dot < 0 {
		return i
	}
	facility, severity := facilityOf(word[:dot]), severityOf(word[dot+1:])
	if facility < 0 || severity < 0 {
		return i
	}
	h.facility, h.severity = facility, severity
	return skipBlanks(h.line, i+n)
}

// longestTag bounds tags: RFC 3164 has 32 letters, but programs have longer names.
const longestTag = 96

// tagAt reads the tag at i, if there is one, and returns where the message begins.
func (h *bsdHeader) tagAt(i int) int {
	line := h.line[:min(len(h.line), i+longestTag)]
	for j := i; j < len(line); j++ {
		switch line[j] {
		case ':':
			if j == i || j+1 < len(h.line) && h.line[j+1] != ' ' && h.line[j+1] != '\t' { // part of a name, as in Foo::Bar
				continue
			}
			h.tag = span{i, j}
			return h.behind(j + 1)
		case '[':
			return h.processAt(i, j)
		case '|': // CEF's header
			return i
		case ' ':
			return h.longTagAt(i, j)
		}
	}
	return i
}

// behind skips the one blank behind a tag.
func (h *bsdHeader) behind(i int) int {
	if i < len(h.line) && h.line[i] == ' ' {
		i++
	}
	return i
}

// processAt reads the process id in brackets at j, behind the tag that began at i.
func (h *bsdHeader) processAt(i, j int) int {
	n := bytes.IndexByte(h.line[j:min(len(h.line), j+longestTag)], ']')
	if j == i || n < 0 || bytes.IndexByte(h.line[j:j+n], ' ') >= 0 {
		return i
	}
	end := j + n + 1
	switch {
	case end == len(h.line):
	case h.line[end] == ':':
	case h.line[end] != ' ':
		return i
	case bytes.HasPrefix(h.line[end:], []byte(" : ")):
		end++
	}
	h.tag, h.process = span{i, j}, span{j + 1, j + n}
	if end < len(h.line) && h.line[end] == ':' {
		end++
	}
	return h.behind(end)
}

// longTagAt reads a tag of several words, the first of which ends at j: a program's name with blanks before the process id
// in brackets and a colon, or with a version behind it.
func (h *bsdHeader) longTagAt(i, j int) int {
	line := h.line[:min(len(h.line), i+longestTag)]
	version := j+1 < len(line) && isDigit(line[j+1])
	for k := j + 1; k < len(line); k++ {
		switch c := line[k]; {
		case c == ':' && version && line[k-1] != ' ':
			if k+1 == len(h.line) || h.line[k+1] == ' ' {
				h.tag = span{i, k}
				return h.behind(k + 1)
			}
			return i
		case c == '[' && line[k-1] != ' ':
			n := 1
			for k+n < len(line) && isDigit(line[k+n]) {
				n++
			}
			if n == 1 || k+n+1 >= len(line) || line[k+n] != ']' || line[k+n+1] != ':' {
				return i
			}
			h.tag, h.process = span{i, k}, span{k + 1, k + n}
			return h.behind(k + n + 2)
		case isLetter(c), isDigit(c), c == '.', c == '-', c == '_', c >= 0x80, c == '(', c == ')':
		case c == ' ':
			version = false
		default:
			return i
		}
	}
	return i
}

func (h *bsdHeader) add(ev *event.Event) {
	line := h.line
	if h.facility >= 0 {
		addPriority(ev, h.facility, h.severity)
	}
	ev.Add(nameTimestamp, h.time.of(line), event.Text)
	if h.sequence.is() {
		if number := bytes.TrimLeft(h.sequence.of(line), "0"); len(number) > 0 && len(number) < 19 {
			ev.Add(nameSequence, number, event.JSON)
		}
	}
	h.addNames(ev)
	ev.Add(nameMessage, line[h.message:], event.Text)
}

// addNames adds who wrote the line.
func (h *bsdHeader) addNames(ev *event.Event) {
	addText(ev, nameSyslogHost, h.host.of(h.line))
	addText(ev, nameSyslogApp, h.tag.of(h.line))
	addText(ev, nameSyslogProcess, h.process.of(h.line))
}

// addText adds a field unless it is empty.
func addText(ev *event.Event, name, text []byte) {
	if len(text) > 0 {
		ev.Add(name, text, event.Text)
	}
}

func allDigits(word []byte) bool {
	for _, c := range word {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var syslogKinds = []kind{
	{name: "syslog", make: func(*Config) (format, error) { return new(syslogFormat), nil }, fits: fitsSyslog, unleveled: true, envelope: true},
}

// syslogFormat reads what syslog daemons write: RFC 5424 to the letter, and what RFC 3164 found in use, with and without the
// priority.
type syslogFormat struct{ structured structuredData }

var (
	nameLevel          = []byte("log.level")
	nameSyslogPriority = []byte("log.syslog.priority")
	nameSyslogFacility = []byte("log.syslog.facility.code")
	nameSyslogSeverity = []byte("log.syslog.severity.code")
	nameSyslogVersion  = []byte("log.syslog.version")
	nameSyslogHost     = []byte("log.syslog.hostname")
	nameSyslogApp      = []byte("log.syslog.appname")
	nameSyslogProcess  = []byte("log.syslog.procid")
	nameSyslogID       = []byte("log.syslog.msgid")
	nameSequence       = []byte("event.sequence")
)

// severities are the levels of RFC 5424, table 2.
var severities = [8][]byte{
	[]byte("emergency"), []byte("alert"), []byte("critical"), []byte("error"), []byte("warning"), []byte("notice"), []byte("info"), []byte("debug"),
}

// codes are the numbers that facilities and severities have.
var codes = [24][]byte{
	[]byte("0"), []byte("1"), []byte("2"), []byte("3"), []byte("4"), []byte("5"), []byte("6"), []byte("7"), []byte("8"), []byte("9"), []byte("10"), []byte("11"),
	[]byte("12"), []byte("13"), []byte("14"), []byte("15"), []byte("16"), []byte("17"), []byte("18"), []byte("19"), []byte("20"), []byte("21"), []byte("22"), []byte("23"),
}

func (f *syslogFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	i := 0
	if len(line) > 0 && line[0] == '<' {
		priority, n := syslogPriority(line)
		if n == 0 {
			return p.failAt("syslog", "expected a priority from <0> to <191>", 0)
		}
		ev.Add(nameSyslogPriority, line[1:n-1], event.JSON)
		addPriority(ev, priority>>3, priority&7)
		i = n
		if v := syslogVersion(line[i:]); v > 0 {
			return f.take5424(p, ev, found, i, i+v)
		}
	}
	var h bsdHeader
	if !h.scan(line, i) {
		return p.failAt("syslog", h.reason, h.at)
	}
	h.add(ev)
	found.free = line[h.message:]
	return true
}

func addPriority(ev *event.Event, facility, severity int) {
	ev.Add(nameSyslogFacility, codes[facility], event.JSON)
	ev.Add(nameSyslogSeverity, codes[severity], event.JSON)
	ev.Add(nameLevel, severities[severity], event.Text)
}

// syslogPriority reads `<165>`; n is its length, 0 when there is none.
func syslogPriority(line []byte) (priority, n int) {
	for n = 1; n < len(line) && n < 5 && isDigit(line[n]); n++ {
		priority = priority*10 + int(line[n]-'0')
	}
	if n == 1 || n == len(line) || line[n] != '>' || priority > 191 || line[1] == '0' && n > 2 {
		return 0, 0
	}
	return priority, n + 1
}

// syslogVersion is the length of the version of RFC 5424, a number from 1 to 999 and a blank; 0 for none.
func syslogVersion(text []byte) int {
	n := 0
	for n < len(text) && n < 3 && isDigit(text[n]) {
		n++
	}
	if n == 0 || n == len(text) || text[n] != ' ' || text[0] == '0' {
		return 0
	}
	return n
}

// fitsSyslog reports a line with a priority in front, or a time, a host and a tag with a colon or a process id. A line that a
// program wrote itself may begin with a time, too; a level where the host or the tag should be gives it away.
func fitsSyslog(line []byte) bool {
	if len(line) < 16 {
		return false
	}
	i := 0
	if line[0] == '<' {
		if _, i = syslogPriority(line); i == 0 {
			return false
		}
		if v := syslogVersion(line[i:]); v > 0 {
			i += v + 1
			return i < len(line) && (isDigit(line[i]) || bytes.HasPrefix(line[i:], []byte("- ")))
		}
	} else if line[0] != '2' && line[0] != '1' && (!isUpper(line[0]) || line[3] != ' ' || monthOf(line[:3]) == 0) {
		return false
	}
	var h bsdHeader
	if !h.scan(line, i) {
		return false
	}
	if i > 0 {
		return true
	}
	if line[h.time.to-1] == 'Z' && !h.process.is() { // daemons write +00:00
		return false
	}
	if !h.host.is() {
		return h.process.is() && allDigits(h.process.of(line))
	}
	return h.tag.is() && levelOf(h.host.of(line)) == nil && levelOf(h.tag.of(line)) == nil
}

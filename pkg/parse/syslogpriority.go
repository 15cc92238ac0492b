package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// priorityFormat reads the number of a priority alone, as patterns capture it: what it says of facility and severity, with
// the names that Logstash's syslog_pri gives them, after RFC 3164, tables 1 and 2.
type priorityFormat struct{}

var facilityNames = [24][]byte{
	[]byte("kernel"), []byte("user-level"), []byte("mail"), []byte("daemon"), []byte("security/authorization"), []byte("syslogd"),
	[]byte("line printer"), []byte("network news"), []byte("uucp"), []byte("clock"), []byte("security/authorization"), []byte("ftp"),
	[]byte("ntp"), []byte("log audit"), []byte("log alert"), []byte("clock"), []byte("local0"), []byte("local1"),
	[]byte("local2"), []byte("local3"), []byte("local4"), []byte("local5"), []byte("local6"), []byte("local7"),
}

var severityNames = [8][]byte{
	[]byte("emergency"), []byte("alert"), []byte("critical"), []byte("error"), []byte("warning"), []byte("notice"), []byte("informational"), []byte("debug"),
}

var (
	nameSyslogFacilityName = []byte("log.syslog.facility.name")
	nameSyslogSeverityName = []byte("log.syslog.severity.name")
)

func (priorityFormat) take(p *Parser, ev *event.Event, _ *resolution) bool {
	n, digits := 0, bytes.TrimSpace(ev.Line)
	for _, c := range digits {
		if !isDigit(c) || n > 191 {
			n = len(facilityNames) << 3
			break
		}
		n = n*10 + int(c-'0')
	}
	if len(digits) == 0 || n > 191 {
		p.fault = append(p.fault[:0], "syslog_priority: not a number from 0 to 191"...)
		return false
	}
	ev.Add(nameSyslogFacility, codes[n>>3], event.JSON)
	ev.Add(nameSyslogFacilityName, facilityNames[n>>3], event.Text)
	ev.Add(nameSyslogSeverity, codes[n&7], event.JSON)
	ev.Add(nameSyslogSeverityName, severityNames[n&7], event.Text)
	return true
}

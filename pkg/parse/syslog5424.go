package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// take5424 reads the rest of RFC 5424's line from its version, which ends at end. Lengths and letters are those of the RFC's
// section 6; fields that are `-` are not there.
func (f *syslogFormat) take5424(p *Parser, ev *event.Event, found *resolution, version, end int) bool {
	line := ev.Line
	ev.Add(nameSyslogVersion, line[version:end], event.Text)
	i := end + 1
	n := wordEnd(line, i)
	if n < 0 || !f.time(p, ev, line[i:n]) {
		return p.failAt("syslog", "expected a time of RFC 5424", i)
	}
	i = n + 1
	for k := range words5424 {
		w := &words5424[k]
		if n = wordEnd(line, i); n < 0 || n == i || n-i > w.longest || !arePrintable(line[i:n]) {
			return p.failAt("syslog", w.expected, i)
		}
		if n-i > 1 || line[i] != '-' {
			ev.Add(w.name, line[i:n], event.Text)
		}
		i = n + 1
	}
	data := i
	i, ok := f.structured.take(p, ev, i)
	if !ok {
		return p.failAt("syslog", f.structured.reason, i)
	}
	found.twins = found.twins || f.structured.params > fewParams
	if line[data] == '[' { // ids may stand in there
		found.free = line[data:]
	}
	if i == len(line) {
		return true
	}
	if line[i] != ' ' {
		return p.failAt("syslog", "expected a blank behind the structured data", i)
	}
	message := bytes.TrimPrefix(line[i+1:], []byte("\ufeff"))
	ev.Add(nameMessage, message, event.Text)
	if found.free == nil {
		found.free = message
	}
	return true
}

// words5424 are the words between the time and the structured data.
var words5424 = []struct {
	name     []byte
	longest  int
	expected string
}{
	{nameSyslogHost, 255, "expected a host of at most 255 printable letters"},
	{nameSyslogApp, 48, "expected an application of at most 48 printable letters"},
	{nameSyslogProcess, 128, "expected a process of at most 128 printable letters"},
	{nameSyslogID, 32, "expected a message's id of at most 32 printable letters"},
}

// wordEnd is the index of the blank behind the word at i, -1 without one.
func wordEnd(line []byte, i int) int {
	if i > len(line) {
		return -1
	}
	n := bytes.IndexByte(line[i:], ' ')
	if n < 0 {
		return -1
	}
	return i + n
}

// arePrintable reports the RFC's PRINTUSASCII.
func arePrintable(word []byte) bool {
	for _, c := range word {
		if c-'!' > '~'-'!' {
			return false
		}
	}
	return true
}

// time adds the time unless it is nil. Offsets of a day, which the RFC allows, are more than a time zone has, so such a time is
// written anew.
func (f *syslogFormat) time(p *Parser, ev *event.Event, text []byte) bool {
	if string(text) == "-" {
		return true
	}
	t, offset, ok := time5424(text)
	if !ok {
		return false
	}
	if offset < -18*3600 || offset > 18*3600 {
		start := len(p.spare)
		p.spare = t.Append(p.spare)
		text = p.spare[start:len(p.spare):len(p.spare)]
	}
	ev.Add(nameTimestamp, text, event.Text)
	return true
}

// time5424 reads RFC 5424's profile of RFC 3339: capital T and Z, at most six decimals, no leap second.
func time5424(text []byte) (t event.Time, offset int, ok bool) {
	if len(text) < len("2006-01-02T15:04:05Z") || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return t, 0, false
	}
	var n [7]int
	for k, at := range [7]int{0, 2, 5, 8, 11, 14, 17} {
		if n[k], ok = twoDigits(text[at:]); !ok {
			return t, 0, false
		}
	}
	c := civil{year: n[0]*100 + n[1], hasYear: true, month: n[2], day: n[3], hour: n[4], minute: n[5], second: n[6]}
	if !c.validDate() || !c.validClock() || c.second > 59 {
		return t, 0, false
	}
	rest := text[19:]
	if rest[0] == '.' {
		length := 0
		if t.Nsec, t.Digits, length = decimals(rest[1:]); length < 1 || length > 6 {
			return t, 0, false
		}
		rest = rest[1+length:]
	}
	if offset, ok = offset5424(rest); !ok {
		return t, 0, false
	}
	t.Sec, t.Set = c.local()-int64(offset), true
	return t, offset, true
}

// offset5424 reads `Z` or `+hh:mm`, in seconds.
func offset5424(text []byte) (int, bool) {
	if string(text) == "Z" {
		return 0, true
	}
	if len(text) != len("+00:00") || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return 0, false
	}
	hours, ok1 := twoDigits(text[1:])
	minutes, ok2 := twoDigits(text[4:])
	seconds := hours*3600 + minutes*60
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok1 && ok2 && hours <= 23 && minutes <= 59
}

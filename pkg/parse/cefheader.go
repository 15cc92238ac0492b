package parse

import (
	"bytes"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// markedFormat is what CEF and LEEF have in common: a mark with a version, a header with bars, and what a syslog daemon may
// have put before it, which is read as format syslog has it.
type markedFormat struct {
	name    string // of the format
	mark    []byte
	syslog  syslogFormat
	repeats repeats
	shift   int // of the mark in the line as it was
}

// inside takes syslog's part of the line off, if there is one, and gives the rest to read, with the end of the version.
func (f *markedFormat) inside(p *Parser, ev *event.Event, found *resolution, read func(p *Parser, ev *event.Event, end int) bool) bool {
	line, fields, before := ev.Line, len(ev.Fields), *found
	f.shift = findMark(line, f.mark)
	if f.shift < 0 {
		p.fault = append(append(append(append(p.fault[:0], f.name...), ": no "...), f.mark...), "VERSION|"...)
		return false
	}
	if f.shift > 0 && !(f.syslog.take(p, ev, found) && p.unwrap(ev, found) && len(ev.Line) == len(line)-f.shift) {
		ev.Fields, *found = ev.Fields[:fields], before
		found.free = line[:f.shift]
	}
	ev.Line = line[f.shift:]
	f.repeats.begin(ev.Fields)
	if read(p, ev, versionBehind(ev.Line, f.mark)) {
		return true
	}
	ev.Line, ev.Fields, *found = line, ev.Fields[:fields], before
	return false
}

func (f *markedFormat) fail(p *Parser, reason string, at int) bool {
	return p.failAt(f.name, reason, f.shift+at)
}

// longestSyslogHeader bounds where auto looks for a mark.
const longestSyslogHeader = 256

// fitsMark reports whether the line begins with the mark and a version, or with a header of syslog's and then those.
func fitsMark(line, mark []byte) bool {
	if versionBehind(line, mark) > 0 {
		return true
	}
	start := findMark(line[:min(len(line), longestSyslogHeader)], mark)
	var h bsdHeader
	return start > 0 && line[0] != '<' && h.scan(line, 0) && h.message == start
}

// versionBehind returns where the version behind the mark that line begins with ends, at its bar; 0 when it does not.
func versionBehind(line, mark []byte) int {
	if !bytes.HasPrefix(line, mark) {
		return 0
	}
	for i := len(mark); i < len(line); i++ {
		if c := line[i]; c == '|' && i > len(mark) {
			return i
		} else if !isDigit(c) && c != '.' {
			return 0
		}
	}
	return 0
}

// findMark returns where the mark and a version stand, at the start of the line or behind what a syslog daemon put before
// them; -1 when they do not.
func findMark(line, mark []byte) int {
	for start := 0; ; start += len(mark) {
		n := bytes.Index(line[start:], mark)
		if n < 0 {
			return -1
		}
		start += n
		if (start == 0 || line[start-1] == ' ' || line[start-1] == ':') && versionBehind(line[start:], mark) > 0 {
			return start
		}
	}
}

// header adds the parts of a header whose first bar stands at i, and returns the index behind the last bar; ok is false when
// there are not enough of them. The last one may end with the line.
func (f *markedFormat) header(p *Parser, ev *event.Event, i int, names [][]byte) (next int, ok bool) {
	line := ev.Line
	for n, name := range names {
		i++
		from, escaped := i, false
		for i < len(line) && line[i] != '|' {
			if line[i] == '\\' && i+1 < len(line) {
				escaped = true
				i++
			}
			i++
		}
		if i >= len(line) && (n < len(names)-1 || from >= len(line)) {
			return i, f.fail(p, "the line ends within the header", len(line))
		}
		if value := trimBlanks(line[from:i]); len(value) > 0 {
			if escaped {
				value = unescapePairs(p, value, "|\\")
			}
			ev.Add(name, value, event.Text)
		}
	}
	return min(i+1, len(line)), true
}

// unescapePairs takes the backslashes off before the characters of special; in front of a letter n or r it stands for a line
// end, except where special says that those have no meaning. Any other one is itself.
func unescapePairs(p *Parser, text []byte, special string) []byte {
	breaks := special[0] == '='
	start := len(p.spare)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) {
			switch next := text[i+1]; {
			case strings.IndexByte(special, next) >= 0:
				c = next
				i++
			case breaks && (next == 'n' || next == 'r'):
				c = '\n'
				i++
			}
		}
		p.spare = append(p.spare, c)
	}
	return p.spare[start:len(p.spare):len(p.spare)]
}

// setMessage makes the first of the names that a field has the message, and leaves the field where it is.
func setMessage(ev *event.Event, first int, names ...[]byte) {
	for _, name := range names {
		for i := first; i < len(ev.Fields); i++ {
			if f := &ev.Fields[i]; !f.Removed && bytes.Equal(f.Name, name) {
				ev.Message = event.Value{Bytes: f.Value, Kind: f.Kind, Set: true}
				return
			}
		}
	}
}

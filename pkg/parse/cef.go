package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var cefKinds = []kind{
	{name: "cef", make: newCEFFormat, fits: fitsCEF, barred: true},
}

// cefFormat reads ArcSight's Common Event Format:
//
//	CEF:0|vendor|product|version|event class id|name|severity|key=value key=value
//
// The fields are cef.version, cef.device.vendor and so on, and cef.extensions.KEY. The message is the extension msg, or else
// the name.
//
// Keys are letters, digits and a few marks, behind a blank and before =; values run to the blank before the next key, so
// that they may hold blanks, and an = behind anything that is no key is taken as the part of a value that it must be.
// Empty values are left out.
type cefFormat struct{ markedFormat }

func newCEFFormat(*Config) (format, error) {
	return &cefFormat{markedFormat{name: "cef", mark: cefMark}}, nil
}

// cefFields are the names of the parts of the header behind the version.
var cefFields = [...][]byte{[]byte("cef.device.vendor"), []byte("cef.device.product"), []byte("cef.device.version"),
	[]byte("cef.device.event_class_id"), []byte("cef.name"), []byte("cef.severity")}

var (
	cefMark       = []byte("CEF:")
	cefVersion    = []byte("cef.version")
	cefName       = []byte("cef.name")
	cefMessage    = []byte("cef.extensions.msg")
	cefExtensions = "cef.extensions."
)

func fitsCEF(line []byte) bool { return fitsMark(line, cefMark) }

func (f *cefFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	return f.inside(p, ev, found, f.read)
}

// read reads the line, which begins with the mark; its version ends at index end.
func (f *cefFormat) read(p *Parser, ev *event.Event, end int) bool {
	first := len(ev.Fields)
	ev.Add(cefVersion, ev.Line[len(cefMark):end], event.Text)
	i, ok := f.header(p, ev, end, cefFields[:])
	if !ok || !f.extensions(p, ev, i) {
		return false
	}
	f.repeats.join(p, ev)
	setMessage(ev, first, cefMessage, cefName)
	return true
}

// extensions reads the pairs from i on.
func (f *cefFormat) extensions(p *Parser, ev *event.Event, i int) bool {
	line := ev.Line
	var key []byte // that of the value being read
	value, from, escaped := i, i, false
	word, plain := i, true // where the last word begins, and whether it may be a key
	for ; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ':
			word, plain = i+1, true
		case c == '\\':
			i++
			escaped, plain = true, false
		case c != '=':
			plain = plain && cefKeyMarks[c]
		case plain && i > word && (word == from || word > value):
			if key == nil && len(trimBlanks(line[from:word])) > 0 {
				return f.fail(p, "an extension without a key", from)
			}
			f.add(p, ev, key, line[value:max(value, word-1)], escaped)
			key, value, escaped, plain = line[word:i], i+1, false, false
		default:
			plain = false
		}
	}
	if key == nil && len(trimBlanks(line[from:])) > 0 {
		return f.fail(p, "an extension without a key", from)
	}
	f.add(p, ev, key, line[value:], escaped)
	return true
}

// add adds an extension, unless there is no key yet.
func (f *cefFormat) add(p *Parser, ev *event.Event, key, value []byte, escaped bool) {
	if value = bytes.TrimRight(value, " "); key == nil || len(value) == 0 {
		return
	}
	if escaped {
		value = unescapePairs(p, value, "=\\|")
	}
	ev.Add(p.nameOf(cefExtensions, key), value, event.Text)
	f.repeats.note(ev.Fields)
}

// cefKeyMarks are the bytes that the key of an extension consists of.
var cefKeyMarks = func() (marks [256]bool) {
	for i := range marks {
		c := byte(i)
		marks[i] = isLetter(c) || isDigit(c) || isSeparator(c) || c == '[' || c == ']'
	}
	return marks
}()

package parse

import (
	"bytes"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

var leefKinds = []kind{
	{name: "leef", make: newLEEFFormat, fits: fitsLEEF, barred: true},
}

// leefFormat reads IBM QRadar's Log Event Extended Format:
//
//	LEEF:1.0|vendor|product|version|event id|key=value<tab>key=value
//	LEEF:2.0|vendor|product|version|event id|^|key=value^key=value
//
// In version 2 the delimiter is one character, or its number as in 0x5E or x5E; nothing means a tab, and the part may be
// missing. The fields are named as those of CEF: leef.version, leef.device.vendor, leef.device.product,
// leef.device.version, leef.event_id, and leef.extensions.KEY. Values have no escapes. Empty ones are left out.
type leefFormat struct{ markedFormat }

func newLEEFFormat(*Config) (format, error) {
	return &leefFormat{markedFormat{name: "leef", mark: leefMark}}, nil
}

var leefFields = [...][]byte{[]byte("leef.device.vendor"), []byte("leef.device.product"), []byte("leef.device.version"), []byte("leef.event_id")}

var (
	leefMark       = []byte("LEEF:")
	leefVersion    = []byte("leef.version")
	leefMessage    = []byte("leef.extensions.msg")
	leefExtensions = "leef.extensions."
	leefTab        = []byte("\t")
)

func fitsLEEF(line []byte) bool { return fitsMark(line, leefMark) }

func (f *leefFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	return f.inside(p, ev, found, f.read)
}

// read reads the line, which begins with the mark; its version ends at index end.
func (f *leefFormat) read(p *Parser, ev *event.Event, end int) bool {
	first := len(ev.Fields)
	version := ev.Line[len(leefMark):end]
	ev.Add(leefVersion, version, event.Text)
	i, ok := f.header(p, ev, end, leefFields[:])
	if !ok {
		return false
	}
	delimiter := leefTab
	if version[0] != '1' {
		delimiter, i = leefDelimiter(p, ev.Line, i)
	}
	if !f.extensions(p, ev, i, delimiter) {
		return false
	}
	f.repeats.join(p, ev)
	setMessage(ev, first, leefMessage)
	return true
}

// leefDelimiter reads the declaration of a delimiter at i, if there is one, and returns where the extensions begin.
func leefDelimiter(p *Parser, line []byte, i int) (delimiter []byte, next int) {
	declared, _, ok := bytes.Cut(line[i:], []byte{'|'})
	if !ok {
		return leefTab, i
	}
	next = i + len(declared) + 1
	if len(declared) == 0 {
		return leefTab, next
	}
	if _, size := utf8.DecodeRune(declared); size == len(declared) {
		return declared, next
	}
	char := leefHex(declared)
	if char < 0 {
		return leefTab, i
	}
	start := len(p.spare)
	p.spare = utf8.AppendRune(p.spare, char)
	return p.spare[start:len(p.spare):len(p.spare)], next
}

// leefHex is the character whose number declared is: x and up to four hexadecimal digits, also behind 0 or a backslash; or -1.
func leefHex(declared []byte) rune {
	if declared[0] == '0' || declared[0] == '\\' {
		declared = declared[1:]
	}
	if len(declared) < len("x0") || len(declared) > len("x0000") || lower(declared[0]) != 'x' {
		return -1
	}
	digits := [4]byte{'0', '0', '0', '0'}
	copy(digits[len(digits)-len(declared)+1:], declared[1:])
	return rune(jsontext.Hex4(digits[:]))
}

// extensions reads the pairs from i on. A piece without = belongs to the value before it, which then has the delimiter in it.
func (f *leefFormat) extensions(p *Parser, ev *event.Event, i int, delimiter []byte) bool {
	line := ev.Line
	var key []byte
	value := i // where the value of the key begins
	for from := i; from < len(line); {
		end := len(line)
		if n := bytes.Index(line[from:], delimiter); n >= 0 {
			end = from + n
		}
		piece := line[from:end]
		switch equal := bytes.IndexByte(piece, '='); {
		case equal > 0 && len(trimBlanks(piece[:equal])) > 0:
			if key != nil {
				f.add(p, ev, key, line[value:max(value, from-len(delimiter))])
			}
			key, value = trimBlanks(piece[:equal]), from+equal+1
		case key == nil && len(trimBlanks(piece)) > 0:
			return f.fail(p, "an extension without a key", from)
		}
		from = end + len(delimiter)
	}
	if key != nil {
		f.add(p, ev, key, line[value:])
	}
	return true
}

// add adds an extension.
func (f *leefFormat) add(p *Parser, ev *event.Event, key, value []byte) {
	if value = trimBlanks(value); len(value) > 0 {
		ev.Add(p.nameOf(leefExtensions, key), value, event.Text)
		f.repeats.note(ev.Fields)
	}
}

package parse

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// logfmt is the way of writing of Heroku and of most loggers for Go: `ts=... level=info msg="a b" n=1`. It is read as
// go-logfmt reads it, which has become the reference: what that refuses is an error here. Values are text, since the
// format has no types; a key without = is true.
var logfmtKinds = []kind{
	{name: "logfmt", make: func(cfg *Config) (format, error) {
		return &logfmtFormat{guess: !slices.Contains(cfg.Format, "logfmt")}, nil
	}, fits: beginsPair, unleveled: true},
}

// logfmtFormat reads lines of logfmt.
type logfmtFormat struct {
	repeats repeats

	// guess says that auto asks, and not the configuration. Then the line must be nothing but two pairs or more, and is
	// kept whole in the message when none of them holds one.
	guess bool
}

// What a byte is in logfmt.
const (
	logfmtBlank  byte = 1 << iota // a space or a control character, between pairs
	logfmtEqual                   // =
	logfmtQuote                   // "
	logfmtDot                     // . in a name
	logfmtEscape                  // \ in a name, which JSON escapes
	logfmtHigh                    // part of a character beyond ASCII
	logfmtOdd                     // nothing that loggers have in their names
)

var logfmtClass = func() (class [256]byte) {
	for i := range class {
		switch c := byte(i); {
		case c <= ' ':
			class[i] = logfmtBlank
		case c >= utf8.RuneSelf:
			class[i] = logfmtHigh | logfmtOdd
		case !isLetter(c) && !isDigit(c) && c != '_' && c != '-' && c != '/' && c != '@':
			class[i] = logfmtOdd
		}
	}
	class['='], class['"'], class['.'] = logfmtEqual, logfmtQuote, logfmtDot
	class['\\'] |= logfmtEscape
	return class
}()

// beginsPair reports whether a line begins with a name and =.
func beginsPair(line []byte) bool {
	for i, c := range line {
		if class := logfmtClass[c]; class&^logfmtDot != 0 {
			return class == logfmtEqual && i > 0
		}
	}
	return false
}

func (f *logfmtFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	first, bare := len(ev.Fields), 0
	var odd byte
	f.repeats.begin(ev.Fields)
	for i := 0; ; {
		for i < len(line) && line[i] <= ' ' {
			i++
		}
		if i == len(line) {
			break
		}
		name, next, ok := f.name(p, line, i, found, &odd)
		if !ok {
			return false
		}
		if i = next; i == len(line) || line[i] != '=' {
			bare++
			ev.Add(name, jsonTrue, event.JSON)
		} else {
			value, kind, next, ok := f.value(p, line, i+1)
			if !ok {
				return false
			}
			i = next
			ev.Add(name, value, kind)
		}
		f.repeats.note(ev.Fields)
	}
	if f.guess && (bare > 0 || odd&logfmtOdd != 0 || len(ev.Fields)-first < 2) {
		p.fault = append(p.fault[:0], "logfmt: more than pairs of names and values"...)
		return false
	}
	f.repeats.join(p, ev)
	if f.guess && !hasMessage(ev.Fields[first:]) {
		ev.Message = event.Value{Bytes: line, Kind: event.Text, Set: true}
	}
	return true
}

var jsonTrue = []byte("true")

// hasMessage reports whether any of the fields may be the message.
func hasMessage(fields []event.Field) bool {
	for i := range fields {
		for _, name := range messageNames {
			if bytes.Equal(fields[i].Name, name) {
				return true
			}
		}
	}
	return false
}

// name reads the name that begins at i, and returns the index behind it. What is in it is added to odd.
func (f *logfmtFormat) name(p *Parser, line []byte, i int, found *resolution, odd *byte) (name []byte, next int, ok bool) {
	start, in := i, byte(0)
	for ; i < len(line); i++ {
		class := logfmtClass[line[i]]
		if class&(logfmtBlank|logfmtEqual|logfmtQuote) != 0 {
			break
		}
		in |= class
	}
	if i < len(line) && (line[i] == '"' || i == start) {
		return nil, i, f.unexpected(p, line, i)
	}
	name = line[start:i]
	if *odd |= in; in&(logfmtDot|logfmtEscape|logfmtHigh) == 0 {
		return name, i, true
	}
	if in&logfmtHigh != 0 && bytes.ContainsRune(name, utf8.RuneError) {
		return nil, i, p.failAt("logfmt", "a name that is not valid UTF-8", start)
	}
	if in&(logfmtDot|logfmtEscape) != 0 {
		name = p.nameOf("", name)
		if dot := bytes.IndexByte(name, '.'); dot >= 0 {
			found.dots |= nameBit(name[:dot])
		}
	}
	return name, i, true
}

// value reads the value that begins at i, and returns the index behind it.
func (f *logfmtFormat) value(p *Parser, line []byte, i int) (value []byte, kind event.Kind, next int, ok bool) {
	start := i
	for ; i < len(line); i++ {
		switch class := logfmtClass[line[i]]; {
		case class&logfmtBlank != 0:
			return line[start:i], event.Text, i, true
		case class == logfmtQuote && i == start:
			return f.quoted(p, line, i)
		case class&(logfmtEqual|logfmtQuote) != 0:
			return nil, 0, i, f.unexpected(p, line, i)
		}
	}
	return line[start:], event.Text, i, true
}

// quoted reads the value whose quote stands at i. One that JSON would spell in the same way is taken as JSON, so that it can
// be copied as it stands.
func (f *logfmtFormat) quoted(p *Parser, line []byte, i int) (value []byte, kind event.Kind, next int, ok bool) {
	end := jsontext.SkipPlain(line, i+1)
	if end < len(line) && line[end] == '"' {
		return line[i : end+1], event.JSON, end + 1, true
	}
	escaped, control, foreign := false, false, false
	for ; end < len(line) && line[end] != '"'; end++ {
		switch c := line[end]; {
		case c < ' ':
			control = true
		case c != '\\':
		case end+1 == len(line):
			return nil, 0, end, p.failAt("logfmt", "a quoted value that does not end", i)
		default:
			escaped = true
			end++
			switch line[end] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case '\'':
				foreign = true
			case 'u':
				foreign = true
				if jsontext.Hex4(line[end+1:]) < 0 {
					return nil, 0, end, p.failAt("logfmt", `\u without four hexadecimal digits`, end-1)
				}
			default:
				return nil, 0, end, p.failAt("logfmt", "an unknown escape", end-1)
			}
		}
	}
	switch {
	case end == len(line):
		return nil, 0, end, p.failAt("logfmt", "a quoted value that does not end", i)
	case !escaped:
		return line[i+1 : end], event.Text, end + 1, true
	case control:
		return nil, 0, end, p.failAt("logfmt", "a control character in a value with escapes", i)
	case !foreign:
		return line[i : end+1], event.JSON, end + 1, true
	}
	start := len(p.spare)
	p.spare = jsontext.AppendUnescaped(p.spare, line[i+1:end])
	return p.spare[start:len(p.spare):len(p.spare)], event.Text, end + 1, true
}

func (f *logfmtFormat) unexpected(p *Parser, line []byte, at int) bool {
	if line[at] == '=' {
		return p.failAt("logfmt", "unexpected =", at)
	}
	return p.failAt("logfmt", `unexpected "`, at)
}

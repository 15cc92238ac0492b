package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

var w3cKinds = []kind{
	{name: "w3c", make: newW3C, fits: fitsW3C, begins: "#0123456789", unleveled: true},
}

// w3cFormat reads W3C's extended log file format as IIS, CloudFront and others write it. The line `#Fields:` that begins a
// file names the columns of those behind it. Until there is one, and for lines that do not fit it, the columns are those that IIS
// has by default.
type w3cFormat struct {
	columns []w3cColumn // of the last such line, for callers that do not tell files apart
	values  [][]byte
}

// w3cColumn is what becomes of the values of a column.
type w3cColumn struct {
	name []byte // of the field, as it stands in JSON
	role w3cRole
}

type w3cRole uint8

const (
	w3cText w3cRole = iota
	w3cNumber
	w3cAgent // IIS writes + for a blank
	w3cDate
	w3cTime
	w3cStem
	w3cQuery
	w3cTaken // milliseconds, or seconds when it has a fraction
)

// maxColumns bounds the columns of a line.
const maxColumns = 64

// iisColumns are the columns of IIS 8 and later; IIS 7 has no referrer.
const (
	iisColumns  = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"
	iis7Columns = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken"
)

var iisDefaults = [2][]w3cColumn{w3cColumns([]byte(iisColumns)), w3cColumns([]byte(iis7Columns))}

func newW3C(*Config) (format, error) {
	return &w3cFormat{columns: iisDefaults[0], values: make([][]byte, 0, maxColumns)}, nil
}

var fieldsDirective = []byte("#Fields:")

func (f *w3cFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	if len(line) > 0 && line[0] == '#' {
		if text, ok := bytes.CutPrefix(line, fieldsDirective); ok {
			f.remember(p, w3cColumns(text))
		}
		ev.Add(nameMessage, line, event.Text)
		return true
	}
	f.split(line)
	columns := f.recall(p)
	if len(columns) != len(f.values) {
		columns = nil
		for _, some := range iisDefaults {
			if len(some) == len(f.values) {
				columns = some
			}
		}
	}
	if columns == nil || !f.fit(columns) {
		return p.failAt("w3c", "the line has not the columns that #Fields: names, nor those of IIS", 0)
	}
	f.add(p, ev, columns)
	ev.Add(nameMessage, line, event.Text)
	found.proxy = true // what headers say came in
	return true
}

// remember keeps the columns for the lines behind.
func (f *w3cFormat) remember(p *Parser, columns []w3cColumn) {
	if p.before == nil {
		f.columns = columns
		return
	}
	p.before().Columns = columns
}

// recall returns the columns that a line before has named.
func (f *w3cFormat) recall(p *Parser) []w3cColumn {
	if p.before == nil {
		return f.columns
	}
	if columns, ok := p.before().Columns.([]w3cColumn); ok {
		return columns
	}
	return iisDefaults[0]
}

// split finds the values, which tabs or blanks part. A value in quotes may have blanks.
func (f *w3cFormat) split(line []byte) {
	f.values = f.values[:0]
	tabs := bytes.IndexByte(line, '\t') >= 0
	for i := 0; i < len(line) && len(f.values) < maxColumns; i++ {
		from := i
		if line[i] == '"' && !tabs {
			var text span
			if n, ok := quotedAt(line, i, &text); ok {
				f.values = append(f.values, text.of(line))
				i = n
				continue
			}
		}
		for i < len(line) && line[i] != '\t' && (tabs || line[i] != ' ') {
			i++
		}
		f.values = append(f.values, unlessNone(line[from:i]))
	}
}

// fit reports whether dates, times and numbers stand where the columns have them.
func (f *w3cFormat) fit(columns []w3cColumn) bool {
	for i, c := range columns {
		v := f.values[i]
		switch {
		case len(v) == 0:
		case c.role == w3cDate && (len(v) != len("2006-01-02") || v[4] != '-'), c.role == w3cTime && (len(v) < len("15:04:05") || v[2] != ':'),
			c.role == w3cNumber && !isDigit(v[0]), c.role == w3cTaken && !isDigit(v[0]):
			return false
		}
	}
	return true
}

// fitsW3C reports the line that names the columns, and a line of IIS's default ones: date, time, address, method, path.
func fitsW3C(line []byte) bool {
	if len(line) < 32 || line[0] == '#' {
		return bytes.HasPrefix(line, fieldsDirective)
	}
	if !isDigit(line[0]) || line[4] != '-' || line[10] != ' ' || line[13] != ':' || line[19] != ' ' {
		return false
	}
	w := words{line, 20}
	return looksLikeAddress(w.next()) && areUpper(w.next()) && bytes.HasPrefix(w.next(), []byte("/"))
}

// w3cColumns are the columns that a `#Fields:` line names.
func w3cColumns(text []byte) []w3cColumn {
	var columns []w3cColumn
	for _, name := range bytes.Fields(text) {
		if len(columns) == maxColumns {
			break
		}
		columns = append(columns, w3cColumnOf(name))
	}
	return columns
}

// w3cColumnOf is what becomes of the column with the name. Headers keep their own names, so that ids are found in them, and
// what has no place in ECS stays under w3c.
func w3cColumnOf(name []byte) w3cColumn {
	if c, ok := w3cNames[string(bytes.ToLower(name))]; ok {
		return c
	}
	if i := bytes.IndexByte(name, '('); i > 0 && len(name) > i+2 && name[len(name)-1] == ')' {
		name = name[i+1 : len(name)-1]
		if role := roleOf(name); role.duty == traceDuty {
			return w3cColumn{name: jsontext.AppendEscaped(nil, name)}
		}
	}
	name = bytes.ReplaceAll(name, []byte("."), []byte("_"))
	return w3cColumn{name: jsontext.AppendEscaped([]byte("w3c."), name)}
}

package parse

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

var csvKinds = []kind{
	{name: "csv", make: func(cfg *Config) (format, error) { return newCSVFormat(cfg, "csv", cfg.Delimiter) }, keys: []string{"columns", "delimiter"}},
	{name: "tsv", make: func(cfg *Config) (format, error) { return newCSVFormat(cfg, "tsv", "\t") }, keys: []string{"columns"}},
}

// csvFormat reads one record of RFC 4180. Values are text, empty ones too. Columns that the configuration does not name are
// column1, column2 and so on, counted from the first; those that a record lacks are not in the document. A quote inside a
// value that does not begin with one is itself.
type csvFormat struct {
	name      string
	columns   [][]byte // names as JSON has them
	delimiter []byte
	clash     bool // a name given may be that of a column without one
}

func newCSVFormat(cfg *Config, name, delimiter string) (format, error) {
	if delimiter == "" {
		delimiter = ","
	}
	f := &csvFormat{name: name, delimiter: []byte(delimiter)}
	var errs []error
	if r, size := utf8.DecodeRuneInString(delimiter); size != len(delimiter) || r == utf8.RuneError || strings.ContainsRune("\"\r\n", r) {
		errs = append(errs, confkey.Errorf("delimiter", `%q is not allowed here; write one character that is neither a quote nor a line end`, delimiter))
	}
	seen := map[string]bool{}
	for i, column := range cfg.Columns {
		key := fmt.Sprintf("columns[%d]", i)
		switch {
		case isBlankName([]byte(column)):
			errs = append(errs, confkey.Errorf(key, "is blank; write a name"))
		case seen[column]:
			errs = append(errs, confkey.Errorf(key, "%q is the name of another column already", column))
		}
		seen[column] = true
		f.columns = append(f.columns, jsontext.AppendEscaped(nil, strings.ToValidUTF8(column, "\uFFFD")))
		f.clash = f.clash || strings.HasPrefix(column, "column")
	}
	return f, errors.Join(errs...)
}

func (f *csvFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	found.chosen = true
	if len(line) > 0 && line[len(line)-1] == '\n' {
		line = line[:len(line)-1]
	}
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	if len(line) == 0 {
		return true
	}
	for n, i := 0, 0; ; n++ {
		value, next, ok := f.value(p, line, i)
		if !ok {
			return false
		}
		if n < len(f.columns) {
			ev.Add(f.columns[n], value, event.Text)
		} else {
			start := len(p.spare)
			p.spare = strconv.AppendInt(append(p.spare, "column"...), int64(n+1), 10)
			ev.Add(p.spare[start:len(p.spare):len(p.spare)], value, event.Text)
			found.twins = found.twins || f.clash
		}
		if next == len(line) {
			return true
		}
		i = next + len(f.delimiter)
	}
}

// value reads the value that begins at i. It ends at next, where the line ends or the delimiter stands.
func (f *csvFormat) value(p *Parser, line []byte, i int) (value []byte, next int, ok bool) {
	if i < len(line) && line[i] == '"' {
		return f.quoted(p, line, i)
	}
	next = len(line)
	if n := bytes.Index(line[i:], f.delimiter); n >= 0 {
		next = i + n
	}
	value = line[i:next]
	if n := bytes.IndexByte(value, '\n'); n >= 0 {
		return nil, i, p.failAt(f.name, "a second record", i+n)
	}
	return value, next, true
}

// quoted reads a value in quotes, in which two quotes are one.
func (f *csvFormat) quoted(p *Parser, line []byte, i int) (value []byte, next int, ok bool) {
	from, start := i+1, len(p.spare)
	for at := from; ; {
		n := bytes.IndexByte(line[at:], '"')
		if n < 0 {
			return nil, i, p.failAt(f.name, "a quoted value that does not end", i)
		}
		next = at + n + 1
		if next == len(line) || line[next] != '"' {
			break
		}
		p.spare = append(p.spare, line[from:next]...)
		from, at = next+1, next+1
	}
	if next < len(line) && !bytes.HasPrefix(line[next:], f.delimiter) {
		return nil, i, p.failAt(f.name, "text behind a quoted value", next)
	}
	if value = line[from : next-1]; len(p.spare) > start {
		p.spare = append(p.spare, value...)
		value = p.spare[start:len(p.spare):len(p.spare)]
	}
	return value, next, true
}

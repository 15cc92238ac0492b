package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// maxElements bounds the elements of one line, whose names are compared with one another.
const maxElements = 64

// fewParams is up to how many parameters are compared with one another.
const fewParams = 24

// structuredData reads RFC 5424's structured data, section 6.3: `[id@32473 name="value" …][…]` or `-`.
type structuredData struct {
	ids    [][]byte // of the elements so far
	name   []byte
	first  int // index of the field of the first parameter
	params int
	reason string
}

// take adds a field for each parameter and returns the index behind the data. When it is not ok, it is where the reason is.
func (d *structuredData) take(p *Parser, ev *event.Event, i int) (end int, ok bool) {
	line := ev.Line
	d.ids, d.first, d.params = d.ids[:0], len(ev.Fields), 0
	if i < len(line) && line[i] == '-' {
		return i + 1, true
	}
	if i >= len(line) || line[i] != '[' {
		return d.fail(i, "expected structured data or -")
	}
	for i < len(line) && line[i] == '[' {
		if i, ok = d.element(p, ev, i+1); !ok {
			return i, false
		}
	}
	return i, true
}

func (d *structuredData) fail(at int, reason string) (int, bool) {
	d.reason = reason
	return at, false
}

// element reads what stands in a pair of brackets, from its id on.
func (d *structuredData) element(p *Parser, ev *event.Event, i int) (int, bool) {
	line := ev.Line
	id := line[i:dataName(line, i)]
	if len(id) == 0 || len(id) > 32 {
		return d.fail(i, "expected the name of an element of at most 32 letters")
	}
	for _, other := range d.ids {
		if bytes.Equal(id, other) {
			return d.fail(i, "the element is there twice")
		}
	}
	if d.ids = append(d.ids, id); len(d.ids) > maxElements {
		return d.fail(i, "too many elements")
	}
	for i += len(id); ; {
		switch {
		case i < len(line) && line[i] == ']':
			return i + 1, true
		case i == len(line) || line[i] != ' ':
			return d.fail(i, "expected ] or a blank and a parameter")
		}
		var ok bool
		if i, ok = d.param(p, ev, id, i+1); !ok {
			return i, false
		}
	}
}

// param reads `name="value"`.
func (d *structuredData) param(p *Parser, ev *event.Event, id []byte, i int) (int, bool) {
	line := ev.Line
	n := dataName(line, i)
	name := line[i:n]
	if len(name) == 0 || len(name) > 32 {
		return d.fail(i, "expected the name of a parameter of at most 32 letters")
	}
	if n+1 >= len(line) || line[n] != '=' || line[n+1] != '"' {
		return d.fail(n, `expected ="`)
	}
	from, escapes := n+2, 0
	for i = from; ; i++ {
		if i == len(line) {
			return d.fail(i, `expected a value up to "`)
		}
		c := line[i]
		if c == '"' {
			break
		}
		if c == ']' {
			return d.fail(i, `expected \ before ]`)
		}
		if c == '\\' && i+1 < len(line) && isDataEscape(line[i+1]) {
			escapes++
			i++
		}
	}
	value := line[from:i]
	if escapes > 0 {
		value = p.unescapeData(value)
	}
	full := d.fullName(p, id, name)
	if d.params++; d.params <= fewParams {
		if twin := memberAt(ev.Fields, d.first, full); twin >= 0 { // of several the last one stays
			ev.Remove(twin)
		}
	}
	ev.Add(full, value, event.Text)
	return i + 1, true
}

// fullName is the name of a parameter's field as it stands in JSON.
func (d *structuredData) fullName(p *Parser, id, name []byte) []byte {
	d.name = jsontext.AppendEscaped(d.name[:0], id)
	d.name = append(d.name, '.')
	d.name = jsontext.AppendEscaped(d.name, name)
	return p.keep("log.syslog.structured_data.", d.name)
}

// isDataEscape reports what a backslash may stand before. Before all else it is one (section 6.3.3).
func isDataEscape(c byte) bool { return c == '"' || c == '\\' || c == ']' }

// unescapeData is a value without its escapes; it lives as long as the event.
func (p *Parser) unescapeData(value []byte) []byte {
	start := len(p.spare)
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) && isDataEscape(value[i+1]) {
			i++
		}
		p.spare = append(p.spare, value[i])
	}
	return p.spare[start:len(p.spare):len(p.spare)]
}

// dataName is the index behind the SD-NAME at i.
func dataName(line []byte, i int) int {
	for i < len(line) && line[i]-'!' <= '~'-'!' && line[i] != '=' && line[i] != ']' && line[i] != '"' {
		i++
	}
	return i
}

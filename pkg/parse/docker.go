package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// dockerFormat takes off what Docker's json-file driver puts around each line:
// `{"log":"text\n","stream":"stdout","attrs":{"tag":"x"},"time":"2021-02-01T16:45:03.01231Z"}`.
type dockerFormat struct{ jsonFormat }

var nameLog = []byte("log")

func (f *dockerFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	first := len(ev.Fields)
	if !f.jsonFormat.take(p, ev, found) {
		return false
	}
	p.known.told = false // fields get other names below
	i := memberAt(ev.Fields, first, nameLog)
	if i < 0 || ev.Fields[i].Kind != event.JSON || ev.Fields[i].Value[0] != '"' {
		return p.failAt("docker", "the object has no text log", 0)
	}
	if j := memberAt(ev.Fields, first, nameMessage); j >= 0 { // nothing that the driver writes
		p.aside(ev, j)
	}
	field := &ev.Fields[i]
	text := p.unescape(field.Value[1 : len(field.Value)-1])
	rename(field, nameMessage)
	if ended := bytes.TrimSuffix(text, []byte("\n")); len(ended) < len(text) {
		text = bytes.TrimSuffix(ended, []byte("\r")) // of a terminal
	}
	field.Value, field.Kind = text, event.Text
	found.free = field.Value
	return true
}

// unescape is the plain text of what stands between the quotes of a JSON string; it lives as long as the event.
func (p *Parser) unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	start := len(p.spare)
	p.spare = jsontext.AppendUnescaped(p.spare, text)
	return p.spare[start:len(p.spare):len(p.spare)]
}

// memberAt is the index of the top-level field, from the first one on, with the name as a whole; -1 for none.
func memberAt(fields []event.Field, first int, name []byte) int {
	for i := first; i < len(fields); i = int(fields[i].End) {
		if !fields[i].Removed && string(fields[i].Name) == string(name) {
			return i
		}
	}
	return -1
}

// fitsDocker reports an object as the driver writes it: the log comes first and the time last. Between them stands the
// stream, which a logger that writes JSON itself has no use for.
func fitsDocker(line []byte) bool {
	const tail = len(`,"time":"2006-01-02T15:04:05.999999999+00:00"}`)
	if !bytes.HasPrefix(line, []byte(`{"log":"`)) || !bytes.HasSuffix(line, []byte(`"}`)) {
		return false
	}
	i := bytes.LastIndex(line[max(0, len(line)-tail):], []byte(`,"time":"`))
	return i >= 0 && bytes.Contains(line, []byte(`,"stream":"std`))
}

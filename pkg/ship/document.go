// Package ship is the way out: it writes events as JSON documents with a deterministic _id. Each output has a package of
// its own below this one.
package ship

import (
	"strings"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// ECSVersion is the version of the Elastic Common Schema that the documents follow.
const ECSVersion = "9.1.0"

// Encoder writes the documents of one pipeline. It belongs to one goroutine.
type Encoder struct {
	dataset, host []byte // with the name of the field, behind a comma
	path          string // what the constants below were made for
	constants     []byte // everything that every document of the file has, and its end
	pathField     []byte
	calendar      event.Calendar
}

// NewEncoder returns an encoder for documents of a dataset from a host.
func NewEncoder(dataset, host string) *Encoder {
	return &Encoder{
		dataset: jsontext.AppendString([]byte(`,"event.dataset":`), valid(dataset)),
		host:    jsontext.AppendString([]byte(`,"host.name":`), valid(host)),
	}
}

// NewEncoders returns one for each of the datasets.
func NewEncoders(datasets []string, host string) []*Encoder {
	all := make([]*Encoder, len(datasets))
	for i, dataset := range datasets {
		all[i] = NewEncoder(dataset, host)
	}
	return all
}

// valid is text, which may be the name of a file, with invalid UTF-8 replaced.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

var ecsVersion = []byte(`,"ecs.version":"` + ECSVersion + `"`)

// AppendDocument appends ev, read from the file at path, as one JSON object without a newline. An empty path leaves out
// where the line is from. ev.Time must be set.
func (e *Encoder) AppendDocument(dst []byte, ev *event.Event, path string) []byte {
	if path != e.path || e.constants == nil {
		e.setPath(path)
	}
	dst = append(dst, `{"@timestamp":"`...)
	dst = e.calendar.Append(dst, ev.Time)
	dst = append(dst, '"')
	dst = appendMembers(dst, ev, 0, int32(len(ev.Fields)), false)
	if ev.Message.Set {
		dst = appendValue(dst, `,"message":`, ev.Message)
	}
	if ev.Level != nil {
		dst = append(dst, `,"log.level":`...)
		dst = jsontext.AppendString(dst, ev.Level)
	}
	if ev.Service.Set {
		dst = appendValue(dst, `,"service.name":`, ev.Service)
	}
	if ev.TraceID != nil {
		dst = appendID(dst, `,"trace.id":"`, ev.TraceID)
	}
	if ev.SpanID != nil {
		dst = appendID(dst, `,"span.id":"`, ev.SpanID)
	}
	if ev.ParentID != nil {
		dst = appendID(dst, `,"parent.id":"`, ev.ParentID)
	}
	if ev.HasDuration {
		dst = append(append(dst, `,"event.`...), `duration":`...) // two short copies, which cost no call
		dst = jsontext.AppendInt(dst, ev.Duration)
	}
	if ev.Failure != nil {
		dst = append(dst, `,"event.kind":"pipeline_error","error.message":`...)
		dst = jsontext.AppendString(dst, ev.Failure)
	}
	if ev.Cut {
		dst = append(dst, `,"log.flags":["truncated"]`...)
	}
	if ev.Original.Set {
		dst = appendValue(dst, `,"event.original":`, ev.Original)
	}
	dst = ev.Facts.Append(dst, ev.Fields)
	dst = ev.Template.Append(dst)
	return e.appendConstants(dst, ev)
}

// setPath makes what the documents of a file have in common.
func (e *Encoder) setPath(path string) {
	e.path = path
	e.pathField = e.pathField[:0]
	if path != "" {
		e.pathField = jsontext.AppendString(append(e.pathField, `,"log.file.path":`...), valid(path))
	}
	e.constants = append(append(append(append(append(e.constants[:0], e.pathField...), e.dataset...), e.host...), ecsVersion...), '}')
}

// appendConstants appends what tailspan says of every line, less what the line says itself, and ends the document.
func (e *Encoder) appendConstants(dst []byte, ev *event.Event) []byte {
	if ev.Known&event.HasOffset == 0 && e.path != "" {
		dst = append(dst, `,"log.offset":`...)
		dst = jsontext.AppendInt(dst, ev.Offset)
	}
	if ev.Known&(event.HasPath|event.HasDataset|event.HasHost|event.HasECSVersion) == 0 {
		return append(dst, e.constants...)
	}
	for _, c := range []struct {
		known event.Known
		field []byte
	}{{event.HasPath, e.pathField}, {event.HasDataset, e.dataset}, {event.HasHost, e.host}, {event.HasECSVersion, ecsVersion}} {
		if ev.Known&c.known == 0 {
			dst = append(dst, c.field...)
		}
	}
	return append(dst, '}')
}

func appendValue(dst []byte, name string, v event.Value) []byte {
	dst = append(dst, name...)
	if v.Kind == event.Text {
		return jsontext.AppendString(dst, v.Bytes)
	}
	return append(dst, v.Bytes...)
}

// appendID appends an id, of 16 or 32 digits, by 16: so few are copied without a call.
func appendID(dst []byte, name string, id []byte) []byte {
	dst = append(dst, name...)
	for len(id) >= 16 {
		dst = append(dst, id[:16]...)
		id = id[16:]
	}
	return append(dst, '"')
}

// appendMembers appends the fields in [from,to) and their members, each behind a comma, the first one without when
// first is set. Neighbours that stand in the line as they are go over in one copy.
func appendMembers(dst []byte, ev *event.Event, from, to int32, first bool) []byte {
	fields := ev.Fields
	for i := from; i < to; {
		if !first {
			if dst, i = ev.AppendMembers(dst, i, to); i == to {
				break
			}
		}
		f := &fields[i]
		if f.Removed {
			i = f.End
			continue
		}
		if f.Kind == event.Object && f.Changed {
			before := len(dst)
			dst = appendName(dst, f.Name, first)
			dst = append(dst, '{')
			inside := len(dst)
			dst = appendMembers(dst, ev, i+1, f.End, true)
			if i = f.End; len(dst) == inside { // nothing of the object is left
				dst = dst[:before]
				continue
			}
			dst = append(dst, '}')
			first = false
			continue
		}
		if f.To == 0 || f.Changed {
			dst = appendName(dst, f.Name, first)
			if f.Kind == event.Text {
				dst = jsontext.AppendString(dst, f.Value)
			} else {
				dst = append(dst, f.Value...)
			}
			first = false
			i = f.End
			continue
		}
		last := f
		for i = f.End; i < to; i = last.End {
			next := &fields[i]
			if next.Removed || next.Changed || next.Apart || next.To == 0 {
				break
			}
			last = next
		}
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, ev.Line[f.From:last.To]...)
		first = false
	}
	return dst
}

func appendName(dst, name []byte, first bool) []byte {
	if first {
		dst = append(dst, '"')
	} else {
		dst = append(dst, ',', '"')
	}
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

package process

import (
	"bytes"
	"strconv"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// get is what the document has under a name. It is valid as long as the event.
func (c *Chain) get(ev *event.Event, n *name) event.Value {
	if n.slot != noSlot {
		if v := c.slot(ev, n.slot); v.Set {
			return v
		}
	}
	if i := n.in(ev); i >= 0 {
		f := &ev.Fields[i]
		return event.Value{Bytes: f.Value, Kind: f.Kind, Set: true}
	}
	if fact := ev.Facts.Lookup(n.path); fact != nil {
		return event.Value{Bytes: fact, Kind: event.JSON, Set: true}
	}
	if n.slot >= pathSlot {
		return c.added(ev, n.slot)
	}
	return event.Value{}
}

// slot is what stands outside of the tree.
func (c *Chain) slot(ev *event.Event, s slot) event.Value {
	switch s {
	case timeSlot:
		if ev.Time.Set {
			return text(c.keep(func(dst []byte) []byte { return ev.Time.Append(dst) }))
		}
	case messageSlot:
		return ev.Message
	case levelSlot:
		return textOrNone(ev.Level)
	case serviceSlot:
		return ev.Service
	case traceSlot:
		return textOrNone(ev.TraceID)
	case spanSlot:
		return textOrNone(ev.SpanID)
	case parentSlot:
		return textOrNone(ev.ParentID)
	case durationSlot:
		if ev.HasDuration {
			return c.integer(ev.Duration)
		}
	case originalSlot:
		return ev.Original
	case kindSlot:
		if ev.Failure != nil {
			return text(pipelineError)
		}
	case errorSlot:
		return textOrNone(ev.Failure)
	case flagsSlot:
		if ev.Cut {
			return event.Value{Bytes: truncated, Kind: event.JSON, Set: true}
		}
	}
	return event.Value{}
}

// added is what the encoder adds, because the line has no such field.
func (c *Chain) added(ev *event.Event, s slot) event.Value {
	switch s {
	case pathSlot:
		return textOrNone(c.path)
	case offsetSlot:
		return c.integer(ev.Offset)
	case datasetSlot:
		return textOrNone(c.dataset)
	case hostSlot:
		return textOrNone(c.host)
	}
	return event.Value{}
}

var (
	pipelineError = []byte("pipeline_error")
	truncated     = []byte(`["truncated"]`)
)

func text(b []byte) event.Value { return event.Value{Bytes: b, Kind: event.Text, Set: true} }

func textOrNone(b []byte) event.Value { return event.Value{Bytes: b, Kind: event.Text, Set: b != nil} }

func (c *Chain) integer(n int64) event.Value {
	v := c.keep(func(dst []byte) []byte { return strconv.AppendInt(dst, n, 10) })
	return event.Value{Bytes: v, Kind: event.JSON, Set: true}
}

// keep puts together a value that lives as long as the event.
func (c *Chain) keep(appendTo func([]byte) []byte) []byte {
	start := len(c.spare)
	c.spare = appendTo(c.spare)
	return c.spare[start:len(c.spare):len(c.spare)]
}

// textOf is the text that v is, or false: it is absent, a number, a truth value, a list or an object. It is valid until the
// next call.
func (c *Chain) textOf(v event.Value) ([]byte, bool) {
	if !v.Set || v.Kind == event.Object {
		return nil, false
	}
	if v.Kind == event.Text {
		return v.Bytes, true
	}
	if len(v.Bytes) < 2 || v.Bytes[0] != '"' {
		return nil, false
	}
	return c.unescaped(v.Bytes[1 : len(v.Bytes)-1]), true
}

// unescaped is what the inside of a JSON string stands for. It is valid until the next call of textOf.
func (c *Chain) unescaped(inside []byte) []byte {
	if bytes.IndexByte(inside, '\\') < 0 {
		return inside
	}
	c.plain = jsontext.AppendUnescaped(c.plain[:0], inside)
	return c.plain
}

// spelled is the text of a scalar: of a number or truth value its letters. It is valid until the next call.
func (c *Chain) spelled(v event.Value) ([]byte, bool) {
	if t, ok := c.textOf(v); ok {
		return t, true
	}
	if !v.Set || v.Kind == event.Object || isNull(v) || v.Bytes[0] == '[' || v.Bytes[0] == '{' {
		return nil, false
	}
	return v.Bytes, true
}

func isNull(v event.Value) bool { return v.Kind == event.JSON && v.Bytes[0] == 'n' }

// absent reports that the document says nothing under the name; null says nothing.
func absent(v event.Value) bool { return !v.Set || isNull(v) }

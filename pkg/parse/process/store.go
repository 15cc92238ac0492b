package process

import (
	"bytes"
	"strconv"

	"github.com/tailspan/tailspan/pkg/event"
)

// clear takes the field and everything below it out of the document. The time stays: a document must have one.
func (c *Chain) clear(ev *event.Event, n *name) {
	for _, s := range n.all() {
		c.clearSlot(ev, s)
	}
	ev.Clear(n.path)
}

func (c *Chain) clearSlot(ev *event.Event, s slot) {
	switch s {
	case messageSlot:
		ev.Message = event.Value{}
	case levelSlot:
		ev.Level = nil
	case serviceSlot:
		ev.Service = event.Value{}
	case traceSlot:
		ev.TraceID = nil
	case spanSlot:
		ev.SpanID = nil
	case parentSlot:
		ev.ParentID = nil
	case durationSlot:
		ev.Duration, ev.HasDuration = 0, false
	case originalSlot:
		ev.Original = event.Value{}
	case kindSlot, errorSlot:
		unfail(ev)
	case flagsSlot:
		uncut(ev)
	}
	if int(s) < len(knownBits) {
		ev.Known &^= knownBits[s]
	}
}

var (
	kindName  = []byte("event.kind")
	errorName = []byte("error.message")
	flagsName = []byte("log.flags")
)

// unfail makes fields like others of what a line that did not parse says.
func unfail(ev *event.Event) {
	if ev.Failure == nil {
		return
	}
	ev.Add(kindName, pipelineError, event.Text)
	ev.Add(errorName, ev.Failure, event.Text)
	ev.Failure = nil
}

// uncut makes a field like others of the flag of a line that was cut.
func uncut(ev *event.Event) {
	if ev.Cut {
		ev.Add(flagsName, truncated, event.JSON)
		ev.Cut = false
	}
}

// put gives the document the value under the name, in place of all that was there. It reports false when the name cannot
// have such a value. The value must live as long as the event.
func (c *Chain) put(ev *event.Event, n *name, v event.Value) bool {
	if n.slot == timeSlot {
		return c.putTime(ev, v)
	}
	if len(n.below) > 0 && v.Kind == event.JSON && v.Bytes[0] == '{' { // nobody knows which of the names below it has
		return false
	}
	c.clear(ev, n)
	if !c.putSlot(ev, n.slot, v) {
		ev.Add(n.path, v.Bytes, v.Kind)
		if int(n.slot) < len(knownBits) {
			ev.Known |= knownBits[n.slot]
		}
	}
	return true
}

func (c *Chain) putTime(ev *event.Event, v event.Value) bool {
	spelled, ok := c.spelled(v)
	if !ok || c.times == nil {
		return false
	}
	t, ok := c.times(spelled)
	if ok {
		ev.Time = t
	}
	return ok
}

// putSlot puts a value where it belongs outside of the tree; false when it is none that can stand there.
func (c *Chain) putSlot(ev *event.Event, s slot, v event.Value) bool {
	if s == noSlot || s > originalSlot || absent(v) {
		return false
	}
	spelled, ok := c.spelled(v)
	if !ok {
		return false
	}
	switch s {
	case messageSlot:
		ev.Message = v
	case serviceSlot:
		ev.Service = v
	case originalSlot:
		ev.Original = v
	case levelSlot:
		if _, ok := c.textOf(v); !ok {
			return false
		}
		ev.Level = c.keep(func(dst []byte) []byte { return append(dst, bytes.ToLower(spelled)...) })
	case traceSlot:
		return putID(&ev.TraceID, 32, spelled, c)
	case spanSlot:
		return putID(&ev.SpanID, 16, spelled, c)
	case parentSlot:
		return putID(&ev.ParentID, 16, spelled, c)
	case durationSlot:
		n, err := strconv.ParseInt(string(spelled), 10, 64)
		if err != nil || n < 0 {
			return false
		}
		ev.Duration, ev.HasDuration = n, true
	}
	return true
}

// putID puts an id of so many hexadecimal digits.
func putID(dst *[]byte, digits int, id []byte, c *Chain) bool {
	if len(id) != digits {
		return false
	}
	zero := true
	for _, b := range id {
		if (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
		zero = zero && b == '0'
	}
	if zero {
		return false
	}
	*dst = c.keep(func(dst []byte) []byte { return append(dst, id...) })
	return true
}

// edit gives a field a new value in the place where it stands, so that a nested field stays nested.
func (c *Chain) edit(ev *event.Event, n *name, v event.Value) {
	if i := n.in(ev); i >= 0 && ev.Fields[i].Kind != event.Object && (n.slot == noSlot || !c.slot(ev, n.slot).Set) {
		ev.Change(i, v.Bytes, v.Kind)
		return
	}
	c.put(ev, n, v)
}

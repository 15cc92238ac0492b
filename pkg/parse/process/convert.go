package process

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (v *Convert) condition() string { return v.When }

// conversions make a value of a type of the text of another; false when it is none of that type.
var conversions = map[string]func(c *Chain, spelled []byte) (event.Value, bool){
	"long":    (*Chain).long,
	"double":  (*Chain).double,
	"boolean": (*Chain).boolean,
	"string":  (*Chain).copied,
}

type converter struct {
	names []name
	to    func(*Chain, []byte) (event.Value, bool)
	whole bool // to long
}

func (v *Convert) make(c *Chain, _ int) (processor, error) {
	names, err := c.fieldNames("fields", v.Fields)
	p := &converter{names, conversions[v.Type], v.Type == "long"}
	var failed error
	if p.to == nil {
		failed = confkey.Errorf("type", "%q is not allowed here; write long, double, boolean or string", v.Type)
	}
	for i := range names {
		if names[i].slot == timeSlot {
			failed = errors.Join(failed, confkey.Errorf("fields", "@timestamp has a type of its own"))
		}
	}
	return p, errors.Join(err, failed)
}

func (p *converter) run(c *Chain, ev *event.Event) {
	for i := range p.names {
		n := &p.names[i]
		if p.whole && n.slot == noSlot && (textLong(ev.Fields, n) || plainLong(ev, n)) {
			continue
		}
		spelled, ok := c.spelled(c.get(ev, n))
		if !ok {
			continue
		}
		if v, ok := p.to(c, spelled); ok {
			c.edit(ev, n, v)
		}
	}
}

// textLong is plainLong for a text at the top of the document, in the place of the line before, as most are.
func textLong(fields []event.Field, n *name) bool {
	if n.last >= len(fields) {
		return false
	}
	f := &fields[n.last]
	if f.Kind != event.Text || f.Removed || f.Parent >= 0 || string(f.Name) != string(n.path) || !isLong(f.Value) {
		return false
	}
	f.Kind, f.To = event.JSON, 0
	return true
}

// plainLong is long for a field that is written as long would write it but for quotes; false when it is none.
func plainLong(ev *event.Event, n *name) bool {
	at := n.in(ev)
	if at < 0 {
		return false
	}
	f := &ev.Fields[at]
	b, quoted := f.Value, f.Kind == event.Text
	if f.Kind == event.JSON && len(b) > 2 && b[0] == '"' {
		b, quoted = b[1:len(b)-1], true
	}
	if f.Kind == event.Object || !isLong(b) {
		return false
	}
	if quoted {
		ev.Change(at, b, event.JSON)
	}
	return true
}

// isLong reports whether b is written as long would write it, and is not negative.
func isLong(b []byte) bool {
	if len(b) == 0 || len(b) > 18 || b[0] == '0' && len(b) > 1 {
		return false
	}
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// long is a whole number that Elasticsearch's long holds.
func (c *Chain) long(spelled []byte) (event.Value, bool) {
	b := bytes.TrimSpace(spelled)
	if len(b) == 0 || len(b) > maxNumber {
		return event.Value{}, false
	}
	if bytes.IndexFunc(b, func(r rune) bool { return (r < '0' || r > '9') && r != '-' }) >= 0 {
		o, ok := readNumber(b)
		if !ok || o.number != float64(int64(o.number)) || o.number >= 1<<62 || o.number <= -1<<62 {
			return event.Value{}, false
		}
		return c.integer(int64(o.number)), true
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return event.Value{}, false
	}
	return c.integer(n), true
}

func (c *Chain) double(spelled []byte) (event.Value, bool) {
	b := bytes.TrimSpace(spelled)
	if _, ok := readNumber(b); !ok {
		return event.Value{}, false
	}
	return c.json(b), true
}

func (c *Chain) boolean(spelled []byte) (event.Value, bool) {
	b := bytes.TrimSpace(spelled)
	switch {
	case bytes.EqualFold(b, jsonTrue):
		return event.Value{Bytes: jsonTrue, Kind: event.JSON, Set: true}, true
	case bytes.EqualFold(b, jsonFalse):
		return event.Value{Bytes: jsonFalse, Kind: event.JSON, Set: true}, true
	}
	return event.Value{}, false
}

var jsonTrue, jsonFalse = []byte("true"), []byte("false")

// copied is a text in memory that lives as long as the event.
func (c *Chain) copied(spelled []byte) (event.Value, bool) {
	return text(c.keep(func(dst []byte) []byte { return append(dst, spelled...) })), true
}

func (c *Chain) json(b []byte) event.Value {
	kept := c.keep(func(dst []byte) []byte { return append(dst, b...) })
	return event.Value{Bytes: kept, Kind: event.JSON, Set: true}
}

package trace

import (
	"errors"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

// document is one document with its objects taken apart: members of {"a":{"b":1}} and {"a.b":1} are both a.b. Its values
// are valid until the Reader's next Read.
type document struct {
	fields map[string]*fastjson.Value
	names  []string // in the document's order; each once
}

// errNotObject is what is no document.
var errNotObject = errors.New("a document is a JSON object")

// maxDepth bounds how deep objects are taken apart; what is deeper stays one value.
const maxDepth = 16

// maxFields bounds how many fields of a document are looked at.
const maxFields = 1000

func (d *document) reset() {
	if d.fields == nil {
		d.fields = map[string]*fastjson.Value{}
	}
	clear(d.fields)
	d.names = d.names[:0]
}

func (d *document) flatten(prefix string, o *fastjson.Object, depth int) {
	o.Visit(func(key []byte, v *fastjson.Value) {
		name := prefix + string(key)
		if v.Type() == fastjson.TypeObject && depth < maxDepth {
			d.flatten(name+".", v.GetObject(), depth+1)
			return
		}
		if _, twice := d.fields[name]; !twice && len(d.names) < maxFields {
			d.fields[name] = v
			d.names = append(d.names, name)
		}
	})
}

// text is the first of the fields that is a text, number or truth value and not empty.
func (d *document) text(names ...string) string {
	for _, name := range names {
		if text := textOf(d.fields[name]); text != "" {
			return text
		}
	}
	return ""
}

// textOf is a scalar as text; what is no scalar is empty.
func textOf(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		return clip(v.GetStringBytes(), maxText)
	case fastjson.TypeNumber, fastjson.TypeTrue, fastjson.TypeFalse:
		return clip(v.MarshalTo(nil), maxText)
	}
	return ""
}

// has reports whether one of the names is a field.
func (d *document) has(names ...string) bool {
	for _, name := range names {
		if d.fields[name] != nil {
			return true
		}
	}
	return false
}

// hasBelow reports whether there is a field below the object.
func (d *document) hasBelow(object string) bool {
	for _, name := range d.names {
		if strings.HasPrefix(name, object) && len(name) > len(object) && name[len(object)] == '.' {
			return true
		}
	}
	return false
}

// number is a field as a number, whether it is written as one or as text.
func (d *document) number(names ...string) (float64, bool) {
	v, err := strconv.ParseFloat(d.text(names...), 64)
	return v, err == nil && v-v == 0 // neither NaN nor infinite
}

// instant is a field as nanoseconds since 1970: RFC 3339, or a number of seconds, milliseconds, microseconds or
// nanoseconds, told apart by their size, which does for 1973 to 5138.
func (d *document) instant(names ...string) (ns int64, ok bool) {
	for _, name := range names {
		if ns, ok := instantOf(d.text(name)); ok {
			return ns, true
		}
	}
	return 0, false
}

func instantOf(text string) (ns int64, ok bool) {
	if text == "" {
		return 0, false
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return epoch(whole)
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		seconds := int64(min(max(v, 0), 1e12))
		ns, ok := epoch(seconds)
		return ns + int64((v-float64(seconds))*1e9), ok && seconds < 1e11
	}
	t, ok := event.ParseTime(text)
	if !ok {
		return 0, false
	}
	return t.UnixNano(), true
}

// epoch is a number of seconds or parts of them as nanoseconds.
func epoch(v int64) (ns int64, ok bool) {
	switch {
	case v < 1e8:
		return 0, false
	case v < 1e11:
		return min(v, 9e9) * 1e9, v < 9e9
	case v < 1e14:
		return min(v, 9e12) * 1e6, v < 9e12
	case v < 1e17:
		return min(v, 9e15) * 1e3, v < 9e15
	}
	return v, true
}

package process

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

func (a *Append) condition() string { return a.When }

// appender adds values to a list.
type appender struct {
	to     name
	values []setter // texts
	list   []byte   // being put together
}

func (a *Append) make(c *Chain, _ int) (processor, error) {
	return newAppender(c, a.Field, "values", a.Values)
}

func newAppender(c *Chain, field, key string, values []string) (*appender, error) {
	p := &appender{}
	var err error
	if p.to, err = c.targetName("field", field); err == nil && p.to.slot != noSlot {
		err = confkey.Errorf("field", "%s cannot be a list; copy it first", field)
	}
	errs := []error{err}
	if len(values) == 0 {
		errs = append(errs, confkey.Errorf(key, "is missing; write a list of texts, as in [slow]"))
	}
	for i, text := range values {
		var s setter
		if err := s.compile(c, text); err != nil {
			errs = append(errs, confkey.Errorf(fmt.Sprintf("%s[%d]", key, i), "has a %%{ that no name and } follow; write %%{service.name}"))
		}
		p.values = append(p.values, s)
	}
	return p, errors.Join(errs...)
}

func (p *appender) run(c *Chain, ev *event.Event) {
	v := c.get(ev, &p.to)
	if v.Kind == event.Object || v.Kind == event.JSON && v.Bytes[0] == '{' {
		return
	}
	list := c.appendItems(append(p.list[:0], '['), v)
	old := len(list)
	for i := range p.values {
		list = p.values[i].appendItem(c, ev, list)
	}
	if p.list = list; len(list) == old { // there was nothing to add
		return
	}
	list[len(list)-1] = ']' // in place of the last comma
	c.edit(ev, &p.to, c.json(list))
	if cap(p.list) > maxKept {
		p.list = nil
	}
}

// appendItem appends the value as an item of a list with a comma behind it; that of a field alone as it is, if it is there.
func (s *setter) appendItem(c *Chain, ev *event.Event, dst []byte) []byte {
	switch {
	case s.parts == nil:
		return append(jsontext.AppendString(dst, s.constant.Bytes), ',')
	case len(s.parts) == 1 && s.parts[0].text == nil:
		return c.appendItems(dst, c.get(ev, &s.parts[0].name))
	}
	c.work = s.appendText(c, ev, c.work[:0])
	return append(jsontext.AppendString(dst, c.work), ',')
}

// appendItems appends what v adds to a list, with a comma behind each item: those of a list, or itself.
func (c *Chain) appendItems(dst []byte, v event.Value) []byte {
	switch {
	case absent(v) || v.Kind == event.Object:
		return dst
	case v.Kind == event.Text:
		return append(jsontext.AppendString(dst, v.Bytes), ',')
	case v.Bytes[0] != '[':
		return append(append(dst, v.Bytes...), ',')
	}
	for item, rest := nextItem(v.Bytes[1:]); item != nil; item, rest = nextItem(rest) {
		dst = append(append(dst, item...), ',')
	}
	return dst
}

// removeValues takes the values out of the field's list, and the field away when none is left.
func (r *remover) removeValues(c *Chain, ev *event.Event, n *name) {
	v := c.get(ev, n)
	if v.Kind != event.JSON || v.Bytes == nil || v.Bytes[0] != '[' {
		if r.unwanted(c, v) {
			c.clear(ev, n)
		}
		return
	}
	gone := false
	list := c.keep(func(dst []byte) []byte {
		start := len(dst)
		dst = append(dst, '[')
		for item, rest := nextItem(v.Bytes[1:]); item != nil; item, rest = nextItem(rest) {
			if r.unwanted(c, event.Value{Bytes: item, Kind: event.JSON, Set: true}) {
				gone = true
				continue
			}
			dst = append(append(dst, item...), ',')
		}
		if len(dst) == start+1 {
			return dst[:start]
		}
		dst[len(dst)-1] = ']'
		return dst
	})
	switch {
	case !gone:
	case len(list) == 0:
		c.clear(ev, n)
	default:
		c.edit(ev, n, event.Value{Bytes: list, Kind: event.JSON, Set: true})
	}
}

// unwanted reports a value that is to be removed.
func (r *remover) unwanted(c *Chain, v event.Value) bool {
	spelled, ok := c.spelled(v)
	for i := range r.values {
		if ok && bytes.Equal(spelled, r.values[i]) {
			return true
		}
	}
	return false
}

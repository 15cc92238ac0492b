package process

import (
	"fmt"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// tree takes secrets out of the fields that have the name or one below it, and out of the names below it.
func (p *redactor) tree(c *Chain, ev *event.Event, path []byte) {
	c.leaves = ev.AppendLeaves(c.leaves[:0], path)
	p.moved = 0
	for _, i := range c.leaves {
		f := &ev.Fields[i]
		v := event.Value{Bytes: f.Value, Kind: f.Kind, Set: true}
		if changed, ok := p.named(c, ev, i, v); ok {
			ev.Change(int(i), changed.Bytes, changed.Kind)
		} else if changed, ok := p.value(c, v); ok {
			ev.Change(int(i), changed.Bytes, changed.Kind)
		}
		p.rename(c, ev, i, len(path))
	}
	if p.moved > 0 && c.untangle != nil {
		c.untangle(ev)
	}
}

// rename gives field i a name at the top of the document when there is a secret in its own, or in those of the objects it is
// in, behind the first bytes of it, which the configuration names.
func (p *redactor) rename(c *Chain, ev *event.Event, i int32, first int) {
	c.full = c.full[:0]
	if changed, _ := p.appendPath(c, ev, i, first); !changed {
		return
	}
	if p.moved++; p.moved > 1 {
		c.full = fmt.Appendf(c.full, "#%d", p.moved)
	}
	f := ev.Fields[i]
	ev.Remove(int(i))
	ev.Add(c.keep(func(dst []byte) []byte { return append(dst, c.full...) }), f.Value, f.Kind)
}

// minSecret is shorter than any secret but a short address; as a name, that is a variable's.
const minSecret = 6

// appendPath appends to c.full the full name of field i without secrets. size is how long it was.
func (p *redactor) appendPath(c *Chain, ev *event.Event, i int32, first int) (changed bool, size int) {
	f := &ev.Fields[i]
	if f.Parent >= 0 {
		changed, size = p.appendPath(c, ev, f.Parent, first)
		c.full = append(c.full, '.')
		size++
	}
	given := min(max(first-size, 0), len(f.Name))
	size += len(f.Name)
	part := f.Name[given:]
	if len(part) < minSecret || !p.clean(c.unescaped(part)) {
		c.full = append(c.full, f.Name...)
		return changed, size
	}
	c.full = append(c.full, f.Name[:given]...)
	if len(p.in) == 0 {
		p.in = append(p.in, "redacted"...)
	}
	c.full = jsontext.AppendEscaped(c.full, p.in)
	return true, size
}

// appendNested appends a valid JSON value without the secrets in its texts, numbers and names.
func (p *redactor) appendNested(dst []byte, c *Chain, b []byte) (_ []byte, changed bool) {
	secret := false // the value is one, by its name
	for i := 0; i < len(b); {
		to := i + 1
		switch {
		case b[i] == '"':
			to = skipString(b, i)
		case isDigit(b[i]) || b[i] == '-':
			for to < len(b) && b[to] != ',' && b[to] != ']' && b[to] != '}' && !isBlank(b[to]) {
				to++
			}
		default:
			dst = append(dst, b[i])
			i++
			continue
		}
		spelled, _ := c.spelled(event.Value{Bytes: b[i:to], Kind: event.JSON, Set: true})
		key := isKey(b, to)
		whole := secret && !key && len(spelled) > 0 && !isMask(spelled)
		secret = key && p.keyed() && namesSecret(spelled)
		switch {
		case whole:
			changed = true
			p.in = p.appendMask(p.in[:0], "key", spelled)
			dst = jsontext.AppendString(dst, p.in)
		case !p.clean(spelled):
			dst = append(dst, b[i:to]...)
		case key:
			changed = true
			p.renamed++
			dst = p.appendName(dst)
		default:
			changed = true
			dst = jsontext.AppendString(dst, p.in)
		}
		i = to
	}
	return dst, changed
}

// appendName appends p.in as a name, with a number when there may be others like it.
func (p *redactor) appendName(dst []byte) []byte {
	if p.renamed > 1 {
		p.in = fmt.Appendf(p.in, "#%d", p.renamed)
	}
	return jsontext.AppendString(dst, p.in)
}

// isKey reports whether what ends at i is the name of a member.
func isKey(b []byte, i int) bool {
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	return i < len(b) && b[i] == ':'
}

package process

import "github.com/tailspan/tailspan/pkg/event"

// move gives what is under from, with all that is below it, the name to; gone says whether it loses its own. It reports
// false when there is nothing.
func (c *Chain) move(ev *event.Event, from, to *name, gone bool) bool {
	if from.slot != noSlot {
		v := c.get(ev, from)
		if !v.Set || v.Kind == event.Object {
			return false
		}
		if gone {
			c.clear(ev, from)
		}
		return c.put(ev, to, v)
	}
	if i := from.in(ev); i >= 0 {
		if f := &ev.Fields[i]; f.Kind != event.Object {
			v := event.Value{Bytes: f.Value, Kind: f.Kind, Set: true}
			if gone {
				ev.Remove(i)
			}
			return c.put(ev, to, v)
		}
		c.leaves = append(c.leaves[:0], int32(i))
	} else if c.leaves = ev.AppendLeaves(c.leaves[:0], from.path); len(c.leaves) == 0 {
		v := c.get(ev, from) // of the file, if anything is known of it
		return v.Set && c.put(ev, to, v)
	}
	return c.moveTree(ev, from, to, gone)
}

// moveTree does it for c.leaves, which have the name from or one below it.
func (c *Chain) moveTree(ev *event.Event, from, to *name, gone bool) bool {
	if to.slot != noSlot { // an object cannot be what stands there
		return false
	}
	first := int32(len(ev.Fields))
	for _, i := range c.leaves {
		c.full = event.AppendPath(c.full[:0], ev.Fields, i)
		n := len(ev.Fields)
		ev.Copy(int(i), c.keep(func(dst []byte) []byte { return append(append(dst, to.path...), c.full[len(from.path):]...) }))
		ev.Fields[n].Removed = true // what is cleared is what was there before
		if gone {
			ev.Remove(int(i))
		}
	}
	last := int32(len(ev.Fields))
	c.clear(ev, to)
	for i := first; i < last; i = ev.Fields[i].End {
		ev.Fields[i].Removed = false
	}
	for _, s := range to.below {
		if int(s) < len(knownBits) && event.Lookup(ev.Fields, slotPaths[s]) >= 0 {
			ev.Known |= knownBits[s]
		}
	}
	return true
}

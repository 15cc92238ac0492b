package event

import "bytes"

// Change gives field i, which is no Object, another value in its place.
func (e *Event) Change(i int, value []byte, kind Kind) {
	f := &e.Fields[i]
	f.Value, f.Kind, f.To = value, kind, 0
	e.changed(f.Parent)
}

// changed tells the objects from p outwards that they cannot be copied as they stand.
func (e *Event) changed(p int32) {
	for ; p >= 0 && !e.Fields[p].Changed; p = e.Fields[p].Parent {
		e.Fields[p].Changed = true
	}
}

// Clear removes the field that has the full name, dotted or nested or both, and everything below it.
func (e *Event) Clear(name []byte) { e.clearIn(0, int32(len(e.Fields)), name) }

func (e *Event) clearIn(from, to int32, name []byte) {
	for i := from; i < to; i = e.Fields[i].End {
		f := &e.Fields[i]
		if f.Removed || f.Name[0] != name[0] {
			continue
		}
		switch rest, below := under(name, f.Name); {
		case below && len(rest) == 0:
			e.Remove(int(i))
		case below:
			if f.Kind == Object {
				e.clearIn(i+1, f.End, rest)
			}
		default:
			if _, inside := under(f.Name, name); inside {
				e.Remove(int(i))
			}
		}
	}
}

// under reports whether name is outer or a name below it, and returns what of it is behind the dot.
func under(name, outer []byte) (rest []byte, ok bool) {
	if !bytes.HasPrefix(name, outer) {
		return nil, false
	}
	if rest = name[len(outer):]; len(rest) == 0 {
		return rest, true
	}
	return rest[1:], rest[0] == '.'
}

// Copy appends field i, with everything in it, under another name at the top of the document.
func (e *Event) Copy(i int, name []byte) {
	n := int32(len(e.Fields))
	by := n - int32(i)
	for j := int32(i); j < n && j < e.Fields[i].End; j++ {
		f := e.Fields[j]
		f.Parent, f.End = f.Parent+by, f.End+by
		e.Fields = append(e.Fields, f)
	}
	f := &e.Fields[n]
	f.Name, f.Parent, f.To = name, -1, 0
}

// AppendLeaves appends the indexes of the fields that have the full name or one below it, and are no Objects: all fields
// for an empty name.
func (e *Event) AppendLeaves(dst []int32, name []byte) []int32 {
	return e.appendLeaves(dst, 0, int32(len(e.Fields)), name)
}

func (e *Event) appendLeaves(dst []int32, from, to int32, name []byte) []int32 {
	for i := from; i < to; i = e.Fields[i].End {
		f := &e.Fields[i]
		if f.Removed || len(name) > 0 && f.Name[0] != name[0] {
			continue
		}
		inside := name
		if len(name) > 0 {
			rest, below := under(name, f.Name)
			if _, within := under(f.Name, name); !below && !within || len(rest) > 0 && below && f.Kind != Object {
				continue
			}
			if inside = nil; below {
				inside = rest
			}
		}
		if f.Kind == Object {
			dst = e.appendLeaves(dst, i+1, f.End, inside)
		} else {
			dst = append(dst, i)
		}
	}
	return dst
}

// AppendPath appends the full, dotted name of field i.
func AppendPath(dst []byte, fields []Field, i int32) []byte {
	if p := fields[i].Parent; p >= 0 {
		dst = append(AppendPath(dst, fields, p), '.')
	}
	return append(dst, fields[i].Name...)
}

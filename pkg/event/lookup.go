package event

import "bytes"

// Lookup finds the field that has the full name, dotted or nested or both; -1 when there is none.
func Lookup(fields []Field, name []byte) int {
	return lookupIn(fields, 0, int32(len(fields)), name)
}

func lookupIn(fields []Field, from, to int32, name []byte) int {
	if len(name) == 0 {
		return -1
	}
	for i := from; i < to; i = fields[i].End {
		f := &fields[i]
		if f.Name[0] != name[0] || f.Removed || !bytes.HasPrefix(name, f.Name) {
			continue
		}
		rest := name[len(f.Name):]
		if len(rest) == 0 {
			return int(i)
		}
		if rest[0] == '.' && f.Kind == Object {
			if found := lookupIn(fields, i+1, f.End, rest[1:]); found >= 0 {
				return found
			}
		}
	}
	return -1
}

// Find is Lookup for a name that a service writes in the same place line after line: last is where it was found before.
func Find(fields []Field, name []byte, last *int) int {
	if i := *last; i < len(fields) {
		if f := &fields[i]; f.Parent < 0 && !f.Removed && string(f.Name) == string(name) || isAt(fields, i, name) {
			return i
		}
	}
	i := Lookup(fields, name)
	if i >= 0 {
		*last = i
	}
	return i
}

// isAt reports whether field i has the full name.
func isAt(fields []Field, i int, name []byte) bool {
	for {
		f := &fields[i]
		if f.Removed || !bytes.HasSuffix(name, f.Name) {
			return false
		}
		name = name[:len(name)-len(f.Name)]
		if f.Parent < 0 {
			return len(name) == 0
		}
		if len(name) == 0 || name[len(name)-1] != '.' {
			return false
		}
		name, i = name[:len(name)-1], int(f.Parent)
	}
}

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

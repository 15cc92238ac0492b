//go:build !amd64

package event

// AppendMembers appends as many of the fields in [from,to) as vectors of the processor can, none here, and returns the index of the next.
func (e *Event) AppendMembers(dst []byte, from, _ int32) (_ []byte, next int32) { return dst, from }

package event

import "golang.org/x/sys/cpu"

// AppendMembers appends those of the fields in [from,to), which are members of one object, that want no closer look, each behind a comma and
// neighbours that stand in the line as they are in one copy, up to the first that does: an Object that changed or has another name, a text that
// must be escaped, or one so near the end of dst or of the memory of what is copied that a whole vector does not fit. It returns the index
// of that, or to. Most members of most lines are short and plain, and what is done for each is what a document costs; vectors look at
// a text while they copy it.
func (e *Event) AppendMembers(dst []byte, from, to int32) (_ []byte, next int32) {
	if !cpu.X86.HasAVX2 || len(dst) == cap(dst) {
		return dst, from
	}
	room := dst[len(dst):cap(dst)]
	written, next := memberVectors(&room[0], len(room)-memberRest, e, from, to)
	return dst[:len(dst)+written], next
}

// memberRest is what a member may take beside its name and its value: `,"":""`, and a vector behind them.
const memberRest = 6 + 32

// memberVectors is AppendMembers by the vectors of AVX2. Behind room bytes there is room for a memberRest.
//
//go:noescape
func memberVectors(dst *byte, room int, e *Event, from, to int32) (written int, next int32)

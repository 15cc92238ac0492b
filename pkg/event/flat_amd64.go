package event

import "golang.org/x/sys/cpu"

// AppendFlat appends the fields as members of an object, each behind a comma, less those that are removed. It stops at what wants a closer
// look, and returns how many it is done with: at an Object, what stands in the line as it is, a text that must be escaped, and
// where dst or the memory of a value ends, because whole vectors are read and written. Most fields of most lines are short and plain,
// and the work on them is what one asks of each; vectors look at a value while they copy it.
func AppendFlat(dst []byte, fields []Field) (_ []byte, n int) {
	if !cpu.X86.HasAVX2 || len(fields) == 0 || len(dst) == cap(dst) {
		return dst, 0
	}
	room := dst[len(dst):cap(dst)]
	written, left := flatVectors(&room[0], len(room), &fields[0], len(fields))
	return dst[:len(dst)+written], len(fields) - left
}

// flatRest is what a member may take beside its name and its value: `,"":""`, and a vector behind them.
const flatRest = 6 + 32

// flatVectors is AppendFlat by the vectors of AVX2 for n fields, at least one, into room bytes; left is how many it is not done with.
//
//go:noescape
func flatVectors(to *byte, room int, fields *Field, n int) (written, left int)

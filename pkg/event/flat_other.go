//go:build !amd64

package event

// AppendFlat appends the first ones of the fields as far as vectors of the processor can, which is not at all.
func AppendFlat(dst []byte, _ []Field) (_ []byte, n int) { return dst, 0 }

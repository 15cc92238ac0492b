package parse

import (
	"golang.org/x/sys/cpu"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// hurry follows the line as far as it can be done fast. marks are those of the line.
func (w *walk) hurry(line []byte, marks *jsontext.Marks, ends *[maxValues]int32) {
	if !cpu.X86.HasAVX2 || len(line) == 0 {
		w.hurryOn(line, marks, ends)
		return
	}
	hurryVectors(w, &line[0], len(line), cap(line), marks.Bits(), &ends[0])
}

// hurryVectors is hurry by the vectors of AVX2, as long as there are 64 bytes behind w.at: over plain strings, and over numbers of up to
// 15 characters without sign and exponent. w must be on the stack, since no barrier is told of what is written there.
//
//go:noescape
func hurryVectors(w *walk, line *byte, length, capacity int, marks *byte, ends *int32)

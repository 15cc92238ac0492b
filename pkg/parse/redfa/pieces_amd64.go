package redfa

import "golang.org/x/sys/cpu"

var hasVectors = cpu.X86.HasAVX2 && cpu.X86.HasBMI1

// passVectors passes over pieces of the run at p, as many as vectors can, and returns their number and where the next one stands. Whether
// that one is there too is for passPieces to say.
func passVectors(run []piece, in []byte, p int, caps []int) (passed, at int) {
	if !hasVectors {
		return 0, p
	}
	return passAVX2(run, in, p, caps)
}

// passAVX2 is passVectors by AVX2. It ends where it would read behind the capacity of in. Behind its length it may read; what stands there
// has no effect.
//
//go:noescape
func passAVX2(run []piece, in []byte, p int, caps []int) (passed, at int)

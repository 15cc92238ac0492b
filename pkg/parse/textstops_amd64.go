package parse

import "golang.org/x/sys/cpu"

// stopBlocks finds the stops of text, of at least one block unless there are no words, by whole blocks. The last one is that of
// the last bytes of text, which may overlap the one before; of its first bit only then nothing is said.
func stopBlocks(words []uint64, text []byte) {
	switch {
	case len(words) == 0:
	case cpu.X86.HasAVX2:
		stopVectors(&words[0], &text[0], len(words), &text[len(text)-stopBlock])
	default:
		stopWords(words, text)
	}
}

// stopVectors is stopBlocks by the vectors of AVX2; last is the beginning of the last block.
//
//go:noescape
func stopVectors(words *uint64, text *byte, blocks int, last *byte)

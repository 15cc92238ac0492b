package jsontext

import "golang.org/x/sys/cpu"

// markBlocks writes to marks a bit for each byte of text, of at least one block, by whole blocks. The last one is that of the last
// bytes of text, which may overlap the one before. high is 0 when all of text is ASCII.
func markBlocks(marks, text []byte) (high uint8) {
	if !cpu.X86.HasAVX2 {
		return markWords(marks, text)
	}
	blocks := (len(text) + markedBlock - 1) / markedBlock
	_ = marks[blocks*8-1]
	return markVectors(&marks[0], &text[0], blocks, &text[len(text)-markedBlock])
}

// markVectors is markBlocks by the vectors of AVX2; last is the beginning of the last block.
//
//go:noescape
func markVectors(marks, text *byte, blocks int, last *byte) (high uint8)

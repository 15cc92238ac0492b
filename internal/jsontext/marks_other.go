//go:build !amd64

package jsontext

// markBlocks writes to marks a bit for each byte of text, of at least one block, by whole blocks. The last one is that of the last
// bytes of text, which may overlap the one before. high is 0 when all of text is ASCII.
func markBlocks(marks, text []byte) (high uint8) { return markWords(marks, text) }

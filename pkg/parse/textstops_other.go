//go:build !amd64

package parse

// stopBlocks finds the stops of text, of at least one block unless there are no words, by whole blocks. The last one is that of
// the last bytes of text, which may overlap the one before.
func stopBlocks(words []uint64, text []byte) { stopWords(words, text) }

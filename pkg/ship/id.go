package ship

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/event"
)

// idDigits are the digits of ids, to base 64. They keep the order of the bytes, so that documents of one file get ids that grow, which Lucene stores and
// looks up for less. Elasticsearch takes text in these letters for base64 and stores its bytes.
const idDigits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// IDs makes the ids of the lines of one source.
type IDs struct{ source [idLen / 2]byte } // the letters that all of them begin with

// IDsOf returns what makes the ids of lines of src, as long as its generation lasts.
func IDsOf(src *event.Source) (ids IDs) {
	putLetters(ids.source[0:], src.ID>>16)
	putLetters(ids.source[8:], src.ID<<32|uint64(src.Generation))
	return ids
}

// Append appends the _id of a line: 32 letters for source (8 bytes), generation (4), offset (6) and the hash of the
// line's bytes (6), big-endian. The same line read again from the same file has the same id, whatever the file is
// called by then; after a truncation it has another.
func (ids *IDs) Append(dst []byte, offset int64, line []byte) []byte {
	dst = slices.Grow(dst, idLen)
	letters := dst[len(dst) : len(dst)+idLen]
	copy(letters, ids.source[:])
	putLetters(letters[16:], uint64(offset))
	putLetters(letters[24:], xxhash.Sum64(line)>>16)
	return dst[:len(dst)+idLen]
}

// AppendID is IDs.Append for a single line.
func AppendID(dst []byte, src *event.Source, offset int64, line []byte) []byte {
	ids := IDsOf(src)
	return ids.Append(dst, offset, line)
}

const idLen = 32

// putLetters writes the lower 48 bits of x in eight letters.
func putLetters(letters []byte, x uint64) {
	pairs := uint64(letterPairs[x>>36&0xfff]) | uint64(letterPairs[x>>24&0xfff])<<16 | uint64(letterPairs[x>>12&0xfff])<<32 | uint64(letterPairs[x&0xfff])<<48
	binary.LittleEndian.PutUint64(letters, pairs)
}

// letterPairs holds the two letters of each 12 bits, the first one in the lower byte.
var letterPairs = func() (pairs [4096]uint16) {
	for i := range pairs {
		pairs[i] = uint16(idDigits[i>>6]) | uint16(idDigits[i&63])<<8
	}
	return pairs
}()

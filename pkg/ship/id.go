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

// AppendID appends the _id of a line: 32 letters for source (8 bytes), generation (4), offset (6) and the hash of the
// line's bytes (6), big-endian. The same line read again from the same file has the same id, whatever the file is
// called by then; after a truncation it has another.
func AppendID(dst []byte, src *event.Source, offset int64, line []byte) []byte {
	var id [26]byte
	binary.BigEndian.PutUint64(id[0:], src.ID)
	binary.BigEndian.PutUint64(id[10:], uint64(offset)) // its upper two bytes, always zero, give way to the next
	binary.BigEndian.PutUint32(id[8:], src.Generation)
	binary.BigEndian.PutUint64(id[18:], xxhash.Sum64(line))
	dst = slices.Grow(dst, idLen)
	letters := (*[idLen]byte)(dst[len(dst) : len(dst)+idLen])
	for i := range idLen / 4 {
		x := uint32(id[3*i])<<16 | uint32(id[3*i+1])<<8 | uint32(id[3*i+2])
		high, low := letterPairs[x>>12], letterPairs[x&0xfff]
		letters[4*i], letters[4*i+1], letters[4*i+2], letters[4*i+3] = high[0], high[1], low[0], low[1]
	}
	return dst[:len(dst)+idLen]
}

const idLen = 32

// letterPairs holds the two letters of each 12 bits.
var letterPairs = func() (pairs [4096][2]byte) {
	for i := range pairs {
		pairs[i] = [2]byte{idDigits[i>>6], idDigits[i&63]}
	}
	return pairs
}()

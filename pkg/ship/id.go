package ship

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/event"
)

// idEncoding keeps the order of the bytes, so that documents of one file get ids that grow, which Lucene stores and
// looks up for less. Elasticsearch takes text in these letters for base64 and stores its bytes.
var idEncoding = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").WithPadding(base64.NoPadding)

// AppendID appends the _id of a line: 32 letters for source (8 bytes), generation (4), offset (6) and the hash of the
// line's bytes (6), big-endian. The same line read again from the same file has the same id, whatever the file is
// called by then; after a truncation it has another.
func AppendID(dst []byte, src *event.Source, offset int64, line []byte) []byte {
	var id [26]byte
	binary.BigEndian.PutUint64(id[0:], src.ID)
	binary.BigEndian.PutUint64(id[10:], uint64(offset)) // its upper two bytes, always zero, give way to the next
	binary.BigEndian.PutUint32(id[8:], src.Generation)
	binary.BigEndian.PutUint64(id[18:], xxhash.Sum64(line))
	return idEncoding.AppendEncode(dst, id[:24])
}

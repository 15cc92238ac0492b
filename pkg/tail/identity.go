package tail

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"

	"github.com/cespare/xxhash/v2"
)

// identity tells files apart whatever they are called. An inode alone does not: ext4 gives a freed one to the next file
// at once; its birth time, where the file system keeps one, then differs, and otherwise the content does (head).
type identity struct {
	Dev   uint64 `json:"dev"`
	Ino   uint64 `json:"ino"`
	Birth int64  `json:"birth,omitempty"` // Unix nanoseconds; 0 when the file system does not say
}

// sameInode reports whether the two may be one inode over time. Device numbers are left out: they may change when the
// machine restarts.
func (a identity) sameInode(b identity) bool {
	return a.Ino == b.Ino && (a.Birth == b.Birth || a.Birth == 0 || b.Birth == 0)
}

// headSize bounds the bytes of a file's beginning that are remembered to know it again.
const headSize = 1024

// head is a fingerprint of a file's beginning. It grows with the file up to headSize and is never a reason not to read:
// a file of one byte is read like any other.
type head struct {
	Len  int    `json:"len"`
	Hash uint64 `json:"hash"`
}

func headOf(b []byte) head {
	b = b[:min(len(b), headSize)]
	return head{len(b), xxhash.Sum64(b)}
}

// matches reports whether r begins with what h was made of: of nothing, as long as nothing was handed on, anything does.
func (h head) matches(r io.ReaderAt) (bool, error) {
	if h.Len == 0 {
		return true, nil
	}
	b, err := beginning(r, h.Len)
	return err == nil && len(b) == h.Len && headOf(b) == h, err
}

// beginning returns the first n bytes of r, or as many as there are; n is at most headSize.
func beginning(r io.ReaderAt, n int) ([]byte, error) {
	buf := make([]byte, n)
	got, err := r.ReadAt(buf, 0)
	if err == io.EOF {
		err = nil
	}
	return buf[:got], err
}

// overlapSize is how many bytes before a position are remembered to know the place again.
const overlapSize = 64

// mark is a fingerprint of the bytes before a position of a file.
type mark struct {
	At   int64  `json:"at"`
	Len  int    `json:"len"`
	Hash uint64 `json:"hash"`
}

func markOf(at int64, before []byte) mark { return mark{at, len(before), xxhash.Sum64(before)} }

// matches reports whether r has at the position what m was made of. A mark of nothing matches nothing.
func (m mark) matches(r io.ReaderAt) (bool, error) {
	buf := make([]byte, m.Len)
	n, err := r.ReadAt(buf, m.At-int64(m.Len))
	if err == io.EOF {
		err = nil
	}
	return err == nil && n > 0 && markOf(m.At, buf[:n]) == m, err
}

// firstLineSize bounds how much of a first line goes into a source's id.
const firstLineSize = 4096

// firstLine returns the beginning of the file up to its first newline; ok is false as long as there is neither a
// newline nor firstLineSize bytes, unless the file is done with.
func firstLine(r io.ReaderAt, done bool) (line []byte, ok bool, err error) {
	buf := make([]byte, firstLineSize)
	n, err := r.ReadAt(buf, 0)
	if err == io.EOF {
		err = nil
	}
	if err != nil {
		return nil, false, err
	}
	if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
		return buf[:i], true, nil
	}
	return buf[:n], done || n == len(buf), nil
}

// sourceID is the part of a line's _id that tells its file.
func sourceID(host string, id identity, first []byte) uint64 {
	var numbers [16]byte
	binary.BigEndian.PutUint64(numbers[:8], id.Ino)
	binary.BigEndian.PutUint64(numbers[8:], uint64(id.Birth))
	h := xxhash.New()
	_, _ = h.WriteString(host) // a hash never fails to write
	_, _ = h.Write(numbers[:])
	_, _ = h.Write(first)
	return h.Sum64()
}

// fileState is what the file system says of a file now.
type fileState struct {
	identity
	Size    int64
	ModTime int64 // Unix nanoseconds
	Links   uint64
	Mounted bool // something is mounted just there; only Linux tells
}

// apart reports whether the file may be changed by a name that is not in its folder.
func (s fileState) apart() bool { return s.Links > 1 || s.Mounted }

// regular reports whether info is of a file that can be tailed: a FIFO would block, a device has no end.
func regular(info os.FileInfo) bool { return info.Mode().IsRegular() }

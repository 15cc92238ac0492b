package tail

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// windowSize is how much of what was unpacked last is kept, so that a partial last line need not be unpacked again from
// the beginning of the file. It is more than an arena.
const windowSize = 1 << 20

// unzipper reads a gzip file (RFC 1952; any number of members) at positions of what it unpacks to. It goes forward
// only; a position before its window makes it begin anew. A file that is still being written ends for now where its
// bytes end.
type unzipper struct {
	fd     *os.File
	zip    *gzip.Reader
	pos    int64  // what is unpacked so far
	window []byte // the bytes before pos
	size   int64  // of the compressed file when its end was reached
	ended  bool   // its end was reached
	broken error  // what is wrong with it, once the end is reached
}

// compressed reports whether fd begins as a gzip file does.
func compressed(fd *os.File) bool {
	var magic [2]byte
	n, _ := fd.ReadAt(magic[:], 0) // a file that cannot be read is not compressed for now
	return n == 2 && magic == [2]byte{0x1f, 0x8b}
}

// finished reports whether everything that the file of this size holds has been unpacked.
func (u *unzipper) finished(size int64) bool { return u.ended && size == u.size }

// ReadAt fills b from position at of the unpacked content; io.EOF tells that it ends before.
func (u *unzipper) ReadAt(b []byte, at int64) (int, error) {
	grown, err := u.grown()
	if err != nil {
		return 0, err
	}
	if u.zip == nil || grown || at < u.pos-int64(len(u.window)) {
		if err := u.restart(); err != nil {
			return 0, err
		}
	}
	for u.pos < at && !u.ended {
		if err := u.unpack(min(at-u.pos, 64<<10)); err != nil {
			return 0, err
		}
	}
	n := 0
	for n < len(b) {
		start := at + int64(n) - (u.pos - int64(len(u.window)))
		if got := copy(b[n:], u.window[min(max(start, 0), int64(len(u.window))):]); got > 0 {
			n += got
			continue
		}
		if u.ended {
			return n, io.EOF
		}
		if err := u.unpack(min(int64(len(b)-n), 64<<10)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// grown reports whether there is more of a file that broke off before.
func (u *unzipper) grown() (bool, error) {
	if !u.ended || u.broken == nil {
		return false, nil
	}
	state, err := stateOf(u.fd)
	return err == nil && state.Size != u.size, err
}

// restart begins to unpack at the beginning of the file.
func (u *unzipper) restart() error {
	u.pos, u.window, u.ended, u.broken = 0, u.window[:0], false, nil
	in := bufio.NewReaderSize(io.NewSectionReader(u.fd, 0, 1<<62), 64<<10)
	if u.zip == nil {
		u.zip = new(gzip.Reader)
	}
	return u.note(u.zip.Reset(in))
}

// unpack appends up to n more bytes to the window.
func (u *unzipper) unpack(n int64) error {
	if room := windowSize - len(u.window); room < int(n) {
		u.window = append(u.window[:0], u.window[int(n)-room:]...)
	}
	start := len(u.window)
	u.window = append(u.window, make([]byte, n)...)
	got, err := u.zip.Read(u.window[start:])
	u.window = u.window[:start+got]
	u.pos += int64(got)
	return u.note(err)
}

// note takes down that the content has ended, well or not. Only an error of the file system is one for the caller: what is
// wrong with the content will not become right by reading it again.
func (u *unzipper) note(err error) error {
	if err == nil {
		return nil
	}
	var path *os.PathError
	if errors.As(err, &path) {
		return err
	}
	state, failed := stateOf(u.fd)
	if failed != nil {
		return failed
	}
	u.ended, u.size = true, state.Size
	if err != io.EOF {
		u.broken = err
	}
	return nil
}

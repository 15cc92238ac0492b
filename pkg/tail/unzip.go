package tail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// windowSize is how much of what was unpacked last is kept, so that a partial last line need not be unpacked again from
// the beginning of the file. It is more than an arena.
const windowSize = 1 << 20

// unzipper reads a gzip file (RFC 1952; any number of members) at positions of what it unpacks to. It goes forward
// only; a position before its window makes it begin anew. That must stay rare: a few kilobytes unpack to gigabytes, and
// unpacking those once for each long line in them would take years. So the two places that are asked for again from afar are
// held: the beginning of the file, and that of a long line. A file that is still being written ends for now where its bytes
// end.
type unzipper struct {
	fd     *os.File
	zip    *gzip.Reader
	pos    int64  // what is unpacked so far
	window []byte // the bytes before pos
	begins piece  // the beginning, for what knows a file by it
	line   piece  // the beginning of a long line
	size   int64  // of the compressed file when its end was reached
	ended  bool   // its end was reached
	broken error  // what is wrong with it, once the end is reached

	restarts int // how often it was begun
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
	n := max(u.begins.read(b, at), u.line.read(b, at))
	if n > 0 && n == len(b) {
		return n, nil
	}
	grown, err := u.grown()
	if err != nil {
		return 0, err
	}
	if next := at + int64(n); u.zip == nil && !u.ended || grown || next < u.pos-int64(len(u.window)) {
		if err := u.restart(); err != nil {
			return 0, err
		}
	}
	for u.pos < at && !u.ended {
		if err := u.unpack(min(at-u.pos, 64<<10)); err != nil {
			return 0, err
		}
	}
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

// grown reports whether there is more of a file that had ended before.
func (u *unzipper) grown() (bool, error) {
	if !u.ended {
		return false, nil
	}
	state, err := stateOf(u.fd)
	return err == nil && state.Size != u.size, err
}

// restart begins to unpack at the beginning of the file.
func (u *unzipper) restart() error {
	u.pos, u.window, u.ended, u.broken = 0, u.window[:0], false, nil
	u.begins = piece{bytes: u.begins.bytes[:0], most: firstLineSize}
	u.restarts++
	in := bufio.NewReaderSize(io.NewSectionReader(u.fd, 0, 1<<62), 64<<10)
	if u.zip == nil {
		u.zip = new(gzip.Reader)
	}
	return u.note(u.zip.Reset(in))
}

// rest lets go of what unpacking takes: files may be open by the thousand. When the end has been reached, what stands from position at on
// can still be read; otherwise it begins anew.
func (u *unzipper) rest(at int64) {
	u.zip = nil
	if !u.ended {
		u.window = nil
		return
	}
	before := u.pos - int64(len(u.window))
	u.window = bytes.Clone(u.window[min(max(at-before, 0), int64(len(u.window))):])
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
	u.begins.take(u.pos, u.window[start:])
	u.line.take(u.pos, u.window[start:])
	u.pos += int64(got)
	return u.note(err)
}

// hold keeps up to n bytes from position at on until another place is held; 0 bytes are none.
func (u *unzipper) hold(at int64, n int) {
	if u.line.at == at && u.line.most == n {
		return
	}
	u.line = piece{at: at, most: n}
	if before := u.pos - int64(len(u.window)); at >= before {
		u.line.take(before, u.window)
	} else if n > 0 {
		u.zip = nil // once more from the beginning, to come by there
	}
}

// piece is a part of the content that is kept as it comes by.
type piece struct {
	at    int64
	most  int // bytes to keep
	bytes []byte
}

// read copies what is kept from a position on.
func (p *piece) read(b []byte, at int64) int {
	if at < p.at || at >= p.at+int64(len(p.bytes)) {
		return 0
	}
	return copy(b, p.bytes[at-p.at:])
}

// take keeps what it is missing of the bytes that stand at a position.
func (p *piece) take(at int64, b []byte) {
	next := p.at + int64(len(p.bytes))
	if next >= at && next < at+int64(len(b)) {
		rest := b[next-at:]
		p.bytes = append(p.bytes, rest[:min(len(rest), p.most-len(p.bytes))]...)
	}
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

// Package journal reads systemd's Journal Export Format, as journalctl -o export writes it, and makes of each entry one line of
// JSON whose fields have the names of ECS.
//
// An entry is a block of fields that an empty line ends. A field is NAME=value and a newline, or, when the value holds a
// newline or other bytes that are no text, NAME, a newline, the length of the value in 8 bytes, little-endian, the
// value, and a newline (https://systemd.io/JOURNAL_EXPORT_FORMATS).
package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	maxName   = 256  // systemd's names are at most 64 bytes long
	maxFields = 1024 // of an entry; systemd's own bound
)

// errFormat says that what comes is not in the export format: from there on nothing can be told.
var errFormat = errors.New("not in the journal export format")

// field is one of an entry's, in the order in which they came. Names may come more than once.
type field struct {
	name, value []byte
}

// Reader reads entries one after the other.
type Reader struct {
	in      *bufio.Reader
	longest int // bytes of a value; the rest of a longer one is passed over

	fields []field
	data   []byte // of all of them
	spans  [][4]int
}

// NewReader reads from in, values of at most longest bytes.
func NewReader(in io.Reader, longest int) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, 64<<10), longest: longest}
}

// next reads one entry into r.fields; valid until the next call. io.EOF says that there is none; an entry that the stream ends
// in is none either.
func (r *Reader) next() error {
	for {
		r.data, r.spans = r.data[:0], r.spans[:0]
		if err := r.block(); err != nil {
			return err
		}
		if len(r.spans) > 0 {
			break
		}
	}
	r.fields = r.fields[:0]
	for _, s := range r.spans {
		r.fields = append(r.fields, field{r.data[s[0]:s[1]], r.data[s[2]:s[3]]})
	}
	return nil
}

// block reads up to an empty line.
func (r *Reader) block() error {
	for {
		start := len(r.data)
		end, sep, err := r.name()
		switch {
		case err != nil:
			return err
		case end == start && sep == '\n':
			return nil
		case end == start:
			return fmt.Errorf("%w: a field without a name", errFormat)
		}
		from := len(r.data)
		if sep == '=' {
			err = r.text()
		} else {
			err = r.binary()
		}
		if err != nil {
			return noEnd(err)
		}
		if len(r.spans) == maxFields {
			r.data = r.data[:start]
			continue
		}
		r.spans = append(r.spans, [4]int{start, end, from, len(r.data)})
	}
}

// noEnd is an error within an entry.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// name reads up to = or a newline.
func (r *Reader) name() (end int, sep byte, err error) {
	start := len(r.data)
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			if len(r.data) > start || len(r.spans) > 0 {
				err = noEnd(err)
			}
			return 0, 0, err
		}
		if c == '=' || c == '\n' {
			return len(r.data), c, nil
		}
		if len(r.data)-start == maxName {
			return 0, 0, fmt.Errorf("%w: a name of more than %d bytes", errFormat, maxName)
		}
		r.data = append(r.data, c)
	}
}

// room is how much more may be kept of a value that begins at start. All of an entry together is twice the longest value at most.
func (r *Reader) room(start int) int {
	return max(0, min(r.longest-(len(r.data)-start), 2*r.longest-len(r.data)))
}

// text reads a value that a newline ends.
func (r *Reader) text() error {
	start := len(r.data)
	for {
		piece, err := r.in.ReadSlice('\n')
		ended := err == nil
		if ended {
			piece = piece[:len(piece)-1]
		} else if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		r.data = append(r.data, piece[:min(len(piece), r.room(start))]...)
		if ended {
			return nil
		}
	}
}

// binary reads a value with its length.
func (r *Reader) binary() error {
	var length [8]byte
	if _, err := io.ReadFull(r.in, length[:]); err != nil {
		return err
	}
	size := binary.LittleEndian.Uint64(length[:])
	const most = 1 << 40 // an offset that no value has: then it is not a length
	if size > most {
		return fmt.Errorf("%w: a value of %d bytes", errFormat, size)
	}
	room := int64(r.room(len(r.data)))
	kept := min(int64(size), room)
	for kept > 0 { // in pieces, for a length that is not true must not take memory
		n := int(min(kept, 64<<10))
		start := len(r.data)
		r.data = append(r.data, make([]byte, n)...)
		if _, err := io.ReadFull(r.in, r.data[start:]); err != nil {
			return err
		}
		kept -= int64(n)
	}
	if rest := int64(size) - room; rest > 0 {
		if _, err := io.CopyN(io.Discard, r.in, rest); err != nil {
			return err
		}
	}
	if c, err := r.in.ReadByte(); err != nil {
		return err
	} else if c != '\n' {
		return fmt.Errorf("%w: no newline behind a value of %d bytes", errFormat, size)
	}
	return nil
}

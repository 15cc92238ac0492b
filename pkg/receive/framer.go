package receive

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tailspan/tailspan/pkg/receive/spool"
)

// framer finds the messages in what comes over one connection: lines that end in a newline, or, when the first bytes are a number,
// a blank and <, messages of a counted length (RFC 6587, section 3.4.1; RFC 5425). A connection keeps to one of the two.
// A message is held in buf until its end has come, no more of it than the longest line there may be.
type framer struct {
	r       *Receiver
	from    string
	syslog  bool // messages may be counted
	decided bool // whether they are is known
	counted bool

	buf   []byte // what has no end yet
	extra int    // memory reserved for it
	left  int    // counted: bytes of the message that are still to come, beyond those in buf
	skip  bool   // the rest of the line is passed over: it was too long
	cut   bool   // so does the message in buf

	out   []byte // records
	count int    // of them
	bytes int    // of their texts
}

const (
	readSize  = 16 << 10 // bytes of a connection read at once, and of a line without a reservation
	mostDigit = 9        // of a message's length
)

// errCount says that the length of a message cannot be one: from there on nothing can be told.
var errCount = errors.New("the length of a message is no number of at most 9 digits followed by a blank")

// write takes in what came and makes records of the messages that end in it.
func (f *framer) write(data []byte) error {
	for len(data) > 0 {
		if !f.decided && !f.decide(&data) {
			return nil
		}
		var err error
		if f.counted {
			data, err = f.takeCounted(data)
		} else {
			data = f.takeLine(data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// decide looks at the first bytes; false when they do not tell yet, and are kept.
func (f *framer) decide(data *[]byte) bool {
	f.buf = append(f.buf, *data...)
	*data = nil
	counted, known := counts(f.buf)
	if !f.syslog {
		counted, known = false, true
	}
	if !known {
		return false
	}
	f.decided, f.counted = true, counted
	*data, f.buf = f.buf, nil
	return true
}

// counts reports whether a connection that begins with these bytes counts the lengths of its messages.
func counts(b []byte) (counted, known bool) {
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9' && i < mostDigit && (i > 0 || c != '0'):
		case c == ' ' && i > 0:
			if i+1 == len(b) {
				return false, false
			}
			return b[i+1] == '<', true
		default:
			return false, true
		}
	}
	return false, false
}

// takeLine takes one line, or a piece of it, and returns what is behind it.
func (f *framer) takeLine(data []byte) (rest []byte) {
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		f.hold(data)
		return nil
	}
	rest = data[i+1:]
	if len(f.buf) == 0 && !f.skip && i <= f.r.MaxLine {
		f.emit(trimEnd(data[:i]), false)
		return rest
	}
	f.hold(data[:i])
	f.end()
	return rest
}

// takeCounted takes one message of a counted length, or a piece of it.
func (f *framer) takeCounted(data []byte) (rest []byte, err error) {
	if f.left == 0 {
		if data, err = f.takeLength(data); err != nil || f.left == 0 {
			return data, err
		}
	}
	n := min(f.left, len(data))
	f.hold(data[:n])
	if f.left -= n; f.left == 0 {
		f.end()
	}
	return data[n:], nil
}

// takeLength takes the length that stands before a message; its digits wait in buf.
func (f *framer) takeLength(data []byte) (rest []byte, err error) {
	for i, c := range data {
		switch {
		case c >= '0' && c <= '9' && len(f.buf) < mostDigit:
			f.buf = append(f.buf, c)
		case c == ' ' && len(f.buf) > 0:
			for _, d := range f.buf {
				f.left = 10*f.left + int(d-'0')
			}
			f.buf = f.buf[:0]
			return data[i+1:], nil
		case (c == '\n' || c == '\r') && len(f.buf) == 0: // some senders end counted messages so, too
		default:
			return nil, fmt.Errorf("%w: %q", errCount, append(f.buf, c))
		}
	}
	return nil, nil
}

// hold keeps a piece of a message, as far as it may be long and there is memory for it.
func (f *framer) hold(piece []byte) {
	if f.skip || len(piece) == 0 {
		return
	}
	if over := len(f.buf) + len(piece) - f.r.MaxLine; over > 0 {
		piece, f.skip = piece[:max(0, len(piece)-over)], true
	}
	if need := len(f.buf) + len(piece); need > readSize && f.extra == 0 {
		if !f.r.reserve(f.r.MaxLine) {
			piece, f.skip = piece[:max(0, readSize-len(f.buf))], true
		} else {
			f.extra = f.r.MaxLine
		}
	}
	f.cut = f.cut || f.skip
	f.buf = append(f.buf, piece...)
}

// end makes a record of what is held.
func (f *framer) end() {
	text := f.buf
	if !f.cut {
		text = trimEnd(text)
	}
	f.emit(text, f.cut)
	if f.cut {
		f.r.Cut.Add(1)
	}
	f.buf, f.skip, f.cut = f.buf[:0], false, false
	if f.extra > 0 {
		f.r.giveBack(f.extra)
		f.buf, f.extra = nil, 0
	}
}

// finish makes a record of a last line without a newline, or of a message that is shorter than it was said to be. A length
// without a message is none.
func (f *framer) finish() {
	if !f.decided {
		f.decided = true
	} else if f.counted && f.left == 0 {
		f.buf = nil
	}
	f.cut = f.cut || f.counted && f.left > 0
	if len(f.buf) > 0 {
		f.end()
	}
	f.letGo()
}

// letGo gives back the memory.
func (f *framer) letGo() {
	f.r.giveBack(f.extra)
	f.buf, f.extra = nil, 0
}

// emit makes a record. A blank line is none.
func (f *framer) emit(text []byte, cut bool) {
	if len(text) == 0 {
		return
	}
	f.out = spool.AppendRecord(f.out, f.from, text, cut)
	f.count++
	f.bytes += len(text)
}

// trimEnd takes line ends, and the NUL that some senders end messages with, off a text.
func trimEnd(text []byte) []byte { return bytes.TrimRight(text, "\r\n\x00") }

package frame

import "github.com/tailspan/tailspan/pkg/event"

// A line that is longer than Reach is not held while its end is unknown: its newline is looked for, and then as much of it
// is read as the limit allows. It is an event of its own.

// Newline returns where the first newline of data begins and ends. data stands at the offset of a file that begins with
// head. begin is -1 when there is none; then end is how much need not be looked at again.
func (f *Framer) Newline(data []byte, at int64, head []byte) (begin, end int) {
	c, _ := f.charset(head)
	if i := c.index(data, at); i >= 0 {
		return i, i + c.unit
	}
	return -1, len(data) - int(at+int64(len(data)))%c.unit
}

// LastNewline returns where the last newline of data ends, or -1.
func (f *Framer) LastNewline(data []byte, at int64, head []byte) int {
	c, _ := f.charset(head)
	if i := c.lastIndex(data, at); i >= 0 {
		return i + c.unit
	}
	return -1
}

// LongSize is how many bytes of a line of the length Long wants to see, and how much room it needs for them.
func (f *Framer) LongSize(length int64, head []byte) (read, room int) {
	c, _ := f.charset(head)
	if c.decoder == nil {
		read = int(min(length, int64(f.maxLine)+1))
		return read, read
	}
	read = int(min(length, 2*(int64(f.maxLine)+1))) // most need no more than two bytes for one of UTF-8
	return read, read + read*c.grows/2 + slack
}

// Long adds the line of which b.Data is the beginning, at b.From of a file that begins with head.
func (f *Framer) Long(b *event.Batch, head []byte) {
	c, mark := f.charset(head)
	if b.From > 0 {
		mark = 0
	}
	start, end := mark, len(b.Data)
	if c.decoder != nil {
		b.Data = b.Data[:cap(b.Data)]
		start, end = end, end+c.decode(b.Data[end:], b.Data[mark:end])
		b.Data = b.Data[:end]
	}
	f.addLine(b, start, end, b.From+int64(mark))
}

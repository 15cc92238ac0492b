// Package frame turns the bytes of a file into events: it decodes them, finds the lines, joins what a container runtime
// took apart, and puts lines together that are one event, such as a stack trace.
//
// It remembers nothing from one call to the next. A batch ends where every event before is whole and none behind has
// begun, so a checkpoint never stands inside an event; what follows is read again with the next batch. Therefore it does not
// matter where a file was cut into batches, or where reading began again: the events are the same. Only the passing of
// time makes a difference, when an event waits for lines that do not come (see End).
//
// # Bounds
//
// An event takes no further line when its text would be longer than max_line or have more lines than max_lines: the next
// line begins another event, and nothing is lost. Only a single line that is longer is cut. When events of two streams
// overlap, one held up by the other, for more than max_line and 64 KiB of the file, all of them end there.
//
// # Containers
//
// A joined event reads like one line of its file, since the parser behind takes the envelope off: it has the first line's
// time and all contents. Every stream has events of its own. A line that is not of the format is an event.
package frame

import (
	"bytes"
	"errors"
	"math"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// End says what is known of the end of the bytes.
type End uint8

const (
	Open  End = iota // there may be more at any time: what is not certain to be whole is left
	Quiet            // no more came for the timeout: whole lines are all there is of their events
	Done             // there will never be more: what has no newline is a line as well
)

// Framer finds the events of files that are written alike. It belongs to one goroutine.
type Framer struct {
	text     *charset // as configured
	marked   []*charset
	envelope envelope
	rule     rule // nil: each line is an event
	maxLine  int
	maxLines int32
	gap      int // see reach
	timeout  time.Duration

	streams [streamCount]stream
	line    line    // being looked at
	items   []item  // of the call, in the order of their beginnings
	pieces  []piece // what stands behind the first line of an event that is joined
	clean   int     // the item at which no event before goes on; see cleanCut
	cleanAt int32   // where it begins
	plain   []byte  // an unescaped line
}

// New makes a Framer. The error joins everything wrong with cfg, as confkey errors.
func New(cfg Config) (*Framer, error) {
	cfg = cfg.withDefaults()
	f := &Framer{maxLine: cfg.MaxLine, maxLines: int32(min(cfg.Multiline.MaxLines, math.MaxInt32)), timeout: cfg.Multiline.Timeout, gap: 64 << 10}
	for _, bom := range boms {
		f.marked = append(f.marked, bom.make())
	}
	var errs [3]error
	f.text, errs[0] = charsetOf(cfg.Encoding)
	switch cfg.Framing {
	case "line":
	case "cri":
		f.envelope = cri{}
	case "docker":
		f.envelope = docker{}
	default:
		errs[1] = confkey.Errorf("framing", "%q is not allowed here; write line, cri or docker", cfg.Framing)
	}
	f.rule, errs[2] = cfg.Multiline.compile()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return f, nil
}

// Timeout is how long after the last bytes of a file came it is Quiet.
func (f *Framer) Timeout() time.Duration { return f.timeout }

// charset is how a file is written that begins with head, and how long its byte order mark is.
func (f *Framer) charset(head []byte) (c *charset, mark int) {
	if len(head) > 1 && head[0] >= 0xef {
		for i, bom := range boms {
			if bytes.HasPrefix(head, bom.mark) {
				return f.marked[i], len(bom.mark)
			}
		}
	}
	return f.text, 0
}

// Wide reports whether files are UTF-16 unless they say otherwise.
func (f *Framer) Wide() bool { return f.text.unit == 2 }

// Room is how many bytes of a file that begins with head may stand in a batch of the size, so that there is room for all
// that Frame may write behind them.
func (f *Framer) Room(size int, head []byte) int {
	c, _ := f.charset(head)
	if halves := f.halves(c); halves > 2 {
		return max(0, (size-2*slack)*2/halves)
	}
	return size
}

// Size is how large a batch must be to have the room.
func (f *Framer) Size(room int, head []byte) int {
	c, _ := f.charset(head)
	return room*f.halves(c)/2 + 2*slack + 1
}

// halves is how much room a byte needs, with what may be written for it, in halves of a byte.
func (f *Framer) halves(c *charset) int {
	n := 2 + c.grows
	if f.envelope != nil {
		n += max(2, c.grows)
	}
	return n
}

// Reach is how many bytes Frame must see at most to find the end of an event, unless a single line is longer than that:
// then see Long. 0: the end of a line is the end of an event.
func (f *Framer) Reach() int {
	if f.envelope == nil && f.rule == nil {
		return 0
	}
	return f.reach()
}

// reach is how far events that overlap may stand apart: there is room for envelopes and for lines of other streams.
func (f *Framer) reach() int { return f.maxLine + f.gap }

// Frame finds the events in b.Data from start on, which is what its file, beginning with head, has at b.From. It sets
// b.Lines and b.To; b.Data grows by what had to be written anew. full says that the file has more than that: then end
// does not count. held reports that whole lines are left for the next batch because their event may go on.
func (f *Framer) Frame(b *event.Batch, start int, head []byte, full bool, end End) (held bool) {
	c, mark := f.charset(head)
	if b.From > 0 || mark > len(b.Data)-start {
		mark = 0
	}
	if full {
		end = Open
	}
	if c.decoder == nil && f.envelope == nil && f.rule == nil {
		f.lines(b, start, mark, end)
		return false
	}
	return f.events(b, start, mark, c, end)
}

// lines finds the lines of a file that is UTF-8 and has one event on each: they stay where they are.
func (f *Framer) lines(b *event.Batch, start, mark int, end End) {
	at := start + mark
	for {
		size := bytes.IndexByte(b.Data[at:], '\n')
		if size < 0 {
			break
		}
		f.addLine(b, at, at+size, b.From+int64(at-start))
		at += size + 1
	}
	if end == Done && at < len(b.Data) {
		f.addLine(b, at, len(b.Data), b.From+int64(at-start))
		at = len(b.Data)
	}
	if b.To = b.From; len(b.Lines) > 0 {
		b.To += int64(at - start)
	}
}

// addLine adds the line in b.Data[start:end], without the carriage return it may end in, and cut to the limit.
func (f *Framer) addLine(b *event.Batch, start, end int, offset int64) {
	cut := end-start > f.maxLine
	if cut {
		end = start + f.maxLine
	} else if end > start && b.Data[end-1] == '\r' {
		end--
	}
	b.Lines = append(b.Lines, event.Line{Start: int32(start), End: int32(end), Offset: offset, Cut: cut})
}

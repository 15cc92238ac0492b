package tail

import (
	"bytes"
	"container/list"
	"errors"
	"io"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// file is one file being read for one pipeline. It belongs to the goroutine of Tailer.Run, but for the atomics.
type file struct {
	input *input
	path  string
	fd    *os.File      // nil while another file needs the place
	held  *list.Element // in the descriptors; nil unless fd is open
	zip   *unzipper     // what fd holds, when that is compressed; nil otherwise
	rec   *record
	src   *event.Source // nil until its first line is complete

	read    int64     // everything before it has been handed on; the committed position is src.Committed
	scanned int64     // no newline stands in [read, scanned); only of lines longer than an arena
	until   int64     // nothing from here on is read; 0: all of it
	ends    bool      // what was read ends there
	raw     int       // how much of the last batch's data is as it stands in the file
	waits   bool      // whole lines were left at the last look, because their event may go on
	overlap []byte    // the bytes before the read position
	trail   []ending  // of where the last batches ended, to know a copy that ends before what was read
	begins  []byte    // the bytes the file begins with, as far as they were handed on, up to headSize
	grew    time.Time // when it last had something new
	seen    uint64    // number of the scan that saw it last
	queued  bool
	rested  bool      // there was nothing to read at the last look, so the file may be another one by now
	early   bool      // it was there when the agent started, so nobody is just copying it
	told    bool      // a notification came since it was asked for its size
	again   bool      // its last turn did not come to reading it
	apart   bool      // it may be changed by a name that is not in its folder
	gone    bool      // no path leads to it any more: renamed away, or deleted
	cut     bool      // it was found truncated, and begins anew once a copy has been looked for
	deleted time.Time // when it was seen to have no name at all; zero as long as it has one

	size   atomic.Int64
	start  atomic.Int64                 // where reading began
	mirror atomic.Pointer[event.Source] // src, for other goroutines
	growth growth
}

// errTruncated says that the file is shorter than what was read of it, or not the same any more.
var errTruncated = errors.New("truncated")

// ReadAt reads what the file says, unpacked when it is compressed.
func (f *file) ReadAt(b []byte, at int64) (int, error) {
	switch {
	case f.fd == nil:
		return 0, os.ErrClosed
	case f.zip != nil:
		return f.zip.ReadAt(b, at)
	}
	return f.fd.ReadAt(b, at)
}

// changed reports whether the file, after a rest, does not begin any more as what was read of it.
func (f *file) changed() (bool, error) {
	if !f.rested || f.zip != nil || len(f.begins) == 0 {
		return false, nil
	}
	var buf [headSize]byte
	n, err := f.ReadAt(buf[:len(f.begins)], 0)
	if err != nil && err != io.EOF {
		return false, err
	}
	return !bytes.Equal(buf[:n], f.begins), nil
}

// fill reads the next events into b and returns whether there may be more at once. done says that the file will not
// grow any more, so that a last line without a newline is a line. A batch with an empty range holds nothing.
func (f *file) fill(b *event.Batch, done bool) (more bool, err error) {
	b.From, b.To = f.read, f.read
	f.waits = false
	if changed, err := f.changed(); err != nil {
		return false, err
	} else if changed {
		return false, errTruncated
	}
	if f.scanned > f.read {
		return f.fillLong(b, done)
	}
	keep, framer := len(f.overlap), f.input.framer
	for room := max(keep, framer.Room(cap(b.Data), f.begins)); ; {
		full, err := f.load(b, keep, room)
		if err != nil {
			return false, err
		}
		if f.skipZeros(b) {
			return true, nil
		}
		head := f.begins
		if f.read == 0 {
			head = b.Data
		}
		if fits := framer.Room(cap(b.Data), head); fits < len(b.Data) { // now it is known how it is written
			full, b.Data = true, b.Data[:max(keep, fits)]
		}
		window := len(b.Data) - keep
		f.raw = len(b.Data)
		f.waits = framer.Frame(b, keep, head, full, f.end(done))
		if b.To > b.From || !full {
			return full, nil
		}
		if window > framer.Reach() {
			_, seen := framer.Newline(b.Data[keep:keep+window], f.read, head)
			f.scanned = f.read + int64(seen)
			if f.scanned > f.read {
				return f.fillLong(b, done)
			}
		}
		// An event that is larger than the arena, but has an end in sight.
		f.holdLine(head)
		room = keep + max(64, min(2*window, framer.Reach()+1))
		b.Grow(framer.Size(room, head))
	}
}

// load reads up to room bytes into b, from those on that are kept of what was read before. full says that there may be
// more.
func (f *file) load(b *event.Batch, keep, room int) (full bool, err error) {
	if f.until > 0 && int64(room-keep) > f.until-f.read {
		room = keep + int(f.until-f.read) + 1 // for an end that is not full
	}
	buf := b.Data[:min(room, cap(b.Data))]
	n, err := f.ReadAt(buf, f.read-int64(keep))
	if err != nil && err != io.EOF {
		return false, err
	}
	if n < keep || !bytes.Equal(buf[:keep], f.overlap) || n == 0 && f.shrunk() {
		return false, errTruncated
	}
	full = n == len(buf)
	if f.until > 0 && f.read+int64(n-keep) >= f.until {
		n, full, f.ends = keep+int(f.until-f.read), false, true
	}
	b.Data = buf[:n]
	f.noteSize(max(f.size.Load(), f.read+int64(n-keep)))
	return full, nil
}

// holdLine lets a compressed file keep as much of what stands at the read position as may be asked for again once the end
// of the line or event there is known.
func (f *file) holdLine(head []byte) {
	if f.zip != nil {
		most, _ := f.input.framer.LongSize(math.MaxInt64, head)
		f.zip.hold(f.read-int64(len(f.overlap)), len(f.overlap)+max(most, f.input.framer.Reach()+1))
	}
}

// skipZeros passes over the zeros that a truncated file begins with when its writer, not appending, went on where it was:
// they are no line.
func (f *file) skipZeros(b *event.Batch) bool {
	if len(f.begins) > 0 || len(f.overlap) > 0 || f.src != nil || f.rec.Generation == 0 || len(b.Data) == 0 || b.Data[0] != 0 {
		return false
	}
	zeros := int64(len(b.Data) - len(bytes.TrimLeft(b.Data, "\x00")))
	if f.input.framer.Wide() {
		zeros &^= 1 // the last may be half of the first letter
	}
	f.read, f.scanned = f.read+zeros, f.read+zeros
	return zeros > 0
}

// end is what is known of the end of the file.
func (f *file) end(done bool) frame.End {
	switch {
	case done || f.ends:
		return frame.Done
	case time.Since(f.grew) >= f.input.framer.Timeout():
		return frame.Quiet
	}
	return frame.Open
}

// fillLong handles a line that does not fit the arena: it looks for its end without keeping it, and then reads as much
// of it as the limit allows. Until the end is found nothing is handed on, so that no checkpoint ever stands inside a
// line, and a line that never ends holds no memory.
func (f *file) fillLong(b *event.Batch, done bool) (more bool, err error) {
	head, framer := f.begins, f.input.framer
	if f.read == 0 {
		if head, err = beginning(f, len("\xef\xbb\xbf")); err != nil {
			return false, err
		}
	}
	f.holdLine(head)
	b.Data = b.Data[:cap(b.Data)]
	if f.until > 0 {
		b.Data = b.Data[:min(int64(len(b.Data)), f.until-f.scanned)]
	}
	n, err := f.ReadAt(b.Data, f.scanned)
	if err != nil && err != io.EOF {
		return false, err
	}
	if n == 0 && f.shrunk() {
		return false, errTruncated
	}
	f.noteSize(max(f.size.Load(), f.scanned+int64(n)))
	begin, end := framer.Newline(b.Data[:n], f.scanned, head)
	if begin < 0 {
		f.ends = f.until > 0 && f.scanned+int64(n) >= f.until
		if ended := n < cap(b.Data); !ended || !done && !f.ends {
			f.scanned += int64(end)
			b.Data = b.Data[:0]
			return !ended, nil
		}
		begin, end = n, n
	}
	length := f.scanned + int64(begin) - f.read
	b.To = f.scanned + int64(end)
	want, room := framer.LongSize(length, head)
	b.Grow(room)
	b.Data = b.Data[:want]
	if _, err := f.ReadAt(b.Data, f.read); err != nil {
		if err == io.EOF {
			err = errTruncated
		}
		return false, err
	}
	f.scanned, f.raw = b.To, want
	if f.zip != nil {
		f.zip.hold(0, 0)
	}
	framer.Long(b, head)
	return true, nil
}

// advance moves the read position behind b once it is certain to be handed on, and remembers what stands before it.
func (f *file) advance(b *event.Batch) {
	if f.scanned > f.read { // a long line: its end may not be in the batch
		if int64(len(f.begins)) == f.read {
			f.begins = append(f.begins, b.Data[:min(f.raw, headSize-len(f.begins))]...)
		}
		f.overlap = f.overlap[:0]
	} else {
		start, end := len(f.overlap), len(f.overlap)+int(b.To-b.From)
		if int64(len(f.begins)) == f.read {
			f.begins = append(f.begins, b.Data[start:min(end, start+headSize-len(f.begins))]...)
		}
		f.note(b, start, end)
		f.overlap = append(f.overlap[:0], b.Data[max(0, end-overlapSize):end]...)
	}
	f.read, f.scanned = b.To, b.To
	if place, ok := f.place(); ok {
		f.trail = extended(f.trail, ending{place, time.Now()})
	}
}

// note remembers places within a large batch, whose content is Data[start:end], as if batches had ended there: a copy may end
// anywhere in it.
func (f *file) note(b *event.Batch, start, end int) {
	step := max(headSize, (end-start)/8)
	for at := start + step; at < end; at += step {
		place := markOf(b.From+int64(at-start), b.Data[max(0, at-overlapSize):at])
		f.trail = extended(f.trail, ending{place, time.Now()})
	}
}

// seek moves the read position of a file that was read before, and looks at what stands there.
func (f *file) seek(position int64) error {
	f.read, f.scanned = position, position
	f.start.Store(position)
	var err error
	if f.begins, err = beginning(f, int(min(headSize, position))); err != nil {
		return err
	}
	f.overlap = make([]byte, min(overlapSize, position), overlapSize)
	n, err := f.ReadAt(f.overlap, position-int64(len(f.overlap)))
	if n == len(f.overlap) {
		return nil
	}
	return err
}

// place is a fingerprint of where the file has been read to; ok is false behind a line that was longer than an arena.
func (f *file) place() (m mark, ok bool) { return markOf(f.read, f.overlap), len(f.overlap) > 0 }

// unread reports whether there may be something to read, given the state of the file now.
func (f *file) unread(state fileState) bool {
	if f.zip != nil {
		return !f.zip.finished(state.Size)
	}
	return state.Size != max(f.read, f.scanned)
}

// state asks the file system about the file: through its descriptor, or by its path while it is closed.
func (f *file) state() (fileState, error) {
	if f.fd != nil {
		return stateOf(f.fd)
	}
	return stateAt(f.path)
}

// shrunk reports whether the file ends before what was read of it. It is only asked when there is nothing to read.
func (f *file) shrunk() bool {
	if f.zip != nil {
		return false
	}
	state, err := f.state()
	return err == nil && state.Size < max(f.read, f.scanned)
}

// noteSize takes down how large the file is now.
func (f *file) noteSize(size int64) {
	if f.size.Swap(size) != size || f.grew.IsZero() {
		f.grew = time.Now()
		f.growth.note(size, f.committed(), f.grew)
	}
}

// begin gives the file its source: it needs the first line. ok is false as long as that is not complete.
func (f *file) begin(host string, done bool) (ok bool, err error) {
	if f.src != nil {
		return true, nil
	}
	if f.rec.SourceID == 0 {
		first, whole, err := firstLine(f, done)
		if err != nil || !whole {
			return false, err
		}
		f.rec.SourceID = sourceID(host, f.rec.identity, first)
	}
	f.src = &event.Source{ID: f.rec.SourceID, Generation: f.rec.Generation, Pipeline: f.input.index, Total: f.input.total}
	if before := f.rec.source; before != nil { // its pipeline was away for a while
		f.src.Ledger.Continue(&before.Ledger)
	}
	f.src.Committed.Store(f.read)
	f.mirror.Store(f.src)
	return true, nil
}

// restart makes f the next generation of its file, to be read from its beginning.
func (f *file) restart() {
	f.src, f.read, f.scanned, f.overlap, f.begins, f.trail, f.cut = nil, 0, 0, nil, nil, nil, false
	f.size.Store(0)
	f.mirror.Store(nil)
}

package frame

import (
	"github.com/tailspan/tailspan/pkg/event"
)

// item is an event, or a line of one.
type item struct {
	from, to   int32 // the lines in the file: from the first byte, to behind the last newline; a place in b.Data
	start, end int32 // the text of its first line; without an envelope, of all its lines
	open       bool  // it may go on
	merged     bool  // it is part of an item before
	maybe      int32 // the next item that stands behind the same event and may be part of it; 0: none
	joint
}

// line is one line of the file, decoded and out of its envelope.
type line struct {
	from, to          int32 // in the file
	start, end        int32 // its text in b.Data
	inside, insideEnd int32 // what is in the envelope
	around            int32 // see joint
	stream            int
	ends              bool // it is no partial line, which the next one of its stream goes on with
	known             bool // it is of the format
}

// stream is what is being put together: stdout and stderr of a container, or the lines of a file.
type stream struct {
	item    int32 // the event that is open; -1: none
	partial bool  // its last line goes on
	lines   int32 // in the event
	size    int32 // of its text
	state   state // of the rule

	maybe, maybeEnd       int32 // items that are part of the event if a line behind them is; 0: none
	maybeLines, maybeSize int32
}

const streamCount = 2

// events finds the events of a file that is not simply lines.
func (f *Framer) events(b *event.Batch, start, mark int, c *charset, end End) (held bool) {
	f.reset(int32(start + mark))
	n, at := len(b.Data), start+mark
	data := b.Data[:cap(b.Data)]
	written := n
	for at < n {
		size, next := c.index(data[at:n], b.From+int64(at-start)), n
		if size >= 0 {
			next = at + size + c.unit
		} else if size = n - at; end != Done {
			break
		}
		l := &f.line
		*l = line{from: int32(at), to: int32(next), start: int32(at), end: int32(at + size), ends: true}
		if c.decoder != nil {
			l.start, l.end = int32(written), int32(written+c.decode(data[written:], data[at:at+size]))
			written = int(l.end) + 1
			data[l.end] = '\n'
		}
		f.bound(l.from, l.to)
		f.add(data, l)
		at = next
	}
	f.bound(int32(at), int32(n))
	if end != Open {
		f.closeAll()
	}
	items, to := f.cleanCut(int32(at))
	b.To = b.From
	if items > 0 {
		b.To += int64(to) - int64(start)
	}
	f.emit(b, data[:written], int64(start), items)
	return to < int32(at)
}

// reset forgets the call before.
func (f *Framer) reset(at int32) {
	f.items, f.pieces, f.clean, f.cleanAt = f.items[:0], f.pieces[:0], 0, at
	for i := range f.streams {
		f.streams[i] = stream{item: -1}
	}
}

// add takes in the next line.
func (f *Framer) add(data []byte, l *line) {
	if l.end > l.start && data[l.end-1] == '\r' {
		l.end--
	}
	l.inside, l.insideEnd, l.known = l.start, l.end, true
	if f.envelope != nil {
		if l.known = int(l.to-l.from) <= f.reach(); l.known { // others are none either when they are Long
			f.envelope.open(data, l)
		}
	}
	if !l.known {
		f.items = append(f.items, item{from: l.from, to: l.to, start: l.start, end: l.end, joint: joint{inside: -1}})
		return
	}
	s := &f.streams[l.stream]
	if s.item >= 0 {
		switch verdict := f.belongs(s, data, l); {
		case verdict == joins && f.fits(s, l):
			f.join(s, l)
			f.after(s, data, l)
			return
		case verdict == perhaps && l.ends:
			f.wait(s, l)
			return
		}
	}
	f.begin(s, data, l)
	f.after(s, data, l)
}

// belongs says whether the line is of the event that is open.
func (f *Framer) belongs(s *stream, data []byte, l *line) verdict {
	if s.partial {
		return joins
	}
	return f.rule.next(&s.state, f.content(data, l))
}

// content is the text in a line as it was logged.
func (f *Framer) content(data []byte, l *line) []byte {
	if f.envelope == nil {
		return data[l.inside:l.insideEnd]
	}
	return f.envelope.plain(f, data[l.inside:l.insideEnd])
}

// fits reports whether the event can take the line.
func (f *Framer) fits(s *stream, l *line) bool {
	lines := s.lines + s.maybeLines
	if !s.partial {
		lines++
	}
	size := s.size + s.maybeSize + l.size()
	if f.envelope == nil {
		size = l.end - f.items[s.item].start
	}
	return lines <= f.maxLines && int(size) <= f.maxLine
}

// size is what a line adds to the text of its event, with its newline.
func (l *line) size() int32 { return l.insideEnd - l.inside + 1 }

// begin makes the line the first of a new event.
func (f *Framer) begin(s *stream, data []byte, l *line) {
	f.close(s)
	*s = stream{item: int32(len(f.items)), lines: 1, size: l.end - l.start}
	it := item{from: l.from, to: l.to, start: l.start, end: l.end, open: true, joint: joint{inside: -1}}
	if f.envelope != nil {
		it.joint = joint{inside: l.inside, insideEnd: l.insideEnd, around: l.around, ended: l.ends}
	}
	f.items = append(f.items, it)
	if f.rule != nil && !f.rule.first(&s.state, f.content(data, l)) && l.ends {
		f.close(s)
	}
}

// join makes the line, and those that waited for it, part of the event.
func (f *Framer) join(s *stream, l *line) {
	it := &f.items[s.item]
	for i := s.maybe; i > 0; i = f.items[i].maybe {
		f.items[i].merged = true
		f.attach(it, f.items[i].inside, f.items[i].insideEnd, true)
	}
	s.lines += s.maybeLines
	s.size += s.maybeSize + l.size()
	s.maybe, s.maybeEnd, s.maybeLines, s.maybeSize = 0, 0, 0, 0
	if !s.partial {
		s.lines++
	}
	it.to = l.to
	if f.envelope == nil {
		it.end = l.end
		return
	}
	f.attach(it, l.inside, l.insideEnd, !s.partial)
	it.ended = l.ends
}

// wait makes the line an event of its own unless a later one says that it belongs to the one before.
func (f *Framer) wait(s *stream, l *line) {
	i := int32(len(f.items))
	it := item{from: l.from, to: l.to, start: l.start, end: l.end, joint: joint{inside: -1}}
	if f.envelope != nil {
		it.joint = joint{inside: l.inside, insideEnd: l.insideEnd, around: l.around, ended: l.ends}
	}
	f.items = append(f.items, it)
	if s.maybe == 0 {
		s.maybe = i
	} else {
		f.items[s.maybeEnd].maybe = i
	}
	s.maybeEnd = i
	s.maybeLines++
	s.maybeSize += l.size()
}

// after looks whether the event ends with the line.
func (f *Framer) after(s *stream, data []byte, l *line) {
	s.partial = !l.ends
	if l.ends && s.item >= 0 && (f.rule == nil || f.rule.last(f.content(data, l))) {
		f.close(s)
	}
}

// close ends the event of the stream; what waited is none of it.
func (f *Framer) close(s *stream) {
	if s.item >= 0 {
		f.items[s.item].open = false
	}
	*s = stream{item: -1}
}

func (f *Framer) closeAll() {
	for i := range f.streams {
		f.close(&f.streams[i])
	}
}

// bound ends all events before a line that would make those that overlap stand too far apart.
func (f *Framer) bound(from, to int32) {
	reach := int32(f.reach())
	if to-f.cleanAt <= reach {
		return
	}
	if f.cleanCut(from); to-f.cleanAt > reach {
		f.closeAll()
		f.cleanCut(from)
	}
}

// cleanCut returns the last place up to at where all events before are whole and none behind has begun, and how many items
// stand before it.
func (f *Framer) cleanCut(at int32) (items int, place int32) {
	reach := int32(0)
	for i := f.clean; i < len(f.items); i++ {
		it := &f.items[i]
		if it.merged {
			continue
		}
		if reach <= it.from {
			f.clean, f.cleanAt = i, it.from
		}
		if it.open {
			return f.clean, f.cleanAt
		}
		reach = max(reach, it.to)
	}
	f.clean, f.cleanAt = len(f.items), at
	return f.clean, f.cleanAt
}

// emit makes the items lines of the batch.
func (f *Framer) emit(b *event.Batch, data []byte, start int64, items int) {
	for i := range f.items[:items] {
		it := &f.items[i]
		if it.merged {
			continue
		}
		l := event.Line{Start: it.start, End: it.end, Offset: b.From + int64(it.from) - start}
		if it.inside >= 0 && (it.first > 0 || int(it.end-it.start) > f.maxLine) {
			begin := len(data)
			data, l.Cut = f.envelope.write(f, data, it)
			l.Start, l.End = int32(begin), int32(len(data))
		} else if int(l.End-l.Start) > f.maxLine {
			l.End, l.Cut = l.Start+int32(f.maxLine), true
		}
		b.Lines = append(b.Lines, l)
	}
	b.Data = data
}

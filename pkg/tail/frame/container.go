package frame

import (
	"bytes"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// envelope is what a container runtime puts around each line.
type envelope interface {
	// open finds what is inside the line and whose it is; it leaves known false when the line is none of the format.
	open(data []byte, l *line)
	// plain is what is inside as the container wrote it; valid until the next call.
	plain(f *Framer, inside []byte) []byte
	// write appends to data one line with the contents of all lines of the event. No more is appended than those lines
	// had; cut reports that the end is missing because it would have been longer than the limit.
	write(f *Framer, data []byte, it *item) (joined []byte, cut bool)
}

// joint is how the lines of an event in envelopes are joined.
type joint struct {
	inside, insideEnd int32 // what is inside the first line; inside is -1 without an envelope
	around            int32 // cri: the letter that says whether a line is partial; docker: the quote behind the text
	ended             bool  // the last line is not partial
	first, last       int32 // what is inside the others, a list in Framer.pieces, counted from 1; 0: none
}

// piece is what is inside a further line of an event.
type piece struct {
	start, end int32
	next       int32 // counted from 1; 0: none
	newline    bool  // it begins a line; otherwise it goes on with a partial one
}

// attach appends what is inside a line to the event.
func (f *Framer) attach(it *item, start, end int32, newline bool) {
	if f.envelope == nil {
		return
	}
	f.pieces = append(f.pieces, piece{start: start, end: end, newline: newline})
	n := int32(len(f.pieces))
	if it.first == 0 {
		it.first = n
	} else {
		f.pieces[it.last-1].next = n
	}
	it.last = n
}

// cri is the format of containerd and CRI-O: TIME STREAM TAGS CONTENT, where the first of the tags, which are separated by
// colons, is P for a partial line and F for a full one, or for the last of several partial ones.
type cri struct{}

func (cri) open(data []byte, l *line) {
	text := data[l.start:l.end]
	l.known = false
	time := bytes.IndexByte(text, ' ')
	if time < len("2006-01-02T15:04:05") || text[0] < '0' || text[0] > '9' || text[10] != 'T' {
		return
	}
	const tag = len("stdout ")
	rest := text[time+1:]
	switch {
	case bytes.HasPrefix(rest, []byte("stdout ")):
		l.stream = 0
	case bytes.HasPrefix(rest, []byte("stderr ")):
		l.stream = 1
	default:
		return
	}
	tags := rest[tag:]
	if len(tags) == 0 || tags[0] != 'P' && tags[0] != 'F' || len(tags) > 1 && tags[1] != ' ' && tags[1] != ':' {
		return
	}
	end := bytes.IndexByte(tags, ' ') + 1
	if end == 0 {
		end = len(tags)
	}
	l.around = l.start + int32(time+1+tag)
	l.inside = l.around + int32(end)
	l.ends, l.known = tags[0] == 'F', true
}

func (cri) plain(_ *Framer, inside []byte) []byte { return inside }

func (cri) write(f *Framer, data []byte, it *item) ([]byte, bool) {
	begin := len(data)
	data = append(data, data[it.start:it.insideEnd]...)
	tag := begin + int(it.around-it.start)
	data[tag] = 'F'
	if !it.ended {
		data[tag] = 'P'
	}
	if it.inside == it.around+1 { // there was nothing inside, not even the blank before it
		data = append(data, ' ')
	}
	for i := it.first; i > 0; i = f.pieces[i-1].next {
		p := &f.pieces[i-1]
		if p.newline {
			data = append(data, '\n')
		}
		data = append(data, data[p.start:p.end]...)
	}
	if len(data)-begin > f.maxLine {
		return data[:begin+f.maxLine], true
	}
	return data, false
}

// docker is the format of Docker's json-file driver: {"log":"text\n","stream":"stdout","time":"..."}, where a text without
// a newline at its end is a partial line. What is inside stays escaped.
type docker struct{}

var escapedNewline = []byte(`\n`)

func (docker) open(data []byte, l *line) {
	text := data[l.start:l.end]
	l.known = false
	var log, name span
	if !members(text, func(key []byte, value span) {
		switch string(key) {
		case `"log"`:
			log = value
		case `"stream"`:
			name = value
		}
	}) || log.end-log.start < 2 || text[log.start] != '"' {
		return
	}
	if string(text[name.start:name.end]) == `"stderr"` {
		l.stream = 1
	}
	inside, end := log.start+1, log.end-1
	l.around = l.start + int32(end)
	l.ends = endsInNewline(text[inside:end])
	if l.ends {
		end -= len(escapedNewline)
	}
	l.inside, l.insideEnd, l.known = l.start+int32(inside), l.start+int32(end), true
}

// endsInNewline reports whether escaped text ends in \n, the backslash of which is not itself escaped.
func endsInNewline(text []byte) bool {
	if !bytes.HasSuffix(text, escapedNewline) {
		return false
	}
	before := text[:len(text)-1]
	return (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 1
}

func (docker) plain(f *Framer, inside []byte) []byte {
	if bytes.IndexByte(inside, '\\') < 0 {
		return inside
	}
	f.plain = jsontext.AppendUnescaped(f.plain[:0], inside)
	return f.plain
}

func (docker) write(f *Framer, data []byte, it *item) ([]byte, bool) {
	begin := len(data)
	data = append(data, data[it.start:it.insideEnd]...)
	for i := it.first; i > 0; i = f.pieces[i-1].next {
		p := &f.pieces[i-1]
		if p.newline {
			data = append(data, escapedNewline...)
		}
		data = append(data, data[p.start:p.end]...)
	}
	behind := int(it.end - it.around)
	cut := len(data)-begin+len(escapedNewline)+behind > f.maxLine
	if cut {
		least := begin + int(it.inside-it.start)
		most := max(least, begin+f.maxLine-len(escapedNewline)-behind)
		cut = most < len(data)
		data = data[:min(most, len(data))]
		data = data[:least+unbroken(data[least:])]
	}
	if it.ended {
		data = append(data, escapedNewline...)
	}
	return append(data, data[it.around:it.end]...), cut
}

// unbroken is how much of escaped text can stay when it was cut anywhere: not half an escape.
func unbroken(text []byte) int {
	for i := max(0, len(text)-len(`\u0000`)+1); i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		backslashes := i + 1 - len(bytes.TrimRight(text[:i+1], `\`))
		if backslashes%2 == 0 {
			continue // it is what is escaped
		}
		if i+1 == len(text) || text[i+1] == 'u' && i+len(`\u0000`) > len(text) {
			return i
		}
	}
	return len(text)
}

package elastic

import (
	"github.com/tailspan/tailspan/pkg/event"
)

// bulk is one request being filled or under way. A worker owns it while filling, then a sender until every document has
// its verdict and the HTTP client has closed the body; then it goes back to the free-list.
type bulk struct {
	buf     []byte // action and document lines; holds all the bytes that docs speak of
	docs    []doc
	acks    []event.Ack    // given when docs is empty
	mended  map[int][]byte // by index, what takes the place of a document at the next compact
	gz      []byte         // the request body, compressed
	answer  []byte
	letters []refusal
}

// doc is one document and where it is from.
type doc struct {
	start, body, end int // buf[start:body] is the action line, buf[body:end] the document, each with its newline
	source           *event.Source
	offset           int64
	route            int   // of the pipeline's, 0 for none
	mends            uint8 // how often it was refused and mended
	done             bool
}

// reset empties b for its next use. Buffers that one huge document made large are let go.
func (b *bulk) reset(size int) {
	if cap(b.buf) > 2*size {
		b.buf = nil
	}
	if cap(b.answer) > size/4 {
		b.answer = nil // it had many reasons
	}
	clear(b.docs)
	clear(b.acks)
	b.buf, b.docs, b.acks, b.letters = b.buf[:0], b.docs[:0], b.acks[:0], b.letters[:0]
}

// usualDocument is what most documents have room in.
const usualDocument = 16 << 10

// reserve makes room for one more document, unless it is a very long one: twice as much as there was, until there is room for most
// bytes, and for those at once where the request before became full. Requests of a slow trickle stay small.
func (b *bulk) reserve(most int, full bool) {
	const least = 128 << 10
	if size := cap(b.buf); size-len(b.buf) < usualDocument && size < most {
		next := min(max(2*size, least), most)
		if full {
			next = most
		}
		grown := make([]byte, len(b.buf), next)
		copy(grown, b.buf)
		b.buf = grown
	}
}

// ack notes that [from,to) of src is delivered with this request.
func (b *bulk) ack(src *event.Source, from, to int64) {
	b.acks = event.AppendAck(b.acks, src, from, to)
}

// compact throws out the documents that are done with, and puts mended ones in their places.
func (b *bulk) compact() {
	if len(b.mended) > 0 {
		b.rebuild()
		return
	}
	kept, size := b.docs[:0], 0
	for _, d := range b.docs {
		if d.done {
			continue
		}
		n := copy(b.buf[size:], b.buf[d.start:d.end])
		d.start, d.body, d.end = size, size+d.body-d.start, size+n
		kept = append(kept, d)
		size += n
	}
	b.buf, b.docs = b.buf[:size], kept
}

// rebuild is compact for documents that grow.
func (b *bulk) rebuild() {
	kept, buf := b.docs[:0], make([]byte, 0, cap(b.buf))
	for i, d := range b.docs {
		if d.done {
			continue
		}
		document, ok := b.mended[i]
		if !ok {
			document = b.buf[d.body:d.end]
		}
		start := len(buf)
		buf = append(buf, b.buf[d.start:d.body]...)
		d.start, d.body = start, len(buf)
		buf = append(buf, document...)
		d.end = len(buf)
		kept = append(kept, d)
	}
	b.buf, b.docs = buf, kept
	clear(b.mended)
}

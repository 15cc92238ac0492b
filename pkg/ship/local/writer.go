package local

import (
	"context"
	"encoding/binary"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// chunk is the documents of some batches, each behind its _id (idSize bytes) and length (4).
type chunk struct {
	buf   []byte
	parts []share
	acks  []event.Ack
}

// share is what a chunk has of one batch.
type share struct {
	ack   event.Ack
	lines int
	twice int // of them, that were there already; known once they are written
}

const idSize = 32

func (c *chunk) reset() {
	if cap(c.buf) > 4*chunkSize {
		c.buf = nil
	}
	clear(c.parts)
	clear(c.acks)
	c.buf, c.parts, c.acks = c.buf[:0], c.parts[:0], c.acks[:0]
}

// each shows the documents of a chunk to visit, which says whether a document was there already.
func (c *chunk) each(visit func(id, document []byte) (twice bool, err error)) error {
	b := c.buf
	for i := range c.parts {
		p := &c.parts[i]
		p.twice = 0
		for range p.lines {
			size := int(binary.LittleEndian.Uint32(b[idSize:]))
			twice, err := visit(b[:idSize], b[idSize+4:][:size])
			if err != nil {
				return err
			}
			if twice {
				p.twice++
			}
			b = b[idSize+4+size:]
		}
	}
	return nil
}

// Writer copies the documents of one worker. It belongs to one goroutine.
type Writer struct {
	o        *Output
	ctx      context.Context
	encoders []*ship.Encoder // by pipeline
	batch    *event.Batch
	ids      ship.IDs // of its lines
	from     int64    // of the batch, what no share has yet
	chunk    *chunk
	lost     bool // there was no room for what stands after from
	lines    int  // that no share has yet
}

// Writer returns a writer for a worker; ctx ends its waiting.
func (o *Output) Writer(ctx context.Context) *Writer {
	return &Writer{o: o, ctx: ctx, encoders: ship.NewEncoders(o.opts.Sets, o.opts.Host)}
}

// Begin starts the lines of a batch.
func (w *Writer) Begin(b *event.Batch) { w.batch, w.ids, w.from = b, ship.IDsOf(b.Source), b.From }

// Add copies the document of one line. The error says that ctx is done.
func (w *Writer) Add(ev *event.Event) error {
	if ok, err := w.ready(); !ok {
		return err
	}
	c, src := w.chunk, w.batch.Source
	c.buf = w.ids.Append(c.buf, ev.Offset, ev.Raw)
	size := len(c.buf)
	c.buf = append(c.buf, 0, 0, 0, 0)
	c.buf = w.encoders[src.Pipeline].AppendDocument(c.buf, ev, w.batch.Path)
	binary.LittleEndian.PutUint32(c.buf[size:], uint32(len(c.buf)-size-4)) // #nosec G115 -- a line is a few MiB at most
	return nil
}

// Skip says that the lines of the batch before the offset from are done with, and that those in [from,to) are delivered in another way,
// or not at all: they are not acknowledged with the batch.
func (w *Writer) Skip(from, to int64) error {
	start := w.from
	w.from = to
	if start >= from && w.lines == 0 {
		return nil
	}
	return w.share(event.Ack{Source: w.batch.Source, From: start, To: from})
}

// Take copies the document of a line that was held. Within a batch it must come right after Skip.
func (w *Writer) Take(h *ship.Held) error {
	if ok, err := w.ready(); err != nil {
		return err
	} else if ok {
		c := w.chunk
		c.buf = append(c.buf, h.ID...)
		c.buf = binary.LittleEndian.AppendUint32(c.buf, uint32(len(h.Document))) // #nosec G115 -- a line is a few MiB at most
		c.buf = append(c.buf, h.Document...)
	}
	return w.share(event.Ack{Source: h.Source, From: h.From, To: h.To})
}

// ready counts a line and makes sure that there is a chunk for it.
func (w *Writer) ready() (ok bool, err error) {
	w.lines++
	if w.lost {
		return false, nil
	}
	if w.chunk == nil {
		if err := w.room(); err != nil || w.lost {
			return false, err
		}
	}
	return true, nil
}

// room takes a chunk to fill. A secondary output that finds none gives up the batch.
func (w *Writer) room() (err error) {
	if w.o.opts.Ack != nil || w.o.opts.Wait {
		w.chunk, err = w.o.free.Take(w.ctx)
		return err
	}
	c, ok := w.o.free.TryTake()
	w.chunk, w.lost = c, !ok
	return nil
}

// End finishes a batch.
func (w *Writer) End() error {
	ack := event.Ack{Source: w.batch.Source, From: w.from, To: w.batch.To}
	w.batch = nil
	if ack.From >= ack.To && w.lines == 0 {
		return nil
	}
	return w.share(ack)
}

// share notes that the lines since the last share are acknowledged with ack.
func (w *Writer) share(ack event.Ack) error {
	lines, lost := w.lines, w.lost
	w.lines, w.lost = 0, false
	w.o.Ledger[event.Read].Add(int64(lines))
	if lost {
		w.o.Ledger[event.Dropped].Add(int64(lines))
		return nil
	}
	if w.chunk == nil { // a batch without documents is acknowledged in its turn, too
		if err := w.room(); err != nil {
			return err
		}
		if w.lost {
			w.lost = false
			return nil
		}
	}
	w.chunk.parts = append(w.chunk.parts, share{ack: ack, lines: lines})
	if len(w.chunk.buf) >= chunkSize {
		return w.Flush()
	}
	return nil
}

// Idle hands over what there is: nothing else will come soon.
func (w *Writer) Idle() error { return w.Flush() }

// Flush hands over what there is.
func (w *Writer) Flush() error {
	if w.chunk != nil {
		w.o.queue <- w.chunk // it has room for all there are
		w.chunk = nil
	}
	return nil
}

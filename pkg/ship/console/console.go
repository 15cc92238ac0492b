// Package console writes documents to a stream, one JSON object a line.
package console

import (
	"bufio"
	"bytes"
	"io"
	"sync"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Output writes the documents of all workers to one stream.
type Output struct {
	mu     sync.Mutex
	out    *bufio.Writer
	ack    func([]event.Ack) // nil for a secondary output
	host   string
	queue  chan chunk // of a secondary output
	writes sync.WaitGroup

	Ledger event.Ledger // of this output, over all sources
}

// chunk is the documents of one batch.
type chunk struct {
	text  []byte
	lines int64
}

// queued is how many batches wait for a stream that nobody reads, before documents are given up.
const queued = 64

// New returns an output that writes to w and tells ack what has been written. Without an ack it is a secondary output: it
// never holds up anything, and what the stream does not take in time is given up and counted as dropped.
func New(w io.Writer, host string, ack func([]event.Ack)) *Output {
	o := &Output{out: bufio.NewWriterSize(w, 64<<10), host: host, ack: ack}
	if ack == nil {
		o.queue = make(chan chunk, queued)
		o.writes.Go(func() {
			for c := range o.queue {
				o.count(c, o.write(c.text) == nil)
			}
		})
	}
	return o
}

// count takes down what became of a chunk.
func (o *Output) count(c chunk, written bool) {
	if written {
		o.Ledger[event.Indexed].Add(c.lines)
	} else {
		o.Ledger[event.Dropped].Add(c.lines)
	}
}

func (o *Output) write(text []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.out.Write(text); err != nil {
		return err
	}
	return o.out.Flush()
}

// Close waits until a secondary output has written what it took, or done is closed. The writers must be finished.
func (o *Output) Close(done <-chan struct{}) {
	if o.queue == nil {
		return
	}
	close(o.queue)
	ended := make(chan struct{})
	go func() {
		o.writes.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-done:
	}
}

// Writer gathers the documents of one batch, so that those of several workers do not mix within a line. It belongs to
// one goroutine.
type Writer struct {
	out      *Output
	encoders []*ship.Encoder // by pipeline
	batch    *event.Batch
	from     int64 // of the batch, what is not yet noted in acks
	lines    int
	noted    int // of lines, those that counts has
	buf      []byte
	acks     []event.Ack // what buf is acknowledged with
	counts   []share
}

// share is how many lines of buf are of a source.
type share struct {
	source *event.Source
	lines  int
}

// Writer returns a new writer for a worker; datasets are those of the pipelines.
func (o *Output) Writer(datasets []string) *Writer {
	return &Writer{out: o, encoders: ship.NewEncoders(datasets, o.host)}
}

// Begin starts the lines of a batch.
func (w *Writer) Begin(b *event.Batch) { w.batch, w.from = b, b.From }

// Add appends the document of one line.
func (w *Writer) Add(ev *event.Event) error {
	w.buf = w.encoders[w.batch.Source.Pipeline].AppendDocument(w.buf, ev, w.batch.Path)
	w.buf = append(w.buf, '\n')
	w.lines++
	return nil
}

// Skip says that the lines of the batch before the offset from are done with, and that those in [from,to) come in another way or
// not at all: they are not acknowledged with the batch.
func (w *Writer) Skip(from, to int64) error {
	w.note(w.batch.Source, w.from, from)
	w.from = to
	return nil
}

// Take appends the document of a line that was held. Within a batch it must come right after Skip.
func (w *Writer) Take(h *ship.Held) error {
	w.buf = append(append(w.buf, h.Document...), '\n')
	w.lines++
	w.note(h.Source, h.From, h.To)
	return nil
}

// note takes down that what was added since the last note is of src, and that [from,to) of it is acknowledged with that.
func (w *Writer) note(src *event.Source, from, to int64) {
	if w.lines > w.noted {
		w.counts = append(w.counts, share{src, w.lines - w.noted})
		w.noted = w.lines
	}
	if from < to {
		w.acks = event.AppendAck(w.acks, src, from, to)
	}
}

// End writes the batch and acknowledges it. An error of a primary output's stream ends the agent: nobody is there to read.
func (w *Writer) End() error {
	w.note(w.batch.Source, w.from, w.batch.To)
	w.batch = nil
	return w.Flush()
}

// Idle writes lines that were held; what is finished otherwise is on its way.
func (w *Writer) Idle() error { return w.Flush() }

// Flush is Idle.
func (w *Writer) Flush() error {
	if len(w.acks) == 0 {
		return nil
	}
	defer w.reset()
	o := w.out
	c := chunk{w.buf, int64(w.lines)}
	o.Ledger[event.Read].Add(c.lines)
	if o.ack == nil {
		c.text = bytes.Clone(c.text)
		select {
		case o.queue <- c:
		default:
			o.count(c, false)
		}
		return nil
	}
	if err := o.write(c.text); err != nil {
		return err
	}
	o.count(c, true)
	for _, s := range w.counts {
		s.source.Count(event.Indexed, s.lines)
	}
	o.ack(w.acks)
	return nil
}

func (w *Writer) reset() {
	clear(w.acks)
	clear(w.counts)
	w.buf, w.lines, w.noted, w.acks, w.counts = w.buf[:0], 0, 0, w.acks[:0], w.counts[:0]
}

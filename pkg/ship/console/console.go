// Package console writes documents to a stream, one JSON object a line.
package console

import (
	"bufio"
	"io"
	"sync"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Output writes the documents of all workers to one stream.
type Output struct {
	mu   sync.Mutex
	out  *bufio.Writer
	ack  func([]event.Ack)
	host string
}

// New returns an output that writes to w and tells ack what has been written.
func New(w io.Writer, host string, ack func([]event.Ack)) *Output {
	return &Output{out: bufio.NewWriterSize(w, 64<<10), host: host, ack: ack}
}

// Writer gathers the documents of one batch, so that those of several workers do not mix within a line. It belongs to
// one goroutine.
type Writer struct {
	out      *Output
	encoders []*ship.Encoder // by pipeline
	batch    *event.Batch
	lines    int
	buf      []byte
	acks     [1]event.Ack
}

// Writer returns a new writer for a worker; datasets are those of the pipelines.
func (o *Output) Writer(datasets []string) *Writer {
	w := &Writer{out: o}
	for _, dataset := range datasets {
		w.encoders = append(w.encoders, ship.NewEncoder(dataset, o.host))
	}
	return w
}

// Begin starts the lines of a batch.
func (w *Writer) Begin(b *event.Batch) { w.batch, w.lines, w.buf = b, 0, w.buf[:0] }

// Add appends the document of one line.
func (w *Writer) Add(ev *event.Event) error {
	w.buf = w.encoders[w.batch.Source.Pipeline].AppendDocument(w.buf, ev, w.batch.Path)
	w.buf = append(w.buf, '\n')
	w.lines++
	return nil
}

// End writes the batch and acknowledges it. An error of the stream ends the agent: nobody is there to read.
func (w *Writer) End() error {
	w.out.mu.Lock()
	defer w.out.mu.Unlock()
	if _, err := w.out.out.Write(w.buf); err != nil {
		return err
	}
	if err := w.out.out.Flush(); err != nil {
		return err
	}
	src := w.batch.Source
	src.Count(event.Indexed, w.lines)
	w.acks[0] = event.Ack{Source: src, From: w.batch.From, To: w.batch.To}
	w.out.ack(w.acks[:])
	return nil
}

// Idle does nothing: everything is written already.
func (w *Writer) Idle() error { return nil }

// Flush does nothing: everything is written already.
func (w *Writer) Flush() error { return nil }

// Due is never ready.
func (w *Writer) Due() <-chan struct{} { return nil }

package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"
	"log/slog"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/freelist"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
	"github.com/tailspan/tailspan/pkg/trace"
)

// spanOutput makes spans of lines and hands them to the receiver of spans. Workers only pick out lines that may belong to
// a trace, and copy their documents into a chunk; one goroutine reads the chunks, joins the lines of each span and
// fills batches, and others send those. Chunks come from a fixed list: when the receiver is away it is empty, and a
// worker gives up what it has instead of waiting, unless the run is one that has patience.
type spanOutput struct {
	spanTaker
	log      *slog.Logger
	host     string
	datasets []string      // by pipeline
	patience time.Duration // how long a worker waits for room while the spans are taken; 0: it does not
	free     *freelist.List[*spanChunk]
	queue    chan *spanChunk
	batches  chan []event.Span
	joiner   *trace.Joiner
	reader   trace.Reader
	batch    []event.Span
	look     <-chan time.Time // of due
	joining  sync.WaitGroup
	sending  sync.WaitGroup
}

// spanTaker is where spans go, and which lines may be of any.
type spanTaker struct {
	send   func(context.Context, []event.Span)
	ledger *event.Ledger
	picks  func(*event.Event) bool
	up     func() bool // whether they are taken
	alone  bool        // lines without a trace count when they tell a duration
}

// toReceiver sends the spans of traces to a receiver.
func toReceiver(out *otlp.Output) spanTaker {
	return spanTaker{send: out.Send, ledger: &out.Ledger, picks: traced, up: out.Up}
}

// toMetrics counts everything that took time.
func toMetrics(out *metrics.Output) spanTaker {
	return spanTaker{send: out.Send, ledger: &out.Ledger, picks: func(ev *event.Event) bool { return ev.HasDuration || ev.TraceID != nil }, up: always, alone: true}
}

func always() bool { return true }

// Who has patience would rather wait than give anything up: in a replay as long as it takes, and where files are
// shipped once as long as the receiver is only slower than reading. One that is away or hangs does not hold up the documents.
const (
	replayPatience = 365 * 24 * time.Hour
	oncePatience   = 5 * time.Second
)

// spanChunk is documents one behind the other, each behind its _id (32 bytes) and length (4).
type spanChunk struct{ buf []byte }

const (
	chunkSize   = 64 << 10
	spanIDSize  = 32
	spanBatch   = 512 // spans in a request
	spanSenders = 2
	// settle is how long a span waits for lines that were written after the one with its duration, and keep how long lines
	// wait for that one.
	settle = 5 * time.Second
	keep   = 5 * time.Minute
)

// newSpanOutput prepares an output of spans that uses an eighth of the memory, and as much again for lines that wait for
// others of their span.
func newSpanOutput(to spanTaker, host string, datasets []string, memory int64, patience time.Duration, log *slog.Logger) *spanOutput {
	chunks := make([]*spanChunk, max(4, memory/8/chunkSize))
	for i := range chunks {
		chunks[i] = new(spanChunk)
	}
	return &spanOutput{spanTaker: to, log: log, host: host, datasets: datasets, patience: patience, free: freelist.New(chunks...),
		queue: make(chan *spanChunk, len(chunks)), batches: make(chan []event.Span),
		joiner: trace.NewJoiner(trace.Limits{Settle: settle, Keep: keep, Bytes: int(memory / 8)}), reader: trace.Reader{Alone: to.alone}}
}

// start begins to send. When ctx is done, what is under way is given up.
func (o *spanOutput) start(ctx context.Context) {
	for range spanSenders {
		o.sending.Go(func() {
			for spans := range o.batches {
				o.send(ctx, spans)
			}
		})
	}
	o.joining.Go(o.join)
}

// join makes spans of chunks until there are no more.
func (o *spanOutput) join() {
	defer close(o.batches)
	for {
		select {
		case c, more := <-o.queue:
			if !more {
				o.joiner.Flush(o.emit, nil)
				o.submit()
				return
			}
			o.read(c)
			o.free.Put(c)
		case now := <-o.due():
			o.settle(now)
		}
	}
}

// due sends when it is time to look at what waits for lines or to be sent; nil while nothing does.
func (o *spanOutput) due() <-chan time.Time {
	if o.look == nil && (o.joiner.Bytes() > 0 || len(o.batch) > 0) {
		o.look = time.After(time.Second)
	}
	return o.look
}

// settle sends the spans that are complete.
func (o *spanOutput) settle(now time.Time) {
	o.look = nil
	o.joiner.Expire(now, o.emit)
	o.submit()
}

// read takes the documents of a chunk apart and empties it.
func (o *spanOutput) read(c *spanChunk) {
	now := time.Now()
	for b := c.buf; len(b) > 0; {
		id := string(b[:spanIDSize])
		size := binary.LittleEndian.Uint32(b[spanIDSize:])
		document := b[spanIDSize+4:][:size]
		b = b[spanIDSize+4+int(size):]
		rec, ok, err := o.reader.Read(id, document)
		if err != nil {
			o.log.Warn("a document could not be read again", "error", err, "id", id) // the encoder's fault, not the line's
			continue
		}
		switch {
		case !ok:
		case rec.Span.TraceID == "":
			rec.Single(o.emit)
		default:
			o.joiner.Add(now, rec, o.emit)
		}
	}
	c.reset()
}

func (c *spanChunk) reset() {
	if cap(c.buf) > 4*chunkSize {
		c.buf = nil
	}
	c.buf = c.buf[:0]
}

// emit puts a span into the batch. Its lines are counted only now: of a line nobody knows before whether it is of a span.
func (o *spanOutput) emit(s event.Span) {
	o.ledger[event.Read].Add(int64(s.Lines))
	if o.batch = append(o.batch, s); len(o.batch) == spanBatch {
		o.submit()
	}
}

func (o *spanOutput) submit() {
	if len(o.batch) > 0 {
		o.batches <- o.batch
		o.batch = nil
	}
}

// close waits until everything is sent, refused or, once start's ctx is done, given up. The writers must be finished.
func (o *spanOutput) close() {
	close(o.queue)
	o.joining.Wait()
	o.sending.Wait()
}

// spanWriter picks out what may belong to a trace for one worker.
type spanWriter struct {
	o        *spanOutput
	ctx      context.Context
	encoders []*ship.Encoder // by pipeline
	batch    *event.Batch
	chunk    *spanChunk
	late     bool // it has waited for room in vain, and there has been none since
}

// writer returns a writer for a worker; ctx ends its waiting.
func (o *spanOutput) writer(ctx context.Context) *spanWriter {
	return &spanWriter{o: o, ctx: ctx, encoders: ship.NewEncoders(o.datasets, o.host)}
}

// Begin starts the lines of a batch.
func (w *spanWriter) Begin(b *event.Batch) { w.batch = b }

// Add copies the document of a line that may belong to a trace.
func (w *spanWriter) Add(ev *event.Event) error {
	if !w.o.picks(ev) {
		return nil
	}
	if w.chunk == nil && !w.room() {
		w.o.ledger[event.Read].Add(1)
		w.o.ledger[event.Dropped].Add(1)
		return w.ctx.Err()
	}
	c, src := w.chunk, w.batch.Source
	c.buf = ship.AppendID(c.buf, src, ev.Offset, ev.Raw)
	size := len(c.buf)
	c.buf = append(c.buf, 0, 0, 0, 0)
	c.buf = w.encoders[src.Pipeline].AppendDocument(c.buf, ev, w.batch.Path)
	binary.LittleEndian.PutUint32(c.buf[size:], uint32(len(c.buf)-size-4))
	if len(c.buf) >= chunkSize {
		return w.Flush()
	}
	return nil
}

// traced reports whether a line may belong to a trace: it has the id of one, or a proxy's request id beside a duration. Which
// of them it is, the Reader finds out; this is only to leave out most lines that are of none.
func traced(ev *event.Event) bool {
	if ev.TraceID != nil {
		return true
	}
	if !ev.HasDuration && !bytes.Contains(ev.Raw, envoyFlags) {
		return false
	}
	return bytes.Contains(ev.Raw, requestID) || bytes.Contains(ev.Raw, uniqueID) || event.Lookup(ev.Fields, requestField) >= 0
}

var (
	requestID, uniqueID = []byte("request"), []byte("unique_id")
	requestField        = []byte("http.request.id") // of lines that do not name what is in them
	envoyFlags          = []byte("response_flags")  // beside Envoy's durations, which have no unit
)

// room takes a chunk to fill.
func (w *spanWriter) room() bool {
	c, ok := w.o.free.TryTake()
	if !ok && w.o.patience > 0 && !w.late && w.o.up() {
		ctx, cancel := context.WithTimeout(w.ctx, w.o.patience)
		taken, err := w.o.free.Take(ctx)
		cancel()
		c, ok = taken, err == nil
	}
	w.chunk, w.late = c, !ok
	return ok
}

// End does nothing: what was added is a copy.
func (w *spanWriter) End() error { return nil }

// Idle hands over what there is: nothing else will come soon.
func (w *spanWriter) Idle() error { return w.Flush() }

// Flush hands over what there is.
func (w *spanWriter) Flush() error {
	if w.chunk != nil {
		w.o.queue <- w.chunk // it has room for all there are
		w.chunk = nil
	}
	return nil
}

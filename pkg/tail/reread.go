package tail

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
)

// Rereading reads files again from their beginnings, beside an agent or without one: it takes no lock, and what it learns
// it keeps to itself. Of a file that the checkpoints know it reads what they call delivered and not a byte more: the rest
// is the agent's. So its lines have the source, the generation and the offset they had. A file that nobody has read
// gets the source that a run would give it, and is read to its last newline.
type Rereading struct {
	t     *Tailer // neither run nor saved: its inputs, a look at its checkpoints, and what it has warned of
	dirs  map[string][]*candidate
	files []reread
	gone  int
	whole bool // a last line without a newline is read as well
	done  atomic.Int64
}

// reread is one file to read again, as one pipeline reads it.
type reread struct {
	in    *input
	path  string // where it was when it was looked for
	rec   *record
	known bool  // rec is what the checkpoints say
	limit int64 // everything before it is read
}

// NewRereading looks for the files that the checkpoints in cfg.Dir know and for those that the patterns match.
func NewRereading(cfg Config) (*Rereading, error) {
	store, err := peekStore(cfg.Dir, cfg.Log)
	if err != nil {
		return nil, err
	}
	r := &Rereading{t: &Tailer{cfg: cfg, log: cfg.Log, store: store, warned: map[string]bool{}}, dirs: map[string][]*candidate{}}
	for i, in := range cfg.Inputs {
		in, err := newInput(i, in)
		if err != nil {
			return nil, err
		}
		r.t.inputs = append(r.t.inputs, in)
		r.plan(in)
	}
	return r, nil
}

// NewReading looks for the files that the patterns match, to read all of each, its last line also without a newline. It
// knows of no checkpoints: what was read or shipped before makes no difference.
func NewReading(cfg Config) (*Rereading, error) {
	t := &Tailer{cfg: cfg, log: cfg.Log, store: newStore(durable.OS{}, "", cfg.Log), warned: map[string]bool{}}
	r := &Rereading{t: t, dirs: map[string][]*candidate{}, whole: true}
	for i, in := range cfg.Inputs {
		in, err := newInput(i, in)
		if err != nil {
			return nil, err
		}
		t.inputs = append(t.inputs, in)
		r.plan(in)
	}
	return r, nil
}

// Files is how many of how many files have been read. Any goroutine may call it.
func (r *Rereading) Files() (done, all int) { return int(r.done.Load()), len(r.files) }

// Gone is how many files the checkpoints know that are not there any more, neither renamed nor copied or compressed in
// the directory where they were.
func (r *Rereading) Gone() int { return r.gone }

// Run reads one file after the other. deliver takes each batch over; its error ends the reading. What could not be read
// is left out, and the error at the end says so.
func (r *Rereading) Run(ctx context.Context, deliver func(*event.Batch) error) error {
	for _, again := range r.files {
		var stopped error
		err := r.readAgain(ctx, again, func(b *event.Batch) error {
			stopped = deliver(b)
			return stopped
		})
		if stopped != nil || ctx.Err() != nil {
			return err
		}
		if err != nil {
			r.t.warnOnce(again.path, err)
		}
		r.done.Add(1)
	}
	return r.t.unread()
}

// readAgain opens a file, under its present name if it was renamed since it was looked for, and reads it.
func (r *Rereading) readAgain(ctx context.Context, again reread, deliver func(*event.Batch) error) error {
	f, err := again.open()
	if f == nil && err == nil {
		if again.path = r.find(again.in, again.rec, true); again.path != "" {
			f, err = again.open()
		}
	}
	if err != nil {
		return err
	}
	if f == nil {
		return errors.New("it is not there any more")
	}
	defer func() { _ = f.fd.Close() }() // was only read
	return r.read(ctx, f, again, deliver)
}

// open opens the file; nil when what is there under its path is another one by now.
func (again *reread) open() (*file, error) {
	f, state, err := openFile(again.in, again.path)
	if f == nil {
		return nil, ignoreGone(err)
	}
	same := again.rec.sameInode(state.identity)
	if again.known { // a copy will do
		same, err = again.rec.stillIn(f, state)
	}
	if err != nil || !same {
		return nil, errors.Join(err, f.fd.Close())
	}
	rec := *again.rec
	f.rec, f.grew = &rec, time.Unix(0, state.ModTime)
	return f, nil
}

// noLimit is the limit of a file that nobody has read.
const noLimit = math.MaxInt64

// read hands the lines of f on, up to the limit.
func (r *Rereading) read(ctx context.Context, f *file, again reread, deliver func(*event.Batch) error) error {
	if again.limit < noLimit {
		f.until = again.limit
	}
	for f.read < again.limit {
		b, err := r.t.cfg.Batches.Take(ctx)
		if err != nil {
			return err
		}
		// A line without a newline, or an event that may go on, was delivered if the delivered part of the file ends with it.
		unpacked := f.zip != nil && f.zip.ended
		done := f.zip == nil && (again.known || r.whole) || unpacked && f.zip.broken == nil
		more, err := f.fill(b, done)
		got := b.To > b.From
		if err == nil && got {
			err = r.hand(f, b, again, done, deliver)
		} else {
			b.Release()
		}
		switch {
		case err != nil:
			return err
		case got, more, f.zip != nil && f.zip.ended != unpacked:
		case f.zip != nil && f.zip.broken != nil:
			return f.zip.broken
		case again.known:
			return fmt.Errorf("it ends at %d, and was delivered up to %d", f.read, again.limit)
		default:
			return nil
		}
	}
	return nil
}

// hand passes b on as lines of f. It has been read into memory, so what is certain now stays so.
func (r *Rereading) hand(f *file, b *event.Batch, again reread, done bool, deliver func(*event.Batch) error) error {
	err := stillTheSame(f, again)
	if err == nil {
		var ok bool
		if ok, err = f.begin(r.t.cfg.Host, done); err == nil && !ok {
			err = errors.New("its first line is not complete")
		}
	}
	if err != nil {
		b.Release()
		return err
	}
	f.advance(b)
	b.Source, b.Path, b.Read = f.src, f.rec.Path, time.Now()
	f.src.Count(event.Read, len(b.Lines))
	return deliver(b)
}

// stillTheSame says when a known file has been truncated since it was opened: what was read then is of another generation.
// Nobody truncates a compressed one.
func stillTheSame(f *file, again reread) error {
	if !again.known || f.zip != nil {
		return nil
	}
	state, err := stateOf(f.fd)
	if err != nil {
		return err
	}
	if same, err := again.rec.stillIn(f, state); err != nil || !same {
		return errors.Join(errTruncated, err)
	}
	return nil
}

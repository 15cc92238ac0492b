package event

import (
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/freelist"
)

// Line is one event's bytes in the arena of its Batch.
type Line struct {
	Start, End int32 // in Batch.Data, without the newline
	Offset     int64 // of the first byte in the file
	Cut        bool  // it was longer than max_line and lost its end
}

// Batch is one arena of bytes read from one file, the lines in it, and the range of the file it stands for. It has one
// owner; sending it on a channel passes it on. The last owner calls Release.
type Batch struct {
	Source *Source
	Path   string // what the file was called when the batch was read
	From   int64  // the range of the file that is done with once every line below is acknowledged: [From, To)
	To     int64
	Read   time.Time
	Turn   Turn
	Epoch  uint8  // in which the batch was handed on, to whoever counts that
	Data   []byte // what was read into the arena
	Lines  []Line

	arena []byte
	pool  *Pool
}

// Pool is the free-list of batches.
type Pool = freelist.List[*Batch]

// NewPool returns a pool of n batches, each with an arena of size bytes.
func NewPool(n, size int) *Pool {
	batches := make([]*Batch, n)
	for i := range batches {
		batches[i] = &Batch{arena: make([]byte, 0, size)}
		batches[i].Data = batches[i].arena
	}
	pool := freelist.New(batches...)
	for _, b := range batches {
		b.pool = pool
	}
	return pool
}

// Grow gives the batch room for n bytes; what was in Data is lost. The room beyond the arena's own goes back to the
// runtime at Release, so that one long line does not make memory large for good.
func (b *Batch) Grow(n int) {
	if n > cap(b.Data) {
		b.Data = make([]byte, 0, n)
	}
}

// Release gives the batch back to its pool. Nothing that refers to its bytes may be used afterwards.
func (b *Batch) Release() {
	b.Source, b.Path, b.From, b.To = nil, "", 0, 0
	b.Data, b.Lines = b.arena[:0], b.Lines[:0]
	if b.pool != nil {
		b.pool.Put(b)
	}
}

// Source is one incarnation of one file, as one pipeline reads it. It lives as long as anything refers to it.
type Source struct {
	ID         uint64       // hash of the host's name, the file's inode and birth time, and its first line
	Generation uint32       // how often the file was truncated before
	Pipeline   int          // index of the pipeline that reads it
	Committed  atomic.Int64 // everything before this offset is acknowledged, so it is what a checkpoint may say
	Held       atomic.Int32 // while above 0 the output cannot get rid of lines of the source, and more would only fill memory
	Ledger     Ledger
	Total      *Ledger // of the pipeline, over all its sources

	turns *turns // of its batches; nil before the first
}

// Verdict is what became of a line.
type Verdict uint8

const (
	Read      Verdict = iota // handed to a worker
	Indexed                  // taken by the output
	Duplicate                // the output had it already
	Dead                     // refused for good, and kept in the dead letters
	Dropped                  // by a rule of the user's
	verdicts
)

// VerdictNames are the words for verdicts in metrics and listings.
var VerdictNames = [verdicts]string{"read", "indexed", "duplicate", "dead_lettered", "dropped"}

// Ledger counts lines. Read is the sum of the others and of what is in flight.
type Ledger [verdicts]atomic.Int64

// Counts are the numbers of a Ledger at one moment, by Verdict.
type Counts [verdicts]int64

// Snapshot returns numbers that add up while others count on: Read is taken last, so that it is never less than the sum
// of the others.
func (l *Ledger) Snapshot() (c Counts) {
	for v := verdicts - 1; v > Read; v-- {
		c[v] = l[v].Load()
	}
	c[Read] = l[Read].Load()
	return c
}

// InFlight is how many lines had been read and had no verdict yet.
func (c Counts) InFlight() int64 { return c[Read] - c[Indexed] - c[Duplicate] - c[Dead] - c[Dropped] }

// InFlight is how many lines have been read and have no verdict yet.
func (l *Ledger) InFlight() int64 { return l.Snapshot().InFlight() }

// Continue begins with what another ledger has counted, less what that had in flight: those lines are read again.
func (l *Ledger) Continue(before *Ledger) {
	counts := before.Snapshot()
	counts[Read] -= counts.InFlight()
	for v, n := range counts {
		l[v].Store(n)
	}
}

// Count adds n lines to the ledgers of the source and its pipeline.
func (s *Source) Count(v Verdict, n int) {
	s.Ledger[v].Add(int64(n))
	if s.Total != nil {
		s.Total[v].Add(int64(n))
	}
}

// Ack says that every line in [From, To) of a source has been delivered for good.
type Ack struct {
	Source   *Source
	From, To int64
}

// AppendAck appends that [from,to) of src is delivered to what was delivered before; if it goes on where the last one ends, the two become one.
func AppendAck(dst []Ack, src *Source, from, to int64) []Ack {
	if n := len(dst); n > 0 && dst[n-1].Source == src && dst[n-1].To == from {
		dst[n-1].To = to
		return dst
	}
	return append(dst, Ack{Source: src, From: from, To: to})
}

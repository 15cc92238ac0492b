// Package local is the embedded store: documents in SQLite files below the data directory, with full-text search, for hosts without a
// server and for the time when the server is away.
//
// # Files
//
// Below data_dir/store there is a file for each day of the documents' time, or several when a day is large: DAY.NNN.db, for instance
// 2026-11-22.001.db, beside SQLite's own DAY.NNN.db-wal and -shm. docs/STORE.md describes the tables. When the store is larger than
// max_size, the oldest file is dropped whole; so is one whose day ended longer than max_age ago and that nobody has written to since.
//
// # Crashes
//
// A batch is one transaction, and what is acknowledged has been committed with synchronous=FULL: the log of the file was synced. A kill
// or a loss of power leaves the file with the last transaction that was committed; SQLite rolls back the rest when the file is opened.
// The lines of an unfinished transaction are not acknowledged, so they are read again, and their _id, the primary key, makes those
// that are there duplicates. A file that SQLite finds damaged is set aside under another name, with a message, and a new one is begun:
// its documents can be had again with `tailspan replay --output local`.
package local

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/internal/freelist"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Config bounds the store.
type Config struct {
	MaxSize int64         `mapstructure:"max_size"` // bytes of all files together; default 1 GiB
	MaxAge  time.Duration `mapstructure:"max_age"`  // of a day; default 168h; 0: no bound
}

// MinSize is the smallest max_size: an empty file takes a hundredth of it.
const MinSize = 16 << 20

// Dir is where the store of a data directory is.
func Dir(dataDir string) string { return filepath.Join(dataDir, "store") }

// Options are what an Output needs beside its Config.
type Options struct {
	Dir    string            // of the store; made when it is not there
	Host   string            // of the documents
	Sets   []string          // the dataset of each pipeline
	Memory int64             // bytes of documents that wait to be written
	Ack    func([]event.Ack) // nil for a secondary output, which never holds up anything
	Wait   bool              // a secondary output waits for room all the same, as in a replay
	Log    *slog.Logger
}

// Output writes documents. Workers fill chunks, and one goroutine writes those that are full, many in one transaction. Chunks come
// from a fixed list: when it is empty, a primary output holds up its workers, and a secondary one gives up what it is given.
type Output struct {
	cfg   Config
	opts  Options
	log   *slog.Logger
	free  *freelist.List[*chunk]
	queue chan *chunk
	store *keeper
	ended sync.WaitGroup
	down  atomic.Bool

	Stats  ship.Stats
	Ledger event.Ledger // in documents
}

const (
	chunkSize = 256 << 10
	// maxCommit bounds a transaction, in bytes of documents.
	maxCommit = 8 << 20
	// rest is the least time between the beginnings of two transactions that are not full: each costs a sync of the disk.
	rest = 100 * time.Millisecond
)

// New returns an output that writes to no file before Start.
func New(cfg Config, opts Options) *Output {
	chunks := make([]*chunk, max(4, opts.Memory/chunkSize))
	for i := range chunks {
		chunks[i] = new(chunk)
	}
	log := opts.Log.With("output", "local")
	o := &Output{cfg: cfg, opts: opts, log: log, free: freelist.New(chunks...), queue: make(chan *chunk, len(chunks))}
	o.store = newKeeper(cfg, opts.Dir, log)
	return o
}

// Start begins to write. When ctx is done, what could not be written is given up.
func (o *Output) Start(ctx context.Context) {
	o.ended.Go(func() {
		for o.turn(ctx) {
		}
		if err := o.store.close(); err != nil {
			o.log.Warn("the store did not close", "error", err)
		}
	})
}

// Close waits until what the writers handed over is written or given up. The writers must be finished.
func (o *Output) Close() {
	close(o.queue)
	o.ended.Wait()
}

// Up reports whether the last transaction was committed.
func (o *Output) Up() bool { return !o.down.Load() }

// turn writes the chunks that are there in one transaction; false when there will be no more.
func (o *Output) turn(ctx context.Context) bool {
	c, more := <-o.queue
	if !more {
		return false
	}
	start := time.Now()
	list, size := []*chunk{c}, len(c.buf)
gather:
	for size < maxCommit {
		select {
		case c, more = <-o.queue:
			if !more {
				break gather
			}
			list, size = append(list, c), size+len(c.buf)
		default:
			break gather
		}
	}
	o.deliver(ctx, list, int64(size))
	for _, c := range list {
		c.reset()
		o.free.Put(c)
	}
	if more && len(o.queue) == 0 && ctx.Err() == nil {
		o.pause(ctx, rest-time.Since(start))
	}
	return more
}

// pause lets more come together.
func (o *Output) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// deliver writes chunks until it succeeds or ctx is done.
func (o *Output) deliver(ctx context.Context, list []*chunk, size int64) {
	o.Stats.Bytes.Add(size)
	for attempt := 0; ; attempt++ {
		start := time.Now()
		o.Stats.Requests.Add(1)
		err := o.store.write(ctx, list)
		o.Stats.Latency.Observe(time.Since(start))
		if err == nil {
			if o.down.Swap(false) {
				o.log.Info("the store takes documents again")
			}
			o.acknowledge(list)
			return
		}
		o.Stats.Failed.Add(1)
		if ctx.Err() == nil && !o.down.Swap(true) {
			o.log.Warn("the store does not take documents; trying again", "error", err)
		}
		if ctx.Err() != nil || o.opts.Wait && attempt >= tries {
			o.giveUp(list)
			return
		}
		o.pause(ctx, min(firstWait<<min(attempt, 10), longestWait))
	}
}

// tries is how often a replay tries before it gives up, in about a minute.
const tries = 15

// acknowledge counts what was written and tells whoever waits for it.
func (o *Output) acknowledge(list []*chunk) {
	for _, c := range list {
		for i := range c.parts {
			p := &c.parts[i]
			o.Ledger[event.Indexed].Add(int64(p.lines - p.twice))
			o.Ledger[event.Duplicate].Add(int64(p.twice))
			if o.opts.Ack != nil {
				p.ack.Source.Count(event.Indexed, p.lines-p.twice)
				p.ack.Source.Count(event.Duplicate, p.twice)
				c.acks = append(c.acks, p.ack)
			}
		}
		if o.opts.Ack != nil {
			o.opts.Ack(c.acks)
		}
	}
}

// giveUp counts what a secondary output did not write. Of a primary one it stays in its file, and is read again.
func (o *Output) giveUp(list []*chunk) {
	if o.opts.Ack != nil {
		return
	}
	for _, c := range list {
		for i := range c.parts {
			o.Ledger[event.Dropped].Add(int64(c.parts[i].lines))
		}
	}
}

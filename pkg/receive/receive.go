// Package receive takes in log lines that no file holds: from sockets (syslog over UDP, TCP, TLS and unix sockets, or any other
// lines), from standard input, and from systemd's journal. What it takes in it writes to a spool on disk at once (see
// pkg/receive/spool), where pkg/tail follows it like any other log.
//
// Sending by syslog has no acknowledgement: what a sender has sent and tailspan has not read yet stands in buffers of the
// system, and is lost with the process; what was read is in the spool before anything more is read. Where a sender can wait, over
// TCP, TLS and unix sockets and on standard input, a full spool or disk makes it wait, and nothing is dropped. UDP cannot
// wait: what finds no room is dropped and counted. The journal is asked for what follows the last entry in the spool, so that
// nothing of it is lost or doubled by a restart.
package receive

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/pkg/receive/spool"
)

// Options are what a Receiver needs beside its Config.
type Options struct {
	Name      string // of the pipeline
	MaxLine   int    // bytes of a line; what is longer is cut and marked
	FromEnd   bool   // of the journal, only what comes from now on
	Once      bool   // of the journal, only what is there
	Memory    int64  // bytes that lines under way may take beyond a small buffer for each connection
	Stdin     io.Reader
	Log       *slog.Logger
	Spool     *spool.Spool
	Journaler string // the command that shows the journal; default journalctl
}

// Counts are what came, since the start.
type Counts struct {
	Lines       atomic.Int64
	Bytes       atomic.Int64 // of lines
	Dropped     atomic.Int64 // datagrams for which there was no room
	Cut         atomic.Int64 // lines that were too long
	Malformed   atomic.Int64 // connections closed because of a wrong length of a message
	Connections atomic.Int64 // open now
	Refused     atomic.Int64 // connections turned away because of max_connections or a failed handshake
}

// source is where lines come from. open makes it ready; run takes in lines until ctx is done or there are no more.
type source interface {
	open() error
	run(ctx context.Context) error
	close()
}

// Receiver is one input.
type Receiver struct {
	Counts
	Options
	cfg    Config
	source source
	room   atomic.Int64 // what is left of Memory
}

// reopen is how long a source that failed is let alone.
const reopen = time.Second

// New makes a Receiver and opens its sockets.
func New(cfg Config, opts Options) (*Receiver, error) {
	r := &Receiver{Options: opts, cfg: cfg}
	r.room.Store(opts.Memory)
	switch cfg.Type {
	case "tcp", "unix":
		r.source = &stream{r: r}
	case "udp", "unixgram":
		r.source = &datagrams{r: r}
	case "stdin":
		r.source = &lines{r: r, in: opts.Stdin}
	case "journald":
		r.source = &journalctl{r: r}
	}
	return r, r.source.open()
}

// Run takes in lines until ctx is done or there are no more: at the end of standard input, or with Once that of the
// journal. A source that fails is opened again.
func (r *Receiver) Run(ctx context.Context) {
	undo := context.AfterFunc(ctx, r.source.close)
	defer undo()
	defer r.source.close()
	failing := false
	for {
		err := r.source.run(ctx)
		if ctx.Err() != nil || err == nil {
			return
		}
		if !failing {
			r.Log.Error("the input failed; it is tried again", "pipeline", r.Name, "input", r.cfg.Type, "error", err)
		}
		for failing = true; err != nil; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(reopen):
			}
			err = r.source.open()
		}
		r.Log.Info("the input is open again", "pipeline", r.Name, "input", r.cfg.Type)
		failing = false
	}
}

// Abandon closes a Receiver that was never run.
func (r *Receiver) Abandon() { r.source.close() }

// put hands records over to the spool and counts them.
func (r *Receiver) put(ctx context.Context, records []byte, count, bytes int, wait bool) error {
	if count == 0 {
		return nil
	}
	err := r.Spool.Append(ctx, records, wait)
	if err != nil && !errors.Is(err, context.Canceled) {
		r.Dropped.Add(int64(count))
		return err
	}
	if err == nil {
		r.Lines.Add(int64(count))
		r.Bytes.Add(int64(bytes))
	}
	return err
}

// reserve asks for memory for a long line.
func (r *Receiver) reserve(bytes int) bool {
	if r.room.Add(-int64(bytes)) >= 0 {
		return true
	}
	r.room.Add(int64(bytes))
	return false
}

func (r *Receiver) giveBack(bytes int) { r.room.Add(int64(bytes)) }

package receive

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/tailspan/tailspan/pkg/receive/spool"
)

const (
	largestDatagram = 64 << 10
	kernelBuffer    = 4 << 20 // asked of the system for what comes while the disk is slow; it may give less
)

// datagrams takes in messages of which each is a datagram: UDP and unix sockets.
type datagrams struct {
	r    *Receiver
	mu   sync.Mutex
	conn net.PacketConn // nil: closed
}

func (d *datagrams) open() error {
	cfg := &d.r.cfg
	if cfg.Type == "unixgram" {
		if err := removeStale(cfg.Listen); err != nil {
			return err
		}
	}
	conn, err := net.ListenPacket(cfg.Type, cfg.Listen)
	if err != nil {
		return err
	}
	if err := openToAll(cfg.Type, cfg.Listen); err != nil {
		return errors.Join(err, conn.Close())
	}
	if sized, ok := conn.(interface{ SetReadBuffer(int) error }); ok {
		_ = sized.SetReadBuffer(kernelBuffer) // what it has will do
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn = conn
	return nil
}

func (d *datagrams) addr() net.Addr {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		return nil
	}
	return d.conn.LocalAddr()
}

func (d *datagrams) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		_ = d.conn.Close()
		d.conn = nil
	}
}

// run takes in datagrams. Senders of UDP do not wait, so what finds no room is dropped; those of a unix socket do.
func (d *datagrams) run(ctx context.Context) error {
	d.mu.Lock()
	conn := d.conn
	d.mu.Unlock()
	if conn == nil {
		return net.ErrClosed
	}
	waits := d.r.cfg.Type == "unixgram"
	buf := make([]byte, largestDatagram)
	var record []byte
	var warned time.Time
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			d.close()
			return err
		}
		text := trimEnd(buf[:n])
		if len(text) == 0 {
			continue
		}
		cut := len(text) > d.r.MaxLine
		if cut {
			text = text[:d.r.MaxLine]
			d.r.Cut.Add(1)
		}
		record = spool.AppendRecord(record[:0], sender(from), text, cut)
		err = d.r.put(ctx, record, 1, len(text), waits)
		if err != nil && ctx.Err() == nil && time.Since(warned) > time.Minute {
			d.r.Log.Warn("datagrams are being dropped", "pipeline", d.r.Name, "dropped", d.r.Dropped.Load(), "error", err)
			warned = time.Now()
		}
	}
}

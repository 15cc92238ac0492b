package receive

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// lines takes in lines of standard input as they are.
type lines struct {
	r    *Receiver
	in   io.Reader
	rest []byte // the beginning of a line without an end; one byte more than the longest line there may be is enough
}

func (l *lines) open() error {
	if l.in == nil {
		return errors.New("there is no standard input")
	}
	return nil
}

// close cannot end a Read of standard input, and need not: what that returns is not taken any more.
func (l *lines) close() {}

// run takes in whole lines. The last one gets the newline that it may lack.
func (l *lines) run(ctx context.Context) error {
	chunks, free, failed := make(chan []byte), make(chan []byte, 1), make(chan error, 1)
	free <- make([]byte, 4*readSize)
	go func() {
		for {
			var buf []byte
			select {
			case buf = <-free:
			case <-ctx.Done():
				return
			}
			n, err := l.in.Read(buf[:cap(buf)])
			select {
			case chunks <- buf[:n]:
			case <-ctx.Done():
				return
			}
			if err != nil {
				failed <- err
				return
			}
		}
	}()
	for {
		select {
		case chunk := <-chunks:
			if err := l.take(ctx, chunk); err != nil {
				return err
			}
			free <- chunk
		case err := <-failed:
			return errors.Join(l.last(ctx), ignoreEOF(err))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// take hands over the lines that end in the chunk, and keeps what is behind them.
func (l *lines) take(ctx context.Context, chunk []byte) error {
	end := bytes.LastIndexByte(chunk, '\n') + 1
	if end > 0 && len(l.rest) > 0 {
		first := bytes.IndexByte(chunk, '\n')
		l.hold(chunk[:first])
		l.rest = append(l.rest, '\n')
		if err := l.r.put(ctx, l.rest, 1, len(l.rest), true); err != nil {
			return err
		}
		l.rest = l.rest[:0]
		chunk, end = chunk[first+1:], end-first-1
	}
	l.hold(chunk[end:])
	return l.r.put(ctx, chunk[:end], bytes.Count(chunk[:end], newline), end, true)
}

func (l *lines) hold(piece []byte) {
	l.rest = append(l.rest, piece[:min(len(piece), l.r.MaxLine+1-len(l.rest))]...)
}

func (l *lines) last(ctx context.Context) error {
	if len(l.rest) == 0 {
		return nil
	}
	l.rest = append(l.rest, '\n')
	err := l.r.put(ctx, l.rest, 1, len(l.rest), true)
	l.rest = nil
	return err
}

var newline = []byte{'\n'}

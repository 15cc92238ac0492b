package tail

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// TestCaughtUp: time that is caught up with goes on while everything is read, stands still while nobody takes what was read or a file has a
// backlog, and never goes back.
func TestCaughtUp(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\n")
		var err error
		b.tailer, err = Open(Config{Host: "test", Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in, Total: new(event.Ledger)}},
			Batches: event.NewPool(1, b.arena), NoWatch: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		b.stop, b.ended = cancel, make(chan error, 1)
		batches := make(chan *event.Batch)
		go func() {
			b.ended <- b.tailer.Run(ctx, func(batch *event.Batch) error {
				select {
				case batches <- batch:
					return nil
				case <-ctx.Done():
					batch.Release()
					return ctx.Err()
				}
			})
		}()
		take := func() {
			t.Helper()
			select {
			case batch := <-batches:
				batch.Release()
			case <-time.After(time.Minute):
				t.Fatal("there is no batch")
			}
			b.settle()
		}
		now := func(what string) {
			t.Helper()
			b.settle()
			if behind := time.Since(b.tailer.CaughtUp()); behind < 0 || behind > 3*time.Second { // a look each second, and settle lasts
				t.Errorf("%s: caught up to %v ago", what, behind)
			}
		}
		time.Sleep(10 * time.Second)
		if at := b.tailer.CaughtUp(); !at.Equal(time.Unix(0, 0)) {
			t.Errorf("nobody has taken the first line: caught up to %v", at)
		}
		take()
		now("it is taken")
		time.Sleep(time.Minute)
		now("nothing to read")

		b.settle()
		b.write("a.log", strings.Repeat(strings.Repeat("x", b.arena/3)+"\n", 7)) // three batches at least
		b.write("b.log", "one\n")
		before := time.Now()
		time.Sleep(time.Minute)
		for taken := range 4 {
			if at := b.tailer.CaughtUp(); at.After(before) {
				t.Fatalf("caught up to %v behind a backlog of which %d batches were taken", at.Sub(before), taken)
			}
			take()
			time.Sleep(time.Second)
		}
		for len(batches) > 0 || b.tailer.CaughtUp().Before(before) {
			take()
		}
		now("the backlog is taken")
		cancel()
		<-b.ended
		if err := b.tailer.Close(); err != nil {
			t.Error(err)
		}
		b.tailer = nil
	})
}

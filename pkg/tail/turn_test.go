package tail

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// turns asks with a limit.
func turns(b *bed) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return b.tailer.Turn(ctx)
}

func TestTurn(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.start()
		if err := turns(b); err != nil {
			t.Errorf("the loop waits for something to do: %v", err)
		}
		hang := make(chan struct{})
		go func() { b.tailer.commands <- func() { <-hang } }()
		b.settle()
		if err := turns(b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the loop hangs: %v", err)
		}
		close(hang)
		if err := turns(b); err != nil {
			t.Errorf("the loop goes on: %v", err)
		}
	})
}

// TestTurnWhileAnOutputIsAway: an agent that waits for Elasticsearch must not be killed for it.
func TestTurnWhileAnOutputIsAway(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\n")
		pool := event.NewPool(1, b.arena)
		var err error
		b.tailer, err = Open(Config{Host: "test", Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in, Total: new(event.Ledger)}},
			Batches: pool, NoWatch: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		b.stop, b.ended = cancel, make(chan error, 1)
		full := make(chan *event.Batch)
		go func() {
			b.ended <- b.tailer.Run(ctx, func(batch *event.Batch) error {
				select {
				case full <- batch:
					return nil
				case <-ctx.Done():
					batch.Release()
					return ctx.Err()
				}
			})
		}()
		b.settle()
		if err := turns(b); err != nil {
			t.Errorf("a batch waits for a worker: %v", err)
		}
		batch := <-full
		b.write("a.log", "two\n")
		b.settle()
		if err := turns(b); err != nil {
			t.Errorf("all batches wait for their verdicts: %v", err)
		}
		batch.Release()
	})
}

package freelist

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestLastPutIsTakenFirst(t *testing.T) {
	l := New(1, 2, 3)
	first, err := l.Take(t.Context())
	if err != nil || first != 3 {
		t.Fatalf("Take = %d, %v, want 3", first, err)
	}
	second, _ := l.Take(t.Context())
	l.Put(first)
	if again, _ := l.Take(t.Context()); again != first || second != 2 {
		t.Errorf("took %d after %d was put back, and %d before; want %d and 2", again, first, second, first)
	}
}

func TestTakeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New("only")
		held, _ := l.Take(t.Context())
		got := make(chan string)
		go func() {
			item, err := l.Take(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- item
		}()
		synctest.Wait()
		select {
		case item := <-got:
			t.Fatalf("took %q from an empty list", item)
		default:
		}
		l.Put(held)
		if item := <-got; item != "only" {
			t.Errorf("took %q", item)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Take(ctx); err == nil {
			t.Error("Take returned although the list is empty and ctx done")
		}
	})
}

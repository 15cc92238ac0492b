package elastic

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(4, 8)
		// answered lets n requests be answered after they took so long, one after the other.
		answered := func(n int, took time.Duration, busy bool) {
			for range n {
				if err := l.acquire(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(took)
				l.release(took, busy)
			}
		}
		for _, step := range []struct {
			name string
			n    int
			took time.Duration
			busy bool
			want int
		}{
			{"one busy answer halves", 1, 100 * time.Millisecond, true, 2},
			{"quick ones add one a round", 3, 100 * time.Millisecond, false, 3},
			{"up to the bound", 100, 100 * time.Millisecond, false, 8},
			{"much slower ones lower it", 1, 10 * time.Second, false, 6},
			{"but never to nothing", 10, time.Second, true, 1},
			{"and it comes back", 100, 100 * time.Millisecond, false, 8},
		} {
			if answered(step.n, step.took, step.busy); l.now() != step.want {
				t.Errorf("%s: the limit is %d, want %d", step.name, l.now(), step.want)
			}
		}
	})
}

func TestLimiterHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, 1)
		if err := l.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		through := make(chan error, 1)
		go func() { through <- l.acquire(t.Context()) }()
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error, 1)
		go func() { gaveUp <- l.acquire(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; err == nil {
			t.Error("acquire succeeded after its context was done")
		}
		select {
		case <-through:
			t.Fatal("two requests are under way where one may be")
		default:
		}
		l.release(time.Millisecond, false)
		if err := <-through; err != nil {
			t.Error(err)
		}
		l.release(time.Millisecond, false)
		if err := l.acquire(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

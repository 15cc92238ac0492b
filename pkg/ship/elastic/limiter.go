package elastic

import (
	"context"
	"sync"
	"time"
)

// limiter decides how many requests may be under way: one more for each round of answers that came in time, half as many
// when the cluster says that it is busy, a little fewer when answers take much longer than they did (additive increase,
// multiplicative decrease, as in Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
// Avoidance", 1989).
type limiter struct {
	mu       sync.Mutex
	limit    float64
	most     float64
	underWay int
	waiting  []chan struct{}
	usual    time.Duration // what an answer took lately, the quicker ones weighing more
	lowered  time.Time     // when the limit was lowered last; once per round is enough
}

const (
	slowAnswer  = 2 * time.Second // answers quicker than this are never a reason to send less
	slowFactor  = 4               // times the usual duration
	slowDecline = 0.8
)

func newLimiter(start, most int) *limiter {
	return &limiter{limit: float64(start), most: float64(most)}
}

// acquire waits until one more request may be under way.
func (l *limiter) acquire(ctx context.Context) error {
	l.mu.Lock()
	if l.underWay < int(l.limit) {
		l.underWay++
		l.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	l.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		for i, w := range l.waiting {
			if w == turn {
				l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
				return ctx.Err()
			}
		}
		l.underWay-- // the turn came at the same moment, and is passed on
		l.admit()
		return ctx.Err()
	}
}

// release ends a request that took so long; busy says that the cluster could not take it.
func (l *limiter) release(took time.Duration, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.underWay--
	now := time.Now()
	slow := took > slowAnswer && l.usual > 0 && took > slowFactor*l.usual
	switch {
	case busy || slow:
		if now.Sub(l.lowered) > max(l.usual, took) {
			factor := slowDecline
			if busy {
				factor = 0.5
			}
			l.limit, l.lowered = max(1, l.limit*factor), now
		}
	default:
		l.limit = min(l.most, l.limit+1/l.limit)
	}
	if !busy {
		if l.usual == 0 || took < l.usual {
			l.usual = took
		} else {
			l.usual += (took - l.usual) / 16
		}
	}
	l.admit()
}

// admit lets those go that may.
func (l *limiter) admit() {
	for l.underWay < int(l.limit) && len(l.waiting) > 0 {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		l.underWay++
	}
}

// now returns how many requests may be under way.
func (l *limiter) now() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.limit)
}

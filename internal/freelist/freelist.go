// Package freelist keeps a fixed number of large reusable things. Taking from an empty list waits: that is how
// back-pressure reaches the reader, and why memory is count × size.
package freelist

import (
	"context"
	"sync"
)

// List hands out what was put back last, so that no more of it is touched than is needed at once: the rest stays out of
// the caches and, before its first use, out of memory.
type List[T any] struct {
	tokens chan struct{} // one for each item in stack
	mu     sync.Mutex
	stack  []T
}

// New returns a list of items.
func New[T any](items ...T) *List[T] {
	l := &List[T]{tokens: make(chan struct{}, len(items)), stack: items}
	for range items {
		l.tokens <- struct{}{}
	}
	return l
}

// Take waits for an item. The error is that of ctx.
func (l *List[T]) Take(ctx context.Context) (T, error) {
	select {
	case <-l.tokens:
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	return l.pop(), nil
}

// TryTake takes an item if there is one.
func (l *List[T]) TryTake() (item T, ok bool) {
	select {
	case <-l.tokens:
		return l.pop(), true
	default:
		return item, false
	}
}

// pop is for those who hold a token.
func (l *List[T]) pop() T {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.stack) - 1
	item := l.stack[last]
	l.stack = l.stack[:last]
	return item
}

// Put gives an item back. It never waits.
func (l *List[T]) Put(item T) {
	l.mu.Lock()
	l.stack = append(l.stack, item)
	l.mu.Unlock()
	l.tokens <- struct{}{}
}

// Free is how many items are in the list.
func (l *List[T]) Free() int { return len(l.tokens) }

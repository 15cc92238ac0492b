package shop

import (
	"context"
	"net/http"
	"time"
)

// clock is what one chain of work reads the time from. The zero clock is that of the machine. A planned one stands still but for what is
// slept by it, so that the same services work in a time that is over, and take none for it.
type clock struct{ planned time.Time }

func (c *clock) now() time.Time {
	if c.planned.IsZero() {
		return time.Now()
	}
	return c.planned
}

func (c *clock) sleep(d time.Duration) {
	if c.planned.IsZero() {
		time.Sleep(d)
		return
	}
	c.planned = c.planned.Add(d)
}

func earlier(a, b *clock) int { return a.planned.Compare(b.planned) }

// clockKey is where a request's context has its planned clock.
type clockKey struct{}

// with returns a context that hands a planned clock on.
func (c *clock) with(ctx context.Context) context.Context {
	if c.planned.IsZero() {
		return ctx
	}
	return context.WithValue(ctx, clockKey{}, c)
}

// clockOf returns the clock that a request was handed, else that of the machine.
func clockOf(ctx context.Context) *clock {
	if c, planned := ctx.Value(clockKey{}).(*clock); planned {
		return c
	}
	return &clock{}
}

// network carries requests to the services. Those of a planned time go to their handler at once: a connection would take real time.
type network struct {
	http.Transport
	handlers map[string]http.Handler // by address
}

// RoundTrip asks the service at the URL's address.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	if clockOf(r.Context()).planned.IsZero() {
		return n.Transport.RoundTrip(r)
	}
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	n.handlers[r.URL.Host].ServeHTTP(answer, r)
	return &http.Response{StatusCode: answer.status, Header: answer.header, Body: http.NoBody, Request: r}, nil
}

// answer is what a handler answers, which never has a body here.
type answer struct {
	header http.Header
	status int
}

func (a *answer) Header() http.Header                { return a.header }
func (a *answer) WriteHeader(status int)             { a.status = status }
func (a *answer) Write(text []byte) (n int, _ error) { return len(text), nil }

package pipeline

import (
	"errors"
	"sync"

	"github.com/tailspan/tailspan/internal/search"
)

// lazySource is opened when it is asked for the first time: most agents never are.
type lazySource struct {
	mu     sync.Mutex
	opened search.Source
	closed bool
}

// errEnding is why a source is not opened any more.
var errEnding = errors.New("the agent is about to end, or to go on with another configuration")

// source is where documents are asked for. The error is the configuration's, which may have neither a store nor Elasticsearch.
func (a *Agent) source() (search.Source, error) {
	l := &a.asked
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errEnding
	}
	if l.opened == nil {
		opened, err := search.Open(a.cfg, "")
		if err != nil {
			return nil, err
		}
		l.opened = opened
	}
	return l.opened, nil
}

func (l *lazySource) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.opened == nil {
		return nil
	}
	return l.opened.Close()
}

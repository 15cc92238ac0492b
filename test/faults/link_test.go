//go:build faults && linux

package faults_test

import (
	"net"
	"sync"
	"time"
)

// link is a TCP proxy with faults of its own.
type link struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	q     quality
	woken chan struct{} // closed when the quality changes
	open  map[net.Conn]bool
}

// quality is how bad a link is; the zero value is a good one.
type quality struct {
	delay      time.Duration // of every piece
	perSecond  int           // bytes; 0: no bound
	resetAfter int           // bytes of a connection until it is reset; 0: never
	silent     bool          // nothing passes, and nothing is said
	oneWay     bool          // what comes back is lost, and the connection is reset
}

func newLink(s *scene, to string) *link {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	l := &link{listener: listener, to: to, woken: make(chan struct{}), open: map[net.Conn]bool{}}
	go l.accept()
	s.t.Cleanup(l.close)
	return l
}

func (l *link) url() string { return "http://" + l.listener.Addr().String() }

// set changes the quality, for open connections as well.
func (l *link) set(q quality) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.q = q
	close(l.woken)
	l.woken = make(chan struct{})
}

func (l *link) now() (quality, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.q, l.woken
}

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return // closed
		}
		far, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.mu.Lock()
		l.open[near], l.open[far] = true, true
		l.mu.Unlock()
		go l.pass(near, far, false)
		go l.pass(far, near, true)
	}
}

// pass copies one direction; back is that of the answers.
func (l *link) pass(from, to net.Conn, back bool) {
	defer l.drop(from, to)
	buf, passed := make([]byte, 16<<10), 0
	for {
		n, err := from.Read(buf)
		if n == 0 && err != nil {
			return
		}
		q, woken := l.now()
		for q.silent {
			<-woken
			q, woken = l.now()
		}
		time.Sleep(q.delay)
		if q.perSecond > 0 {
			time.Sleep(time.Duration(n) * time.Second / time.Duration(q.perSecond))
		}
		if passed += n; q.resetAfter > 0 && passed > q.resetAfter || back && q.oneWay {
			reset(from)
			reset(to)
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (l *link) drop(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(l.open, c)
	}
}

func (l *link) close() {
	_ = l.listener.Close()
	l.set(quality{})
	l.hangUp()
}

// hangUp ends every connection.
func (l *link) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		_ = c.Close()
	}
}

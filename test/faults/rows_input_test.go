//go:build faults && linux

package faults_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/tailspan/tailspan/test/free"
)

var inputRows = []row{
	{53, "SIGKILL at random under load over TCP", killedWhileReceiving},
	{54, "the spool's disk full, then space again", spoolDiskFull},
}

// receive lets the agent take in lines over TCP instead of files, and returns where.
func (s *scene) receive(more string) (address string) {
	s.t.Helper()
	address = free.For(s.t)
	s.conf.pipelines = []pipe{{name: "faults", extra: fmt.Sprintf("input: {type: tcp, listen: %q%s}\nformat: auto", address, more)}}
	return address
}

// sender is a writer whose lines go over a connection. Each has a name of its own.
func (s *scene) sender(address string) *writer {
	s.t.Helper()
	conn, err := net.Dial("tcp", address)
	s.must(err)
	fd, err := conn.(*net.TCPConn).File()
	s.must(err)
	s.must(conn.Close()) // fd is another descriptor of it
	w := &writer{name: fmt.Sprintf("s%d", len(s.writers)), path: address, fd: fd}
	s.writers = append(s.writers, w)
	s.t.Cleanup(func() { _ = fd.Close() }) // whatever became of it
	return w
}

// burst sends until the connection breaks.
func (w *writer) burst() (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // the agent is gone
		for {
			w.write(50)
		}
	}()
	return done
}

// killedWhileReceiving kills agents while they take in lines, and sometimes while there is a backlog in the spool. What may
// be missing is the end of what a connection had sent; nothing in the middle of it, and nothing of what had come to the sink.
func killedWhileReceiving(s *scene) {
	address := s.receive("")
	var burst []*writer
	sent, come := 0, 0
	for range size(15, 200) {
		a := s.start()
		whole := s.sender(address)
		whole.write(100)
		s.await("what was sent in peace", patience, func() bool { return s.store.read().has(lineKey{whole.name, 99}) })
		w := s.sender(address)
		done := w.burst()
		lasts(rand.N(600 * time.Millisecond))
		a.kill()
		<-done
		burst = append(burst, w)
	}
	s.start()
	s.sender(address)
	torn := map[string]bool{}
	for _, w := range burst {
		torn[w.name] = true
	}
	s.passWith(standard{optional: func(key lineKey) bool { return torn[key.writer] }, reopened: true})
	kept := s.store.read()
	for _, w := range burst {
		sent += w.written()
		n := 0
		for n < w.written() && kept.has(lineKey{w.name, n}) {
			n++
		}
		come += n
		for ; n < w.written(); n++ {
			if kept.has(lineKey{w.name, n}) {
				s.wrong("line %d of a connection came, and one before it did not", n)
				break
			}
		}
	}
	s.saw("%d kills, %d of %d lines of the connections that were torn came, nothing missing before any of them", len(burst), come, sent)
}

// spoolDiskFull holds the sink up until the disk below the spool is full: the sender waits, and all of it comes in the end.
func spoolDiskFull(s *scene) {
	s.mountExt4(filepath.Join(s.data, "spool"), 16)
	address := s.receive(", spool: {max_size: 256MiB}")
	s.sink.suffer(always(503, "unavailable"), nil)
	s.start()
	w := s.sender(address)
	s.t.Cleanup(func() { _ = w.fd.Close() })
	const lines = 400_000 // twice what the disk holds: buffers of the system hold some of it
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.write(lines)
	}()
	s.await("nothing more goes in", patience, func() bool {
		before := s.spoolSize()
		lasts(1500 * time.Millisecond)
		return before > 4<<20 && s.spoolSize() == before
	})
	select {
	case <-done:
		s.fail("the sender did not have to wait")
	default:
	}
	s.sink.heal()
	select {
	case <-done:
	case <-time.After(patience):
		s.fail("the sender still waits")
	}
	s.passWith(standard{reopened: true})
	s.saw("%d lines, the sender waited while the disk was full", lines)
}

// spoolSize is how many bytes are in the spool.
func (s *scene) spoolSize() (bytes int64) {
	names, _ := filepath.Glob(filepath.Join(s.data, "spool/faults/*.log"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

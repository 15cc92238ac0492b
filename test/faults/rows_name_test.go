//go:build faults && linux

package faults_test

import (
	wire "encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

var nameRows = []row{
	{47, "DNS fails, DNS changes", names},
}

// nameServer answers every question for an address with the one it has, or not at all.
type nameServer struct {
	conn    net.PacketConn
	address atomic.Pointer[net.IP]
	silent  atomic.Bool
	failing atomic.Bool
	asked   atomic.Int64
}

// serve runs until the connection is closed. The messages are those of RFC 1035, section 4.
func (n *nameServer) serve() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		n.asked.Add(1)
		if answer := n.answer(buf[:size]); answer != nil && !n.silent.Load() {
			_, _ = n.conn.WriteTo(answer, from) // it may get lost
		}
	}
}

func (n *nameServer) answer(question []byte) []byte {
	const header, typeA, serverFailure, response = 12, 1, 2, 0x8180
	end := header
	for end < len(question) && question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5 // the root, type and class
	if end > len(question) {
		return nil
	}
	out := append([]byte(nil), question[:end]...)
	flags := uint16(response)
	if n.failing.Load() {
		flags |= serverFailure
	}
	wire.BigEndian.PutUint16(out[2:], flags)
	clear(out[6:header])
	if !n.failing.Load() && wire.BigEndian.Uint16(out[end-4:]) == typeA {
		out[7] = 1
		out = append(out, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4) // the name above, for a second
		out = append(out, n.address.Load().To4()...)
	}
	return out
}

// names gives an agent a resolv.conf of its own, and a name server that fails, and whose answer changes while the old address
// goes away.
func names(s *scene) {
	s.needRoot()
	s.needTool("unshare")
	if err := try("unshare", "-m", "true"); err != nil {
		s.skip("no mounts of its own for a process: %v", err)
	}
	conn, err := net.ListenPacket("udp", "127.99.0.1:53")
	if err != nil {
		s.skip("no name server can be had: %v", err)
	}
	server := &nameServer{conn: conn}
	point := func(address string) { ip := net.ParseIP(address); server.address.Store(&ip) }
	point("127.0.0.2")
	go server.serve()
	s.t.Cleanup(func() { _ = conn.Close() })
	old, err := net.Listen("tcp", "127.0.0.2:0")
	s.must(err)
	port := old.Addr().(*net.TCPAddr).Port
	next, err := net.Listen("tcp", fmt.Sprintf("127.0.0.3:%d", port))
	s.must(err)
	s.sink.listen(s.t, next)
	closeOld := s.sink.listen(s.t, old)
	conf := filepath.Join(s.dir, "resolv.conf")
	s.must(os.WriteFile(conf, []byte("nameserver 127.99.0.1\noptions timeout:1 attempts:1\n"), 0o644))
	s.conf.hosts = []string{fmt.Sprintf("http://elasticsearch.faults.test:%d", port)}
	private := []string{"unshare", "-m", "sh", "-c", "mount --bind " + conf + " /etc/resolv.conf && exec \"$@\"", "sh"}
	w := s.writer("app.log")
	server.failing.Store(true) // from the start
	w.write(100)
	s.launch(launch{before: private}).listening()
	s.await("it asks for the name", patience, func() bool { return server.asked.Load() > 0 })
	lasts(2 * time.Second)
	server.failing.Store(false)
	s.fresh()
	s.saw("resolved after failures")
	server.silent.Store(true)
	w.write(100)
	lasts(size(3*time.Second, 30*time.Second))
	server.silent.Store(false)
	s.fresh()
	w.flow(200)
	point("127.0.0.3")
	closeOld()
	s.fresh()
	s.pass()
	s.saw("followed to another address")
}

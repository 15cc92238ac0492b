//go:build linux

package machine

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Forward lets connections to an address inside the machine, which has no network, lead to one outside.
func (m Machine) Forward(t *testing.T, inside, outside string) {
	t.Helper()
	listener, err := m.listen(inside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // the machine ends anyhow
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go join(conn, outside)
		}
	}()
}

// listen opens a socket inside: one belongs to the network that its thread was in when it was opened.
func (m Machine) listen(address string) (net.Listener, error) {
	type opened struct {
		listener net.Listener
		err      error
	}
	done := make(chan opened)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine, and nobody else gets it
		network, err := os.Open(fmt.Sprintf("/proc/%s/ns/net", m.pid))
		if err == nil {
			err = unix.Setns(int(network.Fd()), unix.CLONE_NEWNET)
			_ = network.Close() // it was only read
		}
		if err != nil {
			done <- opened{nil, err}
			return
		}
		listener, err := net.Listen("tcp", address)
		done <- opened{listener, err}
	}()
	o := <-done
	return o.listener, o.err
}

// join copies both ways until one side ends.
func join(inside net.Conn, address string) {
	defer func() { _ = inside.Close() }()
	outside, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer func() { _ = outside.Close() }()
	go func() {
		_, _ = io.Copy(outside, inside) // an end is an end, whatever it is called
		_ = outside.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(inside, outside)
}
